//! VAE config: `vae/config.json` of a diffusers `AutoencoderKL`.
use super::Fields;
use crate::{Error, Result};
use serde_json::{Value, json};

/// Sizes of the VAE; lists have one entry per block.
#[derive(Clone, Debug, PartialEq)]
pub struct VaeConfig {
    /// Channels of a picture: 3.
    pub in_channels: usize,
    /// Channels of a picture: 3.
    pub out_channels: usize,
    /// Channels of the latents.
    pub latent_channels: usize,
    /// Widths of the encoder from the outside inwards; each block but the last halves the sides.
    pub block_out_channels: Vec<usize>,
    /// Resnets per encoder block; a decoder block has one more.
    pub layers_per_block: usize,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// Latents times this have about unit variance.
    pub scaling_factor: f64,
    /// The middle blocks attend.
    pub mid_block_add_attention: bool,
    /// A 1×1 convolution after the encoder.
    pub use_quant_conv: bool,
    /// A 1×1 convolution before the decoder.
    pub use_post_quant_conv: bool,
}

impl VaeConfig {
    /// Reads `vae/config.json`. Errors: not JSON, sizes that cannot be, what no model here knows.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let fields = Fields::parse("vae/config.json", json)?;
        fields.only("_class_name", json!("AutoencoderKL"))?;
        fields.silu()?;
        for key in ["shift_factor", "latents_mean", "latents_std"] {
            fields.only(key, Value::Null)?;
        }
        let block_out_channels = fields.sizes("block_out_channels", &[64])?;
        let n = block_out_channels.len();
        for (key, known) in [("down_block_types", "DownEncoderBlock2D"), ("up_block_types", "UpDecoderBlock2D")] {
            let found = fields.names(key, &[known], |name| (name == known).then_some(()), known)?;
            if found.len() != n {
                return Err(fields.error(key, &format!("{n} entries as \"block_out_channels\" has")));
            }
        }
        let config = Self {
            in_channels: fields.size("in_channels", 3)?,
            out_channels: fields.size("out_channels", 3)?,
            latent_channels: fields.size("latent_channels", 4)?,
            layers_per_block: fields.size("layers_per_block", 1)?,
            norm_num_groups: fields.size("norm_num_groups", 32)?,
            scaling_factor: fields.positive("scaling_factor", 0.18215)?,
            mid_block_add_attention: fields.boolean("mid_block_add_attention", true)?,
            use_quant_conv: fields.boolean("use_quant_conv", true)?,
            use_post_quant_conv: fields.boolean("use_post_quant_conv", true)?,
            block_out_channels,
        };
        if (config.in_channels, config.out_channels) != (3, 3) {
            return Err(Error::Checkpoint(format!(
                "vae/config.json: \"in_channels\" and \"out_channels\" are {} and {}, needs 3 and 3 (RGB)",
                config.in_channels, config.out_channels
            )));
        }
        if config.layers_per_block > 64 {
            return Err(fields.error("layers_per_block", "1 to 64"));
        }
        // Pictures inside the model have sides of multiples of 64.
        if n > 7 {
            return Err(fields.error("block_out_channels", "1 to 7 widths: each but the last halves the sides"));
        }
        fields.divides(
            "block_out_channels",
            &config.block_out_channels,
            "norm_num_groups",
            &vec![config.norm_num_groups; n],
        )?;
        Ok(config)
    }

    /// Pixels per latent along a side: 8 for SD1.5.
    pub fn pixels_per_latent(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }
}
