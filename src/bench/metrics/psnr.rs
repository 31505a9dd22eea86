//! PSNR: how large the mean squared error of two pictures is, in dB below full scale.
use super::same_size;
use crate::Result;
use crate::tensor::picture::Picture;
use rayon::prelude::*;

/// Equal pictures are infinitely alike; a mean needs a number, and 100 dB is beyond what 8 bits can show.
pub const MOST: f64 = 100.0;

/// Bytes whose squared differences a u32 holds: 255² · 2¹⁵ < 2³².
const BLOCK: usize = 1 << 15;

/// 10 · log₁₀(255² / MSE) over RGB8, at most [`MOST`].
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture): pictures of different size.
pub fn psnr(a: &Picture, b: &Picture) -> Result<f64> {
    same_size(a, b)?;
    // Whole numbers: exact in any order.
    let block = |(a, b): (&[u8], &[u8])| {
        let squares = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2));
        u64::from(squares.sum::<u32>())
    };
    let sum: u64 = a.rgb.par_chunks(BLOCK).zip(b.rgb.par_chunks(BLOCK)).map(block).sum();
    let mean = sum as f64 / a.rgb.len() as f64;
    Ok((10.0 * (255.0 * 255.0 / mean).log10()).min(MOST))
}
