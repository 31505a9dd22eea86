//! Phrases: words that tell the before pictures from the after pictures, found with CLIP (method.md section 3).
//!
//! Features live on the host: rows of unit length, `[n, d]` row-major, so that a dot product is CLIP's cosine D.
//! The towers stay outside: captions are encoded by a callback, which may also count and cancel.
use super::template::fitting_instruction;
use super::vocabulary::Vocabulary;
use crate::{Error, Result};

/// How many texts the callback is given at a time.
pub const BATCH: usize = 256;

/// How the sensitivity of a phrase is compared with the threshold η.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// s / D(p, own set).
    #[default]
    Relative,
    /// s as it is.
    Absolute,
}

/// Settings of the search; the defaults are method.md's.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSettings {
    /// η; 0 takes the best phrase that is nearer to its own set at all.
    pub threshold: f64,
    /// How the sensitivity is normalised.
    pub mode: Mode,
    /// r: phrases per caption; in a direct search, phrases reported per set.
    pub caption_phrases: usize,
    /// How many of the phrases nearest to a set its caption may use.
    pub preselect: usize,
    /// Search the whole vocabulary for argmax D(p, Y) − D(p, X) (and mirrored) instead of two captions.
    pub direct: bool,
    /// What stands between the phrases of a caption. CLIP ViT-L/14 reads lists with commas; a model trained on few
    /// words may want " and ".
    pub separator: String,
}

impl Default for SearchSettings {
    fn default() -> Self {
        let separator = ", ".to_owned();
        Self { threshold: 0.15, mode: Mode::Relative, caption_phrases: 5, preselect: 2048, direct: false, separator }
    }
}

/// A phrase of a caption with its sensitivity.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Sensitivity {
    /// The words.
    pub phrase: String,
    /// D(p, own set): CLIP cosine.
    pub own: f64,
    /// D(p, other set).
    pub other: f64,
    /// s = own − other.
    pub absolute: f64,
    /// s / own; 0 where own is not above 0, because such a phrase does not describe its set.
    pub relative: f64,
}

/// What the search found in both sets, and the initial instruction made of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PhraseReport {
    /// Caption of the before pictures, in the order found; in a direct search the best phrases, best first.
    pub before: Vec<Sensitivity>,
    /// Caption of the after pictures, in the same way.
    pub after: Vec<Sensitivity>,
    /// The before pictures' unique phrase, if any passes the threshold.
    pub unique_before: Option<String>,
    /// The after pictures' unique phrase, if any passes the threshold.
    pub unique_after: Option<String>,
    /// The initial instruction; empty when there is none.
    pub instruction: String,
    /// η of this search.
    pub threshold: f64,
    /// How the sensitivity was normalised.
    pub mode: Mode,
    /// Whether the whole vocabulary was searched instead of the captions.
    pub direct: bool,
    /// How many phrases there were to choose from.
    pub phrases: usize,
    /// How many more the context could not hold.
    pub too_long: usize,
}

impl PhraseReport {
    /// The caption of the after pictures, as it was scored: its phrases in the order found (of a direct search, the best
    /// first), as many as fit together.
    pub fn caption_after(&self, separator: &str, fits: impl Fn(&str) -> bool) -> String {
        let phrases: Vec<&str> = self.after.iter().map(|found| found.phrase.as_str()).collect();
        (0..=phrases.len()).rev().map(|n| phrases[..n].join(separator)).find(|text| fits(text)).unwrap_or_default()
    }
}

/// The feature of a set of pictures: the mean of their features, of unit length again.
///
/// # Shapes
/// `features` is `[n, width]`; the result `[width]`, all zero when the features cancel or there are none.
pub fn set_feature(features: &[f32], width: usize) -> Vec<f32> {
    let mut mean = vec![0f64; width];
    for row in features.chunks_exact(width.max(1)) {
        let norm = dot(row, row).sqrt();
        if norm > 0.0 {
            mean.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value) / norm);
        }
    }
    let norm = mean.iter().map(|value| value * value).sum::<f64>().sqrt();
    mean.iter().map(|value| if norm > 0.0 { (value / norm) as f32 } else { 0.0 }).collect()
}

/// Encodes texts, [`BATCH`] at a time, to unit rows `[texts, d]`.
///
/// # Errors
/// What `encode` says.
pub async fn encode_in_batches(
    texts: &[String],
    encode: &mut impl AsyncFnMut(&[String]) -> Result<Vec<f32>>,
) -> Result<Vec<f32>> {
    let mut features = Vec::new();
    for batch in texts.chunks(BATCH) {
        features.extend(encode(batch).await?);
    }
    Ok(features)
}

/// Finds the phrases that tell the two sets apart and words the initial instruction. Ties go to the phrase that comes
/// first in the vocabulary, so the same input gives the same report.
///
/// # Shapes
/// `features` `[phrases, d]`: the vocabulary's own; `before` and `after` `[d]`: see [`set_feature`].
/// `encode` gets at most [`BATCH`] captions and returns unit rows `[captions, d]`; a direct search never calls it.
/// `fits` says whether a text fits the context.
///
/// # Errors
/// [`Error::Usage`] for a threshold that is not a finite number, [`Error::Computation`] for features that are
/// not numbers, and what `encode` says.
pub async fn search(
    vocabulary: &Vocabulary,
    features: &[f32],
    before: &[f32],
    after: &[f32],
    settings: &SearchSettings,
    fits: impl Fn(&str) -> bool,
    mut encode: impl AsyncFnMut(&[String]) -> Result<Vec<f32>>,
) -> Result<PhraseReport> {
    if !settings.threshold.is_finite() {
        return Err(Error::Usage(format!("the threshold is {}; it must be a number such as 0.15", settings.threshold)));
    }
    let n_phrases = vocabulary.phrases.len();
    assert_eq!(features.len(), n_phrases * before.len(), "features must be [{n_phrases}, {}]", before.len());
    assert_eq!(before.len(), after.len(), "features of both sets must be of one width");
    let near_before = similarities(features, before)?;
    let near_after = similarities(features, after)?;
    let mut side = async |set: &[f32], own: &[f64], other: &[f64]| {
        let found = if settings.direct {
            (0..n_phrases).collect()
        } else {
            caption(vocabulary, set, own, settings, &fits, &mut encode).await?
        };
        let found = found.into_iter().map(|i| sensitivity(&vocabulary.phrases[i], own[i], other[i])).collect();
        Ok::<_, Error>(choose(found, settings))
    };
    let (before, unique_before) = side(before, &near_before, &near_after).await?;
    let (after, unique_after) = side(after, &near_after, &near_before).await?;
    Ok(PhraseReport {
        instruction: fitting_instruction(unique_before.as_deref(), unique_after.as_deref(), &fits),
        before,
        after,
        unique_before,
        unique_after,
        threshold: settings.threshold,
        mode: settings.mode,
        direct: settings.direct,
        phrases: n_phrases,
        too_long: vocabulary.too_long,
    })
}

/// Greedy chain: of the phrases nearest to the set, append the one whose caption comes nearest, until there are r or
/// the context is full. Returns indices into the vocabulary.
async fn caption(
    vocabulary: &Vocabulary,
    set: &[f32],
    own: &[f64],
    settings: &SearchSettings,
    fits: &impl Fn(&str) -> bool,
    encode: &mut impl AsyncFnMut(&[String]) -> Result<Vec<f32>>,
) -> Result<Vec<usize>> {
    let mut left: Vec<usize> = (0..own.len()).collect();
    left.sort_by(|&a, &b| own[b].total_cmp(&own[a])); // stable: ties stay in list order
    left.truncate(settings.preselect);
    left.sort_unstable();
    let mut chosen: Vec<usize> = Vec::new();
    let mut text = String::new();
    while chosen.len() < settings.caption_phrases {
        // A single phrase is a caption whose feature we have already.
        let (candidates, scores) = if chosen.is_empty() {
            (left.clone(), left.iter().map(|&i| own[i]).collect())
        } else {
            let (candidates, captions): (Vec<_>, Vec<_>) = left
                .iter()
                .map(|&i| (i, format!("{text}{}{}", settings.separator, vocabulary.phrases[i])))
                .filter(|(_, caption)| fits(caption))
                .unzip();
            let features = encode_in_batches(&captions, encode).await?;
            assert_eq!(features.len(), captions.len() * set.len(), "encode must return [{}, d]", captions.len());
            (candidates, similarities(&features, set)?)
        };
        let Some(best) = first_max(&scores) else { break };
        let best = candidates[best];
        if !chosen.is_empty() {
            text.push_str(&settings.separator);
        }
        text.push_str(&vocabulary.phrases[best]);
        chosen.push(best);
        left.retain(|&i| i != best);
    }
    Ok(chosen)
}

/// Picks the unique phrase, the first of the most sensitive ones above η, and drops what is not to be reported.
fn choose(mut found: Vec<Sensitivity>, settings: &SearchSettings) -> (Vec<Sensitivity>, Option<String>) {
    let normalised = |s: &Sensitivity| match settings.mode {
        Mode::Relative => s.relative,
        Mode::Absolute => s.absolute,
    };
    let passes = |s: &Sensitivity| normalised(s) > settings.threshold;
    let unique = if settings.direct {
        // Ranked by s itself: s / D would favour phrases that hardly describe either set.
        found.sort_by(|a, b| passes(b).cmp(&passes(a)).then(b.absolute.total_cmp(&a.absolute)));
        found.truncate(settings.caption_phrases.max(1));
        found.first()
    } else {
        let scores: Vec<f64> = found.iter().map(normalised).collect();
        first_max(&scores).map(|best| &found[best])
    };
    let unique = unique.filter(|s| passes(s)).map(|s| s.phrase.clone());
    (found, unique)
}

fn sensitivity(phrase: &str, own: f64, other: f64) -> Sensitivity {
    let absolute = own - other;
    let relative = if own > 0.0 { absolute / own } else { 0.0 };
    Sensitivity { phrase: phrase.to_owned(), own, other, absolute, relative }
}

/// D of every row of `features` and the set.
fn similarities(features: &[f32], set: &[f32]) -> Result<Vec<f64>> {
    let similar: Vec<f64> = features.chunks_exact(set.len().max(1)).map(|row| dot(row, set)).collect();
    match similar.iter().position(|value| !value.is_finite()) {
        Some(i) => Err(Error::Computation(format!(
            "CLIP: the similarity of phrase {i} of {} is not a number; is the checkpoint's clip folder damaged?",
            similar.len()
        ))),
        None => Ok(similar),
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn first_max(scores: &[f64]) -> Option<usize> {
    (0..scores.len()).reduce(|best, i| if scores[i] > scores[best] { i } else { best })
}
