//! Table: the summary as text for a terminal, with the paper's columns.
use super::record::{Key, Scores};
use super::summary::{Summary, Table};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The columns of every table.
pub const COLUMNS: [&str; 4] = ["PSNR", "SSIM", "LPIPS", "Direct."];

/// A row's scores as they are printed; "–" where there is none.
pub fn cells(scores: Option<&Scores>) -> [String; 4] {
    let number = |value: Option<f64>, digits: usize| value.map_or("–".into(), |value| format!("{value:.digits$}"));
    [
        number(scores.map(|scores| scores.psnr), 2),
        number(scores.map(|scores| scores.ssim), 4),
        number(scores.and_then(|scores| scores.lpips), 4),
        number(scores.and_then(|scores| scores.direction), 4),
    ]
}

/// A row's name: the method, and what tells it from others of the same method.
pub fn label(key: &Key, all: &[Key]) -> String {
    let several = |value: fn(&Key) -> usize| {
        all.iter().filter(|key| key.method.learns()).map(value).collect::<BTreeSet<_>>().len() > 1
    };
    let mut label = key.method.title().to_owned();
    if key.method.learns() && several(|key| key.shots) {
        let _ = write!(label, ", {}", if key.shots == 1 { "1 pair".into() } else { format!("{} pairs", key.shots) });
    }
    if key.method.learns() && several(|key| key.steps) {
        let _ = write!(label, ", {} steps", key.steps);
    }
    label
}

/// All tables, the groups first; each line ends with a line feed.
pub fn text(summary: &Summary) -> String {
    let mut text = String::new();
    for (i, table) in summary.groups.iter().chain(&summary.effects).enumerate() {
        if i > 0 {
            text.push('\n');
        }
        write_table(&mut text, table);
    }
    if summary.groups.is_empty() {
        text.push_str("There are no results yet.\n");
    }
    for (i, note) in summary.notes.iter().enumerate() {
        let _ = writeln!(text, "{}{note}.", if i == 0 { "\n" } else { "" });
    }
    text
}

fn write_table(text: &mut String, table: &Table) {
    let keys: Vec<Key> = table.rows.iter().map(|row| row.key).collect();
    let title = match table.effects {
        1 => table.title.clone(),
        n => format!("{} ({n} effects)", table.title),
    };
    let names = table.rows.iter().map(|row| {
        let part = row.effects > 0 && row.effects < table.effects;
        let part = if part { format!(" ({} of {})", row.effects, table.effects) } else { String::new() };
        format!("  {}{part}", label(&row.key, &keys))
    });
    let names: Vec<String> = names.collect();
    let width = names.iter().map(|name| name.chars().count()).chain([title.chars().count()]).max().unwrap_or(0);
    // Writing into a string cannot fail.
    let mut line = |name: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("  {cell:>7}")).collect();
        let _ = writeln!(text, "{name:width$}{cells}");
    };
    line(&title, &COLUMNS.map(str::to_owned));
    for (name, row) in names.iter().zip(&table.rows) {
        line(name, &cells(row.scores.as_ref()));
    }
}
