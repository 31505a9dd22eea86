//! Stock: the own operations made of burn's own, for 16-bit tensors and wherever there is no kernel of ours.
use super::own::{ConvShape, NormShape, OwnOps, PackedShape};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Shape, Slice};

fn options(shape: ConvShape) -> ConvOptions<2> {
    ConvOptions::new([shape.stride; 2], [shape.padding; 2], [1, 1], 1)
}

pub fn conv2d<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    shape: ConvShape,
) -> FloatTensor<B> {
    B::conv2d(x, weight, Some(bias), options(shape))
}

pub fn conv2d_x_backward<B: Backend>(
    weight: FloatTensor<B>,
    gradient: FloatTensor<B>,
    shape: ConvShape,
) -> FloatTensor<B> {
    let x = outline::<B>(&gradient, [shape.b, shape.c_in, shape.h, shape.w]);
    B::conv2d_x_backward(x, weight, gradient, options(shape))
}

pub fn conv2d_weight_backward<B: Backend>(
    x: FloatTensor<B>,
    gradient: FloatTensor<B>,
    shape: ConvShape,
) -> FloatTensor<B> {
    let weight = outline::<B>(&x, [shape.c_out, shape.c_in, shape.k, shape.k]);
    B::conv2d_weight_backward(x, weight, gradient, options(shape))
}

/// A tensor of which only the shape is read: one number, seen from everywhere.
fn outline<B: Backend>(like: &FloatTensor<B>, shape: [usize; 4]) -> FloatTensor<B> {
    let zero = B::float_zeros(Shape::new([1; 4]), &TensorMetadata::device(like), like.dtype().into());
    B::float_expand(zero, Shape::new(shape))
}

/// Packed kernels as f32, `[c_out, c_in, k, k]`.
pub fn kernels<B: OwnOps>(words: IntTensor<B>, packed: PackedShape, shape: ConvShape) -> FloatTensor<B> {
    let ConvShape { c_in, c_out, k, .. } = shape;
    B::float_reshape(B::own_unpack(words, packed), Shape::new([c_out, c_in, k, k]))
}

/// `[b, c_out, h', w']` summed over pictures and pixels → `[c_out]`.
pub fn over_pixels<B: Backend>(gradient: FloatTensor<B>, shape: ConvShape) -> FloatTensor<B> {
    let [height, width] = shape.size_out();
    let planes = B::float_reshape(gradient, Shape::new([shape.b, shape.c_out, height * width]));
    let sums = B::float_reshape(B::float_sum_dim(planes, 2), Shape::new([shape.b, shape.c_out]));
    B::float_reshape(B::float_sum_dim(sums, 0), Shape::new([shape.c_out]))
}

pub fn silu<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_mul(x.clone(), B::sigmoid(x))
}

/// σ + x·σ·(1 − σ)
pub fn silu_backward<B: Backend>(x: FloatTensor<B>, gradient: FloatTensor<B>) -> FloatTensor<B> {
    let sigmoid = B::sigmoid(x.clone());
    let rest = B::float_add_scalar(B::float_neg(sigmoid.clone()), 1f32.into());
    let slope = B::float_add_scalar(B::float_mul(x, rest), 1f32.into());
    B::float_mul(gradient, B::float_mul(sigmoid, slope))
}

/// Φ(x) + x·φ(x)
pub fn gelu_backward<B: Backend>(x: FloatTensor<B>, gradient: FloatTensor<B>) -> FloatTensor<B> {
    let erf = B::float_erf(B::float_mul_scalar(x.clone(), std::f32::consts::FRAC_1_SQRT_2.into()));
    let below = B::float_mul_scalar(B::float_add_scalar(erf, 1f32.into()), 0.5f32.into());
    let density = B::float_exp(B::float_mul_scalar(B::float_mul(x.clone(), x.clone()), (-0.5f32).into()));
    let density = B::float_mul_scalar(density, 0.398_942_3f32.into());
    B::float_mul(gradient, B::float_add(below, B::float_mul(x, density)))
}

pub fn softmax<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let last = x.shape().num_dims() - 1;
    B::softmax(x, last)
}

/// y·(g − Σ g·y)
pub fn softmax_backward<B: Backend>(y: FloatTensor<B>, gradient: FloatTensor<B>) -> FloatTensor<B> {
    let last = y.shape().num_dims() - 1;
    let mean = B::float_sum_dim(B::float_mul(gradient.clone(), y.clone()), last);
    B::float_mul(y, B::float_sub(gradient, mean))
}

/// (x − mean)/√(variance + eps) as `[rows, row]`, and 1/√(variance + eps) as `[rows, 1]`.
fn normalised<B: Backend>(x: FloatTensor<B>, shape: NormShape) -> (FloatTensor<B>, FloatTensor<B>) {
    let x = B::float_reshape(x, Shape::new([shape.rows, shape.row]));
    let centred = B::float_sub(x.clone(), B::float_mean_dim(x, 1));
    let variance = B::float_mean_dim(B::float_mul(centred.clone(), centred.clone()), 1);
    let scale = B::float_recip(B::float_sqrt(B::float_add_scalar(variance, shape.eps.into())));
    (B::float_mul(centred, scale.clone()), scale)
}

/// The view in which weights broadcast, and the weights in it.
fn spread<B: Backend>(x: FloatTensor<B>, weight: FloatTensor<B>, shape: NormShape) -> [FloatTensor<B>; 2] {
    let NormShape { rows, row, period, span, .. } = shape;
    let full = Shape::new([rows / period, period, row / span, span]);
    [B::float_reshape(x, full), B::float_reshape(weight, Shape::new([1, period, row / span, 1]))]
}

pub fn norm<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    shape: NormShape,
) -> FloatTensor<B> {
    let like = x.shape();
    let y = affine::<B>(normalised::<B>(x, shape).0, weight, bias, shape);
    let y = if shape.silu { silu::<B>(y) } else { y };
    B::float_reshape(y, like)
}

fn affine<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    shape: NormShape,
) -> FloatTensor<B> {
    let [x, weight] = spread::<B>(x, weight, shape);
    let [x, bias] = spread::<B>(B::float_mul(x, weight), bias, shape);
    B::float_add(x, bias)
}

/// With x̂ normalised and d = ∂/∂x̂: (d − mean(d) − x̂·mean(d·x̂))/√(variance + eps)
pub fn norm_backward<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
    shape: NormShape,
) -> FloatTensor<B> {
    let like = x.shape();
    let (hat, scale) = normalised::<B>(x, shape);
    let gradient = before_silu::<B>(hat.clone(), weight.clone(), bias, gradient, shape);
    let [gradient, weight] = spread::<B>(gradient, weight, shape);
    let d = B::float_reshape(B::float_mul(gradient, weight), Shape::new([shape.rows, shape.row]));
    let along = B::float_mean_dim(B::float_mul(d.clone(), hat.clone()), 1);
    let centred = B::float_sub(d.clone(), B::float_mean_dim(d, 1));
    B::float_reshape(B::float_mul(B::float_sub(centred, B::float_mul(hat, along)), scale), like)
}

/// The gradient at what goes into silu, if there is one.
fn before_silu<B: Backend>(
    hat: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
    shape: NormShape,
) -> FloatTensor<B> {
    if !shape.silu {
        return gradient;
    }
    let before = affine::<B>(hat, weight, bias, shape);
    let gradient = B::float_reshape(gradient, before.shape());
    silu_backward::<B>(before, gradient)
}

/// Σ g·x̂ and Σ g over each span.
pub fn norm_weight_backward<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
    shape: NormShape,
) -> FloatTensor<B> {
    let (hat, _) = normalised::<B>(x, shape);
    let gradient = before_silu::<B>(hat.clone(), weight, bias, gradient, shape);
    let spans = Shape::new([shape.rows * shape.row / shape.span, shape.span]);
    let (hat, gradient) = (B::float_reshape(hat, spans.clone()), B::float_reshape(gradient, spans));
    let sums = [B::float_mul(gradient.clone(), hat), gradient].map(|product| B::float_sum_dim(product, 1));
    let sums = sums.map(|sums| B::float_reshape(sums, Shape::new([1, shape.rows, shape.row / shape.span])));
    B::float_cat(sums.into(), 0)
}

/// `[2, rows, row / span]` summed over the rows that share weights → two as the weights, `[period · row / span]`.
pub fn over_sharing_rows<B: OwnOps>(sums: FloatTensor<B>, shape: NormShape) -> [FloatTensor<B>; 2] {
    let weights = shape.period * shape.row / shape.span;
    let sharing = Shape::new([shape.rows / shape.period, weights]);
    let sums = B::float_reshape(sums, Shape::new([2, sharing[0], weights]));
    [0, 1].map(|which| {
        let one = B::float_slice(sums.clone(), &[Slice::from(which..which + 1)]);
        B::own_over_rows(B::float_reshape(one, sharing.clone()))
    })
}

/// `[rows, row]` → `[row]`.
pub fn over_rows<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let row = x.shape()[1];
    B::float_reshape(B::float_sum_dim(x, 0), Shape::new([row]))
}

/// x `[rows, row]` + bias `[row]`.
pub fn bias<B: Backend>(x: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    let row = x.shape()[1];
    B::float_add(x, B::float_reshape(bias, Shape::new([1, row])))
}
