//! The benchmark's job: one method on one effect, from the pairs to the scores of its test pictures.
//!
//! It is a method of its own, [`Engine::bench`](super::engine::Engine::bench), and not a [`Job`](super::job::Job): what a page
//! never does should not be in its worker.
mod measure;
mod run;
mod settings;

use super::job::{Course, ExemplarPair, InvertJob, SamplerKind, Start};
use super::settled::Defaults;
use crate::bench::methods::Method;
use crate::bench::record::Scores;
use crate::instruction::{Instruction, Objective, Space};
use crate::models::config::Recommended;
use crate::tensor::picture::Picture;
use std::sync::Arc;

/// Where settings come from that nobody typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// The base model's recommendation, else the paper's values and 20 sampling steps.
    #[default]
    Model,
    /// The paper's, whatever the model recommends: 1000 steps per segment at 1e-3, scales 7.5 and 1.5, 100 steps
    /// of the Euler-ancestral sampler. The timestep spacing stays the model's.
    Paper,
}

/// Run one method on one effect.
#[derive(Clone, Debug)]
pub struct BenchJob {
    /// Which.
    pub method: Method,
    /// How InstructBrush learns, and from which pairs (the shots); the method changes what it is about.
    pub learning: InvertJob,
    /// All exemplar pairs of the effect: where its edit goes, for Direct.
    pub reference: Vec<ExemplarPair>,
    /// Never learned from; their after pictures are the truth.
    pub tests: Vec<ExemplarPair>,
    /// The effect's own words; only [`Method::Ip2p`] needs them.
    pub text: Option<String>,
    /// Sampling steps of the edits; `None`: the recipe's.
    pub edit_steps: Option<usize>,
    /// How noise is removed in the edits; `None`: the recipe's.
    pub sampler: Option<SamplerKind>,
    /// Where open settings come from.
    pub recipe: Recipe,
    /// The bytes of LPIPS' weights.
    pub lpips: Option<Arc<Vec<u8>>>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Benched {
    /// What was learned, by a method that learns.
    pub instruction: Option<Instruction>,
    /// The words that learning started from, or that were edited with.
    pub text: Option<String>,
    /// Mean loss over the segments, one per step.
    pub losses: Vec<f32>,
    /// UNet steps of learning: segments × steps in each.
    pub learning_steps: usize,
    /// Rows that went through the UNet while learning.
    pub unet_evaluations: usize,
    /// The tests as they were compared: sized like the results, before and after.
    pub tests: Vec<ExemplarPair>,
    /// One per test.
    pub results: Vec<Picture>,
    /// One per test; Direct. is of all together.
    pub scores: Vec<Scores>,
    /// Over the tests.
    pub mean: Scores,
}

impl BenchJob {
    /// The same job with every setting filled; the size stays open where the model recommends none.
    pub fn settled(mut self, recommended: &Recommended) -> Self {
        if self.recipe == Recipe::Paper {
            let paper = Defaults::PAPER;
            let learning = &mut self.learning;
            learning.steps_per_segment = learning.steps_per_segment.or(Some(paper.steps_per_segment));
            learning.learning_rate = learning.learning_rate.or(Some(paper.learning_rate));
            learning.course = learning.course.or(Some(paper.course));
            learning.guidance_scale = learning.guidance_scale.or(Some(paper.guidance_scale));
            learning.image_guidance_scale = learning.image_guidance_scale.or(Some(paper.image_guidance_scale));
            self.edit_steps = self.edit_steps.or(Some(paper.steps));
            self.sampler = self.sampler.or(Some(paper.sampler));
        }
        let defaults = Defaults::of(recommended);
        self.edit_steps = self.edit_steps.or(Some(defaults.steps));
        self.sampler = self.sampler.or(Some(defaults.sampler));
        self.learning = self.learning.settled(recommended);
        self
    }

    /// How the method learns. Settled jobs only.
    fn learning(&self) -> InvertJob {
        let job = self.learning.clone();
        let steps = job.steps_per_segment.unwrap_or_default();
        let job = InvertJob {
            segments: self.method.segments(job.segments),
            steps_per_segment: Some(self.method.steps_per_segment(steps, job.segments)),
            ..job
        };
        match self.method {
            // its draws and its pace are its own
            Method::Visii => InvertJob {
                space: Space::Text,
                objective: Objective::Visii,
                start: Start::Caption,
                course: Some(Course::Paper),
                ..job
            },
            Method::NoAttn => InvertJob { space: Space::Text, ..job },
            Method::NoInit => InvertJob { start: Start::Caption, ..job },
            _ => job,
        }
    }
}
