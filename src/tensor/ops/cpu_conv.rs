//! Convolution on the CPU: pictures with their channels innermost, so that a patch is a few runs of numbers and no patch is ever
//! copied; sums of a few pixels or weights times a few vectors stay in registers.
//!
//! Three sums over the same runs: forwards, back to the picture (forwards again, with the kernel turned round over the gradient
//! spread by the stride), and back to the weights. Numbers do not depend on how many threads run.
use super::cpu_math::lanes;
use super::own::ConvShape;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// Pixels of one picture in one task, at least, unless threads would have nothing to do.
const PIXELS: usize = 256;
/// Numbers that one task reads, and that it makes, if its pixels are not too few then: 96 KB stay near a core.
const CACHED: usize = 24 << 10;

/// y = x ∗ weight + bias, as `[b, c_out, h', w']`.
pub fn forward(x: &[f32], weight: &[f32], bias: &[f32], shape: ConvShape) -> Vec<f32> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let framed = Framed { x, dims: [b, c_in, h, w], spacing: 1, padding, size: [h + 2 * padding, w + 2 * padding] };
    let kernel = |co: usize, ky: usize, kx: usize, ci: usize| weight[((co * c_in + ci) * k + ky) * k + kx];
    slide(framed, kernel, Some(bias), c_out, k, stride, shape.size_out())
}

/// ∂/∂x of [`forward`], times `gradient`, as `[b, c_in, h, w]`.
pub fn x_backward(gradient: &[f32], weight: &[f32], shape: ConvShape) -> Vec<f32> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let (dims, padding) = ([b, c_out, height, width], k - 1 - padding);
    let framed = Framed { x: gradient, dims, spacing: stride, padding, size: [h + k - 1, w + k - 1] };
    let kernel =
        |ci: usize, ky: usize, kx: usize, co: usize| weight[((co * c_in + ci) * k + k - 1 - ky) * k + k - 1 - kx];
    slide(framed, kernel, None, c_in, k, 1, [h, w])
}

/// ∂/∂weight of [`forward`], times `gradient`, as `[c_out, c_in, k, k]`.
pub fn weight_backward(x: &[f32], gradient: &[f32], shape: ConvShape) -> Vec<f32> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let size = [h + 2 * padding, w + 2 * padding];
    let field = Framed { x, dims: [b, c_in, h, w], spacing: 1, padding, size }.whole(c_in);
    let blocks = c_out.div_ceil(ROWS);
    let (dims, size) = ([b, c_out, height, width], [height, width]);
    let spread = Framed { x: gradient, dims, spacing: 1, padding: 0, size }.whole(blocks * ROWS);
    let run = k * c_in;
    let arch = Arch::new();
    // a task sums the weights of some channels over some lines of pixels
    let lines = (SUMMED / width.max(1)).max((b * height).div_ceil(PARTS)).max(1);
    let parts = (b * height).div_ceil(lines);
    let sums: Vec<Vec<f32>> = (0..blocks * parts)
        .into_par_iter()
        .map(|task| {
            let (block, part) = (task / parts, task % parts);
            let mut sums = vec![0f32; ROWS * k * run];
            let lines = part * lines..(b * height).min((part + 1) * lines);
            arch.dispatch(Weights { field: &field, gradient: &spread, lines, block, k, stride, sums: &mut sums });
            sums
        })
        .collect();
    let mut weights = vec![0f32; c_out * k * run];
    if parts == 0 || run == 0 {
        return weights;
    }
    weights.par_chunks_mut(ROWS * k * run).zip(sums.par_chunks(parts)).for_each(|(weights, parts)| {
        let mut sums = vec![0f32; ROWS * k * run];
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        for (weights, sums) in weights.chunks_exact_mut(k * run).zip(sums.chunks_exact(k * run)) {
            // [ky][kx, c_in] to [c_in][ky][kx]
            for (at, from) in sums.chunks_exact(c_in).enumerate() {
                weights.iter_mut().skip(at).step_by(k * k).zip(from).for_each(|(weight, sum)| *weight = *sum);
            }
        }
    });
    weights
}

/// Pictures x `[b, c, h, w]` in a frame of zeros: pixel (i, j) at (padding + i·spacing, padding + j·spacing) of `size`.
#[derive(Clone, Copy)]
struct Framed<'a> {
    x: &'a [f32],
    dims: [usize; 4],
    spacing: usize,
    padding: usize,
    size: [usize; 2],
}

/// Lines of framed pictures with channels innermost, `[lines, columns, channels]`, and some zeros behind.
struct Field {
    numbers: Vec<f32>,
    /// Lines of a picture, and columns.
    size: [usize; 2],
    channels: usize,
}

/// Vectors may reach this far beyond the last number.
const SLACK: usize = 64;

impl Framed<'_> {
    /// All lines, with zeros where there are more channels than x has.
    fn whole(self, channels: usize) -> Field {
        let ([b, ..], [rows, columns]) = (self.dims, self.size);
        let line = columns * channels;
        let mut numbers = vec![0f32; b * rows * line + SLACK];
        if line > 0 {
            let lines = numbers[..b * rows * line].par_chunks_mut(line).enumerate();
            lines.for_each(|(at, line)| self.line(at / rows, at % rows, channels, line));
        }
        Field { numbers, size: self.size, channels }
    }

    /// The same lines of some pictures.
    fn lines(self, pictures: Range<usize>, lines: Range<usize>) -> Field {
        let ([_, channels, ..], [_, columns]) = (self.dims, self.size);
        let line = columns * channels;
        let mut numbers = vec![0f32; pictures.len() * lines.len() * line + SLACK];
        let size = [lines.len(), columns];
        let places = pictures.flat_map(|picture| lines.clone().map(move |row| (picture, row)));
        for ((picture, row), line) in places.zip(numbers.chunks_exact_mut(line.max(1))) {
            self.line(picture, row, channels, line);
        }
        Field { numbers, size, channels }
    }

    #[inline]
    fn line(self, picture: usize, row: usize, channels: usize, line: &mut [f32]) {
        let Self { x, dims: [_, c, h, w], spacing, padding, .. } = self;
        let y = row.checked_sub(padding).filter(|y| y % spacing == 0).map(|y| y / spacing);
        let Some(y) = y.filter(|&y| y < h) else { return };
        for channel in 0..c {
            let from = &x[((picture * c + channel) * h + y) * w..][..w];
            let to = line.iter_mut().skip(padding * channels + channel).step_by(spacing * channels);
            to.zip(from).for_each(|(to, from)| *to = *from);
        }
    }
}

impl Field {
    /// Where the patches of all pixels of a result of `[height, width]` begin.
    fn patches(&self, pictures: usize, [height, width]: [usize; 2], stride: usize) -> Vec<usize> {
        let [rows, columns] = self.size;
        let mut patches = Vec::with_capacity(pictures * height * width);
        for picture in 0..pictures {
            for y in 0..height {
                let line = (picture * rows + y * stride) * columns;
                patches.extend((0..width).map(|x| (line + x * stride) * self.channels));
            }
        }
        patches
    }
}

/// The sum over all patches of framed pictures, `[b, c_out, height, width]`; `kernel(c_out, ky, kx, c)` are the weights.
fn slide(
    framed: Framed,
    kernel: impl Fn(usize, usize, usize, usize) -> f32 + Sync,
    bias: Option<&[f32]>,
    c_out: usize,
    k: usize,
    stride: usize,
    [height, width]: [usize; 2],
) -> Vec<f32> {
    let ([b, channels, ..], [_, columns]) = (framed.dims, framed.size);
    let n = height * width;
    let mut y = vec![0f32; b * c_out * n];
    if y.is_empty() {
        return y;
    }
    let arch = Arch::new();
    let lanes = lanes();
    let vectors = if c_out > lanes { 2 } else { 1 };
    let block = vectors * lanes;
    let blocks = c_out.div_ceil(block);
    let run = k * channels;
    // [block][ky][kx, channel][block's channels]
    let mut weights = vec![0f32; blocks * k * run * block];
    weights.par_chunks_mut(k * run * block).enumerate().for_each(|(idx, weights)| {
        let of_block = c_out.min((idx + 1) * block) - idx * block;
        // what is read of a channel stays at hand while its taps are written, each a run
        for channel in 0..channels {
            for (tap, weights) in weights.chunks_exact_mut(channels * block).enumerate() {
                let (ky, kx) = (tap / k, tap % k);
                for (lane, weight) in weights[channel * block..][..of_block].iter_mut().enumerate() {
                    *weight = kernel(idx * block + lane, ky, kx, channel);
                }
            }
        }
    });
    let mut biases = vec![0f32; blocks * block];
    if let Some(bias) = bias {
        biases[..c_out].copy_from_slice(bias);
    }

    // a task puts channels innermost in the lines that it needs, of several pictures if they are small, sums, and gives each
    // plane its part; each pixel is summed whole, so that numbers do not depend on how many tasks there are
    let threads = rayon::current_num_threads();
    let fitting = (CACHED / (columns * channels).max(1)).saturating_sub(k - 1) / stride;
    let fitting = fitting.min(CACHED / (width * blocks * block)).max(PIXELS / width);
    let lines = fitting.min(height.div_ceil(threads.div_ceil(b))).clamp(1, height);
    let together = if lines < height { 1 } else { (PIXELS / n).min(b / threads).max(1) };
    let bands = height.div_ceil(lines);
    let mut parts: Vec<Vec<&mut [f32]>> = (0..b.div_ceil(together) * bands).map(|_| Vec::new()).collect();
    for (plane, y) in y.chunks_exact_mut(n).enumerate() {
        for (band, part) in y.chunks_mut(lines * width).enumerate() {
            parts[plane / c_out / together * bands + band].push(part);
        }
    }
    parts.into_par_iter().enumerate().for_each(|(task, mut planes)| {
        let (picture, first) = (task / bands * together, task % bands * lines);
        let pictures = picture..picture + planes.len() / c_out;
        let last = height.min(first + lines) - 1;
        let field = framed.lines(pictures.clone(), first * stride..last * stride + k);
        let patches = field.patches(pictures.len(), [last + 1 - first, width], stride);
        let mut sums = vec![0f32; patches.len() * blocks * block];
        let (weights, biases) = (&weights, &biases);
        arch.dispatch(Slide { field: &field, patches: &patches, weights, biases, k, vectors, sums: &mut sums });
        for (planes, sums) in planes.chunks_mut(c_out).zip(sums.chunks(sums.len() / pictures.len())) {
            put(sums, blocks * block, planes);
        }
    });
    y
}

/// Channels innermost, `[pixels, width]`, to planes of pixels: a few pixels of all planes at a time, which are read once.
fn put(sums: &[f32], width: usize, planes: &mut [&mut [f32]]) {
    const TOGETHER: usize = 16;
    for (at, sums) in sums.chunks(TOGETHER * width).enumerate() {
        for (channel, plane) in planes.iter_mut().enumerate() {
            let sums = sums[channel..].iter().step_by(width);
            plane[at * TOGETHER..].iter_mut().zip(sums).for_each(|(y, sum)| *y = *sum);
        }
    }
}

/// Some pixels of [`slide`].
struct Slide<'a> {
    field: &'a Field,
    /// Where each pixel's patch begins.
    patches: &'a [usize],
    weights: &'a [f32],
    biases: &'a [f32],
    k: usize,
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
            (false, _) if S::F32_LANES == 8 => self.tiles::<S, 6, 2>(simd),
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
        let pixels = self.patches.len();
        for (block_idx, weights) in self.weights.chunks_exact(self.k * run * block).enumerate() {
            let (weights, _) = S::as_simd_f32s(weights);
            let (biases, _) = S::as_simd_f32s(&self.biases[block_idx * block..][..block]);
            for start in (0..pixels).step_by(P) {
                // the last tile repeats its last pixel
                let patches: [usize; P] = std::array::from_fn(|idx| self.patches[(start + idx).min(pixels - 1)]);
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

/// Output channels whose weights one task sums.
const ROWS: usize = 8;
/// Pixels over which it does, at least.
const SUMMED: usize = 512;
/// Sums of the same weights that are held at a time, at most.
const PARTS: usize = 32;

/// Sums over the pixels of some lines: gradient times patch.
struct Weights<'a> {
    field: &'a Field,
    /// Channels a multiple of [`ROWS`], no frame.
    gradient: &'a Field,
    /// Of all pictures, one after another.
    lines: Range<usize>,
    /// Which [`ROWS`] channels of the gradient.
    block: usize,
    k: usize,
    stride: usize,
    /// `[ROWS, k, k · c_in]`
    sums: &'a mut [f32],
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // as many sums as there are registers for, with some to spare
        match S::F32_LANES >= 16 {
            true => self.tiles::<S, ROWS>(simd),
            false => self.tiles::<S, 4>(simd),
        }
    }
}

impl Weights<'_> {
    #[inline(always)]
    fn tiles<S: Simd, const R: usize>(&mut self, simd: S) {
        let run = self.k * self.field.channels;
        for row in (0..ROWS).step_by(R) {
            for ky in 0..self.k {
                let mut at = 0;
                while at < run {
                    at += match (run - at).div_ceil(S::F32_LANES) {
                        1 => self.tile::<S, R, 1>(simd, row, ky, at),
                        2 => self.tile::<S, R, 2>(simd, row, ky, at),
                        _ => self.tile::<S, R, 3>(simd, row, ky, at),
                    };
                }
            }
        }
    }

    /// R rows of V vectors of sums; returns how many numbers of a run these are.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const V: usize>(&mut self, simd: S, row: usize, ky: usize, at: usize) -> usize {
        let run = self.k * self.field.channels;
        let [rows, columns] = self.field.size;
        let [height, width] = self.gradient.size;
        let channels = self.gradient.channels;
        let (line, step) = (columns * self.field.channels, self.stride * self.field.channels);
        let mut sums: [[S::f32s; V]; R] = [[simd.splat_f32s(0.0); V]; R];
        for y in self.lines.clone() {
            let from = (y / height * rows + y % height * self.stride + ky) * line + at;
            let x = &self.field.numbers[from..];
            let gradient = &self.gradient.numbers[y * width * channels..][..width * channels];
            for (pixel, gradient) in gradient.chunks_exact(channels).enumerate() {
                let (x, _) = S::as_simd_f32s(&x[pixel * step..][..V * S::F32_LANES]);
                let gradient = &gradient[self.block * ROWS + row..][..R];
                for row in 0..R {
                    let g = simd.splat_f32s(gradient[row]);
                    for vector in 0..V {
                        sums[row][vector] = simd.mul_add_e_f32s(g, x[vector], sums[row][vector]);
                    }
                }
            }
        }
        for (idx, sums) in sums.iter().enumerate() {
            let to = &mut self.sums[((row + idx) * self.k + ky) * run + at..];
            let numbers: &[f32] = pulp::bytemuck::cast_slice(sums);
            let n = numbers.len().min(run - at);
            to[..n].copy_from_slice(&numbers[..n]);
        }
        V * S::F32_LANES
    }
}
