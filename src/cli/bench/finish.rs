//! Finish: from the results that are there to the table, `results.json` and `report.html`.
use super::plan::Cell;
use super::store::{RESULTS, Store};
use crate::Result;
use crate::bench::comparable::check_comparable;
use crate::bench::record::Record;
use crate::bench::summary::Summary;
use crate::bench::table;
use crate::cli::{Ending, print};
use crate::platform::files::write_atomically;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is said of results besides themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Everything that was asked for, shards of others included: the names of results of each effect.
    pub planned: BTreeMap<String, BTreeSet<String>>,
    /// What could not be made, a sentence each.
    pub failed: Vec<String>,
}

impl About {
    /// Nothing but a plan.
    pub fn planned(cells: &[Cell<'_>]) -> Self {
        let mut planned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for Cell { effect, key } in cells {
            planned.entry(effect.name.clone()).or_default().insert(key.folder());
        }
        Self { planned, ..Self::default() }
    }

    /// What a folder's `results.json` says; nothing where there is none that can be read.
    pub fn of(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join(RESULTS)).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// How many planned results are not among these, and the first of them.
    pub fn missing(&self, records: &[Record]) -> (usize, Option<String>) {
        let there: BTreeSet<(&str, String)> =
            records.iter().map(|record| (record.effect.as_str(), record.key.folder())).collect();
        let planned = self.planned.iter().flat_map(|(effect, keys)| keys.iter().map(move |key| (effect.as_str(), key)));
        let mut missing = planned.filter(|(effect, key)| !there.contains(&(*effect, (*key).clone())));
        let first = missing.next().map(|(effect, key)| format!("{effect}/{key}"));
        (usize::from(first.is_some()) + missing.count(), first)
    }
}

/// Writes down what is planned.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io), [`Error::Usage`](crate::Error::Usage) for a result that cannot be read.
pub fn begin(store: &Store, about: &About) -> Result<()> {
    let records = store.records()?;
    write(store, &records, &Summary::of(&records), about)
}

/// Writes `results.json` and `report.html`, prints the table; what is missing is said but of a part, where it is elsewhere.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) for results that cannot be compared, [`Error::Io`](crate::Error::Io).
pub fn run(store: &Store, about: &About, is_part: bool, quiet: bool) -> Result<Ending> {
    let records = store.records()?;
    check_comparable(&records)?;
    let mut summary = Summary::of(&records);
    summary.notes.extend(about.failed.iter().map(|why| format!("Not made: {why}")));
    if let (n, Some(first)) = about.missing(&records)
        && !is_part
    {
        let all = counted(records.len() + n);
        summary.notes.push(format!("{n} of {all} missing, first {first}: run again what lacks them"));
    }
    write(store, &records, &summary, about)?;
    let page = store.out().join("report.html");
    write_atomically(&page, super::page::page(store, &records, &summary)?.as_bytes())?;
    print::text(&table::text(&summary))?;
    if !quiet {
        print::note(&format!("{} of {}: {}", counted(records.len()), effects(&summary), page.display()));
    }
    Ok(Ending::Done)
}

fn write(store: &Store, records: &[Record], summary: &Summary, About { planned, failed }: &About) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let all = json!({
        "instructbrush": version, "planned": planned, "failed": failed, "summary": summary, "records": records,
    });
    let mut bytes = serde_json::to_vec_pretty(&all).unwrap_or_default();
    bytes.push(b'\n');
    write_atomically(&store.out().join(RESULTS), &bytes)
}

fn counted(n: usize) -> String {
    crate::cli::progress::counted(n, "result")
}

fn effects(summary: &Summary) -> String {
    crate::cli::progress::counted(summary.effects.len(), "effect")
}
