//! Memory: about how many numbers are there at once while the VAE runs, from its widths alone.
use super::Vae;
use crate::models::config::VaeConfig;

impl Vae {
    /// Numbers at most in [`Self::encode`] of one picture of h × w.
    pub fn numbers_encode(config: &VaeConfig, largest: usize, [h, w]: [usize; 2]) -> u64 {
        let widths = &config.block_out_channels;
        let mut pixels = h as u64 * w as u64;
        let mut most = 0;
        for (idx, &c) in widths.iter().enumerate() {
            let c_in = widths[idx.saturating_sub(1)] as u64;
            let c = c as u64;
            most = most.max(resnet(c_in * pixels, c * pixels, largest));
            if idx + 1 < widths.len() {
                // padded, and a quarter of it
                most = most.max(c * pixels * 5 / 4 + part(c * pixels, largest));
                pixels /= 4;
            }
        }
        most
    }

    /// Numbers at most in [`Self::decode`] of one picture of h × w.
    pub fn numbers_decode(config: &VaeConfig, largest: usize, [h, w]: [usize; 2]) -> u64 {
        let widths = &config.block_out_channels;
        let n = widths.len();
        let mut pixels = (h as u64 * w as u64) >> (2 * (n - 1));
        let mut most = 0;
        for idx in (0..n).rev() {
            let (c_in, c) = (widths[(idx + 1).min(n - 1)] as u64, widths[idx] as u64);
            most = most.max(resnet(c_in * pixels, c * pixels, largest));
            if idx > 0 {
                // repeated pixels, and their convolution
                let doubled = 4 * c * pixels;
                most = most.max(c * pixels + doubled + part(doubled, largest) + sum(doubled, largest));
                pixels *= 4;
            }
        }
        most
    }

    /// Bytes of the largest feature map that is one tensor.
    pub fn largest_map(config: &VaeConfig, largest: usize, [h, w]: [usize; 2]) -> u64 {
        let widths = &config.block_out_channels;
        let widest = widths.iter().take(2).max().copied().unwrap_or_default() as u64;
        let pixels = h as u64 * w as u64;
        // one group of channels is never split
        let group = widest / config.norm_num_groups as u64;
        (4 * pixels * widest).min(largest as u64).max(4 * pixels * group)
    }
}

/// What of a map is one tensor.
fn part(numbers: u64, largest: usize) -> u64 {
    numbers.min(largest as u64 / 4)
}

/// What is added to a sum of several parts before it is there.
fn sum(numbers: u64, largest: usize) -> u64 {
    if numbers > largest as u64 / 4 { part(numbers, largest) } else { 0 }
}

/// A residual block: x, the normed x and its convolution; then x, that, and the shortcut; then both, normed, convolved.
fn resnet(c_in: u64, c: u64, largest: usize) -> u64 {
    let first = c_in + part(c_in, largest) + c + sum(c_in.max(c), largest);
    let shortcut = if c_in == c { 0 } else { c };
    let second = c_in.max(shortcut) + c + part(c, largest) + c + sum(c, largest);
    first.max(second)
}
