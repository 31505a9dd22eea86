//! Own operations: what burn decomposes or computes slowly, each with a backward of its own.
//!
//! One trait, three bodies: kernels for the CPU (`cpu.rs`), burn's stock operations for every other device except where
//! it is told better (`gpu.rs`), and the backward passes on the tape. The stock gelu's backward differentiates another function (the tanh approximation),
//! which is the second reason to have one here.
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, backend_extension};

/// How a norm is laid over a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormShape {
    /// Rows that are normalised, each for itself.
    pub rows: usize,
    /// Numbers in a row.
    pub row: usize,
    /// Rows after which the weights start again: the number of groups; 1 for a layer norm.
    pub period: usize,
    /// Consecutive numbers that share one weight: the pixels of a channel; 1 for a layer norm.
    pub span: usize,
    /// Added to the variance.
    pub eps: f64,
    /// silu afterwards.
    pub silu: bool,
}

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvShape {
    /// Pictures.
    pub b: usize,
    /// Channels of x.
    pub c_in: usize,
    /// Rows of x.
    pub h: usize,
    /// Columns of x.
    pub w: usize,
    /// Channels of the result.
    pub c_out: usize,
    /// Side of the kernels.
    pub k: usize,
    /// Pixels from one patch to the next.
    pub stride: usize,
    /// Zeros all round, fewer than `k`.
    pub padding: usize,
}

impl ConvShape {
    /// Rows and columns of the result.
    pub fn size_out(&self) -> [usize; 2] {
        [self.h, self.w].map(|side| (side + 2 * self.padding - self.k) / self.stride + 1)
    }
}

/// Operations with a backward of their own. Tensors are contiguous or made so.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(any(feature = "wgpu", feature = "cuda")),
    Autodiff
)]
pub trait OwnOps: Backend {
    /// Matrix products over equal leading axes, f32 in every step if the tensors are.
    fn own_matmul(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(left, right)
    }
    /// x·σ(x).
    fn own_silu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::silu::<Self>(x)
    }
    /// ∂/∂x of [`Self::own_silu`], times `gradient`.
    fn own_silu_backward(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::silu_backward::<Self>(x, gradient)
    }
    /// x·Φ(x), exact.
    fn own_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::gelu(x)
    }
    /// ∂/∂x of [`Self::own_gelu`], times `gradient`.
    fn own_gelu_backward(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::gelu_backward::<Self>(x, gradient)
    }
    /// softmax over the last axis.
    fn own_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::softmax::<Self>(x)
    }
    /// ∂/∂x of [`Self::own_softmax`], times `gradient`; `y` is its result.
    fn own_softmax_backward(y: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::softmax_backward::<Self>(y, gradient)
    }
    /// Normalised rows, times weight, plus bias, through silu if asked.
    fn own_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        stock::norm::<Self>(x, weight, bias, shape)
    }
    /// ∂/∂x of [`Self::own_norm`], times `gradient`.
    fn own_norm_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        stock::norm_backward::<Self>(x, weight, bias, gradient, shape)
    }
    /// ∂/∂weight and ∂/∂bias of [`Self::own_norm`], times `gradient`, not yet summed over the rows that share them:
    /// `[2, rows, row / span]`.
    fn own_norm_weight_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        stock::norm_weight_backward::<Self>(x, weight, bias, gradient, shape)
    }
    /// Convolution: see [`super::conv2d`].
    fn own_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        stock::conv2d::<Self>(x, weight, bias, shape)
    }
    /// ∂/∂x of [`Self::own_conv2d`], times `gradient`.
    fn own_conv2d_x_backward(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        stock::conv2d_x_backward::<Self>(weight, gradient, shape)
    }
    /// ∂/∂weight of [`Self::own_conv2d`], times `gradient`.
    fn own_conv2d_weight_backward(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        stock::conv2d_weight_backward::<Self>(x, gradient, shape)
    }
}

/// An operation of one tracked input whose backward needs only `State`.
macro_rules! tracked {
    ($name:ident, $state:ty, |$backend:ident, $kept:ident, $gradient:ident| $backward:expr) => {
        #[derive(Debug)]
        struct $name;

        impl<$backend: OwnOps> Backward<$backend, 1> for $name {
            type State = $state;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let $kept = ops.state;
                unary::<$backend, _>(ops.parents, ops.node, grads, |$gradient| $backward);
            }
        }
    };
}

tracked!(Silu, FloatTensor<B>, |B, x, gradient| B::own_silu_backward(x, gradient));
tracked!(Gelu, FloatTensor<B>, |B, x, gradient| B::own_gelu_backward(x, gradient));
tracked!(Softmax, FloatTensor<B>, |B, y, gradient| B::own_softmax_backward(y, gradient));

#[derive(Debug)]
struct Norm;

impl<B: OwnOps> Backward<B, 3> for Norm {
    type State = ([FloatTensor<B>; 3], NormShape);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let ([x, weight, bias], shape) = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        if weight_node.is_some() || bias_node.is_some() {
            let sums = B::own_norm_weight_backward(x.clone(), weight.clone(), bias.clone(), gradient.clone(), shape);
            let sums = stock::over_rows::<B>(sums, shape);
            for (node, sums) in [weight_node, bias_node].into_iter().zip(sums) {
                if let Some(node) = node {
                    grads.register::<B>(node.id, sums);
                }
            }
        }
        if let Some(node) = x_node {
            grads.register::<B>(node.id, B::own_norm_backward(x, weight, bias, gradient, shape));
        }
    }
}

#[derive(Debug)]
struct Conv;

impl<B: OwnOps> Backward<B, 3> for Conv {
    /// x is kept only where the weight learns, and the weight only where x does.
    type State = ([Option<FloatTensor<B>>; 2], ConvShape);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let ([x, weight], shape) = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        if let (Some(node), Some(weight)) = (x_node, weight) {
            grads.register::<B>(node.id, B::own_conv2d_x_backward(weight, gradient.clone(), shape));
        }
        if let (Some(node), Some(x)) = (weight_node, x) {
            grads.register::<B>(node.id, B::own_conv2d_weight_backward(x, gradient.clone(), shape));
        }
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, stock::over_pixels::<B>(gradient, shape));
        }
    }
}

#[derive(Debug)]
struct Matmul;

impl<B: OwnOps> Backward<B, 2> for Matmul {
    /// Each side is kept only where the other one learns.
    type State = [Option<FloatTensor<B>>; 2];

    /// ∂/∂left = g·rightᵀ, ∂/∂right = leftᵀ·g
    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let ([left_node, right_node], [left, right]) = (ops.parents, ops.state);
        if let (Some(node), Some(right)) = (left_node, right) {
            grads.register::<B>(node.id, B::own_matmul(gradient.clone(), B::float_transpose(right)));
        }
        if let (Some(node), Some(left)) = (right_node, left) {
            grads.register::<B>(node.id, B::own_matmul(B::float_transpose(left), gradient));
        }
    }
}

impl<B: OwnOps, C: CheckpointStrategy> OwnOps for Autodiff<B, C> {
    fn own_matmul(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        let (left_learns, right_learns) = (left.is_tracked(), right.is_tracked());
        let prep = Matmul.prepare::<C>([left.node(), right.node()]).compute_bound().stateful();
        let (left, right) = (left.into_primitive(), right.into_primitive());
        match prep {
            OpsKind::Tracked(prep) => {
                let kept = [right_learns.then(|| left.clone()), left_learns.then(|| right.clone())];
                prep.finish(kept, B::own_matmul(left, right))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_matmul(left, right)),
        }
    }

    fn own_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        let (x_learns, weight_learns) = (x.is_tracked(), weight.is_tracked());
        let prep = Conv.prepare::<C>([x.node(), weight.node(), bias.node()]).compute_bound().stateful();
        let (x, weight, bias) = (x.into_primitive(), weight.into_primitive(), bias.into_primitive());
        match prep {
            OpsKind::Tracked(prep) => {
                let kept = [weight_learns.then(|| x.clone()), x_learns.then(|| weight.clone())];
                prep.finish((kept, shape), B::own_conv2d(x, weight, bias, shape))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_conv2d(x, weight, bias, shape)),
        }
    }

    fn own_silu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match Silu.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let x = x.into_primitive();
                prep.finish(x.clone(), B::own_silu(x))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_silu(x.into_primitive())),
        }
    }

    fn own_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match Gelu.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let x = x.into_primitive();
                prep.finish(x.clone(), B::own_gelu(x))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_gelu(x.into_primitive())),
        }
    }

    fn own_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match Softmax.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::own_softmax(x.into_primitive());
                prep.finish(y.clone(), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_softmax(x.into_primitive())),
        }
    }

    fn own_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        match Norm.prepare::<C>([x.node(), weight.node(), bias.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let kept = [x.into_primitive(), weight.into_primitive(), bias.into_primitive()];
                let [x, weight, bias] = kept.clone();
                prep.finish((kept, shape), B::own_norm(x, weight, bias, shape))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::own_norm(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), shape))
            }
        }
    }
}

/// The same operations from burn's own.
pub(super) mod stock {
    use super::{ConvShape, FloatTensor, NormShape};
    use burn::backend::{Backend, TensorMetadata};
    use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
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
        let ConvShape { h, w, k, stride, padding, .. } = shape;
        let [height, width] = shape.size_out();
        // rows and columns of x that no patch reached
        let rest = [h + 2 * padding - k - (height - 1) * stride, w + 2 * padding - k - (width - 1) * stride];
        let options = ConvTransposeOptions::new([stride; 2], [padding; 2], rest, [1, 1], 1);
        B::conv_transpose2d(gradient, weight, None, options)
    }

    pub fn conv2d_weight_backward<B: Backend>(
        x: FloatTensor<B>,
        gradient: FloatTensor<B>,
        shape: ConvShape,
    ) -> FloatTensor<B> {
        let like = Shape::new([shape.c_out, shape.c_in, shape.k, shape.k]);
        let weight = B::float_zeros(like, &TensorMetadata::device(&x), x.dtype().into()); // only its shape is read
        B::conv2d_weight_backward(x, weight, gradient, options(shape))
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
    pub fn over_rows<B: Backend>(sums: FloatTensor<B>, shape: NormShape) -> [FloatTensor<B>; 2] {
        let weights = shape.period * shape.row / shape.span;
        let sums = B::float_reshape(sums, Shape::new([2, shape.rows / shape.period, weights]));
        let sums = B::float_sum_dim(sums, 1);
        [0, 1].map(|which| {
            let one = B::float_slice(sums.clone(), &[Slice::from(which..which + 1)]);
            B::float_reshape(one, Shape::new([weights]))
        })
    }
}
