//! Report: the benchmark as one HTML page that needs nothing else: no scripts, pictures as data URLs, light and dark.
mod charts;
mod sheets;
mod tables;

pub use sheets::{Sheet, SheetRow, data_url};

use super::methods::Method;
use super::record::Record;
use super::summary::Summary;
use std::fmt::Write;

/// The page of all results; `sheets` has one entry per effect, in any order.
pub fn page(records: &[Record], summary: &Summary, sheets: &[Sheet]) -> String {
    let mut page = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str(
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>InstructBrush benchmark</title>\n<style>\n",
    );
    page.push_str(include_str!("style.css"));
    page.push_str("</style>\n</head>\n<body>\n<main>\n<header>\n<h1>InstructBrush benchmark</h1>\n");
    // Writing into a string cannot fail.
    let _ = writeln!(page, "<p class=\"lead\">{}</p>\n</header>", lead(records, summary));
    if records.is_empty() {
        page.push_str(
            "<p>There are no results yet: run <code>instructbrush bench</code> with this folder as --out.</p>\n",
        );
    } else {
        page.push_str("<section>\n<h2>Tables</h2>\n<div class=\"cards\">\n");
        summary.groups.iter().for_each(|table| tables::write(&mut page, table, "h3"));
        page.push_str("</div>\n");
        page.push_str(
            "<p class=\"note\">The best of the methods is bold (bounds aside). PSNR in dB and SSIM: higher is better; ",
        );
        page.push_str("LPIPS and Direct.: lower is better.</p>\n");
        if !summary.notes.is_empty() {
            page.push_str("<ul class=\"note\">\n");
            summary.notes.iter().for_each(|note| {
                let _ = writeln!(page, "<li>{}.</li>", escaped(note));
            });
            page.push_str("</ul>\n");
        }
        page.push_str("</section>\n");
        charts::write_quality(&mut page, summary, records);
        page.push_str("<section>\n<h2>Effects</h2>\n");
        for (i, table) in summary.effects.iter().enumerate() {
            let own: Vec<&Record> = records.iter().filter(|record| record.effect == table.title).collect();
            let sheet = sheets.iter().find(|sheet| sheet.effect == table.title);
            write_effect(&mut page, table, &own, sheet, i == 0);
        }
        page.push_str("</section>\n");
    }
    let _ = writeln!(
        page,
        "<footer>instructbrush {}; the numbers are in results.json beside this page.</footer>\n</main>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    );
    page
}

fn lead(records: &[Record], summary: &Summary) -> String {
    let counted = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let tests = records.iter().map(|record| record.tests.len()).max().unwrap_or(0);
    let results = counted(records.iter().filter(|record| record.scores.is_some()).count(), "result");
    format!("{}, {results}, {} each.", counted(summary.effects.len(), "effect"), counted(tests, "test picture"))
}

fn write_effect(page: &mut String, table: &super::summary::Table, own: &[&Record], sheet: Option<&Sheet>, open: bool) {
    let group = own.first().map_or("", |record| record.group.title());
    let words = own.iter().find(|record| record.key.method == Method::Ip2p).and_then(|record| record.text.as_deref());
    let words = words.map(|words| format!(" <q>{}</q>", escaped(words))).unwrap_or_default();
    let open = if open { " open" } else { "" };
    let _ = writeln!(
        page,
        "<details{open}>\n<summary><h3>{}</h3> <span class=\"group\">{group}</span>{words}</summary>",
        escaped(&table.title)
    );
    // In the tables' order.
    let ordered: Vec<&Record> =
        table.rows.iter().filter_map(|row| own.iter().find(|record| record.key == row.key).copied()).collect();
    if let Some(sheet) = sheet {
        sheets::write(page, sheet, &ordered);
    }
    page.push_str("<div class=\"cards\">\n");
    tables::write(page, table, "h4");
    charts::write_losses(page, &ordered);
    page.push_str("</div>\n");
    let starts = ordered.iter().filter(|record| record.key.method.learns());
    let starts: Vec<String> = starts
        .filter_map(|record| {
            let keys: Vec<_> = ordered.iter().map(|record| record.key).collect();
            let label = escaped(&super::table::label(&record.key, &keys));
            record.text.as_ref().map(|text| match text.as_str() {
                "" => format!("<li>{label}: the empty prompt</li>"),
                text => format!("<li>{label}: <q>{}</q></li>", escaped(text)),
            })
        })
        .collect();
    if !starts.is_empty() {
        let _ = writeln!(page, "<h4>Learned from the words</h4>\n<ul class=\"note\">{}</ul>", starts.join("\n"));
    }
    page.push_str("</details>\n");
}

/// Text that may stand anywhere in a page.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
