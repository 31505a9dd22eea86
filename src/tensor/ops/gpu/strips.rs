//! Strips: products and convolutions for software renderers ([`Kernels::Strips`](crate::tensor::ops::Kernels)): every unit reads for
//! itself and holds many sums, so that few numbers are read for each product, and nobody waits.
use super::launch::{LANES, UNITS, cubes, empty, packed};
use crate::tensor::ops::own::ConvShape;
use burn::backend::Cube;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use cubecl::prelude::*;

/// Which numbers of the left side meet which of the right: `out[batch, i, j] = Σ over channels and taps, left · right`.
#[derive(CubeLaunch, CubeType)]
struct Sides {
    /// Rows of what comes out.
    m: usize,
    /// Columns of it.
    n: usize,
    /// Channels that are summed over; of a matrix product, its inner side.
    channels: usize,
    /// Batches that differ in the inner of two batch axes.
    inner: usize,
    left_outer: usize,
    left_inner: usize,
    left_m: usize,
    left_channel: usize,
    right_outer: usize,
    right_inner: usize,
    right_channel: usize,
    /// Columns after which the right side goes on `right_row` further: a picture's width; n of a matrix product.
    width: usize,
    right_row: usize,
    right_column: usize,
    /// From one row of taps to the next, on the right.
    pitch: usize,
}

#[cube(launch)]
fn strips_kernel(
    left: &Tensor<f32>,
    right: &Tensor<f32>,
    bias: &Tensor<f32>,
    out: &mut Tensor<f32>,
    sides: &Sides,
    #[comptime] rows: usize,
    #[comptime] columns: usize,
    #[comptime] taps: usize,
    #[comptime] back: bool,
    #[comptime] has_bias: bool,
) {
    let batch = CUBE_POS_Z as usize;
    let (outer, inside) = (batch / sides.inner, batch % sides.inner);
    let left_at = outer * sides.left_outer + inside * sides.left_inner;
    let right_at = outer * sides.right_outer + inside * sides.right_inner;
    let first_m = CUBE_POS_Y as usize * rows;
    let first_n = CUBE_POS_X as usize * comptime!(columns * LANES) + UNIT_POS as usize;
    let mut sums = Array::<f32>::new(comptime!(rows * columns));
    let mut left_from = Array::<usize>::new(rows);
    let mut right_from = Array::<usize>::new(columns);
    // beyond the edge a line is the last one once more, and left out in the end
    #[unroll]
    for i in 0..rows {
        let line = min(first_m + i, sides.m - 1);
        left_from[i] = left_at + line * sides.left_m;
        let mut start = 0.0f32;
        if comptime!(has_bias) {
            start = bias[line];
        }
        #[unroll]
        for j in 0..columns {
            sums[i * columns + j] = start;
        }
    }
    #[unroll]
    for j in 0..columns {
        let line = min(first_n + comptime!(j * LANES), sides.n - 1);
        right_from[j] = right_at + line / sides.width * sides.right_row + line % sides.width * sides.right_column;
    }
    for channel in 0..sides.channels {
        for down in 0..taps {
            for along in 0..taps {
                let tap = down * taps + along;
                let of_left = if comptime!(back) { comptime!(taps * taps - 1) - tap } else { tap };
                let left_step = channel * sides.left_channel + of_left;
                let right_step = channel * sides.right_channel + down * sides.pitch + along;
                let mut rights = Array::<f32>::new(columns);
                #[unroll]
                for j in 0..columns {
                    rights[j] = right[right_from[j] + right_step];
                }
                #[unroll]
                for i in 0..rows {
                    let value = left[left_from[i] + left_step];
                    #[unroll]
                    for j in 0..columns {
                        sums[i * columns + j] += value * rights[j];
                    }
                }
            }
        }
    }
    #[unroll]
    for i in 0..rows {
        #[unroll]
        for j in 0..columns {
            let (at_m, at_n) = (first_m + i, first_n + comptime!(j * LANES));
            if at_m < sides.m && at_n < sides.n {
                out[(batch * sides.m + at_m) * sides.n + at_n] = sums[i * columns + j];
            }
        }
    }
}

/// Sums that one unit holds, down and across: the most, unless most of them would lie beyond the edge.
fn block(m: usize, n: usize) -> [usize; 2] {
    let rows = if m > 8 { 16 } else { 4 };
    let columns = match n.div_ceil(LANES) {
        0..=4 => 4,
        5..=8 => 8,
        _ => 16,
    };
    [rows, columns]
}

/// `[batches, m, k]·[batches, k, n]` into `[batches · m · n]`, no side being 0; `inner` of the batches lie along the inner batch axis.
/// Strides are those of two batch axes, rows and columns.
pub fn product(
    [left, right]: [FloatTensor<Cube>; 2],
    [m, k, n]: [usize; 3],
    [batches, inner]: [usize; 2],
    [left_strides, right_strides]: [[usize; 4]; 2],
) -> FloatTensor<Cube> {
    let [left_outer, left_inner, left_m, left_channel] = left_strides;
    let [right_outer, right_inner, right_channel, right_column] = right_strides;
    let sides = SidesLaunch::new(
        m,
        n,
        k,
        inner,
        left_outer,
        left_inner,
        left_m,
        left_channel,
        right_outer,
        right_inner,
        right_channel,
        n,
        0, // all columns are of one row
        right_column,
        0,
    );
    launch([left, right], None, [batches, m, n], sides, 1, false)
}

/// x ∗ weight + bias, `[b · c_out · pixels]`.
pub fn conv2d(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    shape: ConvShape,
) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let [rows, pitch] = [h, w].map(|side| side + 2 * padding);
    let x = wider(x, b * c_in, Wider { from: [h, w], to: [rows, pitch], by: padding, apart: 1 });
    let sides = SidesLaunch::new(
        c_out,
        height * width,
        c_in,
        b,
        0,
        0,
        c_in * k * k,
        k * k,
        0,
        c_in * rows * pitch,
        rows * pitch,
        width,
        stride * pitch,
        stride,
        pitch,
    );
    launch([packed(weight), x], Some(packed(bias)), [b, c_out, height * width], sides, k, false)
}

/// ∂/∂x of [`conv2d`], times `gradient`, `[b · c_in · pixels of x]`: every pixel of x sees k×k of the gradient's, which lie `stride`
/// apart, through the kernels' other side.
pub fn conv2d_x_backward(
    weight: FloatTensor<Cube>,
    gradient: FloatTensor<Cube>,
    shape: ConvShape,
) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [rows, pitch] = [h, w].map(|side| side + k - 1);
    let wide = Wider { from: shape.size_out(), to: [rows, pitch], by: k - 1 - padding, apart: stride };
    let gradient = wider(gradient, b * c_out, wide);
    let sides = SidesLaunch::new(
        c_in,
        h * w,
        c_out,
        b,
        0,
        0,
        k * k,
        c_in * k * k,
        0,
        c_out * rows * pitch,
        rows * pitch,
        w,
        pitch,
        1,
        pitch,
    );
    launch([packed(weight), gradient], None, [b, c_in, h * w], sides, k, true)
}

fn launch(
    [left, right]: [FloatTensor<Cube>; 2],
    bias: Option<FloatTensor<Cube>>,
    [batches, m, n]: [usize; 3],
    sides: SidesLaunch,
    taps: usize,
    back: bool,
) -> FloatTensor<Cube> {
    let out = empty([batches * m * n], &left.device);
    let [rows, columns] = block(m, n);
    let has_bias = bias.is_some();
    strips_kernel::launch(
        &out.client,
        CubeCount::new_3d(n.div_ceil(columns * LANES) as u32, m.div_ceil(rows) as u32, batches as u32),
        CubeDim::new_1d(LANES as u32),
        left.clone().into_tensor_arg(),
        right.into_tensor_arg(),
        bias.unwrap_or(left).into_tensor_arg(), // not read where there is none
        out.clone().into_tensor_arg(),
        sides,
        rows,
        columns,
        taps,
        back,
        has_bias,
    );
    out
}

/// How planes become larger ones, with zeros around and between their pixels.
struct Wider {
    from: [usize; 2],
    to: [usize; 2],
    /// Zeros above and left.
    by: usize,
    /// From one pixel to the next.
    apart: usize,
}

fn wider(x: FloatTensor<Cube>, planes: usize, how: Wider) -> FloatTensor<Cube> {
    let x = packed(x);
    let Wider { from: [h, w], to: [height, width], by, apart } = how;
    if [h, w] == [height, width] {
        return x;
    }
    let count = planes * height * width;
    let y = empty([count], &x.device);
    wider_kernel::launch(
        &y.client,
        cubes(count.div_ceil(UNITS as usize)),
        CubeDim::new_1d(UNITS),
        x.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        count,
        h,
        w,
        height,
        width,
        by,
        apart,
    );
    y
}

#[cube(launch)]
#[allow(clippy::too_many_arguments)] // sizes
fn wider_kernel(
    x: &Tensor<f32>,
    y: &mut Tensor<f32>,
    count: usize,
    h: usize,
    w: usize,
    height: usize,
    width: usize,
    #[comptime] by: usize,
    #[comptime] apart: usize,
) {
    let at = ABSOLUTE_POS;
    if at < count {
        let (plane, row, column) = (at / (height * width), at / width % height, at % width);
        let mut value = 0.0f32;
        if row >= by && column >= by {
            let (row, column) = (row - by, column - by);
            if row % apart == 0 && column % apart == 0 && row / apart < h && column / apart < w {
                value = x[(plane * h + row / apart) * w + column / apart];
            }
        }
        y[at] = value;
    }
}
