//! Rows: norms and softmax, one cube of units per row, sums in shared memory.
use super::launch::{cubes, empty, packed, units};
use super::reduce::{largest, moments, sum};
use crate::tensor::ops::own::NormShape;
use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use burn::tensor::Shape;
use cubecl::prelude::*;

/// σ(x)
#[cube]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The gradient before silu, if there is one.
#[cube]
fn before_silu(gradient: f32, affine: f32, #[comptime] silu: bool) -> f32 {
    if comptime!(silu) {
        let s = sigmoid(affine);
        gradient * s * (1.0 + affine * (1.0 - s))
    } else {
        gradient
    }
}

#[cube(launch)]
fn norm_kernel(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    y: &mut Tensor<f32>,
    rows: usize,
    row: usize,
    period: usize,
    span: usize,
    eps: f32,
    #[comptime] silu: bool,
    #[comptime] units: u32,
) {
    let which = CUBE_POS;
    if which >= rows {
        terminate!();
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let start = which * row;
    let (mean, scale) = moments(x, start, row, eps, &mut shared, units);
    let first = which % period * (row / span);
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        let channel = first + at / span;
        let value = (x[start + at] - mean) * scale * weight[channel] + bias[channel];
        if comptime!(silu) {
            y[start + at] = value * sigmoid(value);
        } else {
            y[start + at] = value;
        }
    }
}

#[cube(launch)]
fn norm_backward_kernel(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    gradient: &Tensor<f32>,
    out: &mut Tensor<f32>,
    rows: usize,
    row: usize,
    period: usize,
    span: usize,
    eps: f32,
    #[comptime] silu: bool,
    #[comptime] units: u32,
) {
    let which = CUBE_POS;
    if which >= rows {
        terminate!();
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let start = which * row;
    let (mean, scale) = moments(x, start, row, eps, &mut shared, units);
    let first = which % period * (row / span);
    let mut total = 0.0f32;
    let mut along = 0.0f32;
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        let channel = first + at / span;
        let hat = (x[start + at] - mean) * scale;
        let d = before_silu(gradient[start + at], hat * weight[channel] + bias[channel], silu) * weight[channel];
        total += d;
        along += d * hat;
    }
    let n = row as f32;
    let total = sum(total, &mut shared, units) / n;
    let along = sum(along, &mut shared, units) / n;
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        let channel = first + at / span;
        let hat = (x[start + at] - mean) * scale;
        let d = before_silu(gradient[start + at], hat * weight[channel] + bias[channel], silu) * weight[channel];
        out[start + at] = (d - total - hat * along) * scale;
    }
}

/// `out` is `[2, rows, row / span]`.
#[cube(launch)]
fn norm_weight_kernel(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    gradient: &Tensor<f32>,
    out: &mut Tensor<f32>,
    rows: usize,
    row: usize,
    period: usize,
    span: usize,
    eps: f32,
    #[comptime] silu: bool,
    #[comptime] each: bool,
    #[comptime] units: u32,
) {
    let which = CUBE_POS;
    if which >= rows {
        terminate!();
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let start = which * row;
    let (mean, scale) = moments(x, start, row, eps, &mut shared, units);
    let channels = row / span;
    let first = which % period * channels;
    let half = rows * channels;
    if comptime!(each) {
        // every number has a weight of its own
        for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
            let hat = (x[start + at] - mean) * scale;
            let affine = hat * weight[first + at] + bias[first + at];
            let d = before_silu(gradient[start + at], affine, silu);
            out[which * channels + at] = d * hat;
            out[half + which * channels + at] = d;
        }
    } else {
        for channel in 0..channels {
            let mut along = 0.0f32;
            let mut total = 0.0f32;
            for at in range_stepped(UNIT_POS as usize, span, comptime!(units as usize)) {
                let place = start + channel * span + at;
                let hat = (x[place] - mean) * scale;
                let affine = hat * weight[first + channel] + bias[first + channel];
                let d = before_silu(gradient[place], affine, silu);
                along += d * hat;
                total += d;
            }
            let along = sum(along, &mut shared, units);
            let total = sum(total, &mut shared, units);
            if UNIT_POS == 0 {
                out[which * channels + channel] = along;
                out[half + which * channels + channel] = total;
            }
        }
    }
}

#[cube(launch)]
fn softmax_kernel(x: &Tensor<f32>, y: &mut Tensor<f32>, rows: usize, row: usize, #[comptime] units: u32) {
    let which = CUBE_POS;
    if which >= rows {
        terminate!();
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let start = which * row;
    let mut top = x[start];
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        top = max(top, x[start + at]);
    }
    let top = largest(top, &mut shared, units);
    let mut total = 0.0f32;
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        let value = (x[start + at] - top).exp();
        y[start + at] = value;
        total += value;
    }
    let scale = 1.0 / sum(total, &mut shared, units);
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        y[start + at] *= scale;
    }
}

#[cube(launch)]
fn softmax_backward_kernel(
    y: &Tensor<f32>,
    gradient: &Tensor<f32>,
    out: &mut Tensor<f32>,
    rows: usize,
    row: usize,
    #[comptime] units: u32,
) {
    let which = CUBE_POS;
    if which >= rows {
        terminate!();
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let start = which * row;
    let mut along = 0.0f32;
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        along += y[start + at] * gradient[start + at];
    }
    let along = sum(along, &mut shared, units);
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        out[start + at] = y[start + at] * (gradient[start + at] - along);
    }
}

#[cube(launch)]
fn sums_kernel(x: &Tensor<f32>, y: &mut Tensor<f32>, rows: usize, row: usize, #[comptime] units: u32) {
    let which = CUBE_POS;
    if which >= rows {
        terminate!();
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let mut total = 0.0f32;
    for at in range_stepped(UNIT_POS as usize, row, comptime!(units as usize)) {
        total += x[which * row + at];
    }
    let total = sum(total, &mut shared, units);
    if UNIT_POS == 0 {
        y[which] = total;
    }
}

/// The sum of each row: `[rows, row]` → `[rows]`.
pub fn sums(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let x = packed(x);
    let [rows, row] = x.shape().dims();
    let y = empty([rows], &x.device);
    let units = units(row);
    let (client, count, dim) = (&y.client, cubes(rows), CubeDim::new_1d(units));
    sums_kernel::launch(client, count, dim, x.into_tensor_arg(), y.clone().into_tensor_arg(), rows, row, units);
    y
}

/// See [`crate::tensor::ops::stock::norm`].
pub fn norm(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    shape: NormShape,
) -> FloatTensor<Cube> {
    let like = x.shape();
    let [x, weight, bias] = [x, weight, bias].map(packed);
    let NormShape { rows, row, period, span, eps, silu } = shape;
    let y = empty([rows * row], &x.device);
    let units = units(row);
    norm_kernel::launch(
        &y.client,
        cubes(rows),
        CubeDim::new_1d(units),
        x.into_tensor_arg(),
        weight.into_tensor_arg(),
        bias.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        rows,
        row,
        period,
        span,
        eps as f32,
        silu,
        units,
    );
    Cube::float_reshape(y, like)
}

/// See [`crate::tensor::ops::stock::norm_backward`].
pub fn norm_backward(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    gradient: FloatTensor<Cube>,
    shape: NormShape,
) -> FloatTensor<Cube> {
    let like = x.shape();
    let [x, weight, bias, gradient] = [x, weight, bias, gradient].map(packed);
    let NormShape { rows, row, period, span, eps, silu } = shape;
    let out = empty([rows * row], &x.device);
    let units = units(row);
    norm_backward_kernel::launch(
        &out.client,
        cubes(rows),
        CubeDim::new_1d(units),
        x.into_tensor_arg(),
        weight.into_tensor_arg(),
        bias.into_tensor_arg(),
        gradient.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        rows,
        row,
        period,
        span,
        eps as f32,
        silu,
        units,
    );
    Cube::float_reshape(out, like)
}

/// See [`crate::tensor::ops::stock::norm_weight_backward`].
pub fn norm_weight_backward(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    gradient: FloatTensor<Cube>,
    shape: NormShape,
) -> FloatTensor<Cube> {
    let [x, weight, bias, gradient] = [x, weight, bias, gradient].map(packed);
    let NormShape { rows, row, period, span, eps, silu } = shape;
    let out = empty([2, rows, row / span], &x.device);
    let units = units(if span == 1 { row } else { span });
    norm_weight_kernel::launch(
        &out.client,
        cubes(rows),
        CubeDim::new_1d(units),
        x.into_tensor_arg(),
        weight.into_tensor_arg(),
        bias.into_tensor_arg(),
        gradient.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        rows,
        row,
        period,
        span,
        eps as f32,
        silu,
        span == 1,
        units,
    );
    out
}

/// softmax over the last axis.
pub fn softmax(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let like = x.shape();
    let (rows, row) = by_rows(&like);
    let x = packed(x);
    let y = empty([rows * row], &x.device);
    let units = units(row);
    softmax_kernel::launch(
        &y.client,
        cubes(rows),
        CubeDim::new_1d(units),
        x.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        rows,
        row,
        units,
    );
    Cube::float_reshape(y, like)
}

/// y·(g − Σ g·y)
pub fn softmax_backward(y: FloatTensor<Cube>, gradient: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let like = y.shape();
    let (rows, row) = by_rows(&like);
    let [y, gradient] = [y, gradient].map(packed);
    let out = empty([rows * row], &y.device);
    let units = units(row);
    softmax_backward_kernel::launch(
        &out.client,
        cubes(rows),
        CubeDim::new_1d(units),
        y.into_tensor_arg(),
        gradient.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        rows,
        row,
        units,
    );
    Cube::float_reshape(out, like)
}

/// Rows, and numbers in each.
fn by_rows(shape: &Shape) -> (usize, usize) {
    let row = shape[shape.num_dims() - 1];
    (shape.num_elements() / row.max(1), row)
}
