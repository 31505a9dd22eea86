//! Charts: learning curves, and quality against the number of UNet evaluations, as inline SVG.
use super::escaped;
use crate::bench::methods::Method;
use crate::bench::record::{Key, Record, mean};
use crate::bench::summary::Summary;
use crate::bench::table::label;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Points of a learning curve: each the mean of a part of the steps.
const POINTS: usize = 80;

/// Where values lie in a drawing.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    x: [f64; 2],
    y: [f64; 2],
}

impl Frame {
    fn x(&self, value: f64) -> f64 {
        self.left + self.width * (value - self.x[0]) / (self.x[1] - self.x[0]).max(f64::MIN_POSITIVE)
    }

    fn y(&self, value: f64) -> f64 {
        self.top + self.height * (self.y[1] - value) / (self.y[1] - self.y[0]).max(f64::MIN_POSITIVE)
    }

    fn points(&self, values: &[(f64, f64)]) -> String {
        values.iter().map(|&(x, y)| format!("{:.1},{:.1}", self.x(x), self.y(y))).collect::<Vec<_>>().join(" ")
    }
}

/// One small drawing per result that was learned, each with a scale of its own: Visii's loss is another one.
pub fn write_losses(page: &mut String, records: &[&Record]) {
    let keys: Vec<Key> = records.iter().map(|record| record.key).collect();
    let curves: Vec<&&Record> = records.iter().filter(|record| record.losses.len() > 1).collect();
    if curves.is_empty() {
        return;
    }
    page.push_str("<div class=\"card\">\n<h4>Loss</h4>\n<div class=\"small-multiples\">\n");
    for record in curves {
        let curve = binned(&record.losses);
        let values = || curve.iter().map(|(_, loss)| *loss);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let frame = Frame {
            left: 4.0,
            top: 8.0,
            width: 152.0,
            height: 56.0,
            x: [1.0, record.losses.len() as f64],
            y: [low, high],
        };
        let ends = [curve.first(), curve.last()].map(|point| point.map_or(0.0, |(_, loss)| *loss));
        // Writing into a string cannot fail.
        let _ = writeln!(
            page,
            "<figure><svg viewBox=\"0 0 160 72\" role=\"img\" aria-label=\"loss of {label}: {first:.4} to {last:.4}\">\
             <line class=\"axis\" x1=\"4\" y1=\"68\" x2=\"156\" y2=\"68\"/><polyline class=\"line m-{method}\" \
             points=\"{points}\"/></svg><figcaption>{label}<br><small>{first:.4} → {last:.4}, {steps} steps</small>\
             </figcaption></figure>",
            label = escaped(&label(&record.key, &keys)),
            first = ends[0],
            last = ends[1],
            method = record.key.method.name(),
            points = frame.points(&curve),
            steps = record.losses.len(),
        );
    }
    page.push_str("</div>\n</div>\n");
}

/// (step, mean loss) of at most [`POINTS`] equal parts.
fn binned(losses: &[f32]) -> Vec<(f64, f64)> {
    let size = losses.len().div_ceil(POINTS).max(1);
    let bin = |(i, bin): (usize, &[f32])| {
        let mean = bin.iter().map(|loss| f64::from(*loss)).sum::<f64>() / bin.len() as f64;
        ((i * size) as f64 + (bin.len() as f64 + 1.0) / 2.0, mean)
    };
    losses.chunks(size).enumerate().map(bin).filter(|(_, loss)| loss.is_finite()).collect()
}

/// (UNet evaluations, PSNR) by steps, of a method with a number of pairs.
type Series = BTreeMap<(Method, std::cmp::Reverse<usize>), Vec<(f64, f64)>>;

/// PSNR against the UNet evaluations that learning took: a line per method and number of pairs, levels for what is not
/// learned. Only effects that have every result count, so that all points are means over the same.
pub fn write_quality(page: &mut String, summary: &Summary, records: &[Record]) {
    let mut keys: Vec<Key> = summary.effects.iter().flat_map(|table| table.rows.iter().map(|row| row.key)).collect();
    keys.sort();
    keys.dedup();
    let complete = |effect: &str| {
        let has = |key: &Key| records.iter().any(|it| it.effect == effect && it.key == *key && it.scores.is_some());
        keys.iter().all(has)
    };
    let effects: Vec<&str> =
        summary.effects.iter().map(|table| table.title.as_str()).filter(|effect| complete(effect)).collect();
    let mut series = Series::new();
    let mut levels = Vec::new();
    for key in &keys {
        let of_key = records.iter().filter(|it| it.key == *key && effects.contains(&it.effect.as_str()));
        let of_key: Vec<&Record> = of_key.collect();
        let Some(scores) = mean(of_key.iter().filter_map(|record| record.scores.as_ref())) else { continue };
        if key.method.learns() {
            let spent = of_key.iter().map(|record| record.unet_evaluations as f64).sum::<f64>() / of_key.len() as f64;
            series.entry((key.method, std::cmp::Reverse(key.shots))).or_default().push((spent.max(1.0), scores.psnr));
        } else if key.method == Method::Ip2p {
            // The bounds are so far away that nothing could be seen beside them; they are in the tables.
            levels.push((key.method, scores.psnr));
        }
    }
    if series.is_empty() {
        return;
    }
    page.push_str("<section>\n<h2>Quality against UNet evaluations</h2>\n<figure class=\"wide\">\n");
    draw_quality(page, series, &levels);
    // Writing into a string cannot fail.
    let _ = writeln!(
        page,
        "<figcaption>Mean PSNR over the {} with every result; rows that went through the UNet while learning, on a \
         logarithmic scale. IP2P needs no learning.</figcaption>\n</figure>\n</section>",
        if effects.len() == 1 { "effect".to_owned() } else { format!("{} effects", effects.len()) }
    );
}

fn draw_quality(page: &mut String, series: Series, levels: &[(Method, f64)]) {
    let points = || series.values().flatten();
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
    };
    let [low, high] = ends(&mut points().map(|(_, psnr)| *psnr).chain(levels.iter().map(|(_, psnr)| *psnr)));
    let [first, last] = ends(&mut points().map(|(spent, _)| spent.log10()));
    let room = ((high - low) * 0.08).max(0.2);
    let names = series.len() + levels.len();
    let height = 260f64.max(18.0 * names as f64);
    let frame = Frame {
        left: 48.0,
        top: 12.0,
        width: 470.0,
        height,
        x: [first - 0.15, last + 0.15],
        y: [low - room, high + room],
    };
    // Writing into a string cannot fail.
    let _ = writeln!(
        page,
        "<svg viewBox=\"0 0 720 {:.0}\" role=\"img\" aria-label=\"PSNR against UNet evaluations\">",
        height + 44.0
    );
    draw_axes(page, frame);
    let several = series.keys().map(|(_, shots)| shots.0).collect::<BTreeSet<_>>().len() > 1;
    let mut name_y = 20.0;
    let mut name = |page: &mut String, class: &str, title: &str| {
        let _ = writeln!(
            page,
            "<line class=\"{class}\" x1=\"536\" x2=\"560\" y1=\"{name_y}\" y2=\"{name_y}\"/>\
             <text class=\"name\" x=\"568\" y=\"{}\">{}</text>",
            name_y + 4.0,
            escaped(title)
        );
        name_y += 18.0;
    };
    for (method, psnr) in levels {
        let (y, title, class) = (frame.y(*psnr), method.title(), format!("level m-{}", method.name()));
        let _ = writeln!(
            page,
            "<line class=\"{class}\" x1=\"48\" x2=\"518\" y1=\"{y:.1}\" y2=\"{y:.1}\"><title>{title}: {psnr:.2} dB</title></line>"
        );
        name(page, &class, title);
    }
    for ((method, std::cmp::Reverse(shots)), mut line) in series {
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        let line: Vec<(f64, f64)> = line.into_iter().map(|(spent, psnr)| (spent.log10(), psnr)).collect();
        let class = format!("m-{}{}", method.name(), if shots == 1 { " few" } else { "" });
        let pairs = if shots == 1 { "1 pair".to_owned() } else { format!("{shots} pairs") };
        let title = if several { format!("{}, {pairs}", method.title()) } else { method.title().to_owned() };
        let _ = writeln!(page, "<polyline class=\"line {class}\" points=\"{}\"/>", frame.points(&line));
        for &(spent, psnr) in &line {
            let (x, y) = (frame.x(spent), frame.y(psnr));
            let _ = writeln!(
                page,
                "<circle class=\"dot {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"><title>{title}: {:.0} evaluations, {psnr:.2} dB\
                 </title></circle>",
                10f64.powf(spent)
            );
        }
        name(page, &format!("line {class}"), &title);
    }
    page.push_str("</svg>\n");
}

/// Levels of PSNR, and numbers of evaluations at 1, 2 and 5 times the powers of ten.
fn draw_axes(page: &mut String, frame: Frame) {
    let step = nice_step(frame.y[1] - frame.y[0]);
    let digits = usize::from(step < 1.0);
    for tick in (frame.y[0] / step).ceil() as i64..=(frame.y[1] / step).floor() as i64 {
        let (psnr, y) = (tick as f64 * step, frame.y(tick as f64 * step));
        let _ = writeln!(
            page,
            "<line class=\"grid\" x1=\"48\" x2=\"518\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"42\" y=\"{:.1}\" text-anchor=\"end\">{psnr:.digits$}</text>",
            y + 4.0
        );
    }
    let below = frame.top + frame.height;
    let _ = writeln!(
        page,
        "<line class=\"axis\" x1=\"48\" x2=\"518\" y1=\"{below:.1}\" y2=\"{below:.1}\"/>\
         <text class=\"tick\" x=\"42\" y=\"{:.1}\" text-anchor=\"end\">dB</text>",
        below + 18.0
    );
    for power in 0..=12 {
        for times in [1.0, 2.0, 5.0] {
            let spent = times * 10f64.powi(power);
            if (frame.x[0]..=frame.x[1]).contains(&spent.log10()) {
                let x = frame.x(spent.log10());
                let _ = writeln!(
                    page,
                    "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{below:.1}\" y2=\"{:.1}\"/>\
                     <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{spent}</text>",
                    below + 4.0,
                    below + 18.0
                );
            }
        }
    }
}

/// A step of 1, 2 or 5 times a power of ten, about five of them in a range.
fn nice_step(range: f64) -> f64 {
    let rough = (range / 5.0).max(1e-3);
    let power = 10f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough);
    times.unwrap_or(10.0) * power
}
