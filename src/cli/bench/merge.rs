//! Merge: the results of shards put into one folder; what is merged once stays as it is. Nothing is copied before it is
//! known that everything can be.
use super::finish::About;
use super::store::{RECORD, RESULTS, SEGMENTS, Store, TESTS, files, folders, read_record};
use super::{Ending, finish};
use crate::bench::comparable::check_comparable;
use crate::bench::record::Record;
use crate::cli::alone::Alone;
use crate::cli::outputs;
use crate::cli::print;
use crate::cli::progress::counted;
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A folder of a shard, or of `out`: a result, its row of single segments, or an effect's test pictures.
struct Found {
    folder: PathBuf,
    /// Of a result.
    record: Option<Record>,
    is_new: bool,
}

/// By effect and name.
type All = BTreeMap<(String, String), Found>;

/// Copies what the shards have and `out` lacks, then writes the tables and the page of all.
///
/// # Errors
/// [`Error::Usage`]: a folder named twice or that is no shard, two results of one name that are not the same, or results
/// that cannot stand in one table.
pub fn run(out: &Path, shards: &[PathBuf], quiet: bool) -> Result<Ending> {
    check_named_once(out, shards)?;
    let store = Store::new(out);
    store.check_free()?;
    let alone = if out.is_dir() { Alone::inside(out)? } else { None };
    let mut all = All::new();
    gather(out, false, &mut all)?;
    let mut told = Vec::new();
    for shard in shards {
        let (copied, there) = gather(shard, true, &mut all)?;
        // a part that could not begin is empty
        if copied + there == 0 && !shard.join(RESULTS).is_file() && !is_empty(shard) {
            return Err(Error::Usage(format!(
                "{}: there are no results in it; name the --out of a shard",
                shard.display()
            )));
        }
        let there = match there {
            0 => String::new(),
            n => format!(", {n} that were there already are left as they are"),
        };
        told.push(format!("{}: {} copied{there}", shard.display(), counted(copied, "result")));
    }
    let records: Vec<Record> = all.values().filter_map(|found| found.record.clone()).collect();
    check_comparable(&records)?;
    outputs::check_writable(&out.join("report.html"), true)?;
    let _alone = if alone.is_some() { alone } else { Alone::inside(out)? };
    for ((effect, name), found) in all.iter().filter(|(_, found)| found.is_new) {
        store.put(effect, name, &files(&found.folder)?)?;
    }
    if !quiet {
        told.iter().for_each(|sentence| print::note(sentence));
    }
    let about = shards.iter().fold(About::of(out), |about, shard| about.and(About::of(shard)));
    finish::run(&store, about, false, quiet)
}

/// Adds what a folder has to `all`; of a result that was measured twice, the one with more scores. How many results were
/// added, and how many were there.
fn gather(from: &Path, is_new: bool, all: &mut All) -> Result<(usize, usize)> {
    let (mut added, mut there) = (0, 0);
    for effect in folders(from)? {
        let all_of_effect = folders(&effect)?;
        let is_result = |folder: &&PathBuf| folder.join(RECORD).is_file();
        let results: Vec<String> = all_of_effect.iter().filter(is_result).map(|folder| name(folder)).collect();
        let belongs = |name: &str| {
            let row = name.strip_suffix(SEGMENTS).unwrap_or(name);
            (name == TESTS && !results.is_empty()) || results.iter().any(|result| result == row)
        };
        for folder in all_of_effect.iter().filter(|folder| belongs(&name(folder))) {
            let path = folder.join(RECORD);
            let record = if path.is_file() { Some(read_record(&path)?) } else { None };
            let is_result = usize::from(record.is_some());
            let found = Found { record, is_new, folder: folder.clone() };
            let key = (name(&effect), name(folder));
            match all.get(&key) {
                Some(other) if !replaces(&found, other)? => there += is_result,
                _ => {
                    added += is_result;
                    all.insert(key, found);
                }
            }
        }
    }
    Ok((added, there))
}

/// Whether a folder is to stand where another one of its name does: a result that had been skipped there, or with scores that
/// the other lacks.
fn replaces(found: &Found, other: &Found) -> Result<bool> {
    let refuse = |why: &str| {
        Err(Error::Usage(format!(
            "{} and {} are two results of one name {why}",
            found.folder.display(),
            other.folder.display()
        )))
    };
    let is_skipped = |found: &Found| found.record.as_ref().is_some_and(|record| record.skipped.is_some());
    if is_skipped(found) || is_skipped(other) {
        return Ok(!is_skipped(found));
    }
    let pictures = |folder: &Path| -> Result<Vec<_>> {
        Ok(files(folder)?.into_iter().filter(|(name, _)| name != RECORD).collect())
    };
    let same = match (&found.record, &other.record) {
        (Some(now), Some(then)) => now.is_same_result(then),
        (now, then) => now.is_none() && then.is_none(),
    };
    if !same || pictures(&found.folder)? != pictures(&other.folder)? {
        return refuse("that are not the same; merge shards of one benchmark, each once");
    }
    let (Some(now), Some(then)) = (&found.record, &other.record) else { return Ok(false) };
    let lacks = [then.measured_with.lacks(&now.measured_with), now.measured_with.lacks(&then.measured_with)];
    match lacks {
        [true, true] => refuse(
            "that were measured with different networks; measure one of them with --lpips and --clip of the other",
        ),
        [is_lacking, _] => Ok(is_lacking),
    }
}

/// Whether there is nothing in a folder but what is hidden.
fn is_empty(folder: &Path) -> bool {
    let mut entries = folder.read_dir().into_iter().flatten().flatten();
    entries.all(|entry| entry.file_name().to_string_lossy().starts_with('.'))
}

fn check_named_once(out: &Path, shards: &[PathBuf]) -> Result<()> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for shard in shards {
        if !shard.is_dir() {
            return Err(Error::Usage(format!(
                "{}: there is no such folder; name the --out of a shard",
                shard.display()
            )));
        }
        let real = shard.canonicalize().unwrap_or_else(|_| shard.clone());
        if seen.contains(&real) {
            return Err(Error::Usage(format!("{} is named twice; name each shard once", shard.display())));
        }
        if out.canonicalize().is_ok_and(|out| out == real) {
            return Err(Error::Usage(format!("{} is --out itself; name another folder", shard.display())));
        }
        seen.push(real);
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
