//! Pack: a checkpoint's tensors, one after another, into shards.
//!
//! Give rows as they come ([`Packer::add`]), write each shard that is full ([`Packer::take_shard`]), then the index. Never more
//! than one shard and one piece of a tensor is held.
use super::index::{ALIGNMENT, Blob, Entry, PartIndex, Piece};
use super::scheme::{BLOCK, Scheme};
use crate::models::numbers;
use crate::models::weights::Part;
use crate::{Error, Result};

/// A shard is closed when the next piece would make it longer: 32 MB.
pub const SHARD: usize = 32 << 20;
/// Fewer numbers than this are not worth integers.
const SMALL: usize = 4096;
/// What the first and last numbers pass through, the clock, tables of vectors, and CLIP's way into its shared space.
const SENSITIVE: [&str; 7] =
    ["conv_in.", "conv_out.", "time_embedding.", "time_emb_proj.", "embedding", "_projection.", "logit_scale"];

/// What is asked of the whole model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// All as f32.
    F32,
    /// Matrices and kernels as f16, vectors as f32.
    F16,
    /// Most matrices and kernels in 8 bits.
    Q8,
    /// Most in 6 bits.
    Q6,
    /// Most in 4 bits.
    Q4,
}

impl Precision {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::F16 => "f16",
            Precision::Q8 => "q8",
            Precision::Q6 => "q6",
            Precision::Q4 => "q4",
        }
    }

    /// How a tensor is kept: vectors as f32, what is sensitive or small as f16, the rest as asked.
    pub fn scheme(self, part: Part, name: &str, shape: &[usize]) -> Scheme {
        let asked = match self {
            Precision::F32 => return Scheme::F32,
            Precision::F16 => Scheme::F16,
            Precision::Q8 => Scheme::Q8,
            Precision::Q6 => Scheme::Q6,
            Precision::Q4 => Scheme::Q4,
        };
        let [rows, rest @ ..] = shape else { return Scheme::F32 };
        if rest.is_empty() {
            return Scheme::F32;
        }
        let width: usize = rest.iter().product();
        let sensitive = part == Part::Vae || SENSITIVE.iter().any(|known| name.contains(known));
        if sensitive || rows * width < SMALL || !width.is_multiple_of(BLOCK) { Scheme::F16 } else { asked }
    }
}

/// What packing did to one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    /// As in the checkpoint.
    pub name: String,
    /// How it is kept.
    pub scheme: Scheme,
    /// Its numbers.
    pub n: usize,
    /// Σ x² of the tensor.
    pub energy: f64,
    /// Σ (x − kept)².
    pub error: f64,
}

impl Packed {
    /// 10·log₁₀(Σ x² / Σ (x − kept)²), infinite where nothing was lost.
    pub fn decibels(&self) -> f64 {
        if self.error == 0.0 { f64::INFINITY } else { 10.0 * (self.energy / self.error).log10() }
    }
}

/// One part on its way into shards.
pub struct Packer {
    part: Part,
    precision: Precision,
    index: PartIndex,
    shard: Vec<u8>,
    full: Option<Vec<u8>>,
    report: Vec<Packed>,
}

impl Packer {
    /// Nothing yet.
    pub fn new(part: Part, precision: Precision) -> Self {
        Self { part, precision, index: PartIndex::default(), shard: Vec::new(), full: None, report: Vec::new() }
    }

    /// Goes on after shards that [`Self::stored`] told of.
    pub fn resume(part: Part, precision: Precision, stored: PartIndex) -> Self {
        Self { index: stored, ..Self::new(part, precision) }
    }

    /// Whether a tensor is there, or begun.
    pub fn has(&self, name: &str) -> bool {
        self.index.tensors.contains_key(name)
    }

    /// The table of what lies in full shards: a tensor that goes on in the shard that is not full yet is left out, whole.
    pub fn stored(&self) -> PartIndex {
        let mut stored = self.index.clone();
        let n_shards = stored.shards.len();
        stored.tensors.retain(|_, entry| {
            let rows: usize = entry.pieces.iter().map(|piece| piece.rows).sum();
            let is_whole = rows == entry.shape.first().copied().unwrap_or(1);
            is_whole && entry.pieces.iter().all(|piece| piece.shard < n_shards)
        });
        stored
    }

    /// How many rows of a tensor make a piece; its last one may be shorter.
    pub fn rows_at_once(shape: &[usize]) -> usize {
        let width: usize = shape.iter().skip(1).product();
        // as floats a piece is no longer than a shard, so that neither form of it is
        (SHARD / 4 / width.max(1)).clamp(1, shape.first().copied().unwrap_or(1).max(1))
    }

    /// Adds the next rows of a tensor, as many as [`Self::rows_at_once`] says; a scalar is one row. Take a full shard, if there
    /// is one, before the next.
    ///
    /// # Errors
    /// A number that is not finite, or too large for its scheme.
    pub fn add(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Result<()> {
        let scheme = self.precision.scheme(self.part, name, shape);
        let wrong = |why: String| Error::Checkpoint(format!("{}: \"{name}\" {why}", self.part.folder()));
        if !numbers::all_finite(values) {
            let found = values.iter().find(|x| !x.is_finite()).copied().unwrap_or(f32::NAN);
            return Err(wrong(format!("holds {found} where a finite number is needed; get another copy")));
        }
        if scheme == Scheme::F16 && values.iter().any(|x| x.abs() >= 65520.0) {
            return Err(wrong("holds a number that f16 cannot; convert to f32".into()));
        }
        let bytes = scheme.encode(values).map_err(|error| wrong(error.to_string()))?;
        let kept = scheme.decode(&bytes, values.len())?;
        if !self.shard.is_empty() && self.shard.len().next_multiple_of(ALIGNMENT) + bytes.len() > SHARD {
            self.close();
        }
        self.shard.resize(self.shard.len().next_multiple_of(ALIGNMENT), 0);
        let rows = match shape.iter().skip(1).product::<usize>() {
            0 => shape.first().copied().unwrap_or(1),
            width => values.len() / width,
        };
        let piece = Piece { shard: self.index.shards.len(), offset: self.shard.len(), rows };
        self.shard.extend_from_slice(&bytes);
        if !self.index.tensors.contains_key(name) {
            self.report.push(Packed { name: name.into(), scheme, n: 0, energy: 0.0, error: 0.0 });
        }
        let entry = self.index.tensors.entry(name.into());
        entry.or_insert_with(|| Entry { shape: shape.to_vec(), scheme, pieces: Vec::new() }).pieces.push(piece);
        if let Some(report) = self.report.last_mut() {
            report.n += values.len();
            report.energy += values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
            report.error += values.iter().zip(&kept).map(|(&x, &y)| f64::from(x - y).powi(2)).sum::<f64>();
        }
        Ok(())
    }

    fn close(&mut self) {
        let shard = std::mem::take(&mut self.shard);
        self.index.shards.push(Blob::of(&shard));
        self.full = Some(shard);
    }

    /// A shard that is full, with its number.
    pub fn take_shard(&mut self) -> Option<(usize, Vec<u8>)> {
        Some((self.index.shards.len() - 1, self.full.take()?))
    }

    /// Closes the last shard: take it, then [`Self::into_index`].
    pub fn finish(&mut self) {
        if !self.shard.is_empty() {
            self.close();
        }
    }

    /// The part's table, and what packing did, tensor by tensor.
    pub fn into_index(mut self, fingerprint: String) -> (PartIndex, Vec<Packed>) {
        self.index.fingerprint = fingerprint;
        (self.index, self.report)
    }
}
