//! Convolution on the CPU: pictures with their channels innermost, so that a patch is a few runs of numbers and no patch is ever
//! copied; sums of a few pixels or weights times a few vectors stay in registers.
//!
//! Three sums over the same runs: forwards, back to the picture (forwards again, with the kernel turned round over the gradient
//! spread by the stride), and back to the weights. Numbers do not depend on how many threads run: what is summed by one thread is
//! fixed by the shapes.
use super::own::ConvShape;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// Pixels of one picture in one task.
const PIXELS: usize = 256;

/// y = x ∗ weight + bias, as `[b, c_out, h', w']`.
pub fn forward(x: &[f32], weight: &[f32], bias: &[f32], shape: ConvShape) -> Vec<f32> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let field = Field::new(x, [b, c_in, h, w], 1, padding, [h + 2 * padding, w + 2 * padding]);
    let kernel = |co: usize, ky: usize, kx: usize, ci: usize| weight[((co * c_in + ci) * k + ky) * k + kx];
    slide(&field, kernel, Some(bias), c_out, k, stride, [height, width])
}

/// ∂/∂x of [`forward`], times `gradient`, as `[b, c_in, h, w]`.
pub fn x_backward(gradient: &[f32], weight: &[f32], shape: ConvShape) -> Vec<f32> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let field = Field::new(gradient, [b, c_out, height, width], stride, k - 1 - padding, [h + k - 1, w + k - 1]);
    let kernel =
        |ci: usize, ky: usize, kx: usize, co: usize| weight[((co * c_in + ci) * k + k - 1 - ky) * k + k - 1 - kx];
    slide(&field, kernel, None, c_in, k, 1, [h, w])
}

/// ∂/∂weight of [`forward`], times `gradient`, as `[c_out, c_in, k, k]`.
pub fn weight_backward(x: &[f32], gradient: &[f32], shape: ConvShape) -> Vec<f32> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let field = Field::new(x, [b, c_in, h, w], 1, padding, [h + 2 * padding, w + 2 * padding]);
    let blocks = c_out.div_ceil(ROWS);
    let spread = Field::with_channels(gradient, [b, c_out, height, width], 1, 0, [height, width], blocks * ROWS);
    let run = k * c_in;
    let arch = Arch::new();
    // small pictures share one sum
    let together = PIXELS.div_ceil(height * width);
    let parts: Vec<Vec<f32>> = (0..b.div_ceil(together))
        .into_par_iter()
        .map(|part| {
            let mut sums = vec![0f32; blocks * ROWS * k * run];
            let pictures = part * together..b.min((part + 1) * together);
            arch.dispatch(Weights { field: &field, gradient: &spread, pictures, k, stride, width, sums: &mut sums });
            sums
        })
        .collect();
    let mut sums = vec![0f32; c_out * c_in * k * k];
    for part in parts {
        for (co, part) in part.chunks_exact(k * run).take(c_out).enumerate() {
            for ky in 0..k {
                for kx in 0..k {
                    let from = &part[ky * run + kx * c_in..][..c_in];
                    for (ci, value) in from.iter().enumerate() {
                        sums[((co * c_in + ci) * k + ky) * k + kx] += value;
                    }
                }
            }
        }
    }
    sums
}

/// Pictures with channels innermost, in a frame of zeros, `[b, rows, columns, channels]`, and some zeros behind.
struct Field {
    numbers: Vec<f32>,
    size: [usize; 2],
    channels: usize,
}

/// Vectors may reach this far beyond the last number.
const SLACK: usize = 64;

impl Field {
    fn new(x: &[f32], dims: [usize; 4], spacing: usize, padding: usize, size: [usize; 2]) -> Self {
        Self::with_channels(x, dims, spacing, padding, size, dims[1])
    }

    /// x `[b, c, h, w]`, pixel (i, j) at (padding + i·spacing, padding + j·spacing) of a field of `size`.
    fn with_channels(
        x: &[f32],
        [b, c, h, w]: [usize; 4],
        spacing: usize,
        padding: usize,
        size: [usize; 2],
        channels: usize,
    ) -> Self {
        let [rows, columns] = size;
        let line = columns * channels;
        let mut numbers = vec![0f32; b * rows * line + SLACK];
        if line > 0 {
            numbers[..b * rows * line].par_chunks_mut(line).enumerate().for_each(|(at, line)| {
                let (picture, row) = (at / rows, at % rows);
                let Some(y) = row.checked_sub(padding).filter(|y| y % spacing == 0).map(|y| y / spacing) else {
                    return;
                };
                if y >= h {
                    return;
                }
                for channel in 0..c {
                    let from = &x[((picture * c + channel) * h + y) * w..][..w];
                    let to = line.iter_mut().skip(padding * channels + channel).step_by(spacing * channels);
                    to.zip(from).for_each(|(to, from)| *to = *from);
                }
            });
        }
        Self { numbers, size, channels }
    }

    /// Where the patch of a pixel of the result begins.
    fn patch(&self, picture: usize, pixel: usize, width: usize, stride: usize) -> usize {
        let [rows, columns] = self.size;
        ((picture * rows + pixel / width * stride) * columns + pixel % width * stride) * self.channels
    }
}

/// The sum over all patches of a field, `[b, c_out, height, width]`; `kernel(c_out, ky, kx, c)` are the weights.
fn slide(
    field: &Field,
    kernel: impl Fn(usize, usize, usize, usize) -> f32,
    bias: Option<&[f32]>,
    c_out: usize,
    k: usize,
    stride: usize,
    [height, width]: [usize; 2],
) -> Vec<f32> {
    let arch = Arch::new();
    let lanes = arch.dispatch(Lanes);
    let vectors = if c_out > lanes { 2 } else { 1 };
    let block = vectors * lanes;
    let blocks = c_out.div_ceil(block);
    let run = k * field.channels;
    // [block][ky][kx, channel][block's channels]
    let mut weights = vec![0f32; blocks * k * run * block];
    for (at, weight) in weights.iter_mut().enumerate() {
        let (rest, lane) = (at / block, at % block);
        let (rest, channel) = (rest / field.channels, rest % field.channels);
        let (rest, kx) = (rest / k, rest % k);
        let (block_idx, ky) = (rest / k, rest % k);
        let co = block_idx * block + lane;
        if co < c_out {
            *weight = kernel(co, ky, kx, channel);
        }
    }
    let mut biases = vec![0f32; blocks * block];
    if let Some(bias) = bias {
        biases[..c_out].copy_from_slice(bias);
    }
    let [rows, columns] = field.size;
    let n = height * width;
    let b = (field.numbers.len() - SLACK) / (rows * columns * field.channels).max(1);
    let mut y = vec![0f32; b * c_out * n];
    if n == 0 || c_out == 0 {
        return y;
    }
    // a task makes some pixels with their channels innermost, then the planes take them
    let tasks = n.div_ceil(PIXELS);
    let inner: Vec<Vec<f32>> = (0..b * tasks)
        .into_par_iter()
        .map(|task| {
            let (picture, first) = (task / tasks, task % tasks * PIXELS);
            let pixels = PIXELS.min(n - first);
            let mut sums = vec![0f32; pixels * blocks * block];
            arch.dispatch(Slide {
                field,
                weights: &weights,
                biases: &biases,
                picture,
                first,
                k,
                stride,
                width,
                vectors,
                sums: &mut sums,
            });
            sums
        })
        .collect();
    y.par_chunks_mut(n).enumerate().for_each(|(plane, y)| {
        let (picture, channel) = (plane / c_out, plane % c_out);
        for (y, inner) in y.chunks_mut(PIXELS).zip(&inner[picture * tasks..]) {
            y.iter_mut().zip(inner[channel..].iter().step_by(blocks * block)).for_each(|(y, sum)| *y = *sum);
        }
    });
    y
}

struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// Some pixels of [`slide`].
struct Slide<'a> {
    field: &'a Field,
    weights: &'a [f32],
    biases: &'a [f32],
    picture: usize,
    first: usize,
    k: usize,
    stride: usize,
    width: usize,
    vectors: usize,
    /// `[pixels, blocks · block]`
    sums: &'a mut [f32],
}

impl WithSimd for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // as many sums as there are registers for, with some to spare
        match (S::F32_LANES >= 16, self.vectors) {
            (true, 1) => self.tiles::<S, 16, 1>(simd),
            (true, _) => self.tiles::<S, 8, 2>(simd),
            (false, 1) => self.tiles::<S, 8, 1>(simd),
            (false, _) => self.tiles::<S, 4, 2>(simd),
        }
    }
}

impl Slide<'_> {
    #[inline(always)]
    fn tiles<S: Simd, const P: usize, const V: usize>(self, simd: S) {
        let block = V * S::F32_LANES;
        let run = self.k * self.field.channels;
        let line = self.field.size[1] * self.field.channels;
        let all = self.biases.len();
        let pixels = self.sums.len() / all;
        for (block_idx, weights) in self.weights.chunks_exact(self.k * run * block).enumerate() {
            let (weights, _) = S::as_simd_f32s(weights);
            let (biases, _) = S::as_simd_f32s(&self.biases[block_idx * block..][..block]);
            for start in (0..pixels).step_by(P) {
                // the last tile repeats its last pixel
                let patches: [usize; P] = std::array::from_fn(|idx| {
                    let pixel = self.first + (start + idx).min(pixels - 1);
                    self.field.patch(self.picture, pixel, self.width, self.stride)
                });
                let mut sums: [[S::f32s; V]; P] = [std::array::from_fn(|vector| biases[vector]); P];
                for (ky, weights) in weights.chunks_exact(run * V).enumerate() {
                    let runs: [&[f32]; P] =
                        std::array::from_fn(|idx| &self.field.numbers[patches[idx] + ky * line..][..run]);
                    for (at, weights) in weights.chunks_exact(V).enumerate() {
                        for idx in 0..P {
                            let x = simd.splat_f32s(runs[idx][at]);
                            for vector in 0..V {
                                sums[idx][vector] = simd.mul_add_e_f32s(x, weights[vector], sums[idx][vector]);
                            }
                        }
                    }
                }
                for (idx, sums) in sums.iter().enumerate().take(pixels - start) {
                    let to = &mut self.sums[(start + idx) * all + block_idx * block..][..block];
                    S::as_mut_simd_f32s(to).0.copy_from_slice(sums);
                }
            }
        }
    }
}

/// Output channels whose weights' sums are kept side by side.
const ROWS: usize = 8;

/// Sums over the pixels of some pictures: gradient times patch.
struct Weights<'a> {
    field: &'a Field,
    /// Channels a multiple of [`ROWS`], no frame.
    gradient: &'a Field,
    pictures: Range<usize>,
    k: usize,
    stride: usize,
    width: usize,
    /// `[blocks · ROWS, k, k · c_in]`
    sums: &'a mut [f32],
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let run = self.k * self.field.channels;
        let wide = if S::F32_LANES >= 16 { 2 } else { 1 } * S::F32_LANES;
        for block in 0..self.gradient.channels / ROWS {
            for ky in 0..self.k {
                for at in (0..run).step_by(wide) {
                    match (S::F32_LANES >= 16, run - at > S::F32_LANES) {
                        (true, true) => self.tile::<S, 2>(simd, block, ky, at),
                        _ => self.tile::<S, 1>(simd, block, ky, at),
                    }
                }
            }
        }
    }
}

impl Weights<'_> {
    #[inline(always)]
    fn tile<S: Simd, const V: usize>(&mut self, simd: S, block: usize, ky: usize, at: usize) {
        let run = self.k * self.field.channels;
        let line = self.field.size[1] * self.field.channels;
        let channels = self.gradient.channels;
        let [height, width] = self.gradient.size;
        let n = height * width;
        let gradients =
            &self.gradient.numbers[self.pictures.start * n * channels..][..self.pictures.len() * n * channels];
        let mut sums: [[S::f32s; V]; ROWS] = [[simd.splat_f32s(0.0); V]; ROWS];
        for (pixel, gradient) in gradients.chunks_exact(channels).enumerate() {
            let (picture, pixel) = (self.pictures.start + pixel / n, pixel % n);
            let patch = self.field.patch(picture, pixel, self.width, self.stride) + ky * line + at;
            let (x, _) = S::as_simd_f32s(&self.field.numbers[patch..][..V * S::F32_LANES]);
            let gradient = &gradient[block * ROWS..][..ROWS];
            for row in 0..ROWS {
                let g = simd.splat_f32s(gradient[row]);
                for vector in 0..V {
                    sums[row][vector] = simd.mul_add_e_f32s(g, x[vector], sums[row][vector]);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            let to = &mut self.sums[((block * ROWS + row) * self.k + ky) * run + at..];
            let numbers: &[f32] = pulp::bytemuck::cast_slice(sums);
            let n = numbers.len().min(run - at);
            to[..n].copy_from_slice(&numbers[..n]);
        }
    }
}
