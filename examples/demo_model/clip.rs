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
use instructbrush::scenes::Sample;
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::picture::Picture;
use instructbrush::tensor::readback::read;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

/// Pictures with captions that no training sees, for the figures.
const HELD_OUT: usize = 500;
/// Of which this many are looked at together.
const AT_ONCE: usize = 32;
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
        let texts: Vec<&str> = batch.iter().map(|one| one.text.as_str()).collect();
        let images = image_features(&clip, batch.iter().map(|one| &one.picture), device);
        let texts = text_features(&clip, &tokenizer, &texts, device)?;
        let logits = images.matmul(texts.transpose()) * scale.exp().clamp_max(LARGEST_SCALE).reshape([1, 1]);
        let [of_texts, of_pictures] = aims(batch, device);
        let cross =
            |logits: Tensor<2>, aim: Tensor<2>| (activation::log_softmax(logits, 1) * aim).sum_dim(1).mean().neg();
        Ok((cross(logits.clone(), of_texts) + cross(logits.transpose(), of_pictures)) * 0.5)
    };
    let check = async |parameters: &Parameters| {
        let clip = Clip::take(&mut parameters.plain(), &config);
        figures(&clip, &tokenizer, recipe.size, device).await
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

/// Features of length 1, `[b, d]`.
fn image_features<'a>(clip: &Clip, pictures: impl Iterator<Item = &'a Picture>, device: &Device) -> Tensor<2> {
    let side = clip.image_size();
    let pixels: Vec<f32> = pictures.flat_map(|picture| picture.clip_input(side)).collect();
    let b = pixels.len() / (3 * side * side);
    clip.image_features(Tensor::from_data(TensorData::new(pixels, [b, 3, side, side]), device))
}

/// Features of length 1, `[b, d]`.
fn text_features(clip: &Clip, tokenizer: &Tokenizer, texts: &[&str], device: &Device) -> Result<Tensor<2>> {
    let (mut ids, mut ends) = (Vec::new(), Vec::new());
    for text in texts {
        let (row, end) = words::encode(tokenizer, text)?;
        ids.extend(row.into_iter().map(|id| id as i32));
        ends.push(end);
    }
    let ids = TensorData::new(ids, [texts.len(), tokenizer.max_length()]);
    Ok(clip.text_features(Tensor::<2, Int>::from_data(ids, device), &ends))
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

/// What is said of a sample.
type Said = fn(&Sample) -> &str;

/// Of pictures that no training sees: how often the nearest caption is their own, and the nearest instruction what made them.
async fn figures(clip: &Clip, tokenizer: &Tokenizer, size: usize, device: &Device) -> Result<String> {
    let samples = data::held_out(HELD_OUT, size);
    let mut features = Vec::new();
    for part in samples.chunks(AT_ONCE) {
        features.push(image_features(clip, part.iter().map(|sample| &sample.pair.after), device));
    }
    let features = Tensor::cat(features, 0);
    let kinds: [(&str, Said); 2] =
        [("captions", |sample| &sample.pair.caption_after), ("instructions", |sample| &sample.instruction)];
    let mut figures = Vec::new();
    for (kind, of) in kinds {
        let texts: Vec<&str> = samples.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect();
        let heard = texts.chunks(AT_ONCE).map(|texts| text_features(clip, tokenizer, texts, device));
        let heard = Tensor::cat(heard.collect::<Result<_>>()?, 0);
        let cosines = read(features.clone().matmul(heard.transpose())).await?;
        let nearest = cosines.chunks(texts.len()).map(|cosines| {
            let best = (0..texts.len()).max_by(|&a, &b| cosines[a].total_cmp(&cosines[b]));
            best.map_or("", |best| texts[best])
        });
        let found = nearest.zip(&samples).filter(|(text, sample)| *text == of(sample)).count();
        figures.push(format!("{:.3} of {} {kind}", found as f64 / samples.len() as f64, texts.len()));
    }
    Ok(format!("recall@1 {}", figures.join(", ")))
}
