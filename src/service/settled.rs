//! Settled: a job whose open settings are filled, so that engine and door mean the same numbers.
//!
//! What the user typed wins; then an instruction's own values, then the base model's recommendation, then the paper's.
use super::job::{EditJob, Heard, InvertJob};
use crate::models::config::Recommended;

/// The paper's sampling steps when interactive.
pub(super) const STEPS: usize = 20;
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
        self.steps = self.steps.or(own.map(|about| about.steps)).or(recommended.steps).or(Some(STEPS));
        self.guidance_scale = self
            .guidance_scale
            .or(own.map(|about| about.guidance_scale))
            .or(recommended.guidance_scale)
            .or(Some(GUIDANCE_SCALE));
        self.image_guidance_scale = self
            .image_guidance_scale
            .or(own.map(|about| about.image_guidance_scale))
            .or(recommended.image_guidance_scale)
            .or(Some(IMAGE_GUIDANCE_SCALE));
        self.size = self.size.or(recommended.resolution);
        self
    }
}

impl InvertJob {
    /// The same job with every setting filled; `size` stays open where the model recommends none.
    pub fn settled(mut self, recommended: &Recommended) -> Self {
        self.steps_per_segment = self.steps_per_segment.or(recommended.steps_per_segment).or(Some(STEPS_PER_SEGMENT));
        self.learning_rate = self.learning_rate.or(recommended.learning_rate).or(Some(LEARNING_RATE));
        self.guidance_scale = self.guidance_scale.or(recommended.guidance_scale).or(Some(GUIDANCE_SCALE));
        self.image_guidance_scale =
            self.image_guidance_scale.or(recommended.image_guidance_scale).or(Some(IMAGE_GUIDANCE_SCALE));
        self.size = self.size.or(recommended.resolution);
        self
    }
}
