//! Metrics: numbers that say how near a result is to the truth (method.md section 5).
//!
//! [`psnr`] and [`ssim`](ssim::ssim) look at pixels, [`lpips`] at a network's layers, [`direction`] at where CLIP sees
//! the pictures go.
pub mod direction;
pub mod lpips;
mod psnr;
pub mod ssim;

pub use psnr::{MOST, psnr};

use crate::tensor::picture::Picture;
use crate::{Error, Result};

/// Only pictures of one size can be compared.
fn same_size(a: &Picture, b: &Picture) -> Result<()> {
    match (a.width, a.height) == (b.width, b.height) {
        true => Ok(()),
        false => Err(Error::Picture(format!(
            "only pictures of equal size can be compared, these are {} and {}; resize one",
            a.size(),
            b.size()
        ))),
    }
}
