//! VAE stage: pictures to latents and back (Kingma and Welling 2014), by pixels and by edges.
use crate::data;
use crate::parameters::Parameters;
use crate::recipe::{self, Recipe};
use crate::stage::{BETWEEN_STATES, Stage};
use crate::start;
use burn::tensor::{Device, Tensor};
use instructbrush::models::config::VaeConfig;
use instructbrush::models::vae::Vae;
use instructbrush::platform::files::{read_file, write_atomically};
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::picture::Picture;
use instructbrush::tensor::readback::read;
use instructbrush::{Error, Result};
use std::ops::Range;
use std::path::Path;

/// Pictures that no training sees, for the figure.
const HELD_OUT: usize = 32;
/// Pictures from which the latents' mean and deviation are taken.
const MEASURED: usize = 256;

/// The recipe's config as the model reads it.
pub fn config(recipe: &Recipe) -> Result<VaeConfig> {
    VaeConfig::parse(recipe.vae.config.to_string().as_bytes())
}

/// Trains all phases, whitens the latents and returns the numbers; from `out/vae.safetensors` where that is done.
pub async fn train(recipe: &Recipe, out: &Path, device: &Device) -> Result<Parameters> {
    let config = config(recipe)?;
    let mut parameters = Parameters::draw("vae", device, recipe.seed, start::vae, |w| drop(Vae::take(w, &config)));
    let done = out.join("vae.state");
    if done.exists() {
        parameters.restore(&read_file(&done, "state")?)?;
        return Ok(parameters);
    }
    println!("vae: {:.2} M numbers", parameters.len() as f64 / 1e6);
    for (idx, phase) in recipe.vae.phases.iter().enumerate() {
        // the first phase of the decoder alone begins there, each later one where the one before it ended
        let whitened = out.join("whitened.state");
        if phase.decoder_only && !whitened.exists() {
            whiten(recipe, &mut parameters, &config, device).await?;
            write_atomically(&whitened, &parameters.to_state(0).await?)?;
        } else if phase.decoder_only && !recipe.vae.phases[idx.saturating_sub(1)].decoder_only {
            parameters.restore(&read_file(&whitened, "state")?)?;
        }
        if idx > 0 {
            parameters.restart();
        }
        let learns = |name: &str| !phase.decoder_only || name.starts_with("decoder.");
        let seed = mix(recipe.seed, idx as u64, 1);
        let draw = |step: usize| {
            let pictures = data::crops(seed, step, phase.batch, phase.crop, recipe.size);
            Ok((pictures, Noise::new(mix(seed, step as u64, 2))))
        };
        let loss = |mut weights, (pictures, noise): &(Vec<Picture>, Noise), rows: Range<usize>| {
            let vae = Vae::take(&mut weights, &config);
            let x = data::tensor(&pictures[rows.clone()], device);
            let noise =
                |[_, c, h, w]: [usize; 4]| noise.clone().tensor([phase.batch, c, h, w], device).slice([rows.clone()]);
            Ok(loss(&recipe.vae, phase, &vae, x, noise))
        };
        let check =
            async |parameters: &Parameters| Ok(format!("{:.2} dB", figure(recipe, parameters, &config, device).await?));
        let (rows, at_once) = (phase.batch, at_once(phase.crop));
        Stage { name: &phase.name, out, plan: phase.plan, rows, at_once, between: BETWEEN_STATES }
            .run(&mut parameters, learns, draw, loss, check)
            .await?;
    }
    write_atomically(&done, &parameters.to_state(0).await?)?;
    Ok(parameters)
}

/// Pixels that a thread computes at a time: their activations stay near a core. Another number is another rounding of the sums.
const PIXELS_AT_ONCE: usize = 8192;

/// How many pictures of this side a thread computes at a time.
pub fn at_once(side: usize) -> usize {
    (PIXELS_AT_ONCE / (side * side)).max(1)
}

/// l1·|y − x| + l2·(y − x)² + gradient·|∇y − ∇x| + kl·KL, means over all numbers.
fn loss(
    recipe: &recipe::Vae,
    phase: &recipe::VaePhase,
    vae: &Vae,
    x: Tensor<4>,
    noise: impl FnOnce([usize; 4]) -> Tensor<4>,
) -> Tensor<1> {
    let posterior = vae.encode(x.clone());
    let (mean, log_variance) = (posterior.mean, posterior.log_variance);
    let latents = mean.clone() + log_variance.clone().mul_scalar(0.5).exp() * noise(mean.dims());
    let kl = (mean.square() + log_variance.clone().exp() - log_variance).add_scalar(-1.0).mean().mul_scalar(0.5);
    distance(vae.decode(latents) - x, recipe.l1, phase.l2, phase.gradient) + kl.mul_scalar(recipe.kl)
}

/// l1·|d| + l2·d² + gradient·|∇d| of a difference d, means over all numbers.
pub fn distance(difference: Tensor<4>, l1: f64, l2: f64, gradient: f64) -> Tensor<1> {
    let [_, _, h, w] = difference.dims();
    let across = difference.clone().narrow(3, 1, w - 1) - difference.clone().narrow(3, 0, w - 1);
    let down = difference.clone().narrow(2, 1, h - 1) - difference.clone().narrow(2, 0, h - 1);
    difference.clone().abs().mean().mul_scalar(l1)
        + difference.square().mean().mul_scalar(l2)
        + (across.abs().mean() + down.abs().mean()).mul_scalar(0.5 * gradient)
}

/// Mean PSNR in dB over RGB8 of whole held-out pictures against what comes back of them.
pub async fn figure(recipe: &Recipe, parameters: &Parameters, config: &VaeConfig, device: &Device) -> Result<f64> {
    let vae = Vae::take(&mut parameters.plain(), config);
    let mut sum = 0.0;
    for batch in data::held_out(HELD_OUT / 2, recipe.size).chunks(4) {
        let x = data::tensor(batch.iter().flat_map(|sample| [&sample.pair.before, &sample.pair.after]), device);
        let y = vae.decode(vae.encode(x.clone()).mode());
        let [b, c, h, w] = x.dims();
        let levels = |x: Tensor<4>| (x.clamp(-1.0, 1.0).add_scalar(1.0) * 127.5).round();
        let square = (levels(y) - levels(x)).square().reshape([b, c * h * w]).mean_dim(1);
        sum += read(square)
            .await?
            .iter()
            .map(|&square| 10.0 * (255.0 * 255.0 / f64::from(square).max(1e-9)).log10())
            .sum::<f64>();
    }
    Ok(sum / HELD_OUT as f64)
}

/// Folds each channel's mean and deviation into `quant_conv` and `post_quant_conv`, so that latents have mean 0 and the
/// recipe's deviation, and pictures stay as they are.
async fn whiten(recipe: &Recipe, parameters: &mut Parameters, config: &VaeConfig, device: &Device) -> Result<()> {
    let vae = Vae::take(&mut parameters.plain(), config);
    let c = config.latent_channels;
    let (mut sums, mut squares, mut n) = (vec![0.0f64; c], vec![0.0f64; c], 0.0);
    for batch in data::pictures(mix(recipe.seed, 0, 3), 0, MEASURED, recipe.size).chunks(8) {
        let latents = vae.encode(data::tensor(batch.iter().map(|(picture, _)| picture), device)).mode();
        let [b, c, h, w] = latents.dims();
        for (idx, row) in read(latents).await?.chunks(h * w).enumerate() {
            sums[idx % c] += row.iter().map(|&x| f64::from(x)).sum::<f64>();
            squares[idx % c] += row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        }
        n += (b * h * w) as f64;
    }
    let means: Vec<f64> = sums.iter().map(|sum| sum / n).collect();
    let scales: Vec<f64> = squares
        .iter()
        .zip(&means)
        .map(|(square, mean)| recipe.vae.deviation / (square / n - mean * mean).sqrt())
        .collect();

    // moments: mean' = (mean − m)·s, log σ'² = log σ² + 2·log s
    let (mut weight, mut bias) =
        (mean_of(parameters, "quant_conv.weight").await?, mean_of(parameters, "quant_conv.bias").await?);
    for channel in 0..c {
        let row = &mut weight[channel * 2 * c..(channel + 1) * 2 * c];
        row.iter_mut().for_each(|x| *x = (f64::from(*x) * scales[channel]) as f32);
        bias[channel] = ((f64::from(bias[channel]) - means[channel]) * scales[channel]) as f32;
        bias[c + channel] += (2.0 * scales[channel].ln()) as f32;
    }
    parameters.set("quant_conv.weight", weight);
    parameters.set("quant_conv.bias", bias);

    // latents = latents'/s + m
    let (mut weight, mut bias) =
        (mean_of(parameters, "post_quant_conv.weight").await?, mean_of(parameters, "post_quant_conv.bias").await?);
    for (row, bias) in weight.chunks_mut(c).zip(&mut bias) {
        *bias += row.iter().zip(&means).map(|(&x, mean)| f64::from(x) * mean).sum::<f64>() as f32;
        row.iter_mut().zip(&scales).for_each(|(x, scale)| *x = (f64::from(*x) / scale) as f32);
    }
    parameters.set("post_quant_conv.weight", weight);
    parameters.set("post_quant_conv.bias", bias);
    Ok(())
}

async fn mean_of(parameters: &Parameters, name: &str) -> Result<Vec<f32>> {
    let values = parameters.get(name).await?;
    if values.is_empty() { Err(Error::Checkpoint(format!("vae: \"{name}\" is empty"))) } else { Ok(values) }
}
