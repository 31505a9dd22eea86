//! Alignment: whether two pictures show the same thing at the same place, as far as their edges tell.
//!
//! An edit changes colours and textures, seldom where things are; so the strengths of edges are compared, on small grey
//! copies, at every shift within a tenth of the picture, by Pearson's correlation.
use super::picture::Picture;

/// Side of the small copies.
const SIDE: usize = 64;
/// Shifts looked at, in pixels of the small copies, each way.
const FARTHEST: i32 = 6;
/// Shifts that nobody would see.
const SLACK: i32 = 1;
/// A shift is believed when it explains this much more than none.
const GAIN: f64 = 0.1;
/// And when it explains this much at all.
const CLEAR: f64 = 0.35;
/// Edges with less in common than this are of different pictures.
const STRANGE: f64 = 0.04;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Whether the pictures can be taken for two sides of a pair.
    pub aligned: bool,
    /// How far `after` seems moved, in percent of width and height, where that is clear.
    pub shift: Option<(i32, i32)>,
    /// Correlation of the edges where they stand, −1..1.
    pub correlation: f64,
}

/// Compares two pictures of any sizes, each taken as a whole.
pub fn alignment(before: &Picture, after: &Picture) -> Alignment {
    let (before, after) = (edges(before), edges(after));
    let here = correlation(&before, &after, 0, 0);
    let shifts = (-FARTHEST..=FARTHEST).flat_map(|dy| (-FARTHEST..=FARTHEST).map(move |dx| (dx, dy)));
    let best = shifts.map(|(dx, dy)| (correlation(&before, &after, dx, dy), dx, dy)).max_by(|a, b| a.0.total_cmp(&b.0));
    let percent = |pixels: i32| (f64::from(pixels) * 100.0 / SIDE as f64).round() as i32;
    let moved = best.filter(|&(found, dx, dy)| dx.abs().max(dy.abs()) > SLACK && found > CLEAR && found > here + GAIN);
    let shift = moved.map(|(_, dx, dy)| (percent(dx), percent(dy)));
    Alignment { aligned: shift.is_none() && here > STRANGE, shift, correlation: here }
}

/// Strengths of edges of a small grey copy, `[SIDE, SIDE]`.
fn edges(picture: &Picture) -> Vec<f64> {
    let small = picture.resize(SIDE, SIDE);
    let (pixels, _) = small.rgb.as_chunks::<3>();
    let grey: Vec<f64> = pixels.iter().map(|rgb| rgb.iter().map(|&byte| f64::from(byte)).sum()).collect();
    let at = |x: usize, y: usize| grey[y.min(SIDE - 1) * SIDE + x.min(SIDE - 1)];
    let strength = |x: usize, y: usize| {
        let (across, down) = (at(x + 1, y) - at(x.saturating_sub(1), y), at(x, y + 1) - at(x, y.saturating_sub(1)));
        // The root keeps one strong line from deciding alone.
        (across.hypot(down)).sqrt()
    };
    (0..SIDE * SIDE).map(|i| strength(i % SIDE, i / SIDE)).collect()
}

/// Pearson's correlation where `after`, moved back by (dx, dy), lies on `before`; 0 when one has no edges.
fn correlation(before: &[f64], after: &[f64], dx: i32, dy: i32) -> f64 {
    let side = SIDE as i32;
    let span = |shift: i32| (-shift).max(0)..(side - shift).min(side);
    let pairs = || {
        span(dy)
            .flat_map(move |y| span(dx).map(move |x| (y * side + x, (y + dy) * side + x + dx)))
            .map(|(a, b)| (before[a as usize], after[b as usize]))
    };
    let n = pairs().count() as f64;
    let (mean_a, mean_b) = pairs().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in pairs() {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    let scale = (aa * bb).sqrt();
    if scale > 0.0 { ab / scale } else { 0.0 }
}
