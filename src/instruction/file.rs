//! The instruction file: one `.safetensors` with K and V per segment and layer, everything else in its header.
//!
//! Tensors are named `segments.{k}.layers.{l}.key` and `.value`, of shape `[tokens, width]`; the header's keys are in
//! [`super::header`]. Equal instructions give equal bytes.
use super::container::{self, Numbers, Opened};
use super::header::{self, bad};
use super::{Instruction, LearnedLayer};
use crate::Result;
use safetensors::Dtype;
use std::collections::BTreeMap;

/// How the numbers of K and V are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Exactly.
    F32,
    /// Rounded to 11 bits: half the size, the usual choice.
    #[default]
    F16,
}

/// Which half of a learned layer.
const HALVES: [&str; 2] = ["key", "value"];

fn name(segment: usize, layer: usize, half: &str) -> String {
    format!("segments.{segment}.layers.{layer}.{half}")
}

impl Instruction {
    /// The bytes of an instruction file. Thumbnails that are no PNG of at most 256 px a side are left out.
    ///
    /// # Errors
    /// [`Error::Instruction`](crate::Error::Instruction) where [`check`](Self::check) fails or a number is too large
    /// for f16: it would become infinite, and clamping it would silently change the edit.
    pub fn encode(&self, precision: Precision) -> Result<Vec<u8>> {
        self.check()?;
        let mut tensors = BTreeMap::new();
        for (segment, layers) in self.segments.iter().enumerate() {
            for (layer, learned) in layers.iter().enumerate() {
                for (half, values) in HALVES.iter().zip([&learned.key, &learned.value]) {
                    let name = name(segment, layer, half);
                    let shape = vec![self.about.tokens, learned.width];
                    let numbers = match precision {
                        Precision::F32 => Numbers::f32(shape, values),
                        Precision::F16 => to_f16(&name, shape, values)?,
                    };
                    tensors.insert(name, numbers);
                }
            }
        }
        let mut keys = header::write(&self.about, self.segments.len());
        keys.insert(header::HASH.into(), format!("0x{}", container::hash_numbers(&tensors)));
        container::write(&keys, &tensors).map_err(bad)
    }

    /// Reads an instruction file; numbers may be f32, f16 or bf16.
    ///
    /// # Errors
    /// [`Error::Instruction`](crate::Error::Instruction): truncated or damaged, not an instruction file, of a newer
    /// version, a tensor missing or of another shape than the header says, a number that is not finite.
    pub fn decode(bytes: &[u8]) -> Result<Instruction> {
        let opened = Opened::read(bytes).map_err(|why| bad(format!("{why}: fetch it again")))?;
        let (about, n_segments) = header::read(&opened.metadata)?;
        super::check::count("instructbrush.segments", n_segments, super::check::MAX_SEGMENTS)?;
        super::check::count("instructbrush.tokens", about.tokens, super::check::MAX_TOKENS)?;
        let n_layers = (0..).take_while(|&layer| HALVES.iter().any(|half| opened.has(&name(0, layer, half)))).count();
        if n_layers == 0 {
            return Err(bad("\"segments.0.layers.0.key\" is missing; it holds nothing learned: save it anew"));
        }
        let mut segments = Vec::with_capacity(n_segments);
        for segment in 0..n_segments {
            let layers = (0..n_layers).map(|layer| read_layer(&opened, segment, layer, about.tokens));
            segments.push(layers.collect::<Result<Vec<_>>>()?);
        }
        check_surplus(&opened, n_segments, n_layers)?;
        let instruction = Instruction { segments, about };
        instruction.check()?;
        if let Some(hash) = opened.metadata.get(header::HASH)
            && *hash != format!("0x{}", opened.hash_numbers())
        {
            return Err(bad(format!(
                "its numbers do not match \"{}\"; it is damaged: fetch it again (if you changed them on purpose, leave \
                 that key out)",
                header::HASH
            )));
        }
        Ok(instruction)
    }
}

/// K and V of one layer, of shape `[tokens, width]` both.
fn read_layer(opened: &Opened, segment: usize, layer: usize, tokens: usize) -> Result<LearnedLayer> {
    let read = |half| {
        let name = name(segment, layer, half);
        let (shape, values) = opened.f32(&name).map_err(bad)?;
        match shape[..] {
            [rows, width] if rows == tokens => Ok((values, width)),
            _ => Err(bad(format!(
                "\"{name}\" has shape {shape:?}; [{tokens}, width] is needed (\"instructbrush.tokens\" is {tokens})"
            ))),
        }
    };
    let ((key, width), (value, value_width)) = (read("key")?, read("value")?);
    if width != value_width {
        return Err(bad(format!(
            "\"{}\" has {width} columns but \"{}\" has {value_width}; K and V of a layer must be equally wide",
            name(segment, layer, "key"),
            name(segment, layer, "value")
        )));
    }
    Ok(LearnedLayer { key, value, width })
}

/// Tensors of segments or layers that the header does not promise mean that the header is wrong.
fn check_surplus(opened: &Opened, n_segments: usize, n_layers: usize) -> Result<()> {
    let known = |name: &str| {
        let mut parts = name.split('.').skip(1).step_by(2);
        let mut below = |limit| parts.next().and_then(|part| part.parse::<usize>().ok()).is_some_and(|n| n < limit);
        below(n_segments) && below(n_layers)
    };
    match opened.names().iter().find(|name| name.starts_with("segments.") && !known(name)) {
        Some(name) => Err(bad(format!(
            "it holds \"{name}\", but by its header there are {n_segments} segments and by segment 0 {n_layers} layers; \
             save it anew"
        ))),
        None => Ok(()),
    }
}

fn to_f16(name: &str, shape: Vec<usize>, values: &[f32]) -> Result<Numbers> {
    let mut bytes = Vec::with_capacity(values.len() * 2);
    for &value in values {
        let rounded = half::f16::from_f32(value);
        if !rounded.is_finite() {
            return Err(bad(format!(
                "\"{name}\" holds {value}, more than f16 can hold (±65504); save it with f32 numbers"
            )));
        }
        bytes.extend(rounded.to_le_bytes());
    }
    Ok(Numbers { dtype: Dtype::F16, shape, bytes })
}
