//! UNet config: `unet/config.json` of a diffusers `UNet2DConditionModel`.
use super::{Fields, as_size};
use crate::{Error, Result};
use serde_json::{Value, json};

/// A block on the way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownBlock {
    /// Resnets, each followed by a transformer.
    CrossAttnDownBlock2D,
    /// Resnets only.
    DownBlock2D,
}

impl DownBlock {
    /// Whether transformers follow its resnets.
    pub fn has_attention(self) -> bool {
        self == Self::CrossAttnDownBlock2D
    }
}

/// A block on the way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpBlock {
    /// Resnets, each followed by a transformer.
    CrossAttnUpBlock2D,
    /// Resnets only.
    UpBlock2D,
}

impl UpBlock {
    /// Whether transformers follow its resnets.
    pub fn has_attention(self) -> bool {
        self == Self::CrossAttnUpBlock2D
    }
}

/// Sizes of the UNet. Lists have one entry per down block; up blocks use them in reverse. The middle block is always
/// `UNetMidBlock2DCrossAttn` and uses the last entries.
#[derive(Clone, Debug, PartialEq)]
pub struct UNetConfig {
    /// Channels in: 8 for InstructPix2Pix.
    pub in_channels: usize,
    /// Channels out: 4 latents.
    pub out_channels: usize,
    /// From the outside inwards.
    pub down_block_types: Vec<DownBlock>,
    /// From the inside outwards.
    pub up_block_types: Vec<UpBlock>,
    /// Widths.
    pub block_out_channels: Vec<usize>,
    /// Resnets per down block; an up block has one more.
    pub layers_per_block: Vec<usize>,
    /// Transformer blocks per attention.
    pub transformer_layers_per_block: Vec<usize>,
    /// Heads (the file calls them `attention_head_dim`, by an old mistake of diffusers).
    pub n_heads: Vec<usize>,
    /// Width of the context.
    pub cross_attention_dim: usize,
    /// `proj_in` and `proj_out` are linear layers, not 1×1 convolutions.
    pub use_linear_projection: bool,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// ε of the resnets' group norms and of `conv_norm_out` (the transformers' group norm has 1e-6).
    pub norm_eps: f64,
    /// The timestep embedding starts with the cosines.
    pub flip_sin_to_cos: bool,
    /// The timestep embedding's shift of the frequencies.
    pub freq_shift: f64,
    /// Padding of the strided convolutions.
    pub downsample_padding: usize,
}

const DOWN: [&str; 4] = ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"];
const UP: [&str; 4] = ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"];

impl UNetConfig {
    /// Reads `unet/config.json`. Errors: not JSON, sizes that cannot be, what no model here knows.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let fields = Fields::parse("unet/config.json", json)?;
        fields.only("_class_name", json!("UNet2DConditionModel"))?;
        fields.silu()?;
        for (key, allowed) in [
            ("center_input_sample", json!(false)),
            ("dual_cross_attention", json!(false)),
            ("only_cross_attention", json!(false)),
            ("mid_block_scale_factor", json!(1)),
            ("resnet_time_scale_shift", json!("default")),
            ("resnet_skip_time_act", json!(false)),
            ("resnet_out_scale_factor", json!(1.0)),
            ("time_embedding_type", json!("positional")),
            ("attention_type", json!("default")),
            ("class_embeddings_concat", json!(false)),
            ("mid_block_type", json!("UNetMidBlock2DCrossAttn")),
            ("conv_in_kernel", json!(3)),
            ("conv_out_kernel", json!(3)),
        ] {
            fields.only(key, allowed)?;
        }
        for key in [
            "class_embed_type",
            "addition_embed_type",
            "num_class_embeds",
            "encoder_hid_dim",
            "encoder_hid_dim_type",
            "time_embedding_dim",
            "time_embedding_act_fn",
            "timestep_post_act",
            "time_cond_proj_dim",
            "projection_class_embeddings_input_dim",
            "cross_attention_norm",
            "reverse_transformer_layers_per_block",
        ] {
            fields.only(key, Value::Null)?;
        }
        for key in ["mid_block_type", "norm_num_groups"] {
            if fields.map.get(key).is_some_and(Value::is_null) {
                return Err(fields.error(key, "a value: a UNet without it is not supported"));
            }
        }
        let down = |name: &str| match name {
            "CrossAttnDownBlock2D" => Some(DownBlock::CrossAttnDownBlock2D),
            "DownBlock2D" => Some(DownBlock::DownBlock2D),
            _ => None,
        };
        let up = |name: &str| match name {
            "CrossAttnUpBlock2D" => Some(UpBlock::CrossAttnUpBlock2D),
            "UpBlock2D" => Some(UpBlock::UpBlock2D),
            _ => None,
        };
        let block_out_channels = fields.sizes("block_out_channels", &[320, 640, 1280, 1280])?;
        let n = block_out_channels.len();
        let heads =
            if fields.get("num_attention_heads").is_some() { "num_attention_heads" } else { "attention_head_dim" };
        let contexts = fields.per_block("cross_attention_dim", 1280, n, as_size)?;
        let config = Self {
            in_channels: fields.size("in_channels", 4)?,
            out_channels: fields.size("out_channels", 4)?,
            down_block_types: fields.names("down_block_types", &DOWN, down, "CrossAttnDownBlock2D and DownBlock2D")?,
            up_block_types: fields.names("up_block_types", &UP, up, "CrossAttnUpBlock2D and UpBlock2D")?,
            layers_per_block: fields.per_block("layers_per_block", 2, n, few)?,
            transformer_layers_per_block: fields.per_block("transformer_layers_per_block", 1, n, few)?,
            n_heads: fields.per_block(heads, 8, n, as_size)?,
            cross_attention_dim: contexts[0],
            use_linear_projection: fields.boolean("use_linear_projection", false)?,
            norm_num_groups: fields.size("norm_num_groups", 32)?,
            norm_eps: fields.positive("norm_eps", 1e-5)?,
            flip_sin_to_cos: fields.boolean("flip_sin_to_cos", true)?,
            freq_shift: fields.number("freq_shift", 0.0)?,
            downsample_padding: if fields.map.get("downsample_padding") == Some(&json!(0)) {
                0
            } else {
                fields.size("downsample_padding", 1)?
            },
            block_out_channels,
        };
        for (key, found) in
            [("down_block_types", config.down_block_types.len()), ("up_block_types", config.up_block_types.len())]
        {
            if found != n {
                return Err(fields.error(key, &format!("{n} entries as \"block_out_channels\" has")));
            }
        }
        if contexts.iter().any(|&width| width != contexts[0]) {
            return Err(
                fields.error("cross_attention_dim", "one width: different contexts per block are not supported")
            );
        }
        if config.downsample_padding > 1 {
            return Err(fields.error("downsample_padding", "0 or 1"));
        }
        let first = config.block_out_channels[0];
        if !first.is_multiple_of(2) || (first / 2) as f64 <= config.freq_shift {
            return Err(fields.error("block_out_channels", "an even first width above twice \"freq_shift\""));
        }
        fields.divides("block_out_channels", &config.block_out_channels, heads, &config.n_heads)?;
        fields.divides(
            "block_out_channels",
            &config.block_out_channels,
            "norm_num_groups",
            &vec![config.norm_num_groups; n],
        )?;
        Ok(config)
    }

    /// Errors unless the UNet listens to an image: 8 channels in, 4 out.
    pub fn check_ip2p(&self) -> Result<()> {
        match (self.in_channels, self.out_channels) {
            (8, 4) => Ok(()),
            (8, out) => Err(Error::Checkpoint(format!(
                "unet: conv_out has {out} output channels, InstructPix2Pix needs 4 (latents); is this another kind of model?"
            ))),
            (found, _) => Err(Error::Checkpoint(format!(
                "unet: conv_in has {found} input channels, InstructPix2Pix needs 8 (4 noisy + 4 image latents); {}",
                if found == 4 { "is this plain Stable Diffusion?" } else { "is this another kind of model?" }
            ))),
        }
    }
}

/// A number of layers.
fn few(value: &Value) -> Option<usize> {
    as_size(value).filter(|&n| n <= 64)
}
