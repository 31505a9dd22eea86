//! Plan: what is to be done to a photo, in numbers and words; it travels in the picture that comes out.
use super::{Card, Sampler};
use serde::{Deserialize, Serialize};

/// Letters of a text.
pub const MOST_TEXT: usize = 300;

/// What is done first, where there are both an instruction and words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The instruction, then the words.
    #[default]
    InstructionFirst,
    /// The words, then the instruction.
    WordsFirst,
}

impl Order {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::InstructionFirst => "instruction-first",
            Self::WordsFirst => "words-first",
        }
    }

    /// The order of that name; the usual one for any other.
    pub fn named(name: &str) -> Self {
        if name == Self::WordsFirst.name() { Self::WordsFirst } else { Self::InstructionFirst }
    }
}

/// A sampler's name, as it is written.
pub fn sampler_name(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::EulerAncestral => "euler-ancestral",
        Sampler::Euler => "euler",
        Sampler::Lcm => "lcm",
    }
}

/// Every sampler.
pub const SAMPLERS: [Sampler; 3] = [Sampler::EulerAncestral, Sampler::Euler, Sampler::Lcm];

/// The sampler of that name; `None`, the model's own, for any other.
pub fn sampler_named(name: &str) -> Option<Sampler> {
    SAMPLERS.into_iter().find(|sampler| sampler_name(*sampler) == name)
}

/// An instruction, as a picture that was made with it names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its place on the shelf.
    pub id: String,
    /// SHA-256 of its numbers, or of its file; empty where it is not known.
    pub hash: String,
    /// For people.
    pub title: String,
}

/// What is to be done; `None` is as the instruction recommends, else the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The instruction.
    pub instruction: Option<Named>,
    /// Words; empty: none.
    pub text: String,
    /// What is done first.
    pub order: Order,
    /// 0 to 150 percent.
    pub amount: Option<f64>,
    /// Sampling steps.
    pub steps: Option<usize>,
    /// s_T.
    pub guidance_scale: Option<f64>,
    /// s_I.
    pub image_guidance_scale: Option<f64>,
    /// Which sampler.
    pub sampler: Option<Sampler>,
    /// The noise.
    pub seed: u64,
    /// Longer side inside the model.
    pub size: Option<usize>,
    /// Per segment of the instruction, whether it is heard; empty: all are.
    pub segments: Vec<bool>,
}

impl Plan {
    /// Whether it makes the same picture, whatever its instruction is called by now.
    pub fn makes_what(&self, other: &Self) -> bool {
        let hash = |plan: &Self| plan.instruction.as_ref().map(|named| named.hash.clone());
        let rest = |plan: &Self| Self { instruction: None, ..plan.clone() };
        hash(self) == hash(other) && rest(self) == rest(other)
    }

    /// Whether anything is to be done.
    pub fn is_empty(&self) -> bool {
        self.instruction.is_none() && self.text.is_empty()
    }

    /// What is done, in a few words.
    pub fn title(&self) -> String {
        let instruction = self.instruction.as_ref().map(|named| named.title.as_str());
        let text = Some(self.text.as_str()).filter(|text| !text.is_empty());
        let both = match self.order {
            Order::InstructionFirst => [instruction, text],
            Order::WordsFirst => [text, instruction],
        };
        both.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Per segment of `card`, whether it is heard; empty: all are.
    pub fn segments_of(&self, card: &Card) -> Vec<bool> {
        let fits = self.segments.len() == card.segments && self.segments.contains(&false);
        if fits { self.segments.clone() } else { Vec::new() }
    }
}
