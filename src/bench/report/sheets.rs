//! Sheets: contact sheets of an effect, before | truth | each method, and the rows of single segments.
use super::escaped;
use crate::bench::record::{Key, Record};
use crate::bench::table::label;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fmt::Write;

/// The pictures of one effect, as data URLs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Which effect.
    pub effect: String,
    /// One per test picture.
    pub rows: Vec<SheetRow>,
    /// Per result, the first test picture edited with each segment alone, least noise first.
    pub segments: Vec<(Key, Vec<String>)>,
}

/// One test picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetRow {
    /// The pair's name.
    pub name: String,
    /// The picture before.
    pub before: String,
    /// The picture after.
    pub truth: String,
    /// The edits.
    pub results: Vec<(Key, String)>,
}

/// Bytes as a URL.
pub fn data_url(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes))
}

/// Writes the contact sheet, columns as in `records`.
pub fn write(page: &mut String, sheet: &Sheet, records: &[&Record]) {
    let keys: Vec<Key> = records.iter().map(|record| record.key).collect();
    let shown: Vec<&Record> =
        records.iter().copied().filter(|record| has_picture(sheet, &record.key) && record.scores.is_some()).collect();
    if sheet.rows.is_empty() {
        return;
    }
    page.push_str("<div class=\"scroll\">\n<table class=\"sheet tests\">\n<thead><tr><th>before</th><th>truth</th>");
    // Writing into a string cannot fail.
    for record in &shown {
        let _ = write!(page, "<th>{}</th>", escaped(&label(&record.key, &keys)));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (i, row) in sheet.rows.iter().enumerate() {
        let _ = write!(page, "<tr>{}{}", cell(&row.before, "before", ""), cell(&row.truth, "truth", ""));
        for record in &shown {
            let url = row.results.iter().find(|(key, _)| *key == record.key).map_or("", |(_, url)| url.as_str());
            let psnr = record.tests.get(i).map(|scores| format!("{:.1} dB", scores.psnr)).unwrap_or_default();
            page.push_str(&cell(url, &label(&record.key, &keys), &psnr));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    for key in &keys {
        for (_, row) in sheet.segments.iter().filter(|(of, _)| of == key) {
            write_segments(page, key, &keys, row, sheet.rows.first());
        }
    }
}

fn has_picture(sheet: &Sheet, key: &Key) -> bool {
    sheet.rows.iter().any(|row| row.results.iter().any(|(of, _)| of == key))
}

/// The paper's Fig. 3: what each segment does alone.
fn write_segments(page: &mut String, key: &Key, keys: &[Key], row: &[String], test: Option<&SheetRow>) {
    let _ = writeln!(
        page,
        "<h4>{} in single segments</h4>\n<div class=\"scroll\">\n<table class=\"sheet\">\n<thead><tr>",
        escaped(&label(key, keys))
    );
    let whole = test.and_then(|test| test.results.iter().find(|(of, _)| of == key));
    if test.is_some() {
        page.push_str("<th>before</th>");
    }
    // The order of sampling: from noise to the picture.
    for segment in (0..row.len()).rev() {
        let range = |edge: usize| 1000 * edge / row.len();
        let _ = write!(page, "<th>t {}…{}</th>", range(segment), range(segment + 1) - 1);
    }
    if whole.is_some() {
        page.push_str("<th>all</th>");
    }
    page.push_str("</tr></thead>\n<tbody><tr>");
    if let Some(test) = test {
        page.push_str(&cell(&test.before, "before", ""));
    }
    for (segment, url) in row.iter().enumerate().rev() {
        page.push_str(&cell(url, &format!("segment {segment} alone"), ""));
    }
    if let Some((_, url)) = whole {
        page.push_str(&cell(url, "all segments", ""));
    }
    page.push_str("</tr></tbody>\n</table>\n</div>\n");
}

fn cell(url: &str, what: &str, below: &str) -> String {
    if url.is_empty() {
        return "<td>–</td>".to_owned();
    }
    let below = if below.is_empty() { String::new() } else { format!("<span>{below}</span>") };
    format!("<td><img src=\"{url}\" alt=\"{}\" loading=\"lazy\">{below}</td>", escaped(what))
}
