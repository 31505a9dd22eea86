//! Before: what would fail after hours of work is asked before them.
use super::cell::{Bench, FROM_THE_START};
use super::plan::Cell;
use super::store::TESTS;
use crate::bench::comparable::check_comparable;
use crate::bench::record::Record;
use crate::cli::progress::Progress;
use crate::instruction::state::difference;
use crate::service::job::ExemplarPair;
use crate::{Error, Result};
use serde_json::Value;

impl Bench<'_> {
    /// Whether all that is there was made with the settings of this run, where it is part of it, and can stand in one table with
    /// what will be made.
    ///
    /// # Errors
    /// [`Error::Usage`], naming the first that cannot; what reading pairs and records says.
    pub fn check_before(&mut self, cells: &[Cell<'_>], progress: &mut Progress) -> Result<()> {
        let mut records = self.store.records()?;
        let mut seen = Vec::new();
        for of_effect in cells.chunk_by(|a, b| a.effect.name == b.effect.name) {
            let mut read = None;
            for (i, cell) in of_effect.iter().enumerate() {
                let Cell { effect, key } = *cell;
                let there = self.store.record(&effect.name, &key)?.filter(|there| there.skipped.is_none());
                let state = self.store.state(&effect.name, &key);
                let has_state = there.is_none() && state.path().is_file();
                // the first of each row and of each effect tell all that the others could
                if i > 0 && seen.contains(&key) && there.is_none() && !has_state {
                    continue;
                }
                let (reference, tests) = match &mut read {
                    Some(read) => read,
                    None => read.insert(effect.read()?),
                };
                if i == 0 {
                    self.check_tests(&effect.name, tests)?;
                }
                let job = self.job_of(cell, reference, tests);
                let (settings, measured_with) = self.decided_by(&job, progress)?;
                if let Some(there) = there {
                    let folder = self.store.folder(&effect.name, &key.folder());
                    let how = "give the same settings or another --out";
                    check_same("this result was made", &there.settings, &settings, how)
                        .map_err(|why| Error::Usage(format!("{}: {why}", folder.display())))?;
                }
                // one that cannot be read is no loss but of time
                let saved = if has_state { state.read().ok().flatten().and_then(|saved| saved.settings) } else { None };
                if let Some(then) = saved {
                    let how = format!("give the same settings, or {FROM_THE_START}");
                    check_same("it was begun", &then, &settings, &how)
                        .map_err(|why| Error::Usage(format!("{}: {why}", state.path().display())))?;
                }
                if !seen.contains(&key) {
                    // what is here is measured again where it has to be
                    let row: Vec<&str> =
                        cells.iter().filter(|it| it.key == key).map(|it| it.effect.name.as_str()).collect();
                    let is_again = |record: &&mut Record| record.key == key && row.contains(&record.effect.as_str());
                    for record in records.iter_mut().filter(is_again) {
                        record.measured_with = record.measured_with.then(&measured_with);
                    }
                    seen.push(key);
                }
                records.push(Record::blank(&effect.name, key, settings, measured_with));
            }
        }
        check_comparable(&records)
    }

    /// Whether the test pictures that are kept are these, by their names.
    fn check_tests(&self, effect: &str, tests: &[ExemplarPair]) -> Result<()> {
        let folder = self.store.folder(effect, TESTS);
        let mut names = tests.iter().map(|test| format!("{}_0.png", test.name));
        match names.find(|name| folder.is_dir() && !folder.join(name).is_file()) {
            None => Ok(()),
            Some(name) => Err(Error::Usage(format!(
                "{}: there is no {name}, which is a test picture now; give the root that the results there are of, or another \
                 --out",
                folder.display()
            ))),
        }
    }
}

/// Whether settings are the same, else a sentence.
fn check_same(what: &str, then: &Value, now: &Value, how: &str) -> std::result::Result<(), String> {
    match difference(&then.to_string(), &now.to_string()) {
        None => Ok(()),
        Some((name, then, now)) => Err(format!("{what} with {name} = {then}, now it is {now}; {how}")),
    }
}
