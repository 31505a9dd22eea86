//! Convolution as a matrix product whose one side, the patches, is read from the picture itself: nothing is unfolded.
use super::super::own::ConvShape;
use super::launch::{empty, packed, sum_rows};
use super::tile::{SIDE, accumulate, depth, parts, per_unit, pitch, place};
use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use burn::tensor::Shape;
use cubecl::prelude::*;

/// The picture that is summed over: of the input or, backwards, the gradient; and the picture that comes out.
#[derive(CubeLaunch, CubeType)]
struct Field {
    /// Rows and columns of what is summed over.
    h: usize,
    w: usize,
    /// Columns and pixels of what comes out.
    width: usize,
    pixels: usize,
}

/// The number that patch (top, left) of a plane has under (ky, kx); 0 beyond the edge. `back`: as the gradient of the picture
/// sees it, from the other side.
#[cube]
#[allow(clippy::too_many_arguments)] // a place in five axes
fn under(
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
    #[comptime] per_unit: usize,
) {
    let edge = comptime!(per_unit * SIDE);
    let deep = comptime!(depth(per_unit));
    let pitch = comptime!(pitch(per_unit));
    let taps = comptime!(k * k);
    let mut lefts = Shared::<[f32]>::new_slice(comptime!(depth(per_unit) * pitch));
    let mut rights = Shared::<[f32]>::new_slice(comptime!(depth(per_unit) * pitch));
    let mut sums = Array::<f32>::new(comptime!(per_unit * per_unit));
    #[unroll]
    for idx in 0..comptime!(per_unit * per_unit) {
        sums[idx] = 0.0f32;
    }
    let first_m = CUBE_POS_Y as usize * edge;
    let first_n = CUBE_POS_X as usize * edge;
    let from = CUBE_POS_Z as usize * part;
    let end = min(from + part, channels * taps);
    let row = UNIT_POS as usize / comptime!(SIDE);
    let column = UNIT_POS as usize % comptime!(SIDE);
    // the pixel of which this unit loads numbers
    let at_n = first_n + UNIT_POS as usize % edge;
    let (picture, pixel) = (at_n / field.pixels, at_n % field.pixels);
    let (pixel_row, pixel_column) = (pixel / field.width, pixel % field.width);
    for step in 0..(end - from).div_ceil(deep) {
        let start = from + step * deep;
        #[unroll]
        for turn in 0..4usize {
            let (depth_at, line) = place(turn, per_unit, true);
            let (at_m, at_k) = (first_m + line, start + depth_at);
            let mut value = 0.0f32;
            if at_m < m && at_k < end {
                if comptime!(back) {
                    value = weight[(at_k / taps * m + at_m) * taps + at_k % taps];
                } else {
                    value = weight[at_m * channels * taps + at_k];
                }
            }
            lefts[depth_at * pitch + line] = value;
        }
        #[unroll]
        for turn in 0..4usize {
            let (depth_at, line) = place(turn, per_unit, false);
            let at_k = start + depth_at;
            let mut value = 0.0f32;
            if at_n < n && at_k < end {
                let (channel, tap) = (at_k / taps, at_k % taps);
                let plane = picture * channels + channel;
                value = under(x, plane, pixel_row, pixel_column, tap / k, tap % k, field, stride, padding, back);
            }
            rights[depth_at * pitch + line] = value;
        }
        sync_cube();
        accumulate(&lefts, &rights, &mut sums, row, column, per_unit);
        sync_cube();
    }
    let whole = CUBE_POS_Z as usize * m * n;
    #[unroll]
    for j in 0..per_unit {
        let at_n = first_n + column + comptime!(SIDE) * j;
        let (picture, pixel) = (at_n / field.pixels, at_n % field.pixels);
        #[unroll]
        for i in 0..per_unit {
            let at_m = first_m + row + comptime!(SIDE) * i;
            if at_m < m && at_n < n {
                let mut value = sums[i * per_unit + j];
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
    #[comptime] per_unit: usize,
) {
    let edge = comptime!(per_unit * SIDE);
    let deep = comptime!(depth(per_unit));
    let pitch = comptime!(pitch(per_unit));
    let taps = comptime!(k * k);
    let n = channels * taps;
    let mut lefts = Shared::<[f32]>::new_slice(comptime!(depth(per_unit) * pitch));
    let mut rights = Shared::<[f32]>::new_slice(comptime!(depth(per_unit) * pitch));
    let mut sums = Array::<f32>::new(comptime!(per_unit * per_unit));
    #[unroll]
    for idx in 0..comptime!(per_unit * per_unit) {
        sums[idx] = 0.0f32;
    }
    let first_m = CUBE_POS_Y as usize * edge;
    let first_n = CUBE_POS_X as usize * edge;
    let from = CUBE_POS_Z as usize * part;
    let end = min(from + part, all);
    let row = UNIT_POS as usize / comptime!(SIDE);
    let column = UNIT_POS as usize % comptime!(SIDE);
    for step in 0..(end - from).div_ceil(deep) {
        // a unit loads numbers of one pixel
        let at_k = from + step * deep + UNIT_POS as usize % deep;
        let (picture, pixel) = (at_k / field.pixels, at_k % field.pixels);
        let (pixel_row, pixel_column) = (pixel / field.width, pixel % field.width);
        #[unroll]
        for turn in 0..4usize {
            let (depth_at, line) = place(turn, per_unit, true);
            let at_m = first_m + line;
            let mut value = 0.0f32;
            if at_m < m && at_k < end {
                value = gradient[(picture * m + at_m) * field.pixels + pixel];
            }
            lefts[depth_at * pitch + line] = value;
        }
        #[unroll]
        for turn in 0..4usize {
            let (depth_at, line) = place(turn, per_unit, true);
            let at_n = first_n + line;
            let mut value = 0.0f32;
            if at_n < n && at_k < end {
                let (channel, tap) = (at_n / taps, at_n % taps);
                let plane = picture * channels + channel;
                value = under(x, plane, pixel_row, pixel_column, tap / k, tap % k, field, stride, padding, false);
            }
            rights[depth_at * pitch + line] = value;
        }
        sync_cube();
        accumulate(&lefts, &rights, &mut sums, row, column, per_unit);
        sync_cube();
    }
    #[unroll]
    for i in 0..per_unit {
        #[unroll]
        for j in 0..per_unit {
            let (at_m, at_n) = (first_m + row + comptime!(SIDE) * i, first_n + column + comptime!(SIDE) * j);
            if at_m < m && at_n < n {
                out[(CUBE_POS_Z as usize * m + at_m) * n + at_n] = sums[i * per_unit + j];
            }
        }
    }
}

/// How a product `[m, k]·[k, n]` is cut up.
struct Cut {
    per_unit: usize,
    part: usize,
    parts: usize,
    count: CubeCount,
}

fn cut(m: usize, n: usize, k: usize) -> Cut {
    let per_unit = per_unit(m, n, 1);
    let part = k.div_ceil(parts(m, n, k, 1)).next_multiple_of(depth(per_unit));
    let (edge, parts) = (per_unit * SIDE, k.div_ceil(part));
    let count = CubeCount::Static(n.div_ceil(edge) as u32, m.div_ceil(edge) as u32, parts as u32);
    Cut { per_unit, part, parts, count }
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
    let pixels = height * width;
    let (m, n) = (c_out, b * pixels);
    let Cut { per_unit, part, parts, count } = cut(m, n, c_in * k * k);
    let [x, weight, bias] = [x, weight, bias].map(packed);
    let y = empty([parts, m * n], &x.device);
    slide_kernel::launch(
        &y.client,
        count,
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
        per_unit,
    );
    Cube::float_reshape(sum_rows(y), Shape::new([b, c_out, height, width]))
}

/// ∂/∂x of [`forward`], times `gradient`.
pub fn x_backward(weight: FloatTensor<Cube>, gradient: FloatTensor<Cube>, shape: ConvShape) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let (m, n) = (c_in, b * h * w);
    let Cut { per_unit, part, parts, count } = cut(m, n, c_out * k * k);
    let [weight, gradient] = [weight, gradient].map(packed);
    let x = empty([parts, m * n], &weight.device);
    let none = empty([1], &weight.device);
    slide_kernel::launch(
        &x.client,
        count,
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
        per_unit,
    );
    Cube::float_reshape(sum_rows(x), Shape::new([b, c_in, h, w]))
}

/// ∂/∂weight of [`forward`], times `gradient`.
pub fn weight_backward(x: FloatTensor<Cube>, gradient: FloatTensor<Cube>, shape: ConvShape) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let pixels = height * width;
    let Cut { per_unit, part, parts, count } = cut(c_out, c_in * k * k, b * pixels);
    let [x, gradient] = [x, gradient].map(packed);
    let sums = empty([parts, c_out * c_in * k * k], &x.device);
    weight_kernel::launch(
        &sums.client,
        count,
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
        per_unit,
    );
    Cube::float_reshape(sum_rows(sums), Shape::new([c_out, c_in, k, k]))
}
