//! Tables of the page: the summary's, with the best of the methods in bold.
use super::escaped;
use crate::bench::methods::Method;
use crate::bench::record::{Key, Scores};
use crate::bench::summary::{Row, Table};
use crate::bench::table::{COLUMNS, cells, label};
use std::fmt::Write;

/// Writes a table under a heading of this level.
pub fn write(page: &mut String, table: &Table, heading: &str) {
    let title = match (heading, table.effects) {
        ("h4", _) => "Scores".to_owned(),
        (_, 1) => escaped(&table.title),
        (_, n) => format!("{} <small>{n} effects</small>", escaped(&table.title)),
    };
    let keys: Vec<Key> = table.rows.iter().map(|row| row.key).collect();
    // Writing into a string cannot fail.
    let _ = writeln!(page, "<div class=\"card\">\n<{heading}>{title}</{heading}>\n<table>\n<thead><tr><th></th>");
    for column in COLUMNS {
        let _ = write!(page, "<th>{column}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        let bound = if is_bound(row.key.method) { " class=\"bound\"" } else { "" };
        let part = match row.effects < table.effects && row.effects > 0 {
            true => format!(" <small>{} of {}</small>", row.effects, table.effects),
            false => String::new(),
        };
        let swatch = row.key.method.name();
        let _ = write!(
            page,
            "<tr{bound}><th><i class=\"swatch m-{swatch}\"></i>{}{part}</th>",
            escaped(&label(&row.key, &keys))
        );
        for (column, cell) in cells(row.scores.as_ref()).into_iter().enumerate() {
            let best = if is_best(table, row, column) { " class=\"best\"" } else { "" };
            let _ = write!(page, "<td{best}>{cell}</td>");
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
}

fn is_bound(method: Method) -> bool {
    matches!(method, Method::Nothing | Method::Vae)
}

/// Whether no other method has a better score there; only means over all of the table's effects are compared, where all have one.
fn is_best(table: &Table, row: &Row, column: usize) -> bool {
    // Higher is better, whatever the column.
    let score = |scores: &Scores| match column {
        0 => Some(scores.psnr),
        1 => Some(scores.ssim),
        2 => scores.lpips.map(|lpips| -lpips),
        _ => scores.direction.map(|direction| -direction),
    };
    let of = |row: &Row| row.scores.as_ref().and_then(score);
    let is_compared = |row: &&Row| !is_bound(row.key.method) && row.effects == table.effects;
    let (Some(own), Some(all)) = (of(row), table.rows.iter().filter(is_compared).map(of).collect::<Option<Vec<f64>>>())
    else {
        return false;
    };
    is_compared(&row) && all.len() > 1 && all.iter().all(|other| *other <= own)
}
