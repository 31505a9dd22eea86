//! CLIP stage: words and pictures in one space (Radford et al. 2021).
//!
//! The text tower also speaks to the UNet, so a part of the texts are instructions, whose picture is what they made.
use crate::parameters::Parameters;
use crate::recipe::Recipe;
use crate::stage::{BETWEEN_STATES, Stage};
use crate::{data, start, words};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use instructbrush::Result;
use instructbrush::models::clip::Clip;
use instructbrush::models::config::ClipConfig;
use instructbrush::models::tokenizer::Tokenizer;
use instructbrush::models::weights::Weights;
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::picture::Picture;
use instructbrush::tensor::readback::read;
use std::ops::Range;
use std::path::Path;

/// Pictures with captions that no training sees, for the figure.
const HELD_OUT: usize = 256;
/// exp(logit_scale) stays below this, as in the paper.
const LARGEST_SCALE: f64 = 100.0;

/// A picture, what it shows, and words for it: the same, a part of it, or what made it so.
pub struct Captioned {
    picture: Picture,
    caption: String,
    text: String,
}

impl Captioned {
    /// Whether another's words are also true of this picture, as far as its caption tells.
    fn shows(&self, other: &Captioned) -> bool {
        self.text == other.text || format!(" {} ", self.caption).contains(&format!(" {} ", other.text))
    }
}

/// The recipe's config with the vocabulary's size filled in, as JSON and as the model reads it.
pub fn config(recipe: &Recipe) -> Result<(serde_json::Value, ClipConfig)> {
    let mut json = recipe.clip.config.clone();
    json["text_config"]["vocab_size"] = words::vocab_size(&data::vocabulary()).into();
    let config = ClipConfig::parse(json.to_string().as_bytes())?;
    Ok((json, config))
}

/// Trains both towers; from `out/clip.state` where that is done.
pub async fn train(recipe: &Recipe, out: &Path, device: &Device) -> Result<Parameters> {
    let (_, config) = config(recipe)?;
    let tokenizer = words::tokenizer(&data::vocabulary(), &config.text)?;
    let mut parameters = Parameters::draw("clip", device, recipe.seed, start::clip, |w| {
        drop(Clip::take(w, &config));
        let _: Tensor<1> = w.take("logit_scale", [1]);
    });
    println!("clip: {:.2} M numbers", parameters.len() as f64 / 1e6);
    // every picture is told from every text: one part
    let loss = |mut weights: Weights, batch: &Vec<Captioned>, _: Range<usize>| {
        let scale: Tensor<1> = weights.take("logit_scale", [1]);
        let clip = Clip::take(&mut weights, &config);
        let (images, texts) = features(&clip, &tokenizer, batch, device)?;
        let logits = images.matmul(texts.transpose()) * scale.exp().clamp_max(LARGEST_SCALE).reshape([1, 1]);
        let [of_texts, of_pictures] = aims(batch, device);
        let cross =
            |logits: Tensor<2>, aim: Tensor<2>| (activation::log_softmax(logits, 1) * aim).sum_dim(1).mean().neg();
        Ok((cross(logits.clone(), of_texts) + cross(logits.transpose(), of_pictures)) * 0.5)
    };
    let check = async |parameters: &Parameters| {
        let clip = Clip::take(&mut parameters.plain(), &config);
        let batch = held_out(recipe);
        Ok(format!("recall@1 of {HELD_OUT}: {:.3}", recall(&clip, &tokenizer, &batch, device).await?))
    };
    let (rows, between) = (recipe.clip.batch, BETWEEN_STATES);
    Stage { name: "clip", out, plan: recipe.clip.plan, rows, at_once: rows, between }
        .run(&mut parameters, |_| true, |step| Ok(draw(recipe, step)), loss, check)
        .await?;
    Ok(parameters)
}

/// A step's pictures with words: captions, phrases of captions, and instructions for what they made.
fn draw(recipe: &Recipe, step: usize) -> Vec<Captioned> {
    let seed = mix(recipe.seed, 0, 20);
    let n = recipe.clip.batch;
    let share = |part: f64| (n as f64 * part) as usize;
    let (phrases, instructed) = (share(recipe.clip.phrases), share(recipe.clip.instructions));
    let mut noise = Noise::new(mix(seed, step as u64, 22));
    let captioned = data::pictures(seed, step * n, n - instructed, recipe.size).into_iter().enumerate();
    let captioned = captioned.map(|(idx, (picture, caption))| {
        let parts = data::phrases_of(&caption);
        let text = match idx < phrases {
            true => parts[noise.below(parts.len() as u32) as usize].clone(),
            false => caption.clone(),
        };
        Captioned { picture, caption, text }
    });
    let captioned: Vec<Captioned> = captioned.collect();
    let pairs: Vec<usize> = (step * n..step * n + instructed).collect();
    let made = data::samples(mix(seed, 0, 21), &pairs, recipe.size).into_iter();
    let made = made.map(|made| Captioned {
        picture: made.pair.after,
        caption: made.pair.caption_after,
        text: made.instruction,
    });
    captioned.into_iter().chain(made).collect()
}

fn held_out(recipe: &Recipe) -> Vec<Captioned> {
    let pairs = data::held_out(HELD_OUT, recipe.size).into_iter().map(|sample| sample.pair);
    pairs
        .map(|pair| Captioned { picture: pair.after, text: pair.caption_after.clone(), caption: pair.caption_after })
        .collect()
}

/// Features of length 1 of pictures and of texts, each `[b, d]`.
fn features(
    clip: &Clip,
    tokenizer: &Tokenizer,
    batch: &[Captioned],
    device: &Device,
) -> Result<(Tensor<2>, Tensor<2>)> {
    let side = clip.image_size();
    let pixels: Vec<f32> = batch.iter().flat_map(|one| one.picture.clip_input(side)).collect();
    let pixels = Tensor::from_data(TensorData::new(pixels, [batch.len(), 3, side, side]), device);
    let (mut ids, mut ends) = (Vec::new(), Vec::new());
    for one in batch {
        let (row, end) = words::encode(tokenizer, &one.text)?;
        ids.extend(row.into_iter().map(|id| id as i32));
        ends.push(end);
    }
    let ids = TensorData::new(ids, [batch.len(), tokenizer.max_length()]);
    let ids = Tensor::<2, Int>::from_data(ids, device);
    Ok((clip.image_features(pixels), clip.text_features(ids, &ends)))
}

/// Which words are true of which picture, `[pictures, texts]`, each row's shares adding up to 1, and the same for each text.
fn aims(batch: &[Captioned], device: &Device) -> [Tensor<2>; 2] {
    let n = batch.len();
    let shares = |shows: &dyn Fn(usize, usize) -> bool| {
        let mut aim = vec![0.0f32; n * n];
        for (row, aim) in aim.chunks_mut(n).enumerate() {
            let same: Vec<usize> = (0..n).filter(|&other| shows(row, other)).collect();
            same.iter().for_each(|&other| aim[other] = 1.0 / same.len() as f32);
        }
        Tensor::from_data(TensorData::new(aim, [n, n]), device)
    };
    [
        shares(&|picture, text| batch[picture].shows(&batch[text])),
        shares(&|text, picture| batch[picture].shows(&batch[text])),
    ]
}

/// How often a picture's nearest text reads as its own.
async fn recall(clip: &Clip, tokenizer: &Tokenizer, batch: &[Captioned], device: &Device) -> Result<f64> {
    let (mut images, mut texts) = (Vec::new(), Vec::new());
    for part in batch.chunks(32) {
        let (image, text) = features(clip, tokenizer, part, device)?;
        images.push(image);
        texts.push(text);
    }
    let n = batch.len();
    let cosines = read(Tensor::cat(images, 0).matmul(Tensor::cat(texts, 0).transpose())).await?;
    let found = cosines.chunks(n).enumerate().filter(|(row, cosines)| {
        let best = (0..n).max_by(|&a, &b| cosines[a].total_cmp(&cosines[b])).unwrap_or_default();
        batch[best].text == batch[*row].text
    });
    Ok(found.count() as f64 / n as f64)
}
