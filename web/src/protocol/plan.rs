//! Plan: what is to be done to a photo, in numbers and words; it travels in the picture that comes out.
use super::numbers::{self, AMOUNT, SCALE, SEED, STEPS};
use crate::protocol::{Card, Sampler};
use serde_json::{Map, Value, json};

/// Longer settings are of no page: they are not read.
const MOST_JSON: usize = 100_000;
/// Letters of a text.
pub const MOST_TEXT: usize = 300;
/// Segments of an instruction, as the file format has it.
const MOST_SEGMENTS: usize = 1000;

/// What is done first, where there are both an instruction and words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    }
}

/// The sampler of that name; the usual one for any other.
pub fn sampler_named(name: &str) -> Sampler {
    if name == sampler_name(Sampler::Euler) { Sampler::Euler } else { Sampler::EulerAncestral }
}

/// An instruction, as a picture that was made with it names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its place on the shelf.
    pub id: String,
    /// SHA-256 of its file; empty where it is not known.
    pub hash: String,
    /// For people.
    pub title: String,
}

/// What is to be done; `None` is as the instruction recommends, else the model.
#[derive(Clone, Debug, Default, PartialEq)]
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
    pub sampler: Sampler,
    /// The noise.
    pub seed: u64,
    /// Longer side inside the model.
    pub size: Option<usize>,
    /// Per segment of the instruction, whether it is heard; empty: all are.
    pub segments: Vec<bool>,
}

impl Plan {
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

    /// The plan in words of the page's own, for a picture's text chunk.
    pub fn note(&self) -> String {
        let instruction = self
            .instruction
            .as_ref()
            .map(|Named { id, hash, title }| json!({ "id": id, "hash": hash, "title": title }));
        json!({
            "version": 1,
            "instruction": instruction,
            "text": self.text,
            "order": self.order.name(),
            "amount": self.amount,
            "steps": self.steps,
            "guidance_scale": self.guidance_scale,
            "image_guidance_scale": self.image_guidance_scale,
            "sampler": sampler_name(self.sampler),
            "seed": self.seed,
            "size": self.size,
            "segments": self.segments,
        })
        .to_string()
    }

    /// The plan by which a picture was made, from its text chunk: the page's own words where there are any, else the
    /// settings that the worker or the program wrote. Whatever it says, no number leaves its range.
    pub fn of_settings(settings: &str) -> Option<Self> {
        let all = object(settings)?;
        let own = all.get("page").and_then(Value::as_str).and_then(object);
        let plan = own.map_or_else(|| of_engine(&all), |own| of_page(&own));
        (!plan.is_empty()).then_some(plan)
    }
}

fn object(text: &str) -> Option<Map<String, Value>> {
    if text.len() > MOST_JSON {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn words(value: Option<&Value>) -> String {
    let letters = value.and_then(Value::as_str).unwrap_or_default().chars();
    letters.filter(|letter| !letter.is_control()).take(MOST_TEXT).collect::<String>().trim().to_owned()
}

fn named(value: Option<&Value>) -> Option<Named> {
    let value = value?.as_object()?;
    let part = |name: &str| words(value.get(name));
    Some(Named { id: part("id"), hash: part("hash"), title: part("title") })
}

/// What page and engine write alike.
fn shared(all: &Map<String, Value>) -> Plan {
    let number = |name: &str| all.get(name).and_then(Value::as_f64);
    let scale = |name: &str| number(name).and_then(|scale| numbers::clamped(scale, &SCALE));
    let segments = all.get("segments").and_then(Value::as_array).filter(|all| all.len() <= MOST_SEGMENTS);
    Plan {
        steps: number("steps").and_then(|steps| numbers::whole(steps, &STEPS)).map(|steps| steps as usize),
        guidance_scale: scale("guidance_scale"),
        image_guidance_scale: scale("image_guidance_scale"),
        sampler: sampler_named(&words(all.get("sampler"))),
        seed: number("seed").and_then(|seed| numbers::whole(seed, &SEED)).unwrap_or_default() as u64,
        size: number("size").and_then(numbers::side).map(|size| size as usize),
        segments: segments.into_iter().flatten().map(|on| on.as_bool().unwrap_or(true)).collect(),
        ..Plan::default()
    }
}

fn of_page(own: &Map<String, Value>) -> Plan {
    Plan {
        instruction: named(own.get("instruction")),
        text: words(own.get("text")),
        order: Order::named(&words(own.get("order"))),
        amount: own.get("amount").and_then(Value::as_f64).and_then(|amount| numbers::clamped(amount, &AMOUNT)),
        ..shared(own)
    }
}

/// The settings of the last edit, with those of an edit before it.
fn of_engine(all: &Map<String, Value>) -> Plan {
    let before = all.get("before").and_then(Value::as_array).and_then(|edits| edits.last()).and_then(Value::as_object);
    let (last_text, last_named) = (words(all.get("text")), named(all.get("instruction")));
    let before_text = before.map(|edit| words(edit.get("text"))).unwrap_or_default();
    let before_named = before.and_then(|edit| named(edit.get("instruction")));
    let strength = all.get("strength").and_then(Value::as_f64);
    Plan {
        order: if last_named.is_some() { Order::WordsFirst } else { Order::InstructionFirst },
        instruction: last_named.or(before_named),
        text: if last_text.is_empty() { before_text } else { last_text },
        amount: strength.and_then(|strength| numbers::clamped(strength * 100.0, &AMOUNT)),
        ..shared(all)
    }
}

#[cfg(test)]
mod tests;
