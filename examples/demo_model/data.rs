//! Data: drawn pictures, pairs and words, each a function of the seed and its number.
use burn::tensor::{Device, Tensor};
use instructbrush::scenes::effects::benchmark_seed;
use instructbrush::scenes::{
    Sample, effects, training_caption, training_instruction, training_picture, training_sample, vocabulary,
};
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::picture::Picture;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Held-out pairs are the drawn benchmark's of this seed: training draws no scene of the benchmark.
const HELD_OUT: u64 = 0x4e1d;

/// Every word.
pub fn vocabulary() -> Vec<&'static str> {
    vocabulary::words().collect()
}

/// These pairs of a stream, of trained effects.
pub fn samples(seed: u64, pairs: &[usize], size: usize) -> Vec<Sample> {
    pairs.par_iter().map(|&idx| training_sample(mix(seed, idx as u64, 10), size)).collect()
}

/// The texts of the first `n` pairs of a stream.
pub fn instructions(seed: u64, n: usize) -> Vec<String> {
    (0..n).into_par_iter().map(|idx| training_instruction(mix(seed, idx as u64, 10))).collect()
}

/// Captioned pictures number `from` to `from + n` of a stream.
pub fn pictures(seed: u64, from: usize, n: usize, size: usize) -> Vec<(Picture, String)> {
    (from..from + n).into_par_iter().map(|idx| training_picture(mix(seed, idx as u64, 11), size)).collect()
}

/// `n` pairs of scenes that training never sees, of trained effects by turns.
pub fn held_out(n: usize, size: usize) -> Vec<Sample> {
    let trained: Vec<_> = effects().filter(|effect| !effect.held_out && !effect.family).collect();
    let pair = |idx: usize| {
        let (effect, seed) = (trained[idx % trained.len()], benchmark_seed(HELD_OUT, idx as u64));
        let instruction = effect.phrasings.first().copied().unwrap_or_default().to_string();
        Sample { effect: effect.name, pair: effect.pair(seed, size), instruction }
    };
    (0..n).into_par_iter().map(pair).collect()
}

/// A step's crops: each of another picture and place, half of them mirrored.
pub fn crops(seed: u64, step: usize, n: usize, side: usize, size: usize) -> Vec<Picture> {
    let crop = |idx: usize| {
        let number = (step * n + idx) as u64;
        let mut noise = Noise::new(mix(seed, number, 12));
        let picture = training_picture(mix(seed, number, 11), size).0;
        let room = (size - side + 1) as u32;
        let picture = crop(&picture, noise.below(room) as usize, noise.below(room) as usize, side);
        if noise.below(2) == 0 { picture } else { mirrored(&picture) }
    };
    (0..n).into_par_iter().map(crop).collect()
}

/// Pictures as a batch in −1…1, `[n, 3, h, w]`; all of one size.
pub fn tensor<'a>(pictures: impl IntoIterator<Item = &'a Picture>, device: &Device) -> Tensor<4> {
    Tensor::cat(pictures.into_iter().map(|picture| picture.to_tensor(device)).collect(), 0)
}

fn crop(picture: &Picture, x: usize, y: usize, side: usize) -> Picture {
    let row = |y: usize| &picture.rgb[3 * (y * picture.width + x)..][..3 * side];
    Picture { width: side, height: side, rgb: (y..y + side).flat_map(row).copied().collect() }
}

fn mirrored(picture: &Picture) -> Picture {
    let rows = picture.rgb.chunks(3 * picture.width);
    let rgb = rows.flat_map(|row| row.chunks(3).rev().flatten().copied()).collect();
    Picture { rgb, ..*picture }
}

/// Words that stand between the phrases of a caption.
const BETWEEN: [&str; 12] =
    ["and", "with", "in", "on", "under", "by", "of", "behind", "at", "while", "through", "beside"];
/// A phrase is offered to the search for a start when it occurs this often among [`CAPTIONS`].
const OFTEN: usize = 12;
const CAPTIONS: usize = 8000;

/// What a caption is made of: "a pencil sketch of a red car at night" → "a pencil sketch", "a red car", "night".
pub fn phrases_of(caption: &str) -> Vec<String> {
    let phrases = caption.split(',').flat_map(|part| {
        let words: Vec<&str> = part.split_whitespace().collect();
        words.split(|word| BETWEEN.contains(word)).map(|words| words.join(" ")).collect::<Vec<_>>()
    });
    phrases.filter(|phrase| !phrase.is_empty()).collect()
}

/// The phrases that the search for a start chooses from: those that captions are made of.
pub fn phrases(seed: u64) -> Vec<String> {
    let captions: Vec<String> =
        (0..CAPTIONS).into_par_iter().map(|idx| training_caption(mix(seed, idx as u64, 13))).collect();
    let mut counts = BTreeMap::<String, usize>::new();
    captions.iter().flat_map(|caption| phrases_of(caption)).for_each(|phrase| *counts.entry(phrase).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count >= OFTEN).map(|(phrase, _)| phrase).collect()
}
