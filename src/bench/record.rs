//! Record: one result of the benchmark with all that decided it; a record is what lies in `result.json`.
use super::methods::Method;
use super::top_bench::Group;
use serde::{Deserialize, Serialize};

/// Stands where an earlier version wrote nothing down.
const NOT_RECORDED: &str = "not recorded";
/// Stands for CLIP in the settings of what was learned without.
pub const NO_CLIP: &str = "none";

/// What is averaged in the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// In dB, higher is better.
    pub psnr: f64,
    /// Up to 1, higher is better.
    pub ssim: f64,
    /// Lower is better; none without weights.
    pub lpips: Option<f64>,
    /// Lower is better; none without CLIP, and none of a single picture.
    pub direction: Option<f64>,
}

/// Which result: a row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// By which method.
    pub method: Method,
    /// Learned from how many pairs; 0 where nothing is learned.
    pub shots: usize,
    /// InstructBrush's steps per segment that the method's were made from; 0 where nothing is learned.
    pub steps: usize,
}

impl Key {
    /// The key of a method, with what does not matter to it left out.
    pub fn new(method: Method, shots: usize, steps: usize) -> Self {
        if method.learns() { Self { method, shots, steps } } else { Self { method, shots: 0, steps: 0 } }
    }

    /// The name of its folder: `instructbrush-10-pairs-100-steps`.
    pub fn folder(&self) -> String {
        match self.method.learns() {
            true => format!("{}-{}-pairs-{}-steps", self.method.name(), self.shots, self.steps),
            false => self.method.name().to_owned(),
        }
    }
}

/// What decides which scores there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredWith {
    /// SHA-256 (hex) of LPIPS' weights, if there were any.
    pub lpips: Option<String>,
    /// The fingerprint of CLIP's weights, if there was CLIP.
    #[serde(deserialize_with = "which_clip")]
    pub clip: Option<String>,
}

/// Which CLIP it was, where it was written down which; else that there was one, which is no CLIP that anybody has.
fn which_clip<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<String>, D::Error> {
    let written = serde_json::Value::deserialize(deserializer)?;
    Ok(written.as_str().map(str::to_owned).or_else(|| (written == true).then(|| NOT_RECORDED.to_owned())))
}

impl MeasuredWith {
    /// Whether measuring with `now` would tell something that is not known.
    pub fn lacks(&self, now: &Self) -> bool {
        let known = |weights: &Option<String>| weights.as_ref().is_some_and(|weights| weights != NOT_RECORDED);
        (known(&now.lpips) && now.lpips != self.lpips) || (known(&now.clip) && now.clip != self.clip)
    }

    /// What it has been measured with once it is measured with `now`: the scores of what is not at hand now stay.
    pub fn then(&self, now: &Self) -> Self {
        let newest = |now: &Option<String>, then: &Option<String>| now.clone().or_else(|| then.clone());
        Self { lpips: newest(&now.lpips, &self.lpips), clip: newest(&now.clip, &self.clip) }
    }
}

/// One result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The effect's folder.
    pub effect: String,
    /// Its group.
    pub group: Group,
    /// Method, shots, steps.
    #[serde(flatten)]
    pub key: Key,
    /// All else that decided the result; a run goes on only with the same.
    #[serde(deserialize_with = "with_what_was_not_recorded")]
    pub settings: serde_json::Value,
    /// What it was measured with.
    pub measured_with: MeasuredWith,
    /// Why there is no result, in a sentence.
    pub skipped: Option<String>,
    /// The words that learning started from, or that were edited with.
    pub text: Option<String>,
    /// UNet steps of learning: segments × steps in each.
    pub learning_steps: usize,
    /// Rows that went through the UNet while learning: steps × branches of the guidance that are computed.
    pub unet_evaluations: usize,
    /// Mean loss over the segments, one per step.
    pub losses: Vec<f32>,
    /// Of each test picture, in order.
    pub tests: Vec<Scores>,
    /// Over the test pictures; none when skipped.
    pub scores: Option<Scores>,
}

/// Settings, and what they lack that are from before VAE and CLIP were written down: those stand beside no others.
fn with_what_was_not_recorded<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<serde_json::Value, D::Error> {
    let mut settings = serde_json::Value::deserialize(deserializer)?;
    if let Some(settings) = settings.as_object_mut() {
        settings.entry("vae").or_insert_with(|| NOT_RECORDED.into());
        if let Some(was_there) = settings.get("clip").and_then(serde_json::Value::as_bool) {
            settings.insert("clip".into(), if was_there { NOT_RECORDED } else { NO_CLIP }.into());
        }
    }
    Ok(settings)
}

/// The mean; of what some lack, none.
pub fn mean<'a>(scores: impl IntoIterator<Item = &'a Scores>) -> Option<Scores> {
    let scores: Vec<&Scores> = scores.into_iter().collect();
    if scores.is_empty() {
        return None;
    }
    let over = |value: &dyn Fn(&Scores) -> Option<f64>| {
        let values: Option<Vec<f64>> = scores.iter().map(|scores| value(scores)).collect();
        values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
    };
    Some(Scores {
        psnr: over(&|scores| Some(scores.psnr))?,
        ssim: over(&|scores| Some(scores.ssim))?,
        lpips: over(&|scores| scores.lpips),
        direction: over(&|scores| scores.direction),
    })
}

impl Record {
    /// One without a result yet.
    pub fn blank(effect: &str, key: Key, settings: serde_json::Value, measured_with: MeasuredWith) -> Self {
        Self {
            effect: effect.to_owned(),
            group: Group::of(effect),
            key,
            settings,
            measured_with,
            skipped: None,
            text: None,
            learning_steps: 0,
            unet_evaluations: 0,
            losses: Vec::new(),
            tests: Vec::new(),
            scores: None,
        }
    }

    /// The same result, measured with `now` as well.
    pub fn measured(self, now: &MeasuredWith, mut tests: Vec<Scores>, mut mean: Scores) -> Self {
        if now.lpips.is_none() {
            mean.lpips = self.scores.and_then(|scores| scores.lpips);
            for (test, then) in tests.iter_mut().zip(&self.tests) {
                test.lpips = then.lpips;
            }
        }
        if now.clip.is_none() {
            mean.direction = self.scores.and_then(|scores| scores.direction);
        }
        Self { measured_with: self.measured_with.then(now), tests, scores: Some(mean), ..self }
    }

    /// Whether it is the same result as another, whatever each was measured with.
    pub fn is_same_result(&self, other: &Self) -> bool {
        let unmeasured = |record: &Self| Self {
            measured_with: MeasuredWith::default(),
            tests: Vec::new(),
            scores: None,
            ..record.clone()
        };
        unmeasured(self) == unmeasured(other)
    }
}
