//! Package: a trained model as a checkpoint's folder, in diffusers' layout.
use crate::parameters::Parameters;
use crate::recipe::Recipe;
use crate::{clip, data, words};
use instructbrush::models::config::ClipConfig;
use instructbrush::platform::files::write_atomically;
use instructbrush::{Error, Result};
use safetensors::Dtype;
use serde_json::{Value, json};
use std::path::Path;

/// The three trained models.
pub struct Trained<'a> {
    /// `vae/`
    pub vae: &'a Parameters,
    /// `clip/` and `text_encoder/`
    pub clip: &'a Parameters,
    /// `unet/`
    pub unet: &'a Parameters,
}

/// Writes the folder, weights as `dtype`.
pub async fn write(recipe: &Recipe, trained: &Trained<'_>, folder: &Path, dtype: Dtype) -> Result<()> {
    let (clip_json, clip_config) = clip::config(recipe)?;
    let vocabulary = data::vocabulary();
    for (name, value) in words::files(&vocabulary, clip_config.text.max_position_embeddings) {
        json_file(folder, &format!("tokenizer/{name}"), &value)?;
        json_file(folder, &format!("clip/{name}"), &value)?;
    }
    json_file(folder, "model_index.json", &model_index())?;
    json_file(folder, "scheduler/scheduler_config.json", &recipe.unet.scheduler)?;
    json_file(folder, "vae/config.json", &recipe.vae.config)?;
    json_file(folder, "unet/config.json", &recipe.unet.config)?;
    json_file(folder, "clip/config.json", &clip_json)?;
    json_file(folder, "text_encoder/config.json", &text_encoder(&clip_json, &clip_config))?;
    json_file(folder, "instructbrush.json", &recipe.settings)?;
    json_file(folder, "phrases.json", &json!(data::phrases(recipe.seed)))?;
    let whole = [("vae", trained.vae), ("unet", trained.unet)];
    for (part, parameters) in whole {
        let bytes = parameters.to_checkpoint(dtype, |_| true).await?;
        file(folder, &format!("{part}/diffusion_pytorch_model.safetensors"), &bytes)?;
    }
    file(folder, "clip/model.safetensors", &trained.clip.to_checkpoint(dtype, |_| true).await?)?;
    let tower = |name: &str| name.starts_with("text_model.");
    file(folder, "text_encoder/model.safetensors", &trained.clip.to_checkpoint(dtype, tower).await?)?;
    Ok(())
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|source| Error::Io { what: "create", path: parent.into(), source })?;
    }
    write_atomically(&path, bytes)
}

fn json_file(folder: &Path, name: &str, value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Usage(error.to_string()))?;
    file(folder, name, (text + "\n").as_bytes())
}

/// transformers' `CLIPTextModel` as a part of `CLIPModel`.
fn text_encoder(clip: &Value, config: &ClipConfig) -> Value {
    let mut json = clip["text_config"].clone();
    json["architectures"] = json!(["CLIPTextModel"]);
    json["model_type"] = json!("clip_text_model");
    json["projection_dim"] = json!(config.projection_dim);
    json
}

fn model_index() -> Value {
    json!({
        "_class_name": "StableDiffusionInstructPix2PixPipeline",
        "_diffusers_version": "0.12.0.dev0",
        "feature_extractor": [null, null],
        "image_encoder": [null, null],
        "requires_safety_checker": false,
        "safety_checker": [null, null],
        "scheduler": ["diffusers", "EulerAncestralDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    })
}
