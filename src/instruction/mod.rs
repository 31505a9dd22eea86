//! Floor 3: exemplar pairs, the search for a start phrase, inversion, editing, and the instruction file.
pub mod adamw;
pub mod base;
mod check;
mod container;
pub mod course;
pub mod edit;
pub mod file;
pub mod header;
pub mod hearing;
pub mod inversion;
pub mod phrases;
pub mod state;
pub mod template;
mod thumbnail;
pub mod visii;
pub mod vocabulary;

pub(crate) use container::hex;

/// Learned K and V of one cross-attention layer in one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedLayer {
    /// Learned rows of K, `[tokens, width]` row-major.
    pub key: Vec<f32>,
    /// Learned rows of V, `[tokens, width]` row-major.
    pub value: Vec<f32>,
    /// heads · d_head of this layer.
    pub width: usize,
}

/// A learned edit: K and V of every cross-attention layer, per segment, and what is needed to use them.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// `[segment][layer in forward order]`; segment 0 owns the least noisy timesteps.
    pub segments: Vec<Vec<LearnedLayer>>,
    /// How it was learned and how it is to be used.
    pub about: About,
}

/// Which rows of the context the instruction replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// Rows 1..=m: the words, after BOS (method.md section 2).
    #[default]
    AfterBos,
    /// Rows 0..m.
    First,
}

/// What is being optimised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Space {
    /// K and V of every cross-attention layer: InstructBrush.
    #[default]
    Attention,
    /// Rows of the text encoder's output: the ablation "w/o Attn".
    Text,
}

/// What learning lowers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// ‖ε − ε̃‖²: InstructBrush.
    #[default]
    Noise,
    /// Visii's, with a term of CLIP: see [`visii`].
    Visii,
}

/// The header of an instruction: plain values, all of them shown by `instructbrush inspect`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// A name for people.
    pub title: String,
    /// The text whose projections fill the rows that were not learned; what learning began with, but for a caption behind it.
    pub start: String,
    /// m: how many rows were learned.
    pub tokens: usize,
    /// Which rows.
    pub rows: Rows,
    /// What was optimised; the file holds K and V in either case.
    pub space: Space,
    /// SHA-256 (hex) of the base model's UNet weights: see `models::weights`.
    pub base_model: String,
    /// The base model's title.
    pub base_model_title: String,
    /// Side of the pictures learned from, in pixels.
    pub resolution: usize,
    /// s_T used in learning, and to be used in editing.
    pub guidance_scale: f64,
    /// s_I used in learning, and to be used in editing.
    pub image_guidance_scale: f64,
    /// Sampling steps recommended by the base model.
    pub steps: usize,
    /// Recommended strength.
    pub strength: f64,
    /// Steps of learning per segment that this instruction has behind it.
    pub steps_per_segment: usize,
    /// Learning rate.
    pub learning_rate: f64,
    /// Seed of the learning run.
    pub seed: u64,
    /// How many exemplar pairs.
    pub pairs: usize,
    /// Thumbnails of one pair as PNG bytes, sides ≤ 256 px.
    #[serde(skip)]
    pub thumbnails: Option<Thumbnails>,
    /// ISO 8601 date of learning, or empty.
    pub date: String,
    /// Who made it, or empty.
    pub author: String,
    /// Licence, or empty.
    pub license: String,
    /// Free words.
    pub description: String,
    /// Comma-separated tags.
    pub tags: String,
}

/// One exemplar pair, small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnails {
    /// PNG bytes of the before picture.
    pub before: Vec<u8>,
    /// PNG bytes of the after picture.
    pub after: Vec<u8>,
}
