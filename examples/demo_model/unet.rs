//! UNet stage: the denoiser of InstructPix2Pix (Brooks et al. 2023), which sees the before picture and hears the instruction.
use crate::latents::Pool;
use crate::parameters::Parameters;
use crate::recipe::{self, Recipe};
use crate::stage::{BETWEEN_STATES, Stage};
use crate::{start, words};
use burn::tensor::{Device, Int, Tensor, TensorData};
use instructbrush::Result;
use instructbrush::diffusion::schedule::Schedule;
use instructbrush::models::clip::TextEncoder;
use instructbrush::models::config::{ClipTextConfig, SchedulerConfig, UNetConfig};
use instructbrush::models::tokenizer::Tokenizer;
use instructbrush::models::unet::UNet;
use instructbrush::models::weights::Weights;
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::readback::read;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// Contexts of all instructions, computed once: the text encoder is frozen.
pub struct Contexts {
    /// `[text][tokens · width]`; the empty text is the first.
    rows: Vec<Vec<f32>>,
    shape: [usize; 2],
    ids: BTreeMap<String, usize>,
}

impl Contexts {
    /// Encodes every text that occurs among `texts`, and "".
    pub async fn encode(
        encoder: &TextEncoder,
        tokenizer: &Tokenizer,
        texts: &[String],
        device: &Device,
    ) -> Result<Self> {
        let mut ids: BTreeMap<String, usize> = [(String::new(), 0)].into();
        let mut order = vec![String::new()];
        for text in texts {
            ids.entry(text.clone()).or_insert_with(|| {
                order.push(text.clone());
                order.len() - 1
            });
        }
        let tokens = tokenizer.max_length();
        let (mut rows, mut width) = (Vec::new(), 0);
        for part in order.chunks(64) {
            let mut numbers = Vec::new();
            for text in part {
                numbers.extend(words::encode(tokenizer, text)?.0.into_iter().map(|id| id as i32));
            }
            let data = TensorData::new(numbers, [part.len(), tokens]);
            let context = encoder.forward(Tensor::<2, Int>::from_data(data, device));
            width = context.dims()[2];
            rows.extend(read(context).await?.chunks(tokens * width).map(<[f32]>::to_vec));
        }
        Ok(Self { rows, shape: [tokens, width], ids })
    }

    /// Contexts of these texts, `[b, tokens, width]`; `None` is the empty text.
    pub fn batch(&self, texts: &[Option<&str>], device: &Device) -> Tensor<3> {
        let id = |text: &Option<&str>| text.and_then(|text| self.ids.get(text)).copied().unwrap_or(0);
        let numbers: Vec<f32> = texts.iter().flat_map(|text| self.rows[id(text)].iter().copied()).collect();
        Tensor::from_data(TensorData::new(numbers, [texts.len(), self.shape[0], self.shape[1]]), device)
    }
}

/// The text tower of a trained CLIP.
pub fn text_encoder(clip: &Parameters, config: &ClipTextConfig) -> TextEncoder {
    TextEncoder::take(&mut clip.plain(), config)
}

/// Rows that a thread computes at a time: their activations stay near a core. Another number is another rounding of the sums.
const AT_ONCE: usize = 8;

/// Trains all phases of the denoiser; from their states where that is done. `scaling` is the VAE's factor.
pub async fn train(
    recipe: &Recipe,
    out: &Path,
    device: &Device,
    pool: &Pool,
    contexts: &Contexts,
    scaling: f64,
    mut check: impl AsyncFnMut(&Parameters) -> Result<String>,
) -> Result<Parameters> {
    let config = UNetConfig::parse(recipe.unet.config.to_string().as_bytes())?;
    let schedule = Schedule::new(&SchedulerConfig::parse(recipe.unet.scheduler.to_string().as_bytes())?);
    let mut parameters = Parameters::draw("unet", device, recipe.seed, start::unet, |w| drop(UNet::take(w, &config)));
    println!("unet: {:.2} M numbers", parameters.len() as f64 / 1e6);
    let mut before = 0;
    for phase in &recipe.unet.phases {
        if before > 0 {
            parameters.restart();
        }
        let draw = |step: usize| Ok(Draw::new(recipe, phase.batch, pool, &schedule, before + step));
        let loss = |mut weights: Weights, draw: &Draw, rows: Range<usize>| {
            let unet = UNet::take(&mut weights, &config);
            Ok(draw.loss(rows, &recipe.unet, &unet, pool, contexts, scaling, device))
        };
        let rows = phase.batch;
        Stage { name: &phase.name, out, plan: phase.plan, rows, at_once: AT_ONCE, between: BETWEEN_STATES }
            .run(&mut parameters, |_| true, draw, loss, &mut check)
            .await?;
        before += phase.plan.steps;
    }
    Ok(parameters)
}

/// What is random in a step.
struct Draw<'a> {
    pairs: Vec<usize>,
    texts: Vec<Option<&'a str>>,
    /// 0 where the picture is left out, else 1.
    seen: Vec<f32>,
    timesteps: Vec<f64>,
    alphas: Vec<f64>,
    /// `[row][d]`, and `[row][channel]` more for all numbers of a channel.
    noise: [Vec<f32>; 2],
}

/// Channels of latents.
const CHANNELS: usize = 4;

impl<'a> Draw<'a> {
    fn new(recipe: &Recipe, n: usize, pool: &'a Pool, schedule: &Schedule, step: usize) -> Self {
        let mut noise = Noise::new(mix(recipe.seed, step as u64, 31));
        let [text, image, both] = recipe.unet.dropout;
        let steps = schedule.n_timesteps();
        let mut draw = Self {
            pairs: vec![],
            texts: vec![],
            seen: vec![],
            timesteps: vec![],
            alphas: vec![],
            noise: [vec![], vec![]],
        };
        for row in 0..n {
            let pair = noise.below(pool.instructions.len() as u32) as usize;
            let dropped = f64::from(noise.uniform());
            let (no_text, no_image) = (
                dropped < text || dropped >= 1.0 - both,
                (text..text + image).contains(&dropped) || dropped >= 1.0 - both,
            );
            // one timestep in each n-th of the clock: less noise in the gradient
            let timestep = (((row as f32 + noise.uniform()) / n as f32 * steps as f32) as usize).min(steps - 1);
            draw.pairs.push(pair);
            draw.texts.push((!no_text).then_some(pool.instructions[pair].as_str()));
            draw.seen.push(if no_image { 0.0 } else { 1.0 });
            draw.timesteps.push(timestep as f64);
            draw.alphas.push(schedule.alpha_cumprod(timestep));
        }
        draw.noise = [n * pool.d, n * CHANNELS].map(|n| noise.draw(n));
        draw
    }

    /// Of some rows: Σ w(t)·‖ε − ε(z_t, t, c_I, c_T)‖² with w = min(1 + 1/SNR, cap), a mean over rows and numbers.
    #[expect(clippy::too_many_arguments, reason = "a loss hears of everything once")]
    fn loss(
        &self,
        rows: Range<usize>,
        recipe: &recipe::UNet,
        unet: &UNet,
        pool: &Pool,
        contexts: &Contexts,
        scaling: f64,
        device: &Device,
    ) -> Tensor<1> {
        let b = rows.len();
        let column =
            |values: Vec<f32>| Tensor::<1>::from_data(TensorData::new(values, [b]), device).reshape([b, 1, 1, 1]);
        let [before, after] = pool.batch(&self.pairs[rows.clone()], device);
        let alphas = &self.alphas[rows.clone()];
        let signal = column(alphas.iter().map(|alpha| alpha.sqrt() as f32).collect());
        let spread = column(alphas.iter().map(|alpha| (1.0 - alpha).sqrt() as f32).collect());
        let weight = alphas.iter().map(|alpha| (1.0 + (1.0 - alpha) / alpha).min(recipe.weight_cap) as f32);
        let weight = column(weight.collect());
        let of_rows = |numbers: &[f32], shape: [usize; 4]| {
            let d = shape[1] * shape[2] * shape[3];
            let numbers = numbers[rows.start * d..rows.end * d].to_vec();
            Tensor::<4>::from_data(TensorData::new(numbers, shape), device)
        };
        let [noise, offset] = &self.noise;
        let noise = of_rows(noise, after.dims());
        let noise = noise + of_rows(offset, [b, CHANNELS, 1, 1]).mul_scalar(recipe.offset);
        let noisy = after.mul_scalar(scaling) * signal + noise.clone() * spread;
        let image = before * column(self.seen[rows.clone()].to_vec());
        let context = contexts.batch(&self.texts[rows.clone()], device);
        let guess =
            unet.forward(Tensor::cat(vec![noisy, image], 1), &self.timesteps[rows.clone()], &unet.project(context));
        ((guess - noise).square() * weight).mean()
    }
}
