//! Raster: a square picture as numbers from 0 to 1, and the few filters that effects are made of.
//!
//! Lengths are parts of the picture's side (1 pixel of 128 is [`PX`]), so that an effect looks alike at every size.
use crate::scenes::color::Color;
use crate::tensor::picture::Picture;

/// One pixel of a picture of 128².
pub const PX: f32 = 1.0 / 128.0;

/// Red, green and blue of one pixel.
pub type Rgb = [f32; 3];

/// A square picture.
#[derive(Clone)]
pub struct Raster {
    /// Pixels along a side.
    pub size: usize,
    /// `size * size` pixels.
    pub rgb: Vec<Rgb>,
}

/// Brightness as the eye weighs it.
pub fn luma([r, g, b]: Rgb) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// From one colour to another.
pub fn mix(from: Rgb, to: Rgb, part: f32) -> Rgb {
    [0, 1, 2].map(|channel| from[channel] + (to[channel] - from[channel]) * part)
}

/// A colour given as `0xrrggbb`.
pub fn hex(rgb: u32) -> Rgb {
    let color = Color::hex(rgb);
    [color.r, color.g, color.b]
}

/// All channels times a number.
pub fn scale(rgb: Rgb, by: f32) -> Rgb {
    rgb.map(|value| value * by)
}

/// Channel by channel.
pub fn times(rgb: Rgb, by: Rgb) -> Rgb {
    [0, 1, 2].map(|channel| rgb[channel] * by[channel])
}

/// Away from grey (over 1) or towards it.
pub fn saturate(rgb: Rgb, by: f32) -> Rgb {
    let grey = luma(rgb);
    rgb.map(|value| grey + (value - grey) * by)
}

/// 0 below `from`, 1 above `to`, smooth between.
pub fn ramp(from: f32, to: f32, value: f32) -> f32 {
    let part = ((value - from) / (to - from)).clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

/// The colour at `value` of colours that lie evenly from 0 to 1.
pub fn gradient(colors: &[Rgb], value: f32) -> Rgb {
    let last = colors.len() - 1;
    let place = value.clamp(0.0, 1.0) * last as f32;
    let index = (place as usize).min(last.saturating_sub(1));
    mix(colors[index], colors[(index + 1).min(last)], place - index as f32)
}

impl Raster {
    /// From a picture.
    pub fn new(picture: &Picture) -> Self {
        let (pixels, _) = picture.rgb.as_chunks::<3>();
        let rgb = pixels.iter().map(|pixel| pixel.map(|byte| f32::from(byte) / 255.0)).collect();
        Self { size: picture.width, rgb }
    }

    /// As a picture.
    pub fn picture(&self) -> Picture {
        let rgb = self.rgb.iter().flat_map(|rgb| rgb.map(|value| (value * 255.0 + 0.5).clamp(0.0, 255.0) as u8));
        Picture { width: self.size, height: self.size, rgb: rgb.collect() }
    }

    /// Every pixel by its index, place (x, y) and colour.
    pub fn map(&self, color: impl Fn(usize, f32, f32, Rgb) -> Rgb) -> Raster {
        let unit = 1.0 / self.size as f32;
        let place = |index: usize| (index as f32 + 0.5) * unit;
        let rgb = self.rgb.iter().enumerate();
        let rgb = rgb.map(|(at, &rgb)| color(at, place(at % self.size), place(at / self.size), rgb)).collect();
        Raster { size: self.size, rgb }
    }

    /// Brightness of every pixel.
    pub fn luma(&self) -> Vec<f32> {
        self.rgb.iter().map(|&rgb| luma(rgb)).collect()
    }

    /// All channels smoothed as [`blur`] does.
    pub fn blurred(&self, radius: f32) -> Raster {
        let planes = [0, 1, 2].map(|channel| {
            let plane: Vec<f32> = self.rgb.iter().map(|rgb| rgb[channel]).collect();
            blur(&plane, self.size, radius)
        });
        let rgb = (0..self.rgb.len()).map(|at| [planes[0][at], planes[1][at], planes[2][at]]).collect();
        Raster { size: self.size, rgb }
    }
}

/// Smooths a plane: two box filters of this radius, which are close to a Gaussian of 0.8 times it.
pub fn blur(plane: &[f32], size: usize, radius: f32) -> Vec<f32> {
    let radius = ((radius * size as f32).round() as usize).min(size.saturating_sub(1) / 2);
    if radius == 0 {
        return plane.to_vec();
    }
    let mut plane = plane.to_vec();
    for _ in 0..2 {
        plane = turned(&box_rows(&turned(&box_rows(&plane, size, radius), size), size, radius), size);
    }
    plane
}

/// The mean over `2 radius + 1` pixels of a row; edges repeat.
fn box_rows(plane: &[f32], size: usize, radius: usize) -> Vec<f32> {
    let scale = 1.0 / (2 * radius + 1) as f32;
    let mut out = Vec::with_capacity(plane.len());
    for row in plane.chunks_exact(size) {
        let at = |index: isize| row[index.clamp(0, size as isize - 1) as usize];
        let radius = radius as isize;
        let mut sum: f32 = (-radius..=radius).map(at).sum();
        for index in 0..size as isize {
            out.push(sum * scale);
            sum += at(index + radius + 1) - at(index - radius);
        }
    }
    out
}

fn turned(plane: &[f32], size: usize) -> Vec<f32> {
    (0..plane.len()).map(|at| plane[(at % size) * size + at / size]).collect()
}

/// How strongly brightness changes at each place, on a picture smoothed by `radius`; 1 is an edge from black to white.
pub fn edges(plane: &[f32], size: usize, radius: f32) -> Vec<f32> {
    let smooth = blur(plane, size, radius);
    let step = ((radius * size as f32).round() as usize).max(1);
    let near = |at: usize, by: isize| (at as isize + by).clamp(0, size as isize - 1) as usize;
    let step = step as isize;
    (0..plane.len())
        .map(|at| {
            let (x, y) = (at % size, at / size);
            let across = smooth[y * size + near(x, step)] - smooth[y * size + near(x, -step)];
            let down = smooth[near(y, step) * size + x] - smooth[near(y, -step) * size + x];
            (across * across + down * down).sqrt()
        })
        .collect()
}
