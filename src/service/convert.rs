//! Convert: a checkpoint into the container that browsers and small GPUs read, and what that costs in exactness.
use super::engine::{Engine, OnEvent, tell};
use super::job::{Event, Reply};
use crate::models::config::Recommended;
use crate::models::packed::index::{self, Blob, Index, shard_name};
use crate::models::packed::pack::{Packed, Packer, Precision};
use crate::models::weights::{Part, WeightSource, Weights};
use crate::tensor::noise::Noise;
use crate::tensor::readback::read;
use crate::{Error, Result};
use burn::tensor::Device;

/// What a checkpoint may hold besides weights, as far as anyone here reads it.
pub(super) const FILES: [&str; 22] = [
    "model_index.json",
    "instructbrush.json",
    "scheduler/scheduler_config.json",
    "unet/config.json",
    "vae/config.json",
    "text_encoder/config.json",
    "tokenizer/tokenizer.json",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "tokenizer/tokenizer_config.json",
    "tokenizer/special_tokens_map.json",
    "clip/config.json",
    "clip/tokenizer.json",
    "clip/vocab.json",
    "clip/merges.txt",
    "clip/tokenizer_config.json",
    "clip/special_tokens_map.json",
    "README.md",
    "MODEL_CARD.md",
    "LICENSE",
    "LICENSE.md",
    "LICENSE.txt",
];
/// The timesteps at which the UNet is looked at, one row each.
const PROBED: [f64; 5] = [50.0, 250.0, 500.0, 750.0, 950.0];
/// What it is told.
const PROBE: &str = "make it snow";
/// Latents are no larger than this on a side: the error of a weight does not depend on the picture's size.
const PROBE_SIDE: usize = 32;

/// What converting did.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The table of contents.
    pub index: Index,
    /// Each part's tensors.
    pub parts: Vec<(Part, Vec<Packed>)>,
}

/// Writes a checkpoint's parts, files and, last, its index through `put(path, bytes)`.
///
/// # Errors
/// What reading the checkpoint or `put` can cause; a number that the precision cannot hold.
pub async fn convert(
    source: &mut impl WeightSource,
    precision: Precision,
    device: &Device,
    put: &mut dyn FnMut(&str, &[u8]) -> Result<()>,
    on_event: OnEvent<'_>,
) -> Result<Converted> {
    let mut converted = Converted { index: Index::default(), parts: Vec::new() };
    let mut paths: Vec<String> = FILES.map(str::to_owned).into();
    if let Some(json) = source.file("instructbrush.json").await? {
        paths.extend(Recommended::parse(&json)?.phrases);
    }
    for path in paths {
        if let Some(bytes) = source.file(&path).await? {
            put(&path, &bytes)?;
            converted.index.files.insert(path, Blob::of(&bytes));
        }
    }
    let has_clip = converted.index.files.contains_key("clip/config.json");
    let parts = [Part::UNet, Part::Vae, Part::TextEncoder].into_iter().chain(has_clip.then_some(Part::Clip));
    for part in parts {
        let what = part.folder();
        tell(on_event, Event::Doing(format!("{what}: reading")))?;
        let mut weights = Weights::new(what, device);
        source.fill(part, &mut weights).await?;
        let fingerprint = weights.fingerprint();
        let (mut packer, n) = (Packer::new(part, precision), weights.names().count());
        tell(on_event, Event::Doing(format!("{what}: converting")))?;
        for (done, (name, shape, tensor)) in weights.drain().enumerate() {
            let values = read(tensor).await?;
            let width: usize = shape.iter().skip(1).product();
            // a tensor without numbers is one empty piece
            let rows = (Packer::rows_at_once(&shape) * width).max(1);
            for values in values.chunks(rows).chain(values.is_empty().then_some(&[][..])) {
                packer.add(&name, &shape, values)?;
                save(part, &mut packer, put)?;
            }
            tell(on_event, Event::Step { step: done + 1, steps: n })?;
        }
        packer.finish();
        save(part, &mut packer, put)?;
        let (table, report) = packer.into_index(fingerprint);
        converted.index.parts.insert(what.to_owned(), table);
        converted.parts.push((part, report));
    }
    put(index::FILE, &converted.index.to_json()?)?;
    Ok(converted)
}

fn save(part: Part, packer: &mut Packer, put: &mut dyn FnMut(&str, &[u8]) -> Result<()>) -> Result<()> {
    match packer.take_shard() {
        Some((idx, bytes)) => put(&shard_name(part, idx), &bytes),
        None => Ok(()),
    }
}

impl<S: WeightSource> Engine<S> {
    /// What the UNet says of five noise levels of one drawn input, told one text: to be compared between two precisions
    /// of one model.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn probe(&mut self) -> Result<Vec<f32>> {
        self.listen(&[PROBE], &mut |_| Reply::Continue).await?;
        self.need(&[Part::UNet], &mut |_| Reply::Continue).await?;
        let base = &self.base;
        let (rows, side) = (PROBED.len(), PROBE_SIDE.min(self.resolution() / self.vae_config.pixels_per_latent()));
        let mut noise = Noise::new(0);
        // noisy latents and those of the picture before, 4 channels each
        let latents = noise.tensor([rows, 8, side, side], &base.device);
        let layers: Vec<_> = base.project_text(PROBE)?.iter().map(|heard| heard.repeat(rows)).collect();
        let said = read(base.unet()?.forward(latents, &PROBED, &layers)).await?;
        if said.iter().any(|x| !x.is_finite()) {
            return Err(Error::Computation("the UNet says numbers that are not finite; convert to f32".into()));
        }
        Ok(said)
    }
}

/// 10·log₁₀(Σ x² / Σ (x − y)²) of two answers to [`Engine::probe`]: how far the second is from the first, in dB.
pub fn decibels(x: &[f32], y: &[f32]) -> f64 {
    let energy: f64 = x.iter().map(|&x| f64::from(x).powi(2)).sum();
    let error: f64 = x.iter().zip(y).map(|(&x, &y)| f64::from(x - y).powi(2)).sum();
    if error == 0.0 { f64::INFINITY } else { 10.0 * (energy / error).log10() }
}
