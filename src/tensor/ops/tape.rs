//! Tape: the backward passes of the own operations. Gradients that products hand on are computed as those products were; gradients
//! of weights always in f32.
use super::compute::Compute;
use super::own::{Attend, ConvShape, NormShape, OwnOps, PackedShape};
use super::scaled::Scaled;
use super::stock;
use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::{FloatTensor, IntTensor};

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
            let sums = stock::over_sharing_rows::<B>(sums, shape);
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
    type State = ([Option<FloatTensor<B>>; 2], ConvShape, Compute);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let ([x, weight], shape, compute) = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        if let (Some(node), Some(weight)) = (x_node, weight) {
            let scaled = Scaled::<B>::new(gradient.clone(), compute);
            let of_x = scaled.product(|gradient| B::own_conv2d_x_backward(weight, gradient, shape));
            grads.register::<B>(node.id, of_x);
        }
        if let (Some(node), Some(x)) = (weight_node, x) {
            grads.register::<B>(node.id, B::own_conv2d_weight_backward(x, gradient.clone(), shape));
        }
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, B::own_over_pixels(gradient, shape));
        }
    }
}

#[derive(Debug)]
struct Attention;

impl<B: OwnOps> Backward<B, 3> for Attention {
    /// Query, key, value, and the probabilities if they are few.
    type State = ([FloatTensor<B>; 3], Option<FloatTensor<B>>, Compute);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (parts, kept, compute) = ops.state;
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = B::attention_backward(parts, kept, gradient, compute, wanted);
        for (node, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(node), Some(gradient)) = (node, gradient) {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct Bias;

impl<B: OwnOps> Backward<B, 2> for Bias {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [x_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, B::own_over_rows(gradient.clone()));
        }
        if let Some(node) = x_node {
            grads.register::<B>(node.id, gradient);
        }
    }
}

#[derive(Debug)]
struct PackedMatmul;

impl<B: OwnOps> Backward<B, 1> for PackedMatmul {
    type State = (IntTensor<B>, PackedShape, Compute);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (words, shape, compute) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |gradient| {
            let scaled = Scaled::<B>::new(gradient, compute);
            scaled.product(|gradient| B::own_packed_matmul_backward(words, gradient, shape))
        });
    }
}

#[derive(Debug)]
struct PackedConv;

impl<B: OwnOps> Backward<B, 1> for PackedConv {
    type State = (IntTensor<B>, PackedShape, ConvShape, Compute);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (words, packed, shape, compute) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |gradient| {
            let scaled = Scaled::<B>::new(gradient, compute);
            scaled.product(|gradient| B::own_packed_conv2d_x_backward(words, gradient, packed, shape))
        });
    }
}

#[derive(Debug)]
struct Matmul;

impl<B: OwnOps> Backward<B, 2> for Matmul {
    /// Each side is kept only where the other one learns.
    type State = ([Option<FloatTensor<B>>; 2], Compute);

    /// ∂/∂left = g·rightᵀ, ∂/∂right = leftᵀ·g
    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (kept, compute) = ops.state;
        let gradient = grads.consume::<B>(&ops.node);
        let ([left_node, right_node], [left, right]) = (ops.parents, kept);
        if let (Some(node), Some(right)) = (left_node, right) {
            let scaled = Scaled::<B>::new(gradient.clone(), compute);
            let of_left = scaled.product(|gradient| B::own_matmul(gradient, B::float_transpose(right)));
            grads.register::<B>(node.id, of_left);
        }
        if let (Some(node), Some(left)) = (right_node, left) {
            let of_right = Compute::F32.over(|| B::own_matmul(B::float_transpose(left), gradient));
            grads.register::<B>(node.id, of_right);
        }
    }
}

impl<B: OwnOps, C: CheckpointStrategy> Attend for Autodiff<B, C> {}

impl<B: OwnOps, C: CheckpointStrategy> OwnOps for Autodiff<B, C> {
    fn own_matmul(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        let (left_learns, right_learns) = (left.is_tracked(), right.is_tracked());
        let prep = Matmul.prepare::<C>([left.node(), right.node()]).compute_bound().stateful();
        let (left, right) = (left.into_primitive(), right.into_primitive());
        match prep {
            OpsKind::Tracked(prep) => {
                let kept = [right_learns.then(|| left.clone()), left_learns.then(|| right.clone())];
                prep.finish((kept, Compute::now()), B::own_matmul(left, right))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_matmul(left, right)),
        }
    }

    fn own_memory(x: FloatTensor<Self>) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::own_memory(x.into_primitive()))
    }

    fn own_unpack(words: IntTensor<Self>, shape: PackedShape) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::own_unpack(words, shape))
    }

    fn own_packed_matmul(x: FloatTensor<Self>, words: IntTensor<Self>, shape: PackedShape) -> FloatTensor<Self> {
        match PackedMatmul.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::own_packed_matmul(x.into_primitive(), words.clone(), shape);
                prep.finish((words, shape, Compute::now()), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_packed_matmul(x.into_primitive(), words, shape)),
        }
    }

    fn own_packed_conv2d(
        x: FloatTensor<Self>,
        words: IntTensor<Self>,
        bias: FloatTensor<Self>,
        packed: PackedShape,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        let bias = bias.into_primitive(); // packed weights are frozen, and so is what belongs to them
        match PackedConv.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::own_packed_conv2d(x.into_primitive(), words.clone(), bias, packed, shape);
                prep.finish((words, packed, shape, Compute::now()), y)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::own_packed_conv2d(x.into_primitive(), words, bias, packed, shape))
            }
        }
    }

    fn own_bias(x: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let prep = Bias.prepare::<C>([x.node(), bias.node()]).compute_bound().stateful();
        let (x, bias) = (x.into_primitive(), bias.into_primitive());
        match prep {
            OpsKind::Tracked(prep) => prep.finish((), B::own_bias(x, bias)),
            OpsKind::UnTracked(prep) => prep.finish(B::own_bias(x, bias)),
        }
    }

    fn own_attention(query: FloatTensor<Self>, key: FloatTensor<Self>, value: FloatTensor<Self>) -> FloatTensor<Self> {
        let prep = Attention.prepare::<C>([query.node(), key.node(), value.node()]).compute_bound().stateful();
        let parts = [query, key, value].map(|part| part.into_primitive());
        let [query, key, value] = parts.clone();
        match prep {
            OpsKind::Tracked(prep) => {
                let (heard, kept) = B::attention_keeping(query, key, value);
                prep.finish((parts, kept, Compute::now()), heard)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::own_attention(query, key, value)),
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
                prep.finish((kept, shape, Compute::now()), B::own_conv2d(x, weight, bias, shape))
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
