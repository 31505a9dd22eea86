//! Wishes: how the user wants learning to go; what is not set is as the model or the paper says.
use crate::protocol::{LearnStart, ModelInfo, PhrasesFound};
use leptos::prelude::*;

/// Number of segments in the paper.
pub const SEGMENTS: usize = 5;
/// Steps per segment in the paper.
pub const PAPER_STEPS: usize = 1000;
/// Rows learned when the start is empty, in the paper.
pub const TOKENS: usize = 10;

/// How long to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// A quarter of what the model recommends.
    Quick,
    /// What the model recommends.
    Balanced,
    /// As in the paper.
    Paper,
}

impl Quality {
    /// In the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Balanced, Self::Paper];

    /// Steps per segment.
    pub fn steps(self, model: &ModelInfo) -> usize {
        match self {
            Self::Quick => (model.steps_per_segment / 4).max(20),
            Self::Balanced => model.steps_per_segment,
            Self::Paper => PAPER_STEPS,
        }
    }
}

/// Signals of what the user wants.
#[derive(Clone, Copy)]
pub struct Wishes {
    /// What learning starts from; empty: what is found.
    pub text: RwSignal<String>,
    /// Whether learning starts from nothing instead.
    pub from_nothing: RwSignal<bool>,
    /// What was found.
    pub found: RwSignal<Option<PhrasesFound>>,
    /// How long.
    pub quality: RwSignal<Quality>,
    /// Steps per segment, where the user wants another number.
    pub own_steps: RwSignal<Option<usize>>,
    /// Longer side inside the model.
    pub size: RwSignal<Option<usize>>,
    /// j.
    pub segments: RwSignal<usize>,
    /// AdamW's.
    pub learning_rate: RwSignal<Option<f64>>,
    /// s_T.
    pub guidance_scale: RwSignal<Option<f64>>,
    /// s_I.
    pub image_guidance_scale: RwSignal<Option<f64>>,
    /// Everything random follows from it.
    pub seed: RwSignal<f64>,
    /// Rows learned when the start is empty.
    pub tokens: RwSignal<usize>,
    /// Whether the last pair is held out; `None`: when there are at least four.
    pub hold_out: RwSignal<Option<bool>>,
    /// A name for people; empty: one is found.
    pub title: RwSignal<String>,
}

impl Wishes {
    /// As the model and the paper say.
    pub fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            from_nothing: RwSignal::new(false),
            found: RwSignal::new(None),
            quality: RwSignal::new(Quality::Balanced),
            own_steps: RwSignal::new(None),
            size: RwSignal::new(None),
            segments: RwSignal::new(SEGMENTS),
            learning_rate: RwSignal::new(None),
            guidance_scale: RwSignal::new(None),
            image_guidance_scale: RwSignal::new(None),
            seed: RwSignal::new(0.0),
            tokens: RwSignal::new(TOKENS),
            hold_out: RwSignal::new(None),
            title: RwSignal::new(String::new()),
        }
    }

    /// Steps per segment, if learning were that thorough.
    pub fn steps(self, model: &ModelInfo, quality: Quality) -> usize {
        let own = self.own_steps.get().filter(|_| self.quality.get() == quality);
        own.unwrap_or(quality.steps(model))
    }

    /// How learning starts.
    pub fn start(self) -> LearnStart {
        let text = self.text.get_untracked().trim().to_owned();
        if self.from_nothing.get_untracked() {
            LearnStart::Nothing
        } else if text.is_empty() {
            LearnStart::Phrases
        } else {
            LearnStart::Text(text)
        }
    }

    /// Forgets what was said of another edit.
    pub fn forget_words(self) {
        self.text.set(String::new());
        self.title.set(String::new());
        self.found.set(None);
    }

    /// Forgets what was found in other pairs.
    pub fn forget_found(self) {
        let found = self.found.get_untracked();
        if found.is_some_and(|found| found.text == self.text.get_untracked()) {
            self.text.set(String::new());
        }
        self.found.set(None);
    }
}

impl Default for Wishes {
    fn default() -> Self {
        Self::new()
    }
}
