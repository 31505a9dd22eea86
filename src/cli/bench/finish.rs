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

/// What is said of results besides themselves; results by their names, such as `snow/instructbrush-10-pairs-100-steps`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Everything that was asked for, shards of others included.
    pub planned: BTreeSet<String>,
    /// What could not be made, and why.
    pub failed: BTreeMap<String, String>,
}

impl About {
    /// Nothing but a plan.
    pub fn planned(cells: &[Cell<'_>]) -> Self {
        Self { planned: cells.iter().map(Cell::name).collect(), ..Self::default() }
    }

    /// What a folder's `results.json` says; nothing where there is none that can be read.
    pub fn of(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join(RESULTS)).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// This and more.
    pub fn and(mut self, more: Self) -> Self {
        self.planned.extend(more.planned);
        self.failed.extend(more.failed);
        self
    }

    /// What is not there: sentences. Where `is_part`, what was planned is elsewhere.
    fn lacks(&self, is_part: bool, there: usize) -> Vec<String> {
        let mut lacks: Vec<String> =
            self.failed.iter().map(|(name, why)| format!("{name} was not made: {why}")).collect();
        if let (Some(first), false) = (self.planned.first(), is_part) {
            let n = self.planned.len();
            lacks.push(format!("{n} of {} missing, first {first}: run again what lacks them", counted(n + there)));
        }
        lacks
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
pub fn run(store: &Store, about: About, is_part: bool, quiet: bool) -> Result<Ending> {
    let records = store.records()?;
    check_comparable(&records)?;
    let names: BTreeSet<String> =
        records.iter().map(|record| format!("{}/{}", record.effect, record.key.folder())).collect();
    let About { planned, mut failed } = about;
    failed.retain(|name, _| !names.contains(name));
    let left = About { planned: planned.difference(&names).cloned().collect(), failed: failed.clone() };
    let mut summary = Summary::of(&records);
    summary.notes.extend(left.lacks(is_part, records.len()));
    write(store, &records, &summary, &About { planned, failed })?;
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
