//! Layers: the five leaves of every network here, fields named as in the checkpoints.
use super::weights::Weights;
use crate::tensor::ops::{self, Packed};
use burn::module::{Module, Param, ParamId};
use burn::tensor::module::embedding;
use burn::tensor::{Device, Int, Tensor};
use std::ops::Range;

/// A tensor as a module's parameter, tracked if it is tracked and plain if it is plain: burn's own constructor would track it
/// wherever autodiff is on, and refuses what was computed from a tracked tensor.
pub fn parameter<const D: usize>(value: Tensor<D>) -> Param<Tensor<D>> {
    Param::initialized(ParamId::new(), value)
}

/// W of a linear layer.
#[derive(Module, Debug)]
pub enum Matrix {
    /// `[d_in, d_out]`: transposed once at loading, checkpoints hold `[d_out, d_in]`.
    Plain(Param<Tensor<2>>),
    /// `[d_out, d_in]`, in few bits.
    Packed(Packed),
}

/// y = x·W + b.
#[derive(Module, Debug)]
pub struct Linear {
    /// W.
    pub weight: Matrix,
    /// `[d_out]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// Takes `{name}.weight` and, if wanted, `{name}.bias`.
    pub fn take(w: &mut Weights, name: &str, d_in: usize, d_out: usize, bias: bool) -> Self {
        let matrix = format!("{name}.weight");
        let weight = match w.take_packed(&matrix, &[d_out, d_in]) {
            Some(packed) => Matrix::Packed(packed),
            None => Matrix::Plain(parameter(w.take_transposed(&matrix, [d_out, d_in]))),
        };
        Self { weight, bias: bias.then(|| parameter(w.take(&format!("{name}.bias"), [d_out]))) }
    }

    /// # Shapes
    /// `[.., d_in]` → `[.., d_out]`
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let bias = self.bias.as_ref().map(Param::val);
        match &self.weight {
            Matrix::Plain(weight) => ops::linear(x, weight.val(), bias),
            Matrix::Packed(weight) => ops::packed_linear(x, weight, bias),
        }
    }

    /// d_in and d_out.
    pub fn dims(&self) -> [usize; 2] {
        match &self.weight {
            Matrix::Plain(weight) => weight.dims(),
            Matrix::Packed(weight) => [weight.row(), weight.rows()],
        }
    }
}

/// Kernels of a convolution.
#[derive(Module, Debug)]
pub enum Kernels {
    /// `[c_out, c_in, k, k]`.
    Plain(Param<Tensor<4>>),
    /// `[c_out, c_in · k · k]`, in few bits.
    Packed(Packed),
}

/// Square convolution.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// Its kernels.
    pub weight: Kernels,
    /// `[c_out]`.
    pub bias: Option<Param<Tensor<1>>>,
    c_out: usize,
    k: usize,
    stride: usize,
    padding: usize,
}

impl Conv2d {
    /// A convolution that keeps the size: stride 1, padding ⌊k/2⌋.
    pub fn take(w: &mut Weights, name: &str, c_in: usize, c_out: usize, k: usize) -> Self {
        Self::take_with(w, name, [c_out, c_in, k, k], true, 1, k / 2)
    }

    /// Takes `{name}.weight` of this shape and, if wanted, `{name}.bias`.
    pub fn take_with(
        w: &mut Weights,
        name: &str,
        shape: [usize; 4],
        bias: bool,
        stride: usize,
        padding: usize,
    ) -> Self {
        let [c_out, _, k, _] = shape;
        let kernels = format!("{name}.weight");
        let weight = match w.take_packed(&kernels, &shape) {
            Some(packed) => Kernels::Packed(packed),
            None => Kernels::Plain(parameter(w.take(&kernels, shape))),
        };
        let bias = bias.then(|| parameter(w.take(&format!("{name}.bias"), [c_out])));
        Self { weight, bias, c_out, k, stride, padding }
    }

    /// # Shapes
    /// `[b, c_in, h, w]` → `[b, c_out, h', w']`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let bias = self.bias_or_zeros(&x.device());
        match &self.weight {
            Kernels::Plain(weight) => ops::conv2d(x, weight.val(), bias, self.stride, self.padding),
            Kernels::Packed(weight) => ops::packed_conv2d(x, weight, bias, self.k, self.stride, self.padding),
        }
    }

    /// `[c_out]`.
    pub fn bias_or_zeros(&self, device: &Device) -> Tensor<1> {
        match &self.bias {
            Some(bias) => bias.val(),
            None => Tensor::zeros([self.c_out], device),
        }
    }

    /// Its kernels as f32, `[c_out, c_in, k, k]`.
    pub fn kernels(&self) -> Tensor<4> {
        match &self.weight {
            Kernels::Plain(weight) => weight.val(),
            Kernels::Packed(weight) => {
                let c_in = weight.row() / (self.k * self.k);
                weight.unpack().reshape([self.c_out, c_in, self.k, self.k])
            }
        }
    }

    /// Channels of the result.
    pub fn c_out(&self) -> usize {
        self.c_out
    }

    /// Side of a kernel.
    pub fn side(&self) -> usize {
        self.k
    }

    /// Pixels from one patch to the next, and zeros all round.
    pub fn stride_and_padding(&self) -> [usize; 2] {
        [self.stride, self.padding]
    }

    /// A 1×1 convolution, as the linear layer that it is.
    ///
    /// # Shapes
    /// `[b, h·w, c_in]` → `[b, h·w, c_out]`
    pub fn forward_pixels(&self, x: Tensor<3>) -> Tensor<3> {
        let bias = self.bias.as_ref().map(Param::val);
        match &self.weight {
            Kernels::Plain(weight) => {
                let weight = weight.val();
                let [c_out, c_in, _, _] = weight.dims();
                ops::linear(x, weight.reshape([c_out, c_in]).transpose(), bias)
            }
            Kernels::Packed(weight) => ops::packed_linear(x, weight, bias),
        }
    }
}

/// Group normalisation (Wu and He 2018).
#[derive(Module, Debug)]
pub struct GroupNorm {
    /// `[c]`.
    pub weight: Param<Tensor<1>>,
    /// `[c]`.
    pub bias: Param<Tensor<1>>,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// Takes `{name}.weight` and `{name}.bias`; `groups` divides `channels`.
    pub fn take(w: &mut Weights, name: &str, channels: usize, groups: usize, eps: f64) -> Self {
        Self {
            weight: parameter(w.take(&format!("{name}.weight"), [channels])),
            bias: parameter(w.take(&format!("{name}.bias"), [channels])),
            groups,
            eps,
        }
    }

    /// # Shapes
    /// `[b, c, h, w]` → the same
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        ops::group_norm(x, self.weight.val(), self.bias.val(), self.groups, self.eps, false)
    }

    /// [`Self::forward_silu`] of some channels of x, whole groups of them.
    ///
    /// # Shapes
    /// `[b, c', h, w]` → the same
    pub fn forward_silu_of(&self, channels: Range<usize>, x: Tensor<4>) -> Tensor<4> {
        let [weight, bias] = [&self.weight, &self.bias].map(|of| of.val().narrow(0, channels.start, channels.len()));
        let group = self.weight.dims()[0] / self.groups;
        ops::group_norm(x, weight, bias, channels.len() / group, self.eps, true)
    }

    /// How many groups.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Normalises, then applies silu: the pair that stands before almost every convolution.
    ///
    /// # Shapes
    /// `[b, c, h, w]` → the same
    pub fn forward_silu(&self, x: Tensor<4>) -> Tensor<4> {
        ops::group_norm(x, self.weight.val(), self.bias.val(), self.groups, self.eps, true)
    }
}

/// Layer normalisation over the last axis (Ba et al. 2016).
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// `[width]`.
    pub weight: Param<Tensor<1>>,
    /// `[width]`.
    pub bias: Param<Tensor<1>>,
    eps: f64,
}

impl LayerNorm {
    /// Takes `{name}.weight` and `{name}.bias`.
    pub fn take(w: &mut Weights, name: &str, width: usize, eps: f64) -> Self {
        Self {
            weight: parameter(w.take(&format!("{name}.weight"), [width])),
            bias: parameter(w.take(&format!("{name}.bias"), [width])),
            eps,
        }
    }

    /// # Shapes
    /// `[b, n, width]` → the same
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        ops::layer_norm(x, self.weight.val(), self.bias.val(), self.eps)
    }
}

/// The rows of a table.
#[derive(Module, Debug)]
pub enum Rows {
    /// `[rows, width]`.
    Plain(Param<Tensor<2>>),
    /// `[rows, width]`, in halves.
    Packed(Packed),
}

/// A table of vectors.
#[derive(Module, Debug)]
pub struct Embedding {
    /// Its rows.
    pub weight: Rows,
}

impl Embedding {
    /// Takes `{name}.weight`.
    pub fn take(w: &mut Weights, name: &str, rows: usize, width: usize) -> Self {
        let name = format!("{name}.weight");
        let weight = match w.take_packed(&name, &[rows, width]) {
            Some(packed) if packed.has_rows() => Rows::Packed(packed),
            Some(packed) => Rows::Plain(parameter(packed.unpack().reshape([rows, width]))),
            None => Rows::Plain(parameter(w.take(&name, [rows, width]))),
        };
        Self { weight }
    }

    /// # Shapes
    /// ids `[b, n]` → `[b, n, width]`
    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        match &self.weight {
            Rows::Plain(weight) => embedding(weight.val(), ids),
            Rows::Packed(weight) => {
                let [b, n] = ids.dims();
                weight.rows_of(ids.reshape([b * n])).reshape([b, n, weight.row()])
            }
        }
    }

    /// The first `n` rows, `[n, width]`.
    pub fn first(&self, n: usize) -> Tensor<2> {
        match &self.weight {
            Rows::Plain(weight) => weight.val().narrow(0, 0, n),
            Rows::Packed(weight) => {
                let rows = weight.unpack().reshape([weight.rows(), weight.row()]);
                rows.narrow(0, 0, n)
            }
        }
    }

    /// Numbers in a row.
    pub fn width(&self) -> usize {
        match &self.weight {
            Rows::Plain(weight) => weight.dims()[1],
            Rows::Packed(weight) => weight.row(),
        }
    }
}
