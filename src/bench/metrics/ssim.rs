//! SSIM: how alike the structure of two pictures is (Wang, Bovik, Sheikh, Simoncelli 2004).
//!
//! SSIM = (2µₐµ_b + C₁)(2σ_ab + C₂) / ((µₐ² + µ_b² + C₁)(σₐ² + σ_b² + C₂)) under a Gaussian window of 11×11, σ 1.5; its mean
//! over the pixels that the window fits around, and over the channels. Equal to scikit-image's `structural_similarity`
//! with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255`.
use super::same_size;
use crate::tensor::picture::Picture;
use crate::tensor::vectors::widest;
use crate::{Error, Result};
use rayon::prelude::*;

/// Pixels from the window's middle to its edge.
const RADIUS: usize = 5;
/// Side of the window.
pub const WINDOW: usize = 2 * RADIUS + 1;
const SIGMA: f64 = 1.5;
const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
/// Rows of the result that are worked on at a time: their sums stay in a core's cache.
const BAND: usize = 32;
/// A pixel's neighbour is this many numbers away.
const CHANNELS: usize = 3;

/// The mean SSIM of two pictures, −1 to 1.
///
/// # Errors
/// [`Error::Picture`]: pictures of different size, or smaller than the window.
pub fn ssim(a: &Picture, b: &Picture) -> Result<f64> {
    same_size(a, b)?;
    if a.width < WINDOW || a.height < WINDOW {
        return Err(Error::Picture(format!(
            "SSIM looks at {WINDOW}×{WINDOW} pixels at a time, these pictures are {}; take larger ones",
            a.size()
        )));
    }
    let rows = a.height + 1 - WINDOW;
    let kernel = kernel();
    let starts: Vec<usize> = (0..rows).step_by(BAND).collect();
    // Added in order, so that the number of threads changes nothing.
    let sums: Vec<f64> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + BAND).min(rows);
            widest(
                #[inline(always)]
                || band(a, b, start, end, &kernel),
            )
        })
        .collect();
    Ok(sums.iter().sum::<f64>() / (rows * (a.width + 1 - WINDOW) * CHANNELS) as f64)
}

/// The Gaussian's half, edge first, the middle last; both halves and the middle add up to 1.
fn kernel() -> [f64; RADIUS + 1] {
    let weight = |i: usize| (-0.5 * ((RADIUS - i) as f64 / SIGMA).powi(2)).exp();
    let half: [f64; RADIUS + 1] = std::array::from_fn(weight);
    let sum = 2.0 * half[..RADIUS].iter().sum::<f64>() + half[RADIUS];
    half.map(|weight| weight / sum)
}

/// What the window averages: a, b, a² + b² (only the sum of the variances is needed) and ab.
const FIELDS: usize = 4;

/// The sum of SSIM over rows `start..end` of the result.
#[inline(always)]
fn band(a: &Picture, b: &Picture, start: usize, end: usize, kernel: &[f64; RADIUS + 1]) -> f64 {
    let (wide, narrow) = (a.width * CHANNELS, (a.width + 1 - WINDOW) * CHANNELS);
    let above = end - start + WINDOW - 1; // rows that the windows see
    let mut fields = vec![vec![0.0; wide]; FIELDS];
    let mut across = vec![vec![0.0; above * narrow]; FIELDS];
    for row in 0..above {
        let [a, b] = [a, b].map(|picture| &picture.rgb[(start + row) * wide..][..wide]);
        let [first, second, squares, product] = fields.as_mut_slice() else { return f64::NAN };
        for (i, (&a, &b)) in a.iter().zip(b).enumerate() {
            let (a, b) = (f64::from(a), f64::from(b));
            (first[i], second[i], squares[i], product[i]) = (a, b, a * a + b * b, a * b);
        }
        for (field, across) in fields.iter().zip(&mut across) {
            blur(field, CHANNELS, kernel, &mut across[row * narrow..][..narrow]);
        }
    }
    let mut blurred = vec![vec![0.0; narrow]; FIELDS];
    let mut sum = 0.0;
    for row in 0..end - start {
        for (across, blurred) in across.iter().zip(&mut blurred) {
            blur(&across[row * narrow..][..WINDOW * narrow], narrow, kernel, blurred);
        }
        let [first, second, squares, product] = blurred.as_slice() else { return f64::NAN };
        // Eight sums side by side, for the vector unit's sake.
        let mut sums = [0.0; 8];
        for (i, (((&a, &b), &squares), &product)) in first.iter().zip(second).zip(squares).zip(product).enumerate() {
            let (means, mean_squares) = (a * b, a * a + b * b);
            let (covariance, variances) = (product - means, squares - mean_squares);
            let above = (2.0 * means + C1) * (2.0 * covariance + C2);
            sums[i % 8] += above / ((mean_squares + C1) * (variances + C2));
        }
        sum += sums.iter().sum::<f64>();
    }
    sum
}

/// The weighted mean of the 11 numbers that begin at each place and are `stride` apart; `from` is longer than `to` by
/// ten strides.
#[inline(always)]
fn blur(from: &[f64], stride: usize, kernel: &[f64; RADIUS + 1], to: &mut [f64]) {
    let n = to.len();
    let tap = |k: usize| &from[k * stride..][..n];
    let taps: [&[f64]; WINDOW] = std::array::from_fn(tap);
    for (i, to) in to.iter_mut().enumerate() {
        let pair = |k: usize| kernel[k] * (taps[k][i] + taps[WINDOW - 1 - k][i]);
        *to = kernel[RADIUS] * taps[RADIUS][i] + (pair(0) + pair(1)) + (pair(2) + pair(3)) + pair(4);
    }
}
