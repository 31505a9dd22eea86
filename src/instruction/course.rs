//! Course: how a learning run draws pairs, timesteps and noise, and how fast it goes.
use crate::tensor::noise::{Noise, mix};
use std::ops::Range;

/// A course by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// As the paper has it: drawn at random, at one pace.
    #[default]
    Paper,
    /// For a tenth of the paper's steps: drawn evenly, fast at first, the mean of the last steps, more rows.
    Quick,
}

impl Course {
    /// Both.
    pub const ALL: [Course; 2] = [Course::Paper, Course::Quick];

    /// On the command line and in `instructbrush.json`.
    pub fn name(self) -> &'static str {
        match self {
            Course::Paper => "paper",
            Course::Quick => "quick",
        }
    }

    /// What it does.
    pub fn pace(self) -> Pace {
        match self {
            Course::Paper => Pace {
                first_rate: 1.0,
                last_rate: 1.0,
                averaged: 0.0,
                even: false,
                least_rows: 1,
                captioned_from: None,
                alike: 0.0,
            },
            Course::Quick => Pace {
                first_rate: 6.7,
                last_rate: 2.0,
                averaged: 0.3,
                even: true,
                least_rows: 16,
                captioned_from: Some(3),
                alike: 0.35,
            },
        }
    }
}

/// What a course is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The first step's learning rate, in learning rates.
    pub first_rate: f64,
    /// The last step's; between them it falls along half a cosine.
    pub last_rate: f64,
    /// The part of the steps, counted from the end, whose mean is the result; 0 for the last step's numbers.
    pub averaged: f64,
    /// Each pair by turns and timesteps evenly over their segment, in place of at random.
    pub even: bool,
    /// So many rows are learned at least, the pads behind a short start text among them, as far as the model hears so many.
    pub least_rows: usize,
    /// From so many pairs on, rows behind the words of the phrases that were found begin as the after pictures' caption, so that
    /// what is heard before the first step is not quite the initial instruction. Fewer pictures' caption names their scenes, which
    /// are what must not be learned.
    pub captioned_from: Option<usize>,
    /// With one pair: the part by which each segment's numbers are drawn towards the mean of all segments when they are used, not while
    /// they are learned. What the segments do not have in common is in good part the one scene.
    pub alike: f32,
}

/// Another stream than the noise's.
const STREAM: u64 = 0x000c_0075;

impl Pace {
    /// What the learning rate is multiplied by in a step, counted from 1, of so many.
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        let part = (step.saturating_sub(1)) as f64 / steps.saturating_sub(1).max(1) as f64;
        self.last_rate + (self.first_rate - self.last_rate) * 0.5 * (1.0 + (std::f64::consts::PI * part.min(1.0)).cos())
    }

    /// How much of a step's numbers goes into the mean: 1 until the part begins that is averaged, then 1/2, 1/3, …
    pub fn share(&self, step: usize, steps: usize) -> f64 {
        let first = steps as f64 * (1.0 - self.averaged);
        1.0 / (step as f64 - first).max(1.0).floor()
    }

    /// A segment's pair and timestep in a step; what is random follows from (seed, step, segment) and comes from `noise` first.
    pub fn draw(
        &self,
        [seed, step, segment]: [u64; 3],
        pairs: usize,
        timesteps: Range<usize>,
        noise: &mut Noise,
    ) -> (usize, usize) {
        if !self.even {
            let pair = noise.below(pairs as u32) as usize;
            return (pair, timesteps.start + noise.below(timesteps.len() as u32) as usize);
        }
        let (round, turn) = ((step - 1) / pairs as u64, (step - 1) as usize % pairs);
        let pair = shuffled(pairs, mix(seed, round, STREAM + segment))[turn];
        // Weyl's sequence with the golden ratio: evenly spread however far it has come
        let offset = Noise::new(mix(seed, segment, STREAM)).uniform();
        let part = (f64::from(offset) + step as f64 * 0.618_033_988_749_895) % 1.0;
        (pair, timesteps.start + (part * timesteps.len() as f64) as usize)
    }
}

/// 0..n in an order that follows from the seed (Fisher and Yates).
fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut noise = Noise::new(seed);
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last, noise.below(last as u32 + 1) as usize);
    }
    order
}
