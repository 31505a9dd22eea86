//! Patches: pictures unfolded into the columns of a matrix, so that a convolution is a matrix product, and the way back.
use super::super::own::ConvShape;
use super::launch::{UNITS, empty, grid};
use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use cubecl::prelude::*;

/// One channel's patches of one pixel: k² numbers.
#[cube(launch)]
fn unfold_kernel(
    x: &Tensor<f32>,
    columns: &mut Tensor<f32>,
    first: usize,
    pixels: usize,
    width: usize,
    #[comptime] k: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
) {
    let at = ABSOLUTE_POS_X as usize;
    if at >= pixels {
        terminate!();
    }
    let (channel, picture) = (CUBE_POS_Y as usize, CUBE_POS_Z as usize);
    let (h, w) = (x.shape(2), x.shape(3));
    let pixel = first + at;
    let top = pixel / width * stride;
    let left = pixel % width * stride;
    let from = picture * x.stride(0) + channel * x.stride(1);
    let to = (picture * CUBE_COUNT_Y as usize + channel) * k * k * pixels + at;
    #[unroll]
    for ky in 0..k {
        #[unroll]
        for kx in 0..k {
            let (row, column) = (top + ky, left + kx);
            let inside = row >= padding && row < h + padding && column >= padding && column < w + padding;
            let mut value = 0.0f32;
            if inside {
                value = x[from + (row - padding) * x.stride(2) + (column - padding) * x.stride(3)];
            }
            columns[to + (ky * k + kx) * pixels] = value;
        }
    }
}

/// Adds up what the patches say of one pixel of one channel.
#[cube(launch)]
fn fold_kernel(
    columns: &Tensor<f32>,
    x: &mut Tensor<f32>,
    height: usize,
    width: usize,
    w: usize,
    pixels: usize,
    #[comptime] k: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
) {
    let at = ABSOLUTE_POS_X as usize;
    if at >= pixels {
        terminate!();
    }
    let plane = CUBE_POS_Z as usize * CUBE_COUNT_Y as usize + CUBE_POS_Y as usize;
    let n = height * width;
    let row = at / w + padding;
    let column = at % w + padding;
    let mut sum = 0.0f32;
    #[unroll]
    for ky in 0..k {
        #[unroll]
        for kx in 0..k {
            if row >= ky && column >= kx {
                let (y, x) = (row - ky, column - kx);
                let fits = y % stride == 0 && x % stride == 0 && y / stride < height && x / stride < width;
                if fits {
                    sum += columns[(plane * k * k + ky * k + kx) * n + y / stride * width + x / stride];
                }
            }
        }
    }
    x[plane * pixels + at] = sum;
}

/// x `[b, c, h, w]` → `[b, c·k², pixels]`, of `pixels` pixels of the result from `first` on.
pub fn unfold(x: FloatTensor<Cube>, shape: ConvShape, first: usize, pixels: usize) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, k, stride, padding, .. } = shape;
    let [_, width] = shape.size_out();
    let columns = empty([b, c_in * k * k, pixels], &x.device);
    unfold_kernel::launch(
        &columns.client,
        grid(pixels, c_in, b),
        CubeDim::new_1d(UNITS),
        x.into_tensor_arg(),
        columns.clone().into_tensor_arg(),
        first,
        pixels,
        width,
        k,
        stride,
        padding,
    );
    columns
}

/// `[b, channels·k², pixels of the result]` → `[b, channels, h, w]`.
pub fn fold(columns: FloatTensor<Cube>, shape: ConvShape, channels: usize) -> FloatTensor<Cube> {
    let ConvShape { b, h, w, k, stride, padding, .. } = shape;
    let [height, width] = shape.size_out();
    debug_assert_eq!(columns.shape().num_elements(), b * channels * k * k * height * width);
    let x = empty([b, channels, h, w], &columns.device);
    fold_kernel::launch(
        &x.client,
        grid(h * w, channels, b),
        CubeDim::new_1d(UNITS),
        columns.into_tensor_arg(),
        x.clone().into_tensor_arg(),
        height,
        width,
        w,
        h * w,
        k,
        stride,
        padding,
    );
    x
}
