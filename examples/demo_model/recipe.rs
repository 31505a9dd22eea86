//! Recipe: what one would change of the training, read from one JSON file; `recipe.json` beside this one is the default.
use crate::stage::Plan;
use instructbrush::instruction::state::difference;
use instructbrush::models::config::Recommended;
use instructbrush::platform::files::{read_file, write_atomically};
use instructbrush::service::settled::Defaults;
use instructbrush::{Error, Result};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// The default recipe: what the model that ships was trained by; its card says where that went otherwise.
pub const SHIPPED: &str = include_str!("recipe.json");

/// All figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Everything random follows from it.
    pub seed: u64,
    /// Side of the pictures, in pixels.
    pub size: usize,
    /// Pictures to latents and back.
    pub vae: Vae,
    /// Words and pictures in one space.
    pub clip: Clip,
    /// The denoiser.
    pub unet: UNet,
    /// The VAE's decoder, once more.
    pub decoder: Decoder,
    /// What ships beside the weights.
    pub settings: Value,
}

/// The VAE's figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vae {
    /// diffusers' `vae/config.json`.
    pub config: Value,
    /// One after another.
    pub phases: Vec<VaePhase>,
    /// Weight of the mean absolute difference.
    pub l1: f64,
    /// Weight of the divergence from the standard normal distribution.
    pub kl: f64,
    /// The latents are scaled to this deviation; `scaling_factor` in the config is its inverse.
    pub deviation: f64,
}

/// A phase: crops of one size.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaePhase {
    /// Names its files.
    pub name: String,
    /// How it is optimised.
    pub plan: Plan,
    /// Crops per step.
    pub batch: usize,
    /// Side of a crop, in pixels.
    pub crop: usize,
    /// Weight of the mean square difference.
    pub l2: f64,
    /// Weight of the mean absolute difference of neighbouring pixels' differences.
    pub gradient: f64,
    /// The encoder stays as it is: latents and instructions stay valid.
    pub decoder_only: bool,
}

/// CLIP's figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clip {
    /// transformers' `clip/config.json`; `vocab_size` is filled in.
    pub config: Value,
    /// How it is optimised.
    pub plan: Plan,
    /// Pictures with words per step.
    pub batch: usize,
    /// How often the words are a phrase of the caption.
    pub phrases: f64,
    /// How often the words are the instruction that made the picture.
    pub instructions: f64,
}

/// The UNet's figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNet {
    /// diffusers' `unet/config.json`.
    pub config: Value,
    /// diffusers' `scheduler/scheduler_config.json`.
    pub scheduler: Value,
    /// Pairs that are drawn and encoded before.
    pub pairs: usize,
    /// One after another.
    pub phases: Vec<UNetPhase>,
    /// How often the words, the picture, or both are left out.
    pub dropout: [f64; 3],
    /// Deviation of a number that is added to all of a channel's noise (offset noise): the noise's own mean must tell the model
    /// nothing, or what the picture starts from decides how bright it ends.
    pub offset: f64,
    /// Weight of a row's loss: min(1 + 1/SNR, this). What decides brightness and colour is decided at high noise, where the plain
    /// loss hardly looks.
    pub weight_cap: f64,
}

/// A phase of the denoiser's training.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNetPhase {
    /// Names its files.
    pub name: String,
    /// How it is optimised.
    pub plan: Plan,
    /// Rows per step.
    pub batch: usize,
}

/// The figures of the decoder's training on the UNet's edits. Where the UNet's phases or its scheduler change after that was done,
/// `edits-….bin` and the states of these phases are to be removed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decoder {
    /// Pairs that are drawn, encoded and edited before; none of them the UNet's.
    pub pairs: usize,
    /// Sampling steps of these edits, with guidance scales of 1 and the sampler that ships.
    pub sampling_steps: usize,
    /// One after another.
    pub phases: Vec<DecoderPhase>,
}

/// A phase of the decoder's training.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecoderPhase {
    /// Names its files.
    pub name: String,
    /// How it is optimised.
    pub plan: Plan,
    /// Pairs per step.
    pub batch: usize,
    /// The UNet's edits' share of the loss; the rest is the truth's own latents'.
    pub edited: f64,
    /// Weight of the mean square difference.
    pub l2: f64,
    /// Weight of the mean absolute difference of neighbouring pixels' differences.
    pub gradient: f64,
}

impl Recipe {
    /// # Errors
    /// Not JSON, a figure missing, unknown, of another type, or out of its range.
    pub fn parse(json: &str) -> Result<Self> {
        let refused = |why: String| Error::Usage(format!("the recipe cannot be read: {why}"));
        let recipe: Self = serde_json::from_str(json).map_err(|error| refused(error.to_string()))?;
        recipe.advice()?;
        let mut counts = vec![
            ("unet.pairs", recipe.unet.pairs),
            ("decoder.pairs", recipe.decoder.pairs),
            ("decoder.sampling_steps", recipe.decoder.sampling_steps),
            ("clip.batch", recipe.clip.batch),
        ];
        counts.extend(recipe.vae.phases.iter().map(|phase| ("a VAE phase's batch", phase.batch)));
        counts.extend(recipe.unet.phases.iter().map(|phase| ("a UNet phase's batch", phase.batch)));
        counts.extend(recipe.decoder.phases.iter().map(|phase| ("a decoder phase's batch", phase.batch)));
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(refused(format!("{name} is 0: choose 1 or more")));
        }
        if let Some(phase) = recipe.decoder.phases.iter().find(|phase| !(0.0..=1.0).contains(&phase.edited)) {
            return Err(refused(format!("{}: edited is {}: choose 0 to 1", phase.name, phase.edited)));
        }
        if let Some(phase) = recipe.vae.phases.iter().find(|phase| !(8..=recipe.size).contains(&phase.crop)) {
            let (name, crop) = (&phase.name, phase.crop);
            return Err(refused(format!("{name}: crop is {crop}: choose 8 to the size, {}", recipe.size)));
        }
        let Clip { phrases, instructions, .. } = recipe.clip;
        if !(phrases >= 0.0 && instructions >= 0.0 && phrases + instructions <= 1.0) {
            let why = "choose shares of 0 or more, of 1 together at most";
            return Err(refused(format!("clip.phrases is {phrases} and clip.instructions {instructions}: {why}")));
        }
        Ok(recipe)
    }

    /// Sees to it that what is in a folder was begun with the recipe of this text, and writes that down.
    ///
    /// # Errors
    /// [`Error::Usage`], naming what differs; the file cannot be read or written.
    pub fn settle(text: &str, out: &Path) -> Result<()> {
        let path = out.join("begun-with.json");
        if path.is_file() {
            let then = String::from_utf8_lossy(&read_file(&path, "recipe")?).into_owned();
            if let Some((name, then, now)) = difference(&then, text) {
                return Err(Error::Usage(format!(
                    "{}: this was begun with {name} = {then}, now it is {now}; name another folder with --out, or remove {} if \
                     what is done fits all the same",
                    out.display(),
                    path.display()
                )));
            }
        }
        write_atomically(&path, text.as_bytes())
    }

    /// The settings that ship, as the engine reads them.
    ///
    /// # Errors
    /// Settings that it refuses, or that have no sampling steps.
    pub fn advice(&self) -> Result<Defaults> {
        let advice = Recommended::parse(self.settings.to_string().as_bytes())?;
        if advice.steps.is_none() {
            return Err(Error::Usage(
                "the recipe's settings have no steps: say how many sampling steps are right".into(),
            ));
        }
        Ok(Defaults::of(&advice))
    }
}
