//! Job, event, outcome: what is asked, what happens, how it ends. Plain data, the same for every door.
pub use crate::diffusion::samplers::SamplerKind;
pub use crate::instruction::course::Course;
use crate::instruction::{
    Instruction, Objective, Rows, Space,
    phrases::{Mode, PhraseReport, SearchSettings},
};
use crate::tensor::picture::Picture;

/// What a door may ask of the [`Engine`](super::engine::Engine).
#[derive(Clone, Debug)]
pub enum Job {
    /// Edit one picture.
    Edit(Box<EditJob>),
    /// Learn an instruction from pairs.
    Invert(Box<InvertJob>),
    /// Find the phrases that tell the two sets apart.
    Phrases(Box<PhrasesJob>),
}

/// What the denoiser listens to.
#[derive(Clone, Debug, Default)]
pub enum Heard {
    /// The empty prompt.
    #[default]
    Nothing,
    /// Words.
    Text(String),
    /// A learned instruction.
    Instruction(Box<Instruction>),
}

/// Edit one picture.
#[derive(Clone, Debug)]
pub struct EditJob {
    /// Any size from 2×2 up.
    pub picture: Picture,
    /// What to do to it.
    pub heard: Heard,
    /// 0 = the null text, 1 = as learned, up to 1.5.
    pub strength: f64,
    /// Sampling steps; `None`: the instruction's, else the model's, else 20.
    pub steps: Option<usize>,
    /// s_T; `None`: the instruction's, else the model's, else 7.5.
    pub guidance_scale: Option<f64>,
    /// s_I; `None`: the instruction's, else the model's, else 1.5.
    pub image_guidance_scale: Option<f64>,
    /// Which sampler; `None`: the model's, else Euler ancestral.
    pub sampler: Option<SamplerKind>,
    /// As `torch.Generator("cpu").manual_seed(seed)`.
    pub seed: u64,
    /// The longer side inside the model, rounded to a multiple of 64; `None`: the model's resolution.
    pub size: Option<usize>,
    /// Per segment of an instruction, whether it is heard (the paper's Fig. 3); one that is not stands for the null
    /// text. Empty: all are heard.
    pub segments: Vec<bool>,
}

impl EditJob {
    /// With every setting as the model recommends, seed 0.
    pub fn new(picture: Picture, heard: Heard) -> Self {
        Self {
            picture,
            heard,
            strength: 1.0,
            steps: None,
            guidance_scale: None,
            image_guidance_scale: None,
            sampler: None,
            seed: 0,
            size: None,
            segments: Vec::new(),
        }
    }
}

/// An exemplar pair: both pictures of equal size.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarPair {
    /// For messages.
    pub name: String,
    /// The picture before the edit.
    pub before: Picture,
    /// The picture after the edit.
    pub after: Picture,
}

/// How learning starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// From the phrases that CLIP finds; the empty prompt when there are none (or no CLIP). Rows behind them may begin as a
    /// caption: [`Pace::captioned_from`](crate::instruction::course::Pace::captioned_from).
    #[default]
    Auto,
    /// From CLIP's caption of the after pictures: Visii, and the ablation "w/o Init".
    Caption,
    /// From the empty prompt.
    Nothing,
    /// From this text.
    Text(String),
}

/// Learn an instruction from pairs (method.md section 2); `None` takes the model's recommendation, else the paper's value.
#[derive(Clone, Debug)]
pub struct InvertJob {
    /// At least one.
    pub pairs: Vec<ExemplarPair>,
    /// Never learned from; the best instruction on them is kept. May be empty.
    pub held_out: Vec<ExemplarPair>,
    /// What [`Event::Preview`] shows where there is no held-out pair; nothing is learned from it.
    pub preview: Option<Picture>,
    /// How learning starts.
    pub start: Start,
    /// j, 1..=1000.
    pub segments: usize,
    /// Steps per segment.
    pub steps_per_segment: Option<usize>,
    /// AdamW's.
    pub learning_rate: Option<f64>,
    /// How learning draws and how fast it goes.
    pub course: Option<Course>,
    /// AdamW's β₁, β₂.
    pub betas: (f64, f64),
    /// AdamW's.
    pub weight_decay: f64,
    /// m when the start is the empty prompt, otherwise the tokens of the start text; a course may learn more, for its least number
    /// of rows or for a caption's words.
    pub tokens: usize,
    /// K/V or text embedding.
    pub space: Space,
    /// What learning lowers.
    pub objective: Objective,
    /// Which rows.
    pub rows: Rows,
    /// s_T.
    pub guidance_scale: Option<f64>,
    /// s_I.
    pub image_guidance_scale: Option<f64>,
    /// Everything random follows from it.
    pub seed: u64,
    /// Longer side inside the model; `None`: the model's resolution.
    pub size: Option<usize>,
    /// Used by `Start::Auto` and `Start::Caption`.
    pub phrases: PhraseSettings,
    /// Whether learning keeps what the way back needs; it changes nothing that is learned but for rounding, so a run may go on with
    /// another.
    pub memory: Memory,
    /// State of an earlier run to continue: bytes of an [`Event::State`].
    pub resume: Option<Vec<u8>>,
    /// Whether it may go on at another [`Self::size`] than it was begun with: keys and values have none.
    pub resized: bool,
    /// A name for people.
    pub title: String,
    /// ISO 8601, or empty; the engine reads no clock.
    pub date: String,
}

/// What may be taken of the device's memory: by learning ([`InvertJob::memory`]), and by the parts of the base model
/// ([`Engine::set_memory`](super::engine::Engine::set_memory)). It changes nothing that comes out but for rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Memory {
    /// Learning keeps what the way back needs where that is less than half a gigabyte. UNet and VAE stay on the device, a text encoder
    /// of more than 64 MB is there only while a text is heard.
    #[default]
    Auto,
    /// Learning runs the UNet's blocks once more on the way back: a third more time, a fraction of the memory. Of UNet, VAE and text
    /// encoder one gives way to the other, and is loaded anew when its turn comes: no previews, since they want both, and learning keeps
    /// both only for held-out pairs.
    Low,
    /// Learning keeps everything that the way back needs, and all parts stay.
    High,
}

impl InvertJob {
    /// With every setting as the model recommends, else as in the paper; seed 0.
    pub fn new(pairs: Vec<ExemplarPair>) -> Self {
        Self {
            pairs,
            held_out: Vec::new(),
            preview: None,
            start: Start::default(),
            segments: 5,
            steps_per_segment: None,
            learning_rate: None,
            course: None,
            betas: (0.9, 0.999),
            weight_decay: 0.0,
            tokens: 10,
            space: Space::default(),
            objective: Objective::default(),
            rows: Rows::default(),
            guidance_scale: None,
            image_guidance_scale: None,
            seed: 0,
            size: None,
            phrases: PhraseSettings::default(),
            memory: Memory::default(),
            resume: None,
            resized: false,
            title: String::new(),
            date: String::new(),
        }
    }
}

/// Settings of the phrase search (method.md section 3).
#[derive(Clone, Debug)]
pub struct PhraseSettings {
    /// One phrase each; empty: the model's own list, else the general list.
    pub vocabulary: Vec<String>,
    /// η.
    pub threshold: f64,
    /// How the sensitivity is normalised.
    pub mode: Mode,
    /// r: phrases per caption.
    pub caption_phrases: usize,
    /// Search the whole vocabulary for argmax D(p,Y) − D(p,X) instead of the captions.
    pub direct: bool,
    /// What stands between the phrases of a caption; `None`: the model's recommendation, else ", ".
    pub separator: Option<String>,
}

impl Default for PhraseSettings {
    fn default() -> Self {
        let SearchSettings { threshold, mode, caption_phrases, direct, .. } = SearchSettings::default();
        Self { vocabulary: Vec::new(), threshold, mode, caption_phrases, direct, separator: None }
    }
}

impl PhraseSettings {
    /// The search's settings; `recommended` is the model's separator (`phrase_separator` in its instructbrush.json).
    pub fn search(&self, recommended: Option<&str>) -> SearchSettings {
        let mut search = SearchSettings {
            threshold: self.threshold,
            mode: self.mode,
            caption_phrases: self.caption_phrases,
            direct: self.direct,
            ..SearchSettings::default()
        };
        if let Some(separator) = self.separator.as_deref().or(recommended) {
            search.separator = separator.to_owned();
        }
        search
    }
}

/// Find the phrases that tell the two sets apart.
#[derive(Clone, Debug)]
pub struct PhrasesJob {
    /// At least one.
    pub pairs: Vec<ExemplarPair>,
    /// How to search.
    pub settings: PhraseSettings,
}

/// What happens while a job runs.
#[derive(Clone, Debug)]
pub enum Event {
    /// A part of the model is being loaded.
    Loading {
        /// "unet", "vae", …
        part: String,
    },
    /// Something is being done that takes a moment: one sentence.
    Doing(String),
    /// Something to know that will still be true when the job has ended: one sentence.
    Warning(String),
    /// A sampling step is done.
    Step {
        /// Done, 1-based.
        step: usize,
        /// In all.
        steps: usize,
    },
    /// The phrase search of `Start::Auto` is done.
    Started {
        /// The initial instruction.
        text: String,
        /// The after pictures' caption, which rows behind its words begin as; empty where none do, and when a run goes on.
        caption: String,
        /// m.
        tokens: usize,
    },
    /// A learning step is done, in every segment.
    Learned {
        /// Done, 1-based, per segment.
        step: usize,
        /// In all, per segment.
        steps: usize,
        /// Mean over the segments of ‖ε − ε̃‖².
        loss: f64,
    },
    /// The held-out pairs were tried.
    HeldOut {
        /// After this many steps per segment.
        step: usize,
        /// Mean PSNR in dB over the held-out pairs.
        psnr: f64,
        /// Whether it is the best so far.
        best: bool,
    },
    /// A picture on the way, as asked for with [`Reply::Preview`]: the clean guess of an edit, or the present instruction
    /// applied to the first held-out picture of an inversion, else to [`InvertJob::preview`].
    Preview {
        /// Done steps.
        step: usize,
        /// At the model's size.
        picture: Picture,
    },
    /// Enough to continue from here, as asked for with [`Reply::SaveState`] or before stopping: keep the bytes in place
    /// of the last ones.
    State {
        /// Done steps per segment.
        step: usize,
        /// In all, per segment.
        steps: usize,
        /// Opaque; hand back as [`InvertJob::resume`].
        bytes: Vec<u8>,
    },
}

/// What the door answers to an [`Event`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reply {
    /// Go on.
    #[default]
    Continue,
    /// Go on, but first send an [`Event::State`]; only an [`Event::Learned`] can be answered so. The engine reads no
    /// clock, so the door decides how often.
    SaveState,
    /// Go on, but first send an [`Event::Preview`]; only an [`Event::Step`] of an edit and an [`Event::Learned`] can be
    /// answered so. None comes while the VAE is away ([`Memory::Low`]).
    Preview,
    /// End an inversion after the current step, as if its last step were done; only an [`Event::Learned`] can be
    /// answered so.
    Finish,
    /// Stop after the current step with [`Error::Cancelled`](crate::Error::Cancelled); an inversion sends an
    /// [`Event::State`] first.
    Stop,
}

/// How a job ends.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Of an edit.
    Picture(Picture),
    /// Of an inversion.
    Learned(Box<Learned>),
    /// Of a phrase search.
    Phrases(PhraseReport),
}

/// A learned instruction and how it came about.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The last one, or the best on the held-out pairs when there are any.
    pub instruction: Instruction,
    /// Mean loss over the segments, one per step.
    pub losses: Vec<f32>,
    /// (step, PSNR) on the held-out pairs.
    pub held_out: Vec<(usize, f64)>,
}
