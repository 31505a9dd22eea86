//! Demo: the model that comes with the program.
use crate::platform::embedded::EmbeddedSource;

macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_bytes!(concat!("../../web/models/demo/", $path)))),*]
    };
}

/// `web/models/demo`, whole: the program works wherever it is copied to.
pub const DEMO: EmbeddedSource = EmbeddedSource(files! {
    "model_index.json"
    "instructbrush.json"
    "phrases.json"
    "scheduler/scheduler_config.json"
    "tokenizer/tokenizer.json"
    "tokenizer/tokenizer_config.json"
    "text_encoder/config.json"
    "text_encoder/model.safetensors"
    "unet/config.json"
    "unet/diffusion_pytorch_model.safetensors"
    "vae/config.json"
    "vae/diffusion_pytorch_model.safetensors"
    "clip/config.json"
    "clip/model.safetensors"
    "clip/tokenizer.json"
    "clip/tokenizer_config.json"
});
