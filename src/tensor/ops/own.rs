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
    /// Normalised rows, times weight, plus bias, through silu if asked. Weight and bias are constants: see
    /// [`super::norm`] for what happens when they are learned.
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
tracked!(Norm, ([FloatTensor<B>; 3], NormShape), |B, kept, gradient| {
    let ([x, weight, bias], shape) = kept;
    B::own_norm_backward(x, weight, bias, gradient, shape)
});

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
        let (weight, bias) = (weight.into_primitive(), bias.into_primitive());
        match Norm.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let kept = [x.into_primitive(), weight, bias];
                let [x, weight, bias] = kept.clone();
                prep.finish((kept, shape), B::own_norm(x, weight, bias, shape))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_norm(x.into_primitive(), weight, bias, shape)),
        }
    }
}

/// The same operations from burn's own.
pub(super) mod stock {
    use super::{FloatTensor, NormShape};
    use burn::backend::{Backend, TensorMetadata};
    use burn::tensor::Shape;

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
        let gradient = if shape.silu {
            let before = affine::<B>(hat.clone(), weight.clone(), bias, shape);
            let gradient = B::float_reshape(gradient, before.shape());
            silu_backward::<B>(before, gradient)
        } else {
            gradient
        };
        let [gradient, weight] = spread::<B>(gradient, weight, shape);
        let d = B::float_reshape(B::float_mul(gradient, weight), Shape::new([shape.rows, shape.row]));
        let along = B::float_mean_dim(B::float_mul(d.clone(), hat.clone()), 1);
        let centred = B::float_sub(d.clone(), B::float_mean_dim(d, 1));
        B::float_reshape(B::float_mul(B::float_sub(centred, B::float_mul(hat, along)), scale), like)
    }
}
