//! Own operations: what burn decomposes, computes slowly or rounds, each with a backward of its own.
//!
//! One trait and its bodies: kernels for the CPU (`cpu.rs`) and for GPUs (`gpu/`), burn's own operations where there is no kernel
//! (`stock.rs`), and the backward passes on the tape (`tape.rs`). The stock gelu's backward differentiates another function (the
//! tanh approximation), which is a reason of its own.
use super::compute::Compute;
use super::{scores, stock};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{DType, Shape};

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

/// Which numbers of packed words: see [`super::Packed`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PackedShape {
    /// 16: halves; 8, 6, 4: integers with a scale for each block.
    pub bits: usize,
    /// Numbers in all the words.
    pub n: usize,
    /// The first that is meant; where a block begins, if there are blocks.
    pub first: usize,
    /// Rows that are meant.
    pub rows: usize,
    /// Numbers in a row.
    pub row: usize,
}

/// Attention as it is learned through, for the tape; apart from [`OwnOps`], whose macro routes tensors only.
pub trait Attend: Backend {
    /// [`OwnOps::own_attention`], and what it keeps for the way back if it keeps anything.
    fn attention_keeping(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>)
    where
        Self: OwnOps,
    {
        scores::attention_keeping::<Self>(query, key, value)
    }

    /// ∂/∂query, ∂/∂key and ∂/∂value, times `gradient`, of products computed as `compute` says; at least what is wanted.
    fn attention_backward(
        parts: [FloatTensor<Self>; 3],
        kept: Option<FloatTensor<Self>>,
        gradient: FloatTensor<Self>,
        compute: Compute,
        wanted: [bool; 3],
    ) -> [Option<FloatTensor<Self>>; 3]
    where
        Self: OwnOps,
    {
        scores::attention_backward::<Self>(parts, kept, gradient, compute, wanted)
    }
}

impl Attend for Dispatch {}

/// Operations with a backward of their own. Tensors are contiguous or made so.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(any(feature = "wgpu", feature = "cuda")),
    Autodiff
)]
pub trait OwnOps: Backend + Attend {
    /// Bytes in use on the device of x, and bytes that its allocator holds, both in MiB, `[2]`; zeros where nobody counts.
    fn own_memory(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_zeros(Shape::new([2]), &x.device(), DType::F32.into())
    }
    /// Gives free memory of the device of x back, where much of it has gathered; x, as it is.
    fn own_tidy(x: FloatTensor<Self>) -> FloatTensor<Self> {
        x
    }
    /// Matrix products over equal leading axes, f32 in every step if the tensors are and [`super::Compute`] does not say otherwise.
    fn own_matmul(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(left, right)
    }
    /// max |x|, `[1]`.
    fn own_magnitude(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_max_abs(x)
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
    /// softmax(Q·Kᵀ)·V: query `[b, heads, n, d]`, already scaled, key and value `[b, heads, m, d]` → as query.
    fn own_attention(query: FloatTensor<Self>, key: FloatTensor<Self>, value: FloatTensor<Self>) -> FloatTensor<Self> {
        scores::attention::<Self>(query, key, value)
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
    /// Sums over rows: `[rows, row]` → `[row]`.
    fn own_over_rows(x: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::over_rows::<Self>(x)
    }
    /// ∂/∂bias of [`Self::own_conv2d`], times `gradient`: the sum over all pixels.
    fn own_over_pixels(gradient: FloatTensor<Self>, shape: ConvShape) -> FloatTensor<Self> {
        stock::over_pixels::<Self>(gradient, shape)
    }
    /// Adds `bias` `[row]` to every row of x `[rows, row]`.
    fn own_bias(x: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        stock::bias::<Self>(x, bias)
    }
    /// Packed numbers as f32, `[rows, row]`.
    fn own_unpack(words: IntTensor<Self>, shape: PackedShape) -> FloatTensor<Self>;
    /// x·Wᵀ: x `[n, row]` → `[n, rows]`.
    fn own_packed_matmul(x: FloatTensor<Self>, words: IntTensor<Self>, shape: PackedShape) -> FloatTensor<Self> {
        Self::own_matmul(x, Self::float_transpose(Self::own_unpack(words, shape)))
    }
    /// ∂/∂x of [`Self::own_packed_matmul`], times `gradient`: g·W.
    fn own_packed_matmul_backward(
        words: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: PackedShape,
    ) -> FloatTensor<Self> {
        Self::own_matmul(gradient, Self::own_unpack(words, shape))
    }
    /// Convolution with packed kernels, `[c_out, c_in · k · k]`.
    fn own_packed_conv2d(
        x: FloatTensor<Self>,
        words: IntTensor<Self>,
        bias: FloatTensor<Self>,
        packed: PackedShape,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        Self::own_conv2d(x, stock::kernels::<Self>(words, packed, shape), bias, shape)
    }
    /// ∂/∂x of [`Self::own_packed_conv2d`], times `gradient`.
    fn own_packed_conv2d_x_backward(
        words: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        packed: PackedShape,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        Self::own_conv2d_x_backward(stock::kernels::<Self>(words, packed, shape), gradient, shape)
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
