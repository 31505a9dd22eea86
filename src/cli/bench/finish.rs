//! Finish: from the results that are there to the table, `results.json` and `report.html`.
use super::plan::Shard;
use super::store::{RESULTS, Store};
use crate::Result;
use crate::bench::comparable::check_comparable;
use crate::bench::summary::Summary;
use crate::bench::table;
use crate::cli::{Ending, print};
use crate::platform::files::write_atomically;
use serde_json::json;

/// Writes `results.json`, which says of which shard it is, and `report.html`, prints the table.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) for results that cannot be compared, [`Error::Io`](crate::Error::Io).
pub fn run(store: &Store, shard: Option<Shard>, quiet: bool) -> Result<Ending> {
    let records = store.records()?;
    check_comparable(&records)?;
    let summary = Summary::of(&records);
    let version = env!("CARGO_PKG_VERSION");
    let shard = shard.map(|shard| shard.to_string());
    let all = json!({ "instructbrush": version, "shard": shard, "summary": summary, "records": records });
    let mut bytes = serde_json::to_vec_pretty(&all).unwrap_or_default();
    bytes.push(b'\n');
    write_atomically(&store.out().join(RESULTS), &bytes)?;
    let page = store.out().join("report.html");
    write_atomically(&page, super::page::page(store, &records, &summary)?.as_bytes())?;
    print::text(&table::text(&summary))?;
    if !quiet {
        print::note(&format!("{} of {}: {}", counted(records.len()), effects(&summary), page.display()));
    }
    Ok(Ending::Done)
}

fn counted(n: usize) -> String {
    crate::cli::progress::counted(n, "result")
}

fn effects(summary: &Summary) -> String {
    crate::cli::progress::counted(summary.effects.len(), "effect")
}
