//! Curves: the loss of every stage so far, drawn side by side into one SVG file.
use instructbrush::Result;
use instructbrush::platform::files::write_atomically;
use std::fmt::Write;
use std::path::Path;

const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 120.0;
/// Points of a curve at most: each the mean of as many lines.
const POINTS: usize = 100;

/// Writes `out/curves.svg` of the stages' CSV files, in this order; those that are not there are left out.
pub fn draw(out: &Path, stages: &[&str]) -> Result<()> {
    let read = |stage: &&str| {
        Some((stage.to_string(), points(&std::fs::read_to_string(out.join(format!("{stage}.csv"))).ok()?)))
    };
    let curves: Vec<_> = stages.iter().filter_map(read).filter(|(_, points)| points.len() > 1).collect();
    let columns = curves.len().clamp(1, 4);
    let (width, height) = (columns as f64 * WIDTH, curves.len().div_ceil(columns) as f64 * HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (idx, (stage, points)) in curves.iter().enumerate() {
        let (left, top) = ((idx % columns) as f64 * WIDTH, (idx / columns) as f64 * HEIGHT);
        panel(&mut svg, stage, points, left, top);
    }
    svg.push_str("</svg>\n");
    write_atomically(&out.join("curves.svg"), svg.as_bytes())
}

/// One stage, the loss on a logarithmic scale from the lowest to the highest.
fn panel(svg: &mut String, stage: &str, points: &[(f64, f64)], left: f64, top: f64) {
    let logs = || points.iter().map(|(_, loss)| loss.ln());
    let (low, high) = (logs().fold(f64::INFINITY, f64::min), logs().fold(f64::NEG_INFINITY, f64::max));
    let last = points.last().map_or((1.0, 0.0), |point| *point);
    let first = points.first().map_or(0.0, |point| point.1);
    let place = |&(step, loss): &(f64, f64)| {
        let x = left + 10.0 + (WIDTH - 20.0) * step / last.0;
        let y = top + 28.0 + (HEIGHT - 40.0) * (high - loss.ln()) / (high - low).max(1e-9);
        format!("{x:.1},{y:.1}")
    };
    let line: Vec<String> = points.iter().map(place).collect();
    // writing into a string cannot fail
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\">{stage}: {first:.4} → {:.4}, {} steps</text>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#4a5bd4\" stroke-width=\"1.5\"/>",
        left + 10.0,
        top + 18.0,
        last.1,
        last.0,
        line.join(" "),
    );
}

/// (step, loss) of a CSV file, thinned to means.
fn points(csv: &str) -> Vec<(f64, f64)> {
    let line = |line: &str| {
        let mut cells = line.split(',').map(str::parse::<f64>);
        Some((cells.next()?.ok()?, cells.next()?.ok().filter(|loss| *loss > 0.0)?))
    };
    let all: Vec<(f64, f64)> = csv.lines().filter_map(line).collect();
    let size = all.len().div_ceil(POINTS).max(1);
    all.chunks(size)
        .map(|part| (part[part.len() - 1].0, part.iter().map(|(_, loss)| loss).sum::<f64>() / part.len() as f64))
        .collect()
}
