//! Root: the folder of effects, looked through before any work begins.
use crate::bench::top_bench::instruction;
use crate::platform::files::{compare_names, read_file};
use crate::platform::pairs::read_pairs;
use crate::service::job::ExemplarPair;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Where there is no folder of tests, this many pairs at the end are.
const TESTS: usize = 5;

/// One effect's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The folder's name.
    pub name: String,
    folder: PathBuf,
    /// The effect in words: the first line of instruction.txt, if there is one; where there is no such file, TOP-Bench's words.
    pub text: Option<String>,
    /// Whether the words are TOP-Bench's.
    pub is_known: bool,
}

impl Effect {
    /// The pairs to learn from and the test pairs.
    ///
    /// # Errors
    /// [`Error::Pairs`] for a folder that cannot be used, [`Error::Picture`], [`Error::Io`].
    pub fn read(&self) -> Result<(Vec<ExemplarPair>, Vec<ExemplarPair>)> {
        let mut pairs = read_pairs(&self.folder)?;
        let test = self.folder.join("test");
        if test.is_dir() {
            return Ok((pairs, read_pairs(&test)?));
        }
        if pairs.len() <= TESTS {
            return Err(Error::Pairs(format!(
                "{}: there is no test folder, so the last {TESTS} pairs are the tests, but there are only {} in all; add \
                 pairs, or a folder test/ with pairs to measure on",
                self.folder.display(),
                pairs.len()
            )));
        }
        let tests = pairs.split_off(pairs.len() - TESTS);
        Ok((pairs, tests))
    }
}

/// The effects of a root, in the order of their names, each read once to see that it can be; `only` chooses some.
///
/// # Errors
/// [`Error::Usage`] for a name that is not there; [`Error::Pairs`]: no effects, fewer pairs than `shots`, or what [`Effect::read`] says.
pub fn effects(root: &Path, only: &[String], shots: usize) -> Result<Vec<Effect>> {
    let shown = root.display();
    let fail = |what: String| Err(Error::Pairs(format!("{shown}: {what}")));
    if !root.is_dir() {
        return fail("there is no such folder; give a folder with one folder of pairs for each effect".into());
    }
    let read = |source| Error::Io { what: "read the folder", path: root.into(), source };
    let mut names = Vec::new();
    for entry in root.read_dir().map_err(read)? {
        let path = entry.map_err(read)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort_by(|a, b| compare_names(a, b));
    if let Some(unknown) = only.iter().find(|name| !names.contains(name)) {
        return Err(Error::Usage(format!("{shown}: there is no effect \"{unknown}\"; there are {}", listed(&names))));
    }
    names.retain(|name| only.is_empty() || only.contains(name));
    if names.is_empty() {
        return fail("there are no effects in it; give a folder with one folder of pairs for each effect".into());
    }
    if only.is_empty() && names.iter().all(|name| matches!(name.as_str(), "test" | "before" | "after")) {
        return fail(
            "this looks like a single effect; give the folder that it lies in, and its name with --effects".into(),
        );
    }
    let (mut effects, mut failed) = (Vec::new(), Vec::new());
    for name in names {
        match effect(root, name.clone(), shots) {
            Ok(effect) => effects.push(effect),
            Err(error) => failed.push((name, error)),
        }
    }
    let others: Vec<String> = failed.iter().skip(1).map(|(name, _)| name.clone()).collect();
    match failed.into_iter().next() {
        None => Ok(effects),
        Some((_, error)) if others.is_empty() => Err(error),
        // all of them at once, not one in each try
        Some((_, error)) => Err(Error::Pairs(format!("{error}; nor can these effects be used: {}", listed(&others)))),
    }
}

fn effect(root: &Path, name: String, shots: usize) -> Result<Effect> {
    let folder = root.join(&name);
    let text = folder.join("instruction.txt");
    let is_known = !text.is_file() && instruction(&name).is_some();
    let text = match text.is_file() {
        true => {
            let bytes = read_file(&text, "read the instruction")?;
            let text = String::from_utf8_lossy(&bytes);
            let first = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().trim().to_owned();
            Some(first).filter(|text| !text.is_empty())
        }
        false => instruction(&name).map(str::to_owned),
    };
    let effect = Effect { name, folder, text, is_known };
    let (pairs, _) = effect.read()?;
    if pairs.len() < shots {
        return Err(Error::Pairs(format!(
            "{}: {shots} pairs are asked for, there are {} to learn from; choose smaller --shots or add pairs",
            effect.folder.display(),
            pairs.len()
        )));
    }
    Ok(effect)
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
