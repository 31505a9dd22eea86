//! Encoder and decoder of the VAE: residual blocks between changes of size, attention in the middle.
use super::attention::PixelAttention;
use crate::models::config::VaeConfig;
use crate::models::layers::{Conv2d, GroupNorm};
use crate::models::parts::Parts;
use crate::models::resnet::{Downsample, ResnetBlock, ResnetShape, Upsample};
use crate::models::weights::Weights;
use burn::module::Module;
use burn::tensor::Tensor;

const EPS: f64 = 1e-6; // fixed in diffusers' AutoencoderKL

fn resnet_shape(config: &VaeConfig) -> ResnetShape {
    ResnetShape { groups: config.norm_num_groups, eps: EPS, d_time: None }
}

/// Residual blocks, then a change of size.
#[derive(Module, Debug)]
struct Stage {
    resnets: Vec<ResnetBlock>,
    downsampler: Option<Downsample>,
    upsampler: Option<Upsample>,
}

impl Stage {
    fn resnets(
        w: &mut Weights,
        name: &str,
        c_in: usize,
        c_out: usize,
        n_layers: usize,
        shape: ResnetShape,
    ) -> Vec<ResnetBlock> {
        (0..n_layers)
            .map(|idx| {
                ResnetBlock::take(
                    w,
                    &format!("{name}.resnets.{idx}"),
                    if idx == 0 { c_in } else { c_out },
                    c_out,
                    shape,
                )
            })
            .collect()
    }

    fn forward(&self, mut x: Parts, groups: usize, largest: usize) -> Parts {
        for resnet in &self.resnets {
            x = resnet.forward_parts(x, largest);
        }
        if let Some(downsampler) = &self.downsampler {
            x = downsampler.forward_parts(x, groups, largest);
        }
        if let Some(upsampler) = &self.upsampler {
            x = upsampler.forward_parts(x, groups, largest);
        }
        x
    }
}

/// Residual, attention, residual.
#[derive(Module, Debug)]
struct Middle {
    resnets: Vec<ResnetBlock>,
    attention: Option<PixelAttention>,
}

impl Middle {
    fn take(w: &mut Weights, name: &str, width: usize, config: &VaeConfig) -> Self {
        let shape = resnet_shape(config);
        Self {
            resnets: Stage::resnets(w, name, width, width, 2, shape),
            attention: config
                .mid_block_add_attention
                .then(|| PixelAttention::take(w, &format!("{name}.attentions.0"), width, config.norm_num_groups, EPS)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mut x = self.resnets[0].forward(x, None);
        if let Some(attention) = &self.attention {
            x = attention.forward(x);
        }
        self.resnets[1].forward(x, None)
    }
}

/// Pictures to moments.
#[derive(Module, Debug)]
pub struct Encoder {
    conv_in: Conv2d,
    down_blocks: Vec<Stage>,
    mid_block: Middle,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
}

impl Encoder {
    /// Takes all tensors under `encoder`.
    pub fn take(w: &mut Weights, config: &VaeConfig) -> Self {
        let widths = &config.block_out_channels;
        let (first, last) = (widths[0], widths[widths.len() - 1]);
        let down_blocks = (0..widths.len())
            .map(|idx| {
                let name = format!("encoder.down_blocks.{idx}");
                let (c_in, c_out) = (widths[idx.saturating_sub(1)], widths[idx]);
                Stage {
                    resnets: Stage::resnets(w, &name, c_in, c_out, config.layers_per_block, resnet_shape(config)),
                    downsampler: (idx + 1 < widths.len())
                        .then(|| Downsample::take(w, &format!("{name}.downsamplers.0"), c_out, 0)),
                    upsampler: None,
                }
            })
            .collect();
        Self {
            conv_in: Conv2d::take(w, "encoder.conv_in", config.in_channels, first, 3),
            down_blocks,
            mid_block: Middle::take(w, "encoder.mid_block", last, config),
            conv_norm_out: GroupNorm::take(w, "encoder.conv_norm_out", last, config.norm_num_groups, EPS),
            conv_out: Conv2d::take(w, "encoder.conv_out", last, 2 * config.latent_channels, 3),
        }
    }

    /// Shows every block's output to `seen` under the checkpoint's name for the block; no feature map is larger than `largest` bytes.
    ///
    /// # Shapes
    /// `[b, 3, h, w]` → `[b, 8, h/8, w/8]`
    pub fn forward(&self, x: Tensor<4>, largest: usize, seen: &mut dyn FnMut(&str, &Parts)) -> Tensor<4> {
        let groups = self.conv_norm_out.groups();
        let mut x = Parts::from(x).convolve(&self.conv_in, groups, largest);
        seen("encoder.conv_in", &x);
        for (idx, block) in self.down_blocks.iter().enumerate() {
            x = block.forward(x, groups, largest);
            seen(&format!("encoder.down_blocks.{idx}"), &x);
        }
        x = self.mid_block.forward(x.whole()).into();
        seen("encoder.mid_block", &x);
        x = x.norm_silu_convolve(&self.conv_norm_out, &self.conv_out, largest);
        seen("encoder", &x);
        x.whole()
    }
}

/// Latents to pictures.
#[derive(Module, Debug)]
pub struct Decoder {
    conv_in: Conv2d,
    mid_block: Middle,
    up_blocks: Vec<Stage>,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
}

impl Decoder {
    /// Takes all tensors under `decoder`.
    pub fn take(w: &mut Weights, config: &VaeConfig) -> Self {
        let widths: Vec<usize> = config.block_out_channels.iter().rev().copied().collect();
        let (first, last) = (widths[0], widths[widths.len() - 1]);
        let up_blocks = (0..widths.len())
            .map(|idx| {
                let name = format!("decoder.up_blocks.{idx}");
                let (c_in, c_out) = (widths[idx.saturating_sub(1)], widths[idx]);
                Stage {
                    resnets: Stage::resnets(w, &name, c_in, c_out, config.layers_per_block + 1, resnet_shape(config)),
                    downsampler: None,
                    upsampler: (idx + 1 < widths.len())
                        .then(|| Upsample::take(w, &format!("{name}.upsamplers.0"), c_out)),
                }
            })
            .collect();
        Self {
            conv_in: Conv2d::take(w, "decoder.conv_in", config.latent_channels, first, 3),
            mid_block: Middle::take(w, "decoder.mid_block", first, config),
            up_blocks,
            conv_norm_out: GroupNorm::take(w, "decoder.conv_norm_out", last, config.norm_num_groups, EPS),
            conv_out: Conv2d::take(w, "decoder.conv_out", last, config.out_channels, 3),
        }
    }

    /// Shows every block's output to `seen` under the checkpoint's name for the block; no feature map is larger than `largest` bytes.
    ///
    /// # Shapes
    /// `[b, 4, h, w]` → `[b, 3, 8h, 8w]`
    pub fn forward(&self, x: Tensor<4>, largest: usize, seen: &mut dyn FnMut(&str, &Parts)) -> Tensor<4> {
        let groups = self.conv_norm_out.groups();
        let mut x = Parts::from(self.conv_in.forward(x));
        seen("decoder.conv_in", &x);
        x = self.mid_block.forward(x.whole()).into();
        seen("decoder.mid_block", &x);
        for (idx, block) in self.up_blocks.iter().enumerate() {
            x = block.forward(x, groups, largest);
            seen(&format!("decoder.up_blocks.{idx}"), &x);
        }
        x.norm_silu_convolve(&self.conv_norm_out, &self.conv_out, largest).whole()
    }
}
