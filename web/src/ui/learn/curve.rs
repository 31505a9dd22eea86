//! Curve: the loss of a run, smoothed, with a dot for each trial on the held-out pair.
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 88.0;
/// Kept free inside, for dots and the line's width.
const EDGE: f64 = 6.0;
/// More points than this are not drawn.
const MOST_POINTS: usize = 240;

/// Follows the numbers with a memory of about a twelfth of the run.
fn smoothed(losses: &[(usize, f64)], steps: usize) -> Vec<(usize, f64)> {
    let weight = (12.0 / steps.max(1) as f64).clamp(0.02, 0.4);
    let mut smooth = None;
    let follow = |&(step, loss): &(usize, f64)| {
        let last = smooth.map_or(loss, |last: f64| last + (loss - last) * weight);
        smooth = Some(last);
        (step, last)
    };
    losses.iter().filter(|(_, loss)| loss.is_finite()).map(follow).collect()
}

fn path(points: &[(usize, f64)], x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64) -> String {
    let stride = points.len().div_ceil(MOST_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let drawn = points.iter().enumerate().filter(|(idx, _)| idx % stride == 0 || *idx == last);
    let draw = |(n, (_, (step, value))): (usize, (usize, &(usize, f64)))| {
        let letter = if n == 0 { 'M' } else { 'L' };
        format!("{letter}{:.1} {:.1}", x(*step), y(*value))
    };
    drawn.enumerate().map(draw).collect()
}

/// Least and most, a little apart where they are the same.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) = values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
    if most - least > 1e-9 { (least, most) } else { (least - 0.5, least + 0.5) }
}

/// The drawing.
#[component]
pub fn Curve() -> impl IntoView {
    let run = state().learning.run;
    let x = move |step: usize| EDGE + step as f64 / run.steps.get().max(1) as f64 * (WIDTH - 2.0 * EDGE);
    let y = |value: f64, (least, most): (f64, f64)| {
        HEIGHT - EDGE - (value - least) / (most - least) * (HEIGHT - 2.0 * EDGE)
    };
    let smooth = Memo::new(move |_| run.losses.with(|losses| smoothed(losses, run.steps.get())));
    let line = move || {
        smooth.with(|points| {
            let range = range(points.iter().map(|(_, value)| *value));
            path(points, x, |value| y(value, range))
        })
    };
    let label = move || {
        smooth.with(|points| match (points.first(), points.last()) {
            (Some((_, first)), Some((_, last))) => words::curve(*first, *last),
            _ => words::LOSS.to_owned(),
        })
    };
    let dots = move || {
        run.held_out.with(|tried| {
            let (least, most) = range(tried.iter().map(|(_, psnr, _)| *psnr));
            let best = tried.iter().rposition(|(.., is_best)| *is_best);
            let dot = |(idx, &(step, psnr, _)): (usize, &(usize, f64, bool))| {
                view! {
                    <circle class="dot" class:best=best == Some(idx) cx=x(step) cy=y(psnr, (least, most)) r="4">
                        <title>{words::tried(step, psnr)}</title>
                    </circle>
                }
            };
            tried.iter().enumerate().map(dot).collect_view()
        })
    };
    let now = move || smooth.with(|points| points.last().map(|(_, loss)| format!("{} {loss:.4}", words::LOSS)));
    let best = move || {
        let best = run.held_out.with(|tried| tried.iter().map(|(_, psnr, _)| *psnr).reduce(f64::max));
        best.map(words::best)
    };
    view! {
        <figure class="curve">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label data-testid="loss-curve"
                data-points=move || smooth.with(Vec::len)>
                <path class="loss" d=line/>
                {dots}
            </svg>
            <figcaption class="soft">
                <span class="key-loss">{move || now().unwrap_or_else(|| words::LOSS.to_owned())}</span>
                <span class="key-dot" hidden=move || best().is_none()>{move || best().unwrap_or_default()}</span>
            </figcaption>
        </figure>
    }
}
