//! Page: gathers the pictures of all results and writes the report.
use super::store::{SEGMENTS, Store, TESTS};
use crate::Result;
use crate::bench::record::{Key, Record};
use crate::bench::report::{self, Sheet, SheetRow, data_url};
use crate::bench::summary::Summary;
use crate::platform::files::{compare_names, read_picture};
use std::path::Path;

/// The longer side of a picture on the page, in pixels.
const SIDE: usize = 256;
/// Where the eye sees little loss at that size.
const QUALITY: u8 = 88;

/// The page of all results.
///
/// # Errors
/// A picture that cannot be read.
pub fn page(store: &Store, records: &[Record], summary: &Summary) -> Result<String> {
    let sheets: Result<Vec<Sheet>> = summary.effects.iter().map(|table| sheet(store, &table.title, records)).collect();
    Ok(report::page(records, summary, &sheets?))
}

fn sheet(store: &Store, effect: &str, records: &[Record]) -> Result<Sheet> {
    let keys: Vec<Key> = records
        .iter()
        .filter(|record| record.effect == effect && record.scores.is_some())
        .map(|record| record.key)
        .collect();
    let tests = store.folder(effect, TESTS);
    let mut rows = Vec::new();
    for name in names(&tests) {
        let mut row = SheetRow {
            before: url(&tests.join(format!("{name}_0.png")))?,
            truth: url(&tests.join(format!("{name}_1.png")))?,
            ..SheetRow::default()
        };
        for key in &keys {
            let result = store.folder(effect, &key.folder()).join(format!("{name}.png"));
            if result.is_file() {
                row.results.push((*key, url(&result)?));
            }
        }
        rows.push(SheetRow { name, ..row });
    }
    let mut segments = Vec::new();
    for key in &keys {
        let folder = store.folder(effect, &format!("{}{SEGMENTS}", key.folder()));
        let row = (0..).map(|k| folder.join(format!("segment_{k}.png"))).take_while(|path| path.is_file());
        let row: Vec<String> = row.map(|path| url(&path)).collect::<Result<_>>()?;
        if !row.is_empty() {
            segments.push((*key, row));
        }
    }
    Ok(Sheet { effect: effect.to_owned(), rows, segments })
}

/// The names of the test pictures, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names =
        entries.filter_map(|entry| Some(entry.file_name().to_string_lossy().strip_suffix("_0.png")?.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort_by(|a, b| compare_names(a, b));
    names
}

fn url(path: &Path) -> Result<String> {
    Ok(data_url("image/jpeg", &read_picture(path)?.thumbnail(SIDE).encode_jpeg(QUALITY)?))
}
