//! Phrases report: the table that `instructbrush phrases` prints for people.
use crate::instruction::phrases::{Mode, PhraseReport, Sensitivity};

/// Both sets' phrases with D to their own and to the other set, s = own − other, s / own and a mark at the unique
/// phrase; then the initial instruction, alone on the last line (a sentence in brackets when there is none).
pub fn table(report: &PhraseReport) -> String {
    let phrases = report.before.iter().chain(&report.after);
    let width = phrases.map(|s| s.phrase.chars().count()).max().unwrap_or(0).max("before pictures".len());
    let mut lines = Vec::new();
    for (set, found, unique) in [
        ("before pictures", &report.before, &report.unique_before),
        ("after pictures", &report.after, &report.unique_after),
    ] {
        lines.push(format!("{set:width$}     own   other       s  relative"));
        lines.extend(found.iter().map(|s| row(s, width, unique.as_deref() == Some(&s.phrase))));
        lines.push(String::new());
    }
    let measure = match report.mode {
        Mode::Relative => "s / own",
        Mode::Absolute => "s",
    };
    let left_out = match report.too_long {
        0 => String::new(),
        n => format!(", {n} left out as too long for the model"),
    };
    lines.push(format!(
        "{} phrases{left_out}; a phrase tells the sets apart when {measure} > {}",
        report.phrases, report.threshold
    ));
    lines.push(if report.instruction.is_empty() {
        "(no phrase tells the sets apart: learning would start from the empty text)".to_owned()
    } else {
        report.instruction.clone()
    });
    lines.push(String::new());
    lines.join("\n")
}

fn row(s: &Sensitivity, width: usize, unique: bool) -> String {
    let mark = if unique { "  ←" } else { "" };
    format!("{:width$}  {:6.3}  {:6.3}  {:6.3}  {:8.3}{mark}", s.phrase, s.own, s.other, s.absolute, s.relative)
}
