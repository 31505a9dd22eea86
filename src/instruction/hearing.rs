//! Hearing: from a learned instruction to what the cross-attention layers hear of it, at any strength.
use super::{Instruction, Rows};
use crate::diffusion::guidance::Heard;
use crate::models::unet::KeyValue;
use burn::tensor::{Tensor, TensorData};

impl Rows {
    /// Index of the first replaced row.
    pub fn first(self) -> usize {
        match self {
            Rows::AfterBos => 1,
            Rows::First => 0,
        }
    }
}

/// Puts learned rows in the place of frozen ones.
///
/// # Shapes
/// frozen `[1, tokens, width]`, learned `[segments, m, width]` → `[segments, tokens, width]`
pub fn replace_rows(frozen: &Tensor<3>, learned: Tensor<3>, rows: Rows) -> Tensor<3> {
    let [segments, m, width] = learned.dims();
    let [_, tokens, _] = frozen.dims();
    let first = rows.first();
    assert!(first + m <= tokens, "replace_rows: expected at most {} learned rows, got {m}", tokens - first);
    let frozen = |start: usize, n: usize| frozen.clone().narrow(1, start, n).expand([segments, n, width]);
    let mut parts = Vec::with_capacity(3);
    if first > 0 {
        parts.push(frozen(0, first));
    }
    parts.push(learned);
    if first + m < tokens {
        parts.push(frozen(first + m, tokens - first - m));
    }
    Tensor::cat(parts, 1)
}

/// What is heard of an instruction whose start text projects to `start` (one `[1, tokens, width]` per layer).
/// The instruction fits the model: see [`Instruction::check_layers`].
pub fn hear(instruction: &Instruction, start: &[KeyValue]) -> Heard {
    let m = instruction.about.tokens;
    let rows = |numbers: &[f32], width: usize, frozen: &Tensor<3>| {
        let learned = TensorData::new(numbers.to_vec(), [1, m, width]);
        replace_rows(frozen, Tensor::from_data(learned, &frozen.device()), instruction.about.rows)
    };
    let layers = |segment: &Vec<super::LearnedLayer>| {
        let pairs = segment.iter().zip(start);
        pairs
            .map(|(layer, start)| KeyValue {
                key: rows(&layer.key, layer.width, &start.key),
                value: rows(&layer.value, layer.width, &start.value),
            })
            .collect()
    };
    Heard { segments: instruction.segments.iter().map(layers).collect() }
}

/// null + strength · (heard − null); at strength 1 what is heard stays as it is, bit for bit.
pub fn blend(heard: Heard, null: &[KeyValue], strength: f64) -> Heard {
    if strength == 1.0 {
        return heard;
    }
    let mix = |heard: Tensor<3>, null: &Tensor<3>| heard.mul_scalar(strength) + null.clone().mul_scalar(1.0 - strength);
    let layers = |layers: Vec<KeyValue>| {
        let pairs = layers.into_iter().zip(null);
        pairs
            .map(|(heard, null)| KeyValue { key: mix(heard.key, &null.key), value: mix(heard.value, &null.value) })
            .collect()
    };
    Heard { segments: heard.segments.into_iter().map(layers).collect() }
}
