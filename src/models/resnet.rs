//! Residual block, downsampling and upsampling: shared by the UNet and the VAE (diffusers' `ResnetBlock2D`).
use super::layers::{Conv2d, GroupNorm, Linear};
use super::parts::Parts;
use super::weights::Weights;
use crate::tensor::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// x + conv(silu(norm(conv(silu(norm(x))) + time))).
#[derive(Module, Debug)]
pub struct ResnetBlock {
    norm1: GroupNorm,
    conv1: Conv2d,
    time_emb_proj: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv2d,
    conv_shortcut: Option<Conv2d>,
}

/// What residual blocks of one model have in common.
#[derive(Clone, Copy, Debug)]
pub struct ResnetShape {
    /// Groups of both norms.
    pub groups: usize,
    /// Epsilon of both norms.
    pub eps: f64,
    /// Width of the time embedding; `None` in a VAE.
    pub d_time: Option<usize>,
}

impl ResnetBlock {
    /// Takes all tensors under `name`.
    pub fn take(w: &mut Weights, name: &str, c_in: usize, c_out: usize, shape: ResnetShape) -> Self {
        let ResnetShape { groups, eps, d_time } = shape;
        Self {
            norm1: GroupNorm::take(w, &format!("{name}.norm1"), c_in, groups, eps),
            conv1: Conv2d::take(w, &format!("{name}.conv1"), c_in, c_out, 3),
            time_emb_proj: d_time.map(|d| Linear::take(w, &format!("{name}.time_emb_proj"), d, c_out, true)),
            norm2: GroupNorm::take(w, &format!("{name}.norm2"), c_out, groups, eps),
            conv2: Conv2d::take(w, &format!("{name}.conv2"), c_out, c_out, 3),
            conv_shortcut: (c_in != c_out).then(|| Conv2d::take(w, &format!("{name}.conv_shortcut"), c_in, c_out, 1)),
        }
    }

    /// # Shapes
    /// x `[b, c_in, h, w]`, `silu_time` = silu of the time embedding `[b or 1, d_time]` → `[b, c_out, h, w]`
    pub fn forward(&self, x: Tensor<4>, silu_time: Option<&Tensor<2>>) -> Tensor<4> {
        let mut hidden = self.conv1.forward(self.norm1.forward_silu(x.clone()));
        if let (Some(project), Some(time)) = (&self.time_emb_proj, silu_time) {
            let shift = project.forward(time.clone()); // [b or 1, c_out]
            let [b, c] = shift.dims();
            hidden = hidden + shift.reshape([b, c, 1, 1]);
        }
        let hidden = self.conv2.forward(self.norm2.forward_silu(hidden));
        let shortcut = match &self.conv_shortcut {
            Some(conv) => conv.forward(x),
            None => x,
        };
        shortcut + hidden
    }

    /// [`Self::forward`] without time, of a map whose channels lie in several tensors of at most `largest` bytes.
    pub fn forward_parts(&self, x: Parts, largest: usize) -> Parts {
        let hidden = x.clone().norm_silu_convolve(&self.norm1, &self.conv1, largest);
        let shortcut = match &self.conv_shortcut {
            Some(conv) => x.convolve(conv, self.norm1.groups(), largest),
            None => x,
        };
        shortcut.plus(hidden.norm_silu_convolve(&self.norm2, &self.conv2, largest))
    }

    /// c_out.
    pub fn width(&self) -> usize {
        self.conv2.c_out()
    }
}

/// Halves height and width with a strided convolution.
#[derive(Module, Debug)]
pub struct Downsample {
    conv: Conv2d,
    /// The VAE pads right and bottom only (0, 1, 0, 1), the UNet pads all round.
    right_bottom: bool,
}

impl Downsample {
    /// Takes `{name}.conv`; `padding` 0 means right and bottom only, as in diffusers.
    pub fn take(w: &mut Weights, name: &str, channels: usize, padding: usize) -> Self {
        let shape = [channels, channels, 3, 3];
        Self {
            conv: Conv2d::take_with(w, &format!("{name}.conv"), shape, true, 2, padding),
            right_bottom: padding == 0,
        }
    }

    /// # Shapes
    /// `[b, c, h, w]` → `[b, c, ⌈h/2⌉, ⌈w/2⌉]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = if self.right_bottom { x.pad((0, 1, 0, 1), 0.0) } else { x };
        self.conv.forward(x)
    }

    /// [`Self::forward`] of a map whose channels lie in several tensors of at most `largest` bytes, `groups` of them together.
    pub fn forward_parts(&self, x: Parts, groups: usize, largest: usize) -> Parts {
        let [_, _, h, w] = x.dims();
        let more = usize::from(self.right_bottom);
        let pad = |_, x: Tensor<4>| if self.right_bottom { x.pad((0, 1, 0, 1), 0.0) } else { x };
        x.convolve_through(&self.conv, [h + more, w + more], groups, largest, pad)
    }
}

/// Doubles height and width by repeating pixels, then convolves.
#[derive(Module, Debug)]
pub struct Upsample {
    conv: Conv2d,
}

impl Upsample {
    /// Takes `{name}.conv`.
    pub fn take(w: &mut Weights, name: &str, channels: usize) -> Self {
        Self { conv: Conv2d::take(w, &format!("{name}.conv"), channels, channels, 3) }
    }

    /// # Shapes
    /// `[b, c, h, w]` → `[b, c, 2h, 2w]`, cut to `size` where a skip connection is of odd size
    pub fn forward(&self, x: Tensor<4>, size: Option<[usize; 2]>) -> Tensor<4> {
        self.conv.forward(ops::upsample_nearest(x, size))
    }

    /// [`Self::forward`] of a map whose channels lie in several tensors of at most `largest` bytes, `groups` of them together.
    pub fn forward_parts(&self, x: Parts, groups: usize, largest: usize) -> Parts {
        let [_, _, h, w] = x.dims();
        x.convolve_through(&self.conv, [2 * h, 2 * w], groups, largest, |_, x| ops::upsample_nearest(x, None))
    }
}
