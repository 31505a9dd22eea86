//! UNet: predicts the noise in latents, listening to one [`KeyValue`] per cross-attention layer.
//!
//! Ronneberger et al. 2015, with the transformers of Rombach et al. 2022 and the 8 input channels of Brooks et al. 2023.
pub mod attention;
mod blocks;
mod memory;
mod recompute;

use super::config::UNetConfig;
use super::layers::{Conv2d, GroupNorm, Linear};
use super::resnet::ResnetShape;
use super::weights::Weights;
use crate::tensor::ops;
use attention::TransformerShape;
pub use attention::{CrossAttention, KeyValue};
use blocks::{BlockShape, DownBlock, MidBlock, UpBlock};
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

/// diffusers' `UNet2DConditionModel`, the blocks that Stable Diffusion 1 and 2 use.
#[derive(Module, Debug)]
pub struct UNet {
    conv_in: Conv2d,
    time_embedding_1: Linear,
    time_embedding_2: Linear,
    down_blocks: Vec<DownBlock>,
    mid_block: MidBlock,
    up_blocks: Vec<UpBlock>,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
    flip_sin_to_cos: bool,
    freq_shift: f64,
}

impl UNet {
    /// Takes all tensors of the part `unet`.
    pub fn take(w: &mut Weights, config: &UNetConfig) -> Self {
        let widths = &config.block_out_channels;
        let n_blocks = widths.len();
        let d_time = 4 * widths[0];
        let resnet = ResnetShape { groups: config.norm_num_groups, eps: config.norm_eps, d_time: Some(d_time) };
        let transformer = |block_idx: usize| TransformerShape {
            width: widths[block_idx],
            d_context: config.cross_attention_dim,
            heads: config.n_heads[block_idx],
            n_blocks: config.transformer_layers_per_block[block_idx],
            groups: config.norm_num_groups,
            linear: config.use_linear_projection,
        };
        let conv_in = Conv2d::take(w, "conv_in", config.in_channels, widths[0], 3);
        let mut c_skips = vec![widths[0]];
        let mut down_blocks = Vec::new();
        for block_idx in 0..n_blocks {
            let (c_in, c_out) = (widths[block_idx.saturating_sub(1)], widths[block_idx]);
            let shape = BlockShape {
                resnet,
                transformer: config.down_block_types[block_idx].has_attention().then(|| transformer(block_idx)),
                n_layers: config.layers_per_block[block_idx],
                resample: block_idx + 1 < n_blocks,
            };
            let name = format!("down_blocks.{block_idx}");
            down_blocks.push(DownBlock::take(w, &name, c_in, c_out, config.downsample_padding, shape));
            c_skips.extend(std::iter::repeat_n(c_out, shape.n_layers + usize::from(shape.resample)));
        }
        let mid_block = MidBlock::take(w, "mid_block", widths[n_blocks - 1], resnet, transformer(n_blocks - 1));
        let mut up_blocks = Vec::new();
        let mut c_in = widths[n_blocks - 1];
        for block_idx in 0..n_blocks {
            let mirrored = n_blocks - 1 - block_idx;
            let shape = BlockShape {
                resnet,
                transformer: config.up_block_types[block_idx].has_attention().then(|| transformer(mirrored)),
                n_layers: config.layers_per_block[mirrored] + 1,
                resample: mirrored > 0,
            };
            let used: Vec<usize> = c_skips.split_off(c_skips.len() - shape.n_layers).into_iter().rev().collect();
            up_blocks.push(UpBlock::take(w, &format!("up_blocks.{block_idx}"), c_in, widths[mirrored], &used, shape));
            c_in = widths[mirrored];
        }
        Self {
            conv_in,
            time_embedding_1: Linear::take(w, "time_embedding.linear_1", widths[0], d_time, true),
            time_embedding_2: Linear::take(w, "time_embedding.linear_2", d_time, d_time, true),
            down_blocks,
            mid_block,
            up_blocks,
            conv_norm_out: GroupNorm::take(w, "conv_norm_out", widths[0], config.norm_num_groups, config.norm_eps),
            conv_out: Conv2d::take(w, "conv_out", widths[0], config.out_channels, 3),
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
        }
    }

    /// Its cross-attention layers, in forward order: down, mid, up.
    pub fn cross_attentions(&self) -> impl Iterator<Item = &CrossAttention> {
        let down = self.down_blocks.iter().flat_map(DownBlock::cross_attentions);
        let up = self.up_blocks.iter().flat_map(UpBlock::cross_attentions);
        down.chain(self.mid_block.cross_attentions()).chain(up)
    }

    /// What every cross-attention layer listens to when it hears `context`.
    ///
    /// # Shapes
    /// `[b, tokens, d_context]` → one `KeyValue` of `[b, tokens, width]` per layer, in forward order
    pub fn project(&self, context: Tensor<3>) -> Vec<KeyValue> {
        self.cross_attentions().map(|layer| layer.project(context.clone())).collect()
    }

    /// ε(z, t, layers).
    ///
    /// # Shapes
    /// latents `[b, c_in, h, w]` (noisy ones scaled, then image latents), `timesteps` one for all rows or one per row
    /// (0…999, may be fractional), `layers` from [`Self::project`] → `[b, c_out, h, w]`
    pub fn forward(&self, latents: Tensor<4>, timesteps: &[f64], layers: &[KeyValue]) -> Tensor<4> {
        self.forward_seen(latents, timesteps, layers, &mut |_, _| {})
    }

    /// [`Self::forward`], showing every block's output to `seen` under the checkpoint's name for the block; those of
    /// `time_embedding` (as `[n, d, 1, 1]`) and `conv_norm_out` with the silu that follows them.
    pub fn forward_seen(
        &self,
        latents: Tensor<4>,
        timesteps: &[f64],
        layers: &[KeyValue],
        seen: &mut dyn FnMut(&str, &Tensor<4>),
    ) -> Tensor<4> {
        let layers = &mut layers.iter().cloned();
        let silu_time = self.silu_time(timesteps, &latents);
        let [n, d_time] = silu_time.dims();
        seen("time_embedding", &silu_time.clone().reshape([n, d_time, 1, 1]));
        let mut x = self.conv_in.forward(latents);
        seen("conv_in", &x);
        let mut skips = vec![x.clone()];
        for (block_idx, block) in self.down_blocks.iter().enumerate() {
            x = block.forward(x, &silu_time, layers, &mut skips);
            seen(&format!("down_blocks.{block_idx}"), &x);
        }
        x = self.mid_block.forward(x, &silu_time, layers);
        seen("mid_block", &x);
        for (block_idx, block) in self.up_blocks.iter().enumerate() {
            x = block.forward(x, &silu_time, layers, &mut skips);
            seen(&format!("up_blocks.{block_idx}"), &x);
        }
        x = self.conv_norm_out.forward_silu(x);
        seen("conv_norm_out", &x);
        x = self.conv_out.forward(x);
        seen("conv_out", &x);
        x
    }

    /// silu(MLP(sinusoids of t)): every residual block applies silu to the time embedding first, so it is done once.
    ///
    /// # Shapes
    /// `[n]` → `[n, 4 · block_out_channels[0]]`
    fn silu_time(&self, timesteps: &[f64], like: &Tensor<4>) -> Tensor<2> {
        let width = self.time_embedding_1.dims()[0];
        let sinusoids = sinusoids(timesteps, width, self.flip_sin_to_cos, self.freq_shift);
        let data = TensorData::new(sinusoids, [timesteps.len(), width]);
        let device = like.device().without_autodiff();
        let hidden = ops::silu(self.time_embedding_1.forward(Tensor::from_data(data, &device)));
        ops::silu(self.time_embedding_2.forward(hidden))
    }
}

/// Sinusoids of the timestep (Ho et al. 2020; diffusers' `get_timestep_embedding`), row-major `[n, width]`.
fn sinusoids(timesteps: &[f64], width: usize, flip_sin_to_cos: bool, freq_shift: f64) -> Vec<f32> {
    let half = width / 2;
    let mut rows = Vec::with_capacity(timesteps.len() * width);
    for &timestep in timesteps {
        let angles = (0..half).map(|idx| {
            let exponent = -(10_000f32.ln()) * idx as f32 / (half as f32 - freq_shift as f32);
            timestep as f32 * exponent.exp()
        });
        let (sines, cosines): (Vec<f32>, Vec<f32>) = angles.map(f32::sin_cos).unzip();
        let (first, second) = if flip_sin_to_cos { (cosines, sines) } else { (sines, cosines) };
        rows.extend(first.into_iter().chain(second));
        rows.extend(std::iter::repeat_n(0.0, width % 2));
    }
    rows
}
