//! Floor 1: the networks of InstructPix2Pix and CLIP, as their papers draw them, and the weights that fill them.
//!
//! A model is a config, fields named as in the checkpoint, and `forward`.
pub mod clip;
pub mod config;
pub mod fingerprint;
pub mod layers;
pub(crate) mod numbers;
pub mod packed;
pub mod parts;
pub mod resnet;
pub mod tokenizer;
pub mod unet;
pub mod vae;
pub mod weights;
