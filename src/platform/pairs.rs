//! Pairs: a folder of exemplar pairs, in either of two layouts.
use super::files::{compare_names, pictures_in, read_picture};
use crate::service::job::ExemplarPair;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// One pair's paths; a side is missing until it is found.
struct Paths {
    name: String,
    sides: [Option<PathBuf>; 2],
}

/// Reads a folder of exemplar pairs: `{name}_0.png` (before) and `{name}_1.png` (after), or `before/` and `after/` with
/// equal names; the ending may be any picture's. Sorted by name, numbers by value. Other sub-folders and other files are
/// not looked at.
///
/// # Errors
/// [`Error::Pairs`]: no such folder, no pairs in it, a side missing or there twice, sides of different size;
/// [`Error::Picture`]: a picture that cannot be read; [`Error::Io`].
pub fn read_pairs(dir: &Path) -> Result<Vec<ExemplarPair>> {
    let fail = |what: String| Err(Error::Pairs(format!("{}: {what}", dir.display())));
    if !dir.exists() {
        return fail("no such folder; give a folder of exemplar pairs".into());
    }
    if !dir.is_dir() {
        return fail("this is a file; give a folder of exemplar pairs".into());
    }
    let in_files = by_suffix(dir)?;
    let [before, after] = ["before", "after"].map(|side| dir.join(side).is_dir());
    let paths = match (in_files.is_empty(), before, after) {
        (false, true, true) => {
            return fail("there are both name_0/name_1 pictures and before/after folders; keep one of the two".into());
        }
        (false, ..) => in_files,
        (true, true, true) => by_folder(dir)?,
        (true, true, false) => return fail("there is a folder before but no folder after; add it".into()),
        (true, false, true) => return fail("there is a folder after but no folder before; add it".into()),
        (true, false, false) => Vec::new(),
    };
    if paths.is_empty() {
        return fail(
            "no pairs in this folder; name them 0_0.png (before) and 0_1.png (after), 1_0.png and 1_1.png, …, \
                     or put pictures of equal names into before/ and after/"
                .into(),
        );
    }
    paths.into_iter().map(|paths| read_pair(dir, paths)).collect()
}

fn read_pair(dir: &Path, paths: Paths) -> Result<ExemplarPair> {
    let name = paths.name;
    let fail = |what: String| Err(Error::Pairs(format!("{}: pair {name}: {what}", dir.display())));
    let (before, after) = match paths.sides {
        [Some(before), Some(after)] => (before, after),
        [Some(before), None] => {
            return fail(format!("{} has no picture after the edit; add it or remove this one", shown(dir, &before)));
        }
        [None, Some(after)] => {
            return fail(format!("{} has no picture before the edit; add it or remove this one", shown(dir, &after)));
        }
        [None, None] => return fail("both pictures are missing; add them".into()),
    };
    let (before, after) = (read_picture(&before)?, read_picture(&after)?);
    if (before.width, before.height) != (after.width, after.height) {
        let [x, y] = [&before, &after].map(|picture| format!("{}×{}", picture.width, picture.height));
        return fail(format!("the picture before is {x} pixels, the one after is {y}; make them the same size"));
    }
    Ok(ExemplarPair { name, before, after })
}

/// The layout `{name}_0.*`, `{name}_1.*`.
fn by_suffix(dir: &Path) -> Result<Vec<Paths>> {
    let mut pairs = Vec::new();
    for path in pictures_in(dir)? {
        let stem = stem(&path);
        let (name, side) = match (stem.strip_suffix("_0"), stem.strip_suffix("_1")) {
            (Some(name), _) => (name, 0),
            (_, Some(name)) => (name, 1),
            _ => continue,
        };
        if name.is_empty() {
            continue;
        }
        add(dir, &mut pairs, name, side, path)?;
    }
    Ok(sorted(pairs))
}

/// The layout `before/{name}.*`, `after/{name}.*`.
fn by_folder(dir: &Path) -> Result<Vec<Paths>> {
    let mut pairs = Vec::new();
    for (side, folder) in ["before", "after"].into_iter().enumerate() {
        for path in pictures_in(&dir.join(folder))? {
            add(dir, &mut pairs, &stem(&path), side, path)?;
        }
    }
    Ok(sorted(pairs))
}

fn add(dir: &Path, pairs: &mut Vec<Paths>, name: &str, side: usize, path: PathBuf) -> Result<()> {
    let at = pairs.iter().position(|pair| pair.name == name).unwrap_or_else(|| {
        pairs.push(Paths { name: name.to_string(), sides: [None, None] });
        pairs.len() - 1
    });
    let place = &mut pairs[at].sides[side];
    if let Some(other) = place {
        let (one, two) = (shown(dir, other), shown(dir, &path));
        return Err(Error::Pairs(format!(
            "{}: pair {name}: {one} and {two} are the same side; remove one",
            dir.display()
        )));
    }
    *place = Some(path);
    Ok(())
}

fn sorted(mut pairs: Vec<Paths>) -> Vec<Paths> {
    pairs.sort_by(|a, b| compare_names(&a.name, &b.name));
    pairs
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A path as seen from the pairs' folder.
fn shown(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}
