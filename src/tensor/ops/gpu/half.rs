//! Half: products of numbers in 16 bits, summed in 32 and given in 16: burn's own, which are computed on tensor cores where there
//! are any.
use super::conv::{Field, FieldLaunch, under};
use super::launch::{UNITS, cubes, packed};
use super::unpack;
use crate::tensor::ops::own::{ConvShape, PackedShape};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Cube, TensorMetadata};
use burn::cubecl;
use burn::tensor::{DType, Shape, Slice};
use cubecl::prelude::*;
use half::f16;

/// Numbers of patches that are there at a time: 64 MB.
const AT_ONCE: usize = 32 << 20;

fn narrow(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    if x.dtype() == DType::F16 { x } else { Cube::float_cast(x, DType::F16.into()) }
}

fn wide(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    Cube::float_cast(x, DType::F32.into())
}

/// `[.., m, k]·[.., k, n]`, none of them 0; f32 again.
pub fn matmul(left: FloatTensor<Cube>, right: FloatTensor<Cube>) -> FloatTensor<Cube> {
    wide(Cube::float_matmul(narrow(left), narrow(right)))
}

/// x·Wᵀ with packed rows.
pub fn packed_matmul(x: FloatTensor<Cube>, words: IntTensor<Cube>, shape: PackedShape) -> FloatTensor<Cube> {
    matmul(x, Cube::float_transpose(unpack::unpack::<f16>(words, shape)))
}

/// x ∗ weight + bias, f32; weight of any shape, f32 or f16.
pub fn conv2d(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    shape: ConvShape,
) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, c_out, k, .. } = shape;
    let [height, width] = shape.size_out();
    let weight = Cube::float_reshape(narrow(weight), Shape::new([1, c_out, c_in * k * k]));
    let y = slide(weight, x, c_out, shape, false);
    let y = Cube::float_add(y, Cube::float_reshape(bias, Shape::new([1, c_out, 1])));
    Cube::float_reshape(y, Shape::new([b, c_out, height, width]))
}

/// ∂/∂x of [`conv2d`], times `gradient`: every pixel of x gathers from the pixels that saw it.
pub fn conv2d_x_backward(
    weight: FloatTensor<Cube>,
    gradient: FloatTensor<Cube>,
    shape: ConvShape,
) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, .. } = shape;
    let weight = Cube::float_reshape(narrow(weight), Shape::new([c_out, c_in, k * k]));
    let weight = packed(Cube::float_swap_dims(weight, 0, 1));
    let weight = Cube::float_reshape(weight, Shape::new([1, c_in, c_out * k * k]));
    Cube::float_reshape(slide(weight, gradient, c_in, shape, true), Shape::new([b, c_in, h, w]))
}

/// weight `[1, channels, rows of patches]` over all patches, a band of pixels after another: `[b, channels, pixels]`. `back`: as the
/// gradient of x sees the picture.
fn slide(
    weight: FloatTensor<Cube>,
    x: FloatTensor<Cube>,
    channels: usize,
    shape: ConvShape,
    back: bool,
) -> FloatTensor<Cube> {
    let b = shape.b;
    let [height, width] = if back { [shape.h, shape.w] } else { shape.size_out() };
    let (pixels, rows) = (height * width, weight.shape()[2]);
    let x = packed(x);
    // bands of equal width, of whole vectors
    let bands = (b * rows * pixels).div_ceil(AT_ONCE).max(1);
    let most = pixels.div_ceil(bands).next_multiple_of(64).min(pixels);
    let mut y: Option<FloatTensor<Cube>> = None;
    for first in (0..pixels).step_by(most) {
        let n = most.min(pixels - first);
        let part = wide(Cube::float_matmul(weight.clone(), patches(x.clone(), first, n, rows, shape, back)));
        let whole = |side: usize| Slice::from(0..side);
        y = Some(match y.take() {
            None if n == pixels => part,
            before => {
                let all = before.unwrap_or_else(|| {
                    Cube::float_empty(Shape::new([b, channels, pixels]), &part.device, DType::F32.into())
                });
                Cube::float_slice_assign(all, &[whole(b), whole(channels), Slice::from(first..first + n)], part)
            }
        });
    }
    y.unwrap_or_else(|| Cube::float_empty(Shape::new([b, channels, pixels]), &x.device, DType::F32.into()))
}

/// What `n` pixels that come out see, `[b, rows, n]`; `rows`: channels of x times taps.
fn patches(
    x: FloatTensor<Cube>,
    first: usize,
    n: usize,
    rows: usize,
    shape: ConvShape,
    back: bool,
) -> FloatTensor<Cube> {
    let ConvShape { b, k, stride, padding, .. } = shape;
    let ([h, w], [height, width]) = match back {
        true => (shape.size_out(), [shape.h, shape.w]),
        false => ([shape.h, shape.w], shape.size_out()),
    };
    let count = b * rows * n;
    let out = Cube::float_empty(Shape::new([count]), &x.device, DType::F16.into());
    patches_kernel::launch(
        &out.client,
        cubes(count.div_ceil(UNITS as usize)),
        CubeDim::new_1d(UNITS),
        x.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        n,
        first,
        count,
        FieldLaunch::new(h, w, width, height * width),
        k,
        stride,
        padding,
        back,
    );
    Cube::float_reshape(out, Shape::new([b, rows, n]))
}

#[cube(launch)]
#[allow(clippy::too_many_arguments)] // sizes
fn patches_kernel(
    x: &Tensor<f32>,
    out: &mut Tensor<f16>,
    n: usize,
    first: usize,
    count: usize,
    field: &Field,
    #[comptime] k: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] back: bool,
) {
    let at = ABSOLUTE_POS;
    if at < count {
        let (row, pixel) = (at / n, first + at % n);
        let (plane, tap) = (row / comptime!(k * k), row % comptime!(k * k));
        let (y, x_at) = (pixel / field.width, pixel % field.width);
        let value = under(x, plane, y, x_at, tap / k, tap % k, field, stride, padding, back);
        out[at] = f16::cast_from(value);
    }
}
