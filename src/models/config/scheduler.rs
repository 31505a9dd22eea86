//! Scheduler config: the noise levels a model was trained with; and what a checkpoint recommends for its use.
use super::Fields;
use crate::{Error, Result};
use serde_json::{Value, json};

/// How β grows over the training timesteps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BetaSchedule {
    /// √β is linear: Stable Diffusion's.
    ScaledLinear,
    /// β is linear.
    Linear,
}

/// How sampling steps are spread over the training timesteps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimestepSpacing {
    /// `linspace(0, 999, n)` reversed: InstructPix2Pix's.
    Linspace,
    /// Whole steps from `steps_offset` upwards.
    Leading,
    /// Whole steps from 999 downwards.
    Trailing,
}

/// `scheduler/scheduler_config.json`: only the noise levels; the sampler is ours whatever class the file names, as with
/// diffusers' `EulerAncestralDiscreteScheduler.from_config`.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    /// Training timesteps.
    pub num_train_timesteps: usize,
    /// β at the first.
    pub beta_start: f64,
    /// β at the last.
    pub beta_end: f64,
    /// Between them.
    pub beta_schedule: BetaSchedule,
    /// How sampling steps are spread.
    pub timestep_spacing: TimestepSpacing,
    /// Used by [`TimestepSpacing::Leading`] only.
    pub steps_offset: usize,
}

const KNOWN: [&str; 9] = [
    "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler",
    "PNDMScheduler",
    "DDIMScheduler",
    "DDPMScheduler",
    "LMSDiscreteScheduler",
    "HeunDiscreteScheduler",
    "DPMSolverMultistepScheduler",
    "UniPCMultistepScheduler",
];

impl SchedulerConfig {
    /// Reads `scheduler/scheduler_config.json`. Errors: an unknown scheduler, prediction type or β schedule.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let fields = Fields::parse("scheduler/scheduler_config.json", json)?;
        let class = fields.text("_class_name", KNOWN[0])?;
        if !KNOWN.contains(&class) {
            return Err(fields.error("_class_name", &format!("one of {}", KNOWN.join(", "))));
        }
        if fields.text("prediction_type", "epsilon")? != "epsilon" {
            return Err(
                fields.error("prediction_type", "\"epsilon\": models that predict anything else are not supported")
            );
        }
        for (key, allowed) in [
            ("trained_betas", Value::Null),
            ("rescale_betas_zero_snr", json!(false)),
            ("interpolation_type", json!("linear")),
        ] {
            fields.only(key, allowed)?;
        }
        let config = Self {
            num_train_timesteps: fields.size("num_train_timesteps", 1000)?,
            beta_start: fields.positive("beta_start", 0.0001)?,
            beta_end: fields.positive("beta_end", 0.02)?,
            beta_schedule: match fields.text("beta_schedule", "linear")? {
                "scaled_linear" => BetaSchedule::ScaledLinear,
                "linear" => BetaSchedule::Linear,
                _ => return Err(fields.error("beta_schedule", "\"scaled_linear\" or \"linear\"")),
            },
            timestep_spacing: match fields.text("timestep_spacing", "linspace")? {
                "linspace" => TimestepSpacing::Linspace,
                "leading" => TimestepSpacing::Leading,
                "trailing" => TimestepSpacing::Trailing,
                _ => return Err(fields.error("timestep_spacing", "\"linspace\", \"leading\" or \"trailing\"")),
            },
            steps_offset: match fields.get("steps_offset").map(Value::as_u64) {
                None | Some(Some(0)) => 0,
                _ => fields.size("steps_offset", 0)?,
            },
        };
        if config.num_train_timesteps < 2 {
            return Err(fields.error("num_train_timesteps", "2 or more"));
        }
        if config.beta_start > config.beta_end || config.beta_end >= 1.0 {
            return Err(Error::Checkpoint(format!(
                "scheduler/scheduler_config.json: \"beta_start\" and \"beta_end\" are {} and {}, needs 0 < start ≤ end < 1",
                config.beta_start, config.beta_end
            )));
        }
        Ok(config)
    }
}

/// `instructbrush.json`: what suits this model. Where a checkpoint has none, the paper's values hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recommended {
    /// A name for people.
    pub title: Option<String>,
    /// Side of the pictures it was trained on, in pixels.
    pub resolution: Option<usize>,
    /// Sampling steps.
    pub steps: Option<usize>,
    /// `euler-ancestral`, `euler` or `lcm`.
    pub sampler: Option<String>,
    /// s_T.
    pub guidance_scale: Option<f64>,
    /// s_I.
    pub image_guidance_scale: Option<f64>,
    /// Of the inversion.
    pub learning_rate: Option<f64>,
    /// Of the inversion.
    pub steps_per_segment: Option<usize>,
    /// Of the inversion: `paper` or `quick`.
    pub course: Option<String>,
    /// The phrase list's path within the checkpoint.
    pub phrases: Option<String>,
    /// What stands between the phrases of a caption.
    pub phrase_separator: Option<String>,
}

impl Recommended {
    /// Reads `instructbrush.json`. Errors: not JSON, values that cannot be meant.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let fields = Fields::parse("instructbrush.json", json)?;
        let size = |key| fields.get(key).map(|_| fields.size(key, 1)).transpose();
        let text = |key| fields.get(key).map(|_| fields.text(key, "").map(str::to_string)).transpose();
        let scale = |key: &str| match fields.get(key) {
            None => Ok(None),
            Some(_) => match fields.number(key, 0.0)? {
                value if (0.0..=100.0).contains(&value) => Ok(Some(value)),
                _ => Err(fields.error(key, "a number from 0 to 100")),
            },
        };
        let found = Self {
            title: text("title")?,
            resolution: size("resolution")?,
            steps: size("steps")?,
            sampler: text("sampler")?,
            guidance_scale: scale("guidance_scale")?,
            image_guidance_scale: scale("image_guidance_scale")?,
            learning_rate: fields.get("learning_rate").map(|_| fields.positive("learning_rate", 1.0)).transpose()?,
            steps_per_segment: size("steps_per_segment")?,
            course: text("course")?,
            phrases: text("phrases")?,
            phrase_separator: text("phrase_separator")?,
        };
        if found.steps.is_some_and(|steps| steps > 1000) {
            return Err(fields.error("steps", "1 to 1000"));
        }
        if found.resolution.is_some_and(|side| !side.is_multiple_of(64) || side > 4096) {
            return Err(fields.error("resolution", "a multiple of 64 up to 4096"));
        }
        if found.course.as_deref().is_some_and(|course| !["paper", "quick"].contains(&course)) {
            return Err(fields.error("course", "\"paper\" or \"quick\""));
        }
        if found.sampler.as_deref().is_some_and(|sampler| !["euler-ancestral", "euler", "lcm"].contains(&sampler)) {
            return Err(fields.error("sampler", "\"euler-ancestral\", \"euler\" or \"lcm\""));
        }
        let outside = |path: &str| path.starts_with(['/', '\\']) || path.contains("..") || path.contains(':');
        if found.phrases.as_deref().is_some_and(outside) {
            return Err(fields.error("phrases", "a path within the checkpoint"));
        }
        Ok(found)
    }
}
