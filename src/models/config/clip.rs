//! CLIP configs: `text_encoder/config.json` (the text tower alone) and `clip/config.json` (both towers), as transformers writes them.
//!
//! The token ids in these files are often wrong (method.md section 1): they are not read; the tokenizer knows them.
use super::Fields;
use crate::{Error, Result};
use serde_json::Value;

/// What follows the first linear layer of a transformer's MLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x · σ(1.702 x)
    QuickGelu,
    /// x · Φ(x)
    Gelu,
}

/// Sizes of CLIP's text tower.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipTextConfig {
    /// Tokens known.
    pub vocab_size: usize,
    /// Width of the context.
    pub hidden_size: usize,
    /// Width inside the MLP.
    pub intermediate_size: usize,
    /// Layers.
    pub n_layers: usize,
    /// Heads.
    pub n_heads: usize,
    /// Longest text, BOS and EOS included.
    pub max_position_embeddings: usize,
    /// The MLP's activation.
    pub hidden_act: Activation,
    /// ε of every layer norm.
    pub layer_norm_eps: f64,
}

/// Sizes of CLIP's image tower.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipVisionConfig {
    /// Width.
    pub hidden_size: usize,
    /// Width inside the MLP.
    pub intermediate_size: usize,
    /// Layers.
    pub n_layers: usize,
    /// Heads.
    pub n_heads: usize,
    /// Side of the pictures it sees, in pixels.
    pub image_size: usize,
    /// Side of a patch, in pixels; divides `image_size`.
    pub patch_size: usize,
    /// The MLP's activation.
    pub hidden_act: Activation,
    /// ε of every layer norm.
    pub layer_norm_eps: f64,
}

/// Both towers and the width of the space they meet in.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipConfig {
    /// Width of the common space.
    pub projection_dim: usize,
    /// The text tower.
    pub text: ClipTextConfig,
    /// The image tower.
    pub vision: ClipVisionConfig,
}

impl ClipTextConfig {
    /// Reads `text_encoder/config.json`. Errors: not JSON, another kind of encoder, sizes that cannot be.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let fields = Fields::parse("text_encoder/config.json", json)?;
        let kind = fields.text("model_type", "clip_text_model")?;
        match kind {
            "clip_text_model" => Self::read(&fields),
            "clip" => Self::read(&part_of(&fields, "text_config")?),
            _ => Err(fields.error("model_type", "\"clip_text_model\": other text encoders are not supported")),
        }
    }

    fn read(fields: &Fields) -> Result<Self> {
        let config = Self {
            vocab_size: match fields.get("vocab_size") {
                None => 49408,
                Some(value) => value
                    .as_u64()
                    .and_then(|n| usize::try_from(n).ok())
                    .filter(|n| (1..=1 << 20).contains(n))
                    .ok_or_else(|| fields.error("vocab_size", "a whole number from 1 to 1048576"))?,
            },
            hidden_size: fields.size("hidden_size", 512)?,
            intermediate_size: fields.size("intermediate_size", 2048)?,
            n_layers: layers(fields)?,
            n_heads: fields.size("num_attention_heads", 8)?,
            max_position_embeddings: fields.size("max_position_embeddings", 77)?,
            hidden_act: activation(fields)?,
            layer_norm_eps: fields.positive("layer_norm_eps", 1e-5)?,
        };
        if config.max_position_embeddings < 3 {
            return Err(fields.error("max_position_embeddings", "3 or more: BOS, a word, EOS"));
        }
        fields.divides("hidden_size", &[config.hidden_size], "num_attention_heads", &[config.n_heads])?;
        Ok(config)
    }
}

impl ClipVisionConfig {
    fn read(fields: &Fields) -> Result<Self> {
        fields.only("num_channels", Value::from(3))?;
        let config = Self {
            hidden_size: fields.size("hidden_size", 768)?,
            intermediate_size: fields.size("intermediate_size", 3072)?,
            n_layers: layers(fields)?,
            n_heads: fields.size("num_attention_heads", 12)?,
            image_size: fields.size("image_size", 224)?,
            patch_size: fields.size("patch_size", 32)?,
            hidden_act: activation(fields)?,
            layer_norm_eps: fields.positive("layer_norm_eps", 1e-5)?,
        };
        if config.image_size > 4096 {
            return Err(fields.error("image_size", "at most 4096"));
        }
        fields.divides("hidden_size", &[config.hidden_size], "num_attention_heads", &[config.n_heads])?;
        fields.divides("image_size", &[config.image_size], "patch_size", &[config.patch_size])?;
        Ok(config)
    }

    /// Patches of a picture, without the class token.
    pub fn patches(&self) -> usize {
        (self.image_size / self.patch_size).pow(2)
    }
}

impl ClipConfig {
    /// Reads `clip/config.json`. Errors: not JSON, another kind of model, sizes that cannot be.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let fields = Fields::parse("clip/config.json", json)?;
        if fields.text("model_type", "clip")? != "clip" {
            return Err(fields.error("model_type", "\"clip\": other models of text and image are not supported"));
        }
        Ok(Self {
            projection_dim: fields.size("projection_dim", 512)?,
            text: ClipTextConfig::read(&part_of(&fields, "text_config")?)?,
            vision: ClipVisionConfig::read(&part_of(&fields, "vision_config")?)?,
        })
    }
}

/// One tower's object. Old files have it as `text_config_dict` too, whose keys win in transformers.
fn part_of<'a>(fields: &Fields<'a>, key: &str) -> Result<Fields<'a>> {
    let mut map = serde_json::Map::new();
    for key in [key.to_string(), format!("{key}_dict")] {
        match fields.get(&key) {
            None => {}
            Some(Value::Object(found)) => map.extend(found.clone()),
            Some(_) => return Err(fields.error(&key, "an object")),
        }
    }
    Ok(Fields { file: fields.file, map })
}

fn layers(fields: &Fields) -> Result<usize> {
    let layers = fields.size("num_hidden_layers", 12)?;
    if layers <= 256 { Ok(layers) } else { Err(fields.error("num_hidden_layers", "1 to 256")) }
}

fn activation(fields: &Fields) -> Result<Activation> {
    match fields.text("hidden_act", "quick_gelu")? {
        "quick_gelu" => Ok(Activation::QuickGelu),
        "gelu" => Ok(Activation::Gelu),
        name => Err(Error::Checkpoint(format!(
            "{}: \"hidden_act\" is {name:?}, which is not supported; known are \"quick_gelu\" and \"gelu\"",
            fields.file
        ))),
    }
}
