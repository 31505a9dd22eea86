//! Check: whether an instruction holds together, and whether it suits a base model.
use super::header::{bad, short};
use super::{Instruction, Rows, Space};
use crate::Result;

pub(super) const MAX_SEGMENTS: usize = 1000;
pub(super) const MAX_TOKENS: usize = 4096;
const MAX_WIDTH: usize = 65_536;
const MAX_STEPS: usize = 1000;
/// No guidance scale is of use beyond.
const MAX_SCALE: f64 = 100.0;
const MAX_SIDE: usize = 65_536;

/// A count that must be at least 1.
pub(super) fn count(key: &str, value: usize, max: usize) -> Result<()> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(bad(format!("\"{key}\" is {value}; it must be from 1 to {max}")))
}

impl Instruction {
    /// Whether it holds together: counts, sizes and numbers in range, every K and V `[tokens, width]` and finite, the
    /// same layers in every segment. What passes can be written and read back.
    ///
    /// # Errors
    /// [`Error::Instruction`](crate::Error::Instruction), naming the key or the tensor.
    pub fn check(&self) -> Result<()> {
        let about = &self.about;
        count("instructbrush.segments", self.segments.len(), MAX_SEGMENTS)?;
        count("instructbrush.tokens", about.tokens, MAX_TOKENS)?;
        count("instructbrush.steps", about.steps, MAX_STEPS)?;
        count("modelspec.resolution", about.resolution, MAX_SIDE)?;
        let rate = about.learning_rate;
        if !rate.is_finite() || rate < 0.0 {
            return Err(bad(format!("\"instructbrush.learning_rate\" is {rate}; it must be 0 or more, and finite")));
        }
        let ranges = [
            ("guidance_scale", about.guidance_scale, MAX_SCALE),
            ("image_guidance_scale", about.image_guidance_scale, MAX_SCALE),
            ("strength", about.strength, 1.5),
        ];
        for (key, value, max) in ranges {
            if !(0.0..=max).contains(&value) {
                return Err(bad(format!("\"instructbrush.{key}\" is {value}; it must be from 0 to {max}")));
            }
        }
        let widths = self.widths();
        if widths.is_empty() {
            return Err(bad("segment 0 holds no layer; it holds nothing learned"));
        }
        for (segment, layers) in self.segments.iter().enumerate() {
            if layers.len() != widths.len() {
                return Err(bad(format!(
                    "segment {segment} holds {} layers, segment 0 {}; all segments need the same",
                    layers.len(),
                    widths.len()
                )));
            }
            if let Some(index) = (0..widths.len()).find(|&index| layers[index].width != widths[index]) {
                return Err(bad(format!(
                    "layer {index} of segment {segment} is {} wide, in segment 0 {}; all segments need the same",
                    layers[index].width, widths[index]
                )));
            }
            for (index, layer) in layers.iter().enumerate() {
                count(&format!("width of segments.{segment}.layers.{index}"), layer.width, MAX_WIDTH)?;
                for (half, values) in [("key", &layer.key), ("value", &layer.value)] {
                    self.check_numbers(&format!("segments.{segment}.layers.{index}.{half}"), values, layer.width)?;
                }
            }
        }
        Ok(())
    }

    fn check_numbers(&self, name: &str, values: &[f32], width: usize) -> Result<()> {
        let tokens = self.about.tokens;
        if values.len() != tokens * width {
            return Err(bad(format!(
                "\"{name}\" holds {} numbers; {tokens} tokens × {width} columns are needed",
                values.len()
            )));
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(bad(format!(
                "\"{name}\" holds {} in row {}, column {}; it was damaged or learned with too high a rate: learn it anew",
                values[at],
                at / width,
                at % width
            )));
        }
        Ok(())
    }

    /// Whether it was learned on this base model.
    ///
    /// # Errors
    /// [`Error::Instruction`](crate::Error::Instruction), naming both models.
    pub fn check_base(&self, fingerprint: &str, title: &str) -> Result<()> {
        if self.about.base_model == fingerprint {
            return Ok(());
        }
        Err(bad(format!(
            "it was learned on {}, but this base model is {}; give the one it was learned on, or learn it anew on this one",
            model(&self.about.base_model_title, &self.about.base_model),
            model(title, fingerprint)
        )))
    }

    /// Whether its layers are those of a UNet whose cross-attentions have these `widths` in forward order, and its rows
    /// fit into a context of `max_tokens` rows.
    ///
    /// # Errors
    /// [`Error::Instruction`](crate::Error::Instruction), with both values.
    pub fn check_layers(&self, widths: &[usize], max_tokens: usize) -> Result<()> {
        let own = self.widths();
        if own.len() != widths.len() {
            return Err(bad(format!(
                "it holds {} layers, this base model has {} cross-attention layers; give the base model it was learned on",
                own.len(),
                widths.len()
            )));
        }
        if let Some(layer) = (0..own.len()).find(|&layer| own[layer] != widths[layer]) {
            return Err(bad(format!(
                "its layer {layer} is {} wide, this base model's is {}; give the base model it was learned on",
                own[layer], widths[layer]
            )));
        }
        let first = usize::from(self.about.rows == Rows::AfterBos);
        if self.about.tokens + first > max_tokens {
            return Err(bad(format!(
                "it replaces rows {first} to {} of the context, this base model's context has {max_tokens} rows; learn it \
                 anew with fewer tokens",
                self.about.tokens + first - 1
            )));
        }
        Ok(())
    }

    /// Widths of the layers, in forward order.
    pub fn widths(&self) -> Vec<usize> {
        self.segments.first().into_iter().flatten().map(|layer| layer.width).collect()
    }

    /// How many numbers were learned: K and V of all segments, layers and tokens.
    pub fn numbers(&self) -> usize {
        self.segments.iter().flatten().map(|layer| layer.key.len() + layer.value.len()).sum()
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let title = if self.about.title.is_empty() { "untitled" } else { &self.about.title };
        let (segments, layers) = (self.segments.len(), self.widths().len());
        format!(
            "{}: {segments} segment{} × {layers} layers × {} tokens, {} numbers, for {}",
            short(title),
            if segments == 1 { "" } else { "s" },
            self.about.tokens,
            self.numbers(),
            model(&self.about.base_model_title, &self.about.base_model)
        )
    }
}

/// A base model in words: its title and the beginning of its fingerprint.
fn model(title: &str, fingerprint: &str) -> String {
    let title = if title.is_empty() { "an unnamed model" } else { title };
    let hash: String = short(fingerprint).chars().take(12).collect();
    format!("{} ({hash})", short(title))
}

impl Rows {
    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Rows::AfterBos => "after-bos",
            Rows::First => "first",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Rows::AfterBos, Rows::First].into_iter().find(|rows| rows.name() == name)
    }
}

impl Space {
    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Space::Attention => "attention",
            Space::Text => "text",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Space::Attention, Space::Text].into_iter().find(|space| space.name() == name)
    }
}
