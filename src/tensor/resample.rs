//! Resample: change a picture's size exactly as PIL does, to the bit.
//!
//! Models of this family were trained on pictures resized by PIL: a filter whose support grows with the reduction
//! (antialiasing), 22-bit fixed-point weights, across first and then down, rounded to bytes in between. Source:
//! Pillow's `Resample.c`. No crate does the same to the bit.
use super::picture::Picture;
use std::ops::Range;

/// Fractional bits of a weight.
const PRECISION: u32 = 22;
/// Red, green, blue.
const CHANNELS: usize = 3;

/// How a pixel is made of its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Keys' cubic with a = −0.5; CLIP's preprocessing.
    Bicubic,
    /// Sinc windowed over three lobes; diffusers' and InstructPix2Pix's choice for pictures.
    Lanczos,
}

impl Filter {
    /// The filter is zero from here on.
    fn support(self) -> f64 {
        match self {
            Filter::Bicubic => 2.0,
            Filter::Lanczos => 3.0,
        }
    }

    /// Its value at distance `x`.
    fn at(self, x: f64) -> f64 {
        match self {
            Filter::Bicubic => bicubic(x.abs()),
            Filter::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Filter::Lanczos => 0.0,
        }
    }
}

fn bicubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let x = x * std::f64::consts::PI;
    x.sin() / x
}

/// What one output pixel takes from a row (or column) of input pixels.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

/// The taps of the output pixels in `window`, when `input` pixels become `output`.
fn taps(input: usize, output: usize, window: Range<usize>, filter: Filter) -> Vec<Taps> {
    let scale = input as f64 / output as f64;
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let tap = |pixel: usize| {
        let center = (pixel as f64 + 0.5) * scale;
        let first = (center - support + 0.5).max(0.0) as usize;
        let end = ((center + support + 0.5) as usize).min(input);
        let weights: Vec<f64> = (first..end).map(|x| filter.at((x as f64 - center + 0.5) * (1.0 / stretch))).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: &f64| (weight / sum * f64::from(1 << PRECISION)).round() as i32;
        Taps { first, weights: weights.iter().map(fixed).collect() }
    };
    window.map(tap).collect()
}

fn to_byte(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// The part `columns` × `rows` of `picture` resized to `width` × `height`, without making the rest.
pub fn resample(
    picture: &Picture,
    [width, height]: [usize; 2],
    [columns, rows]: [Range<usize>; 2],
    filter: Filter,
) -> Picture {
    const HALF: i32 = 1 << (PRECISION - 1);
    let across = taps(picture.width, width, columns, filter);
    let down = taps(picture.height, height, rows, filter);

    // Across: only the input rows that the second pass will look at.
    let top = down.iter().map(|tap| tap.first).min().unwrap_or(0);
    let bottom = down.iter().map(|tap| tap.first + tap.weights.len()).max().unwrap_or(0);
    let stride = across.len() * CHANNELS;
    let mut between = Vec::with_capacity((bottom - top) * stride);
    for row in picture.rgb.chunks_exact(picture.width * CHANNELS).take(bottom).skip(top) {
        let (pixels, _) = row.as_chunks::<CHANNELS>();
        for tap in &across {
            let mut sums = [HALF; CHANNELS];
            for (pixel, weight) in pixels[tap.first..].iter().zip(&tap.weights) {
                for (sum, byte) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*byte) * weight;
                }
            }
            between.extend(sums.map(to_byte));
        }
    }

    // Down.
    let mut rgb = Vec::with_capacity(down.len() * stride);
    let mut sums = vec![HALF; stride];
    for tap in &down {
        sums.fill(HALF);
        for (row, weight) in between.chunks_exact(stride.max(1)).skip(tap.first - top).zip(&tap.weights) {
            for (sum, byte) in sums.iter_mut().zip(row) {
                *sum += i32::from(*byte) * weight;
            }
        }
        rgb.extend(sums.iter().copied().map(to_byte));
    }
    Picture { width: across.len(), height: down.len(), rgb }
}
