//! Decoder stage: the VAE's decoder learns to read what the UNet writes.
//!
//! Sampled latents are not an encoder's: they carry the sampler's noise and the UNet's doubts, and a decoder that has seen only an
//! encoder's draws both. Here it gets the UNet's edits of pairs that the UNet never saw, with the truth to draw from them; and, as
//! far as a phase says, the truth's own latents, so that it forgets nothing. Encoder and UNet stay as they are, and with them
//! every instruction that was learned on them.
use crate::data;
use crate::latents::{self, Pool};
use crate::parameters::Parameters;
use crate::recipe::Recipe;
use crate::stage::{BETWEEN_STATES, Stage};
use crate::unet::Contexts;
use crate::vae;
use burn::tensor::{Device, Tensor};
use half::f16;
use instructbrush::Result;
use instructbrush::diffusion::guidance::{Guided, Heard, Scales};
use instructbrush::diffusion::schedule::Schedule;
use instructbrush::models::config::{SchedulerConfig, UNetConfig};
use instructbrush::models::unet::UNet;
use instructbrush::models::vae::Vae;
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::readback::read;
use std::ops::Range;
use std::path::Path;

/// Trains all phases of the decoder of `vae` on the UNet's `edits`, `[pair][d]`; from their states where that is done.
pub async fn train(
    recipe: &Recipe,
    out: &Path,
    device: &Device,
    pool: &Pool,
    edits: &[f16],
    mut vae: Parameters,
    mut check: impl AsyncFnMut(&Parameters) -> Result<String>,
) -> Result<Parameters> {
    let config = vae::config(recipe)?;
    let (n, d) = (pool.instructions.len(), pool.d);
    for (idx, phase) in recipe.decoder.phases.iter().enumerate() {
        vae.restart();
        let seed = mix(recipe.seed, idx as u64, 34);
        let draw = |step: usize| {
            let mut noise = Noise::new(mix(seed, step as u64, 1));
            Ok((0..phase.batch).map(|_| noise.below(n as u32) as usize).collect())
        };
        let loss = |mut weights, pairs: &Vec<usize>, rows: Range<usize>| {
            let (vae, pairs) = (Vae::take(&mut weights, &config), &pairs[rows]);
            let samples = data::samples(pool.seed, pairs, recipe.size);
            let truth = data::tensor(samples.iter().map(|sample| &sample.pair.after), device);
            let loss = |latents: Tensor<4>| {
                let difference = vae.decode(latents) - truth.clone();
                vae::distance(difference, recipe.vae.l1, phase.l2, phase.gradient)
            };
            let edited = loss(latents::stacked(pairs.iter().map(|pair| &edits[pair * d..][..d]), device));
            if phase.edited == 1.0 {
                return Ok(edited);
            }
            let [_, encoded] = pool.batch(pairs, device);
            Ok(edited.mul_scalar(phase.edited) + loss(encoded).mul_scalar(1.0 - phase.edited))
        };
        let learns = |name: &str| name.starts_with("decoder.");
        let (rows, at_once) = (phase.batch, vae::at_once(recipe.size));
        Stage { name: &phase.name, out, plan: phase.plan, rows, at_once, between: BETWEEN_STATES }
            .run(&mut vae, learns, draw, loss, &mut check)
            .await?;
    }
    Ok(vae)
}

/// What the UNet makes of each pair's before picture and words: `[pair][d]`, unscaled latents; from where its file ends.
/// `scaling` is the VAE's factor.
pub async fn sample(
    recipe: &Recipe,
    out: &Path,
    device: &Device,
    pool: &Pool,
    contexts: &Contexts,
    unet: &Parameters,
    scaling: f64,
) -> Result<Vec<f16>> {
    let config = UNetConfig::parse(recipe.unet.config.to_string().as_bytes())?;
    let schedule = Schedule::new(&SchedulerConfig::parse(recipe.unet.scheduler.to_string().as_bytes())?);
    let unet = UNet::take(&mut unet.plain(), &config);
    let (steps, sampler) = (recipe.decoder.sampling_steps, recipe.advice()?.sampler);
    let name = format!("edits-{}-{steps}", sampler.name());
    latents::kept(out, &name, pool.instructions.len(), pool.d, async |pairs| {
        let [before, _] = pool.batch(pairs, device);
        let texts: Vec<_> = pairs.iter().map(|&pair| Some(pool.instructions[pair].as_str())).collect();
        let heard = unet.project(contexts.batch(&texts, device));
        let mut noise = Noise::new(mix(recipe.seed, pairs[0] as u64, 33));
        let x = noise.tensor(before.dims(), device).mul_scalar(schedule.first_sigma(steps));
        // these scales leave one branch: each row hears its own words
        let scales = Scales { guidance: 1.0, image: 1.0 };
        let model = Guided::new(&unet, &schedule, scales, &Heard { segments: vec![heard.clone()] }, &heard, before);
        let edited = sampler.run(&model, x, &schedule.sigmas(steps), &mut noise, async |_| Ok(())).await?;
        read(edited.div_scalar(scaling)).await
    })
    .await
}
