//! Direction: how far the results go another way than the exemplar pairs do, as CLIP sees it ("Direct.").
//!
//! 1 − cos(mean over the tests of E(result) − E(before), mean over the pairs of E(after) − E(before)); a distance, so lower is
//! better: 0 is the same way, 1 across, 2 the opposite. E is CLIP's image feature, of unit length.

/// The mean of `to` − `from`, row by row.
///
/// # Shapes
/// `[n, width]` twice → `[width]`, all zero for no rows
pub fn mean_change(from: &[f32], to: &[f32], width: usize) -> Vec<f64> {
    assert_eq!(from.len(), to.len(), "mean_change: as many rows from as to");
    let mut mean = vec![0.0; width];
    let rows = (from.len() / width.max(1)).max(1) as f64;
    for (from, to) in from.chunks_exact(width.max(1)).zip(to.chunks_exact(width.max(1))) {
        for (mean, (from, to)) in mean.iter_mut().zip(from.iter().zip(to)) {
            *mean += (f64::from(*to) - f64::from(*from)) / rows;
        }
    }
    mean
}

/// 1 − cos of two changes; 1 where one of them is no change at all, which points nowhere.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { 1.0 - dot(a, b) / lengths } else { 1.0 }
}
