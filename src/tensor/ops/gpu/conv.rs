//! Convolution as a matrix product whose one side, the patches, is read from the picture itself: nothing is unfolded.
use super::launch::{empty, packed, sum_rows};
use super::strips;
use super::tile::{Block, Cut, SIDE, accumulate, cut, pitch, place, turns};
use crate::tensor::ops::Kernels;
use crate::tensor::ops::own::ConvShape;
use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use burn::tensor::Shape;
use cubecl::prelude::*;

/// The picture that is summed over: of the input or, backwards, the gradient; and the picture that comes out.
#[derive(CubeLaunch, CubeType)]
pub struct Field {
    /// Rows of what is summed over.
    pub h: usize,
    /// Columns of it.
    pub w: usize,
    /// Columns of what comes out.
    pub width: usize,
    /// Pixels of it.
    pub pixels: usize,
}

/// The number that patch (top, left) of a plane has under (ky, kx); 0 beyond the edge. `back`: as the gradient of the picture
/// sees it, from the other side.
#[cube]
#[allow(clippy::too_many_arguments)] // a place in five axes
pub fn under(
    x: &Tensor<f32>,
    plane: usize,
    row: usize,
    column: usize,
    ky: usize,
    kx: usize,
    field: &Field,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] back: bool,
) -> f32 {
    let mut value = 0.0f32;
    if comptime!(back) {
        let (y, x_at) = (row + padding, column + padding);
        if y >= ky && x_at >= kx {
            let (y, x_at) = (y - ky, x_at - kx);
            let fits = y % stride == 0 && x_at % stride == 0 && y / stride < field.h && x_at / stride < field.w;
            if fits {
                value = x[(plane * field.h + y / stride) * field.w + x_at / stride];
            }
        }
    } else {
        let (y, x_at) = (row * stride + ky, column * stride + kx);
        let fits = y >= padding && y < field.h + padding && x_at >= padding && x_at < field.w + padding;
        if fits {
            value = x[(plane * field.h + (y - padding)) * field.w + (x_at - padding)];
        }
    }
    value
}

/// Out `[part, picture, m, pixels]`; m: channels that come out, k: (channel, ky, kx) that are summed over.
#[cube(launch)]
#[allow(clippy::too_many_arguments)] // sizes
fn slide_kernel(
    weight: &Tensor<f32>,
    x: &Tensor<f32>,
    bias: &Tensor<f32>,
    out: &mut Tensor<f32>,
    m: usize,
    n: usize,
    channels: usize,
    part: usize,
    field: &Field,
    #[comptime] k: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] back: bool,
    #[comptime] block: Block,
    #[comptime] depth: usize,
) {
    let left_pitch = comptime!(pitch(block.m));
    let right_pitch = comptime!(pitch(block.n));
    let taps = comptime!(k * k);
    let mut lefts = Shared::<[f32]>::new_slice(comptime!(depth * pitch(block.m)));
    let mut rights = Shared::<[f32]>::new_slice(comptime!(depth * pitch(block.n)));
    let mut sums = Array::<f32>::new(comptime!(block.m * block.n));
    #[unroll]
    for idx in 0..comptime!(block.m * block.n) {
        sums[idx] = 0.0f32;
    }
    let first_m = CUBE_POS_Y as usize * comptime!(block.m * SIDE);
    let first_n = CUBE_POS_X as usize * comptime!(block.n * SIDE);
    let from = CUBE_POS_Z as usize * part;
    let end = min(from + part, channels * taps);
    let row = UNIT_POS as usize / comptime!(SIDE);
    let column = UNIT_POS as usize % comptime!(SIDE);
    // the pixel of which this unit loads numbers
    let at_n = first_n + UNIT_POS as usize % comptime!(block.n * SIDE);
    let (picture, pixel) = (at_n / field.pixels, at_n % field.pixels);
    let (pixel_row, pixel_column) = (pixel / field.width, pixel % field.width);
    for step in 0..(end - from).div_ceil(depth) {
        let start = from + step * depth;
        #[unroll]
        for turn in 0..comptime!(turns(block.m, depth)) {
            let (depth_at, line) = place(turn, comptime!(block.m), depth, true);
            let (at_m, at_k) = (first_m + line, start + depth_at);
            let mut value = 0.0f32;
            if at_m < m && at_k < end {
                if comptime!(back) {
                    value = weight[(at_k / taps * m + at_m) * taps + at_k % taps];
                } else {
                    value = weight[at_m * channels * taps + at_k];
                }
            }
            lefts[depth_at * left_pitch + line] = value;
        }
        #[unroll]
        for turn in 0..comptime!(turns(block.n, depth)) {
            let (depth_at, line) = place(turn, comptime!(block.n), depth, false);
            let at_k = start + depth_at;
            let mut value = 0.0f32;
            if at_n < n && at_k < end {
                let (channel, tap) = (at_k / taps, at_k % taps);
                let plane = picture * channels + channel;
                value = under(x, plane, pixel_row, pixel_column, tap / k, tap % k, field, stride, padding, back);
            }
            rights[depth_at * right_pitch + line] = value;
        }
        sync_cube();
        accumulate(&lefts, &rights, &mut sums, row, column, block, depth);
        sync_cube();
    }
    let whole = CUBE_POS_Z as usize * m * n;
    #[unroll]
    for j in 0..comptime!(block.n) {
        let at_n = first_n + column + comptime!(SIDE) * j;
        let (picture, pixel) = (at_n / field.pixels, at_n % field.pixels);
        #[unroll]
        for i in 0..comptime!(block.m) {
            let at_m = first_m + row + comptime!(SIDE) * i;
            if at_m < m && at_n < n {
                let mut value = sums[i * comptime!(block.n) + j];
                if comptime!(!back) {
                    if CUBE_POS_Z == 0 {
                        value += bias[at_m];
                    }
                }
                out[whole + (picture * m + at_m) * field.pixels + pixel] = value;
            }
        }
    }
}

/// Out `[part, m, n]`; m: channels of the result, n: (channel, ky, kx), summed over all pixels of all pictures.
#[cube(launch)]
#[allow(clippy::too_many_arguments)] // sizes
fn weight_kernel(
    gradient: &Tensor<f32>,
    x: &Tensor<f32>,
    out: &mut Tensor<f32>,
    m: usize,
    channels: usize,
    all: usize,
    part: usize,
    field: &Field,
    #[comptime] k: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] block: Block,
    #[comptime] depth: usize,
) {
    let left_pitch = comptime!(pitch(block.m));
    let right_pitch = comptime!(pitch(block.n));
    let taps = comptime!(k * k);
    let n = channels * taps;
    let mut lefts = Shared::<[f32]>::new_slice(comptime!(depth * pitch(block.m)));
    let mut rights = Shared::<[f32]>::new_slice(comptime!(depth * pitch(block.n)));
    let mut sums = Array::<f32>::new(comptime!(block.m * block.n));
    #[unroll]
    for idx in 0..comptime!(block.m * block.n) {
        sums[idx] = 0.0f32;
    }
    let first_m = CUBE_POS_Y as usize * comptime!(block.m * SIDE);
    let first_n = CUBE_POS_X as usize * comptime!(block.n * SIDE);
    let from = CUBE_POS_Z as usize * part;
    let end = min(from + part, all);
    let row = UNIT_POS as usize / comptime!(SIDE);
    let column = UNIT_POS as usize % comptime!(SIDE);
    for step in 0..(end - from).div_ceil(depth) {
        // a unit loads numbers of one pixel
        let at_k = from + step * depth + UNIT_POS as usize % depth;
        let (picture, pixel) = (at_k / field.pixels, at_k % field.pixels);
        let (pixel_row, pixel_column) = (pixel / field.width, pixel % field.width);
        #[unroll]
        for turn in 0..comptime!(turns(block.m, depth)) {
            let (depth_at, line) = place(turn, comptime!(block.m), depth, true);
            let at_m = first_m + line;
            let mut value = 0.0f32;
            if at_m < m && at_k < end {
                value = gradient[(picture * m + at_m) * field.pixels + pixel];
            }
            lefts[depth_at * left_pitch + line] = value;
        }
        #[unroll]
        for turn in 0..comptime!(turns(block.n, depth)) {
            let (depth_at, line) = place(turn, comptime!(block.n), depth, true);
            let at_n = first_n + line;
            let mut value = 0.0f32;
            if at_n < n && at_k < end {
                let (channel, tap) = (at_n / taps, at_n % taps);
                let plane = picture * channels + channel;
                value = under(x, plane, pixel_row, pixel_column, tap / k, tap % k, field, stride, padding, false);
            }
            rights[depth_at * right_pitch + line] = value;
        }
        sync_cube();
        accumulate(&lefts, &rights, &mut sums, row, column, block, depth);
        sync_cube();
    }
    #[unroll]
    for i in 0..comptime!(block.m) {
        #[unroll]
        for j in 0..comptime!(block.n) {
            let (at_m, at_n) = (first_m + row + comptime!(SIDE) * i, first_n + column + comptime!(SIDE) * j);
            if at_m < m && at_n < n {
                out[(CUBE_POS_Z as usize * m + at_m) * n + at_n] = sums[i * comptime!(block.n) + j];
            }
        }
    }
}

/// x ∗ weight + bias.
pub fn forward(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    shape: ConvShape,
) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    if Kernels::now() == Kernels::Strips {
        let y = strips::conv2d(x, weight, bias, shape);
        return Cube::float_reshape(y, Shape::new([b, c_out, height, width]));
    }
    let pixels = height * width;
    let (m, n) = (c_out, b * pixels);
    let Cut { block, depth, parts, part, count } = cut(m, n, c_in * k * k, 1);
    let [x, weight, bias] = [x, weight, bias].map(packed);
    let y = empty([parts, m * n], &x.device);
    slide_kernel::launch(
        &y.client,
        CubeCount::new_3d(count[0], count[1], count[2]),
        CubeDim::new_1d(256),
        weight.into_tensor_arg(),
        x.into_tensor_arg(),
        bias.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        m,
        n,
        c_in,
        part,
        FieldLaunch::new(h, w, width, pixels),
        k,
        stride,
        padding,
        false,
        block,
        depth,
    );
    Cube::float_reshape(sum_rows(y), Shape::new([b, c_out, height, width]))
}

/// ∂/∂x of [`forward`], times `gradient`.
pub fn x_backward(weight: FloatTensor<Cube>, gradient: FloatTensor<Cube>, shape: ConvShape) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    if Kernels::now() == Kernels::Strips {
        return Cube::float_reshape(strips::conv2d_x_backward(weight, gradient, shape), Shape::new([b, c_in, h, w]));
    }
    let [height, width] = shape.size_out();
    let (m, n) = (c_in, b * h * w);
    let Cut { block, depth, parts, part, count } = cut(m, n, c_out * k * k, 1);
    let [weight, gradient] = [weight, gradient].map(packed);
    let x = empty([parts, m * n], &weight.device);
    let none = empty([1], &weight.device);
    slide_kernel::launch(
        &x.client,
        CubeCount::new_3d(count[0], count[1], count[2]),
        CubeDim::new_1d(256),
        weight.into_tensor_arg(),
        gradient.into_tensor_arg(),
        none.into_tensor_arg(),
        x.clone().into_tensor_arg(),
        m,
        n,
        c_out,
        part,
        FieldLaunch::new(height, width, w, h * w),
        k,
        stride,
        padding,
        true,
        block,
        depth,
    );
    Cube::float_reshape(sum_rows(x), Shape::new([b, c_in, h, w]))
}

/// ∂/∂weight of [`forward`], times `gradient`.
pub fn weight_backward(x: FloatTensor<Cube>, gradient: FloatTensor<Cube>, shape: ConvShape) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let pixels = height * width;
    let Cut { block, depth, parts, part, count } = cut(c_out, c_in * k * k, b * pixels, 1);
    let [x, gradient] = [x, gradient].map(packed);
    let sums = empty([parts, c_out * c_in * k * k], &x.device);
    weight_kernel::launch(
        &sums.client,
        CubeCount::new_3d(count[0], count[1], count[2]),
        CubeDim::new_1d(256),
        gradient.into_tensor_arg(),
        x.into_tensor_arg(),
        sums.clone().into_tensor_arg(),
        c_out,
        c_in,
        b * pixels,
        part,
        FieldLaunch::new(h, w, width, pixels),
        k,
        stride,
        padding,
        block,
        depth,
    );
    Cube::float_reshape(sum_rows(sums), Shape::new([c_out, c_in, k, k]))
}
