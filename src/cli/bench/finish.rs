//! Finish: from the results that are there to the table, `results.json` and `report.html`.
use super::plan::Shard;
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
use std::path::Path;

/// What is said of results besides themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Of which parts they are, such as 3/25; none where all parts are there.
    pub parts: Vec<Shard>,
    /// What could not be made, a sentence each.
    pub failed: Vec<String>,
}

impl About {
    /// What a folder's `results.json` says; nothing where there is none that can be read.
    pub fn of(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join(RESULTS)).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}

/// Marks the folder of a benchmark that begins, so that it is known for a part even if nothing comes of it.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io).
pub fn begin(store: &Store) -> Result<()> {
    if store.out().join(RESULTS).is_file() {
        return Ok(());
    }
    write(store, &[], &Summary::default(), &About::default())
}

/// Writes `results.json` and `report.html`, prints the table.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) for results that cannot be compared, [`Error::Io`](crate::Error::Io).
pub fn run(store: &Store, about: &About, quiet: bool) -> Result<Ending> {
    let records = store.records()?;
    check_comparable(&records)?;
    let summary = Summary::of(&records);
    write(store, &records, &summary, about)?;
    let page = store.out().join("report.html");
    write_atomically(&page, super::page::page(store, &records, &summary)?.as_bytes())?;
    print::text(&table::text(&summary))?;
    if !quiet {
        print::note(&format!("{} of {}: {}", counted(records.len()), effects(&summary), page.display()));
    }
    Ok(Ending::Done)
}

fn write(store: &Store, records: &[Record], summary: &Summary, About { parts, failed }: &About) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let all = json!({
        "instructbrush": version, "parts": parts, "failed": failed, "summary": summary, "records": records,
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
