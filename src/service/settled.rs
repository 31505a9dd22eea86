//! Settled: a job whose open settings are filled, so that engine and door mean the same numbers.
//!
//! What the user typed wins; then an instruction's own values, then the base model's recommendation, then the paper's.
use super::job::{EditJob, Heard, InvertJob, SamplerKind};
use crate::instruction::course::Course;
use crate::models::config::Recommended;

/// The paper's sampling steps when interactive.
pub(super) const STEPS: usize = 20;
/// IP2P's sampling steps in published comparisons.
const PUBLISHED_STEPS: usize = 100;
/// IP2P's s_T.
const GUIDANCE_SCALE: f64 = 7.5;
/// IP2P's s_I.
const IMAGE_GUIDANCE_SCALE: f64 = 1.5;
/// InstructBrush's learning rate.
const LEARNING_RATE: f64 = 1e-3;
/// InstructBrush's steps in each of its five segments.
const STEPS_PER_SEGMENT: usize = 1000;

impl EditJob {
    /// The same job with every setting filled; `size` stays open where the model recommends none.
    pub fn settled(mut self, recommended: &Recommended) -> Self {
        let own = match &self.heard {
            Heard::Instruction(instruction) => Some(&instruction.about),
            _ => None,
        };
        let defaults = Defaults::of(recommended);
        self.steps = self.steps.or(own.map(|about| about.steps)).or(Some(defaults.steps));
        self.guidance_scale =
            self.guidance_scale.or(own.map(|about| about.guidance_scale)).or(Some(defaults.guidance_scale));
        self.image_guidance_scale = self
            .image_guidance_scale
            .or(own.map(|about| about.image_guidance_scale))
            .or(Some(defaults.image_guidance_scale));
        self.sampler = self.sampler.or(Some(defaults.sampler));
        self.size = self.size.or(recommended.resolution);
        self
    }
}

/// What an engine does when nothing is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defaults {
    /// Sampling steps.
    pub steps: usize,
    /// How noise is removed.
    pub sampler: SamplerKind,
    /// s_T.
    pub guidance_scale: f64,
    /// s_I.
    pub image_guidance_scale: f64,
    /// Steps of learning per segment.
    pub steps_per_segment: usize,
    /// AdamW's.
    pub learning_rate: f64,
    /// How learning draws and how fast it goes.
    pub course: Course,
}

impl Defaults {
    /// The paper's values, for comparisons that are published.
    pub const PAPER: Self = Self {
        steps: PUBLISHED_STEPS,
        sampler: SamplerKind::EulerAncestral,
        guidance_scale: GUIDANCE_SCALE,
        image_guidance_scale: IMAGE_GUIDANCE_SCALE,
        steps_per_segment: STEPS_PER_SEGMENT,
        learning_rate: LEARNING_RATE,
        course: Course::Paper,
    };

    /// The base model's recommendation, else the paper's.
    pub fn of(recommended: &Recommended) -> Self {
        Self {
            steps: recommended.steps.unwrap_or(STEPS),
            sampler: sampler_of(recommended),
            guidance_scale: recommended.guidance_scale.unwrap_or(GUIDANCE_SCALE),
            image_guidance_scale: recommended.image_guidance_scale.unwrap_or(IMAGE_GUIDANCE_SCALE),
            steps_per_segment: recommended.steps_per_segment.unwrap_or(STEPS_PER_SEGMENT),
            learning_rate: recommended.learning_rate.unwrap_or(LEARNING_RATE),
            course: course_of(recommended),
        }
    }
}

fn sampler_of(recommended: &Recommended) -> SamplerKind {
    let named = |name: &str| SamplerKind::ALL.into_iter().find(|sampler| sampler.name() == name);
    recommended.sampler.as_deref().and_then(named).unwrap_or_default()
}

fn course_of(recommended: &Recommended) -> Course {
    let named = |name: &str| Course::ALL.into_iter().find(|course| course.name() == name);
    recommended.course.as_deref().and_then(named).unwrap_or_default()
}

impl InvertJob {
    /// The same job with every setting filled; `size` stays open where the model recommends none.
    pub fn settled(mut self, recommended: &Recommended) -> Self {
        let defaults = Defaults::of(recommended);
        self.steps_per_segment = self.steps_per_segment.or(Some(defaults.steps_per_segment));
        self.learning_rate = self.learning_rate.or(Some(defaults.learning_rate));
        self.course = self.course.or(Some(defaults.course));
        self.guidance_scale = self.guidance_scale.or(Some(defaults.guidance_scale));
        self.image_guidance_scale = self.image_guidance_scale.or(Some(defaults.image_guidance_scale));
        self.size = self.size.or(recommended.resolution);
        self
    }
}
