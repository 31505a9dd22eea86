//! Read: a container as a source of weights, one shard in memory at a time.
use super::index::{self, Entry, Index, Piece, shard_name};
use super::scheme::Scheme;
use crate::models::weights::{Part, WeightSource, Weights};
use crate::tensor::ops::Packed;
use crate::{Error, Result};
use burn::tensor::Device;
use std::collections::BTreeMap;

/// Where a container's files are: a folder, a browser's store, a host.
#[allow(async_fn_in_trait)] // used generically within one thread, never as `dyn`
pub trait Files {
    /// A whole file by its path in the container; `None` when there is none.
    async fn whole(&mut self, path: &str) -> Result<Option<Vec<u8>>>;
}

/// A container.
#[derive(Debug)]
pub struct PackedSource<F> {
    files: F,
    index: Index,
}

impl<F: Files> PackedSource<F> {
    /// Reads the index.
    ///
    /// # Errors
    /// None there, or one that is damaged.
    pub async fn open(mut files: F) -> Result<Self> {
        let bytes = files.whole(index::FILE).await?.ok_or_else(|| {
            Error::Checkpoint(format!(
                "there is no {}: converting was not finished; convert the model again",
                index::FILE
            ))
        })?;
        Ok(Self { index: Index::parse(&bytes)?, files })
    }

    /// The table of contents.
    pub fn index(&self) -> &Index {
        &self.index
    }
}

impl<F: Files> WeightSource for PackedSource<F> {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let Some(blob) = self.index.files.get(path) else { return Ok(None) };
        let bytes = self.files.whole(path).await?.ok_or_else(|| missing(path))?;
        blob.check(path, bytes).map(Some)
    }

    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        let content = self.index.part(part).ok_or_else(|| {
            Error::Checkpoint(format!("{}: the container lacks this part; convert the whole model", part.folder()))
        })?;
        // what lies in each shard
        let mut pieces: Vec<Vec<(&str, &Entry, &Piece)>> = vec![Vec::new(); content.shards.len()];
        for (name, entry) in &content.tensors {
            for piece in &entry.pieces {
                pieces[piece.shard].push((name, entry, piece));
            }
        }
        let mut begun: BTreeMap<&str, Begun> = BTreeMap::new();
        for (idx, blob) in content.shards.iter().enumerate() {
            let path = shard_name(part, idx);
            let bytes = self.files.whole(&path).await?.ok_or_else(|| missing(&path))?;
            let bytes = blob.check(&path, bytes)?;
            for &(name, entry, piece) in &pieces[idx] {
                let numbers = &bytes[piece.offset..piece.offset + entry.bytes(piece)];
                let device = weights.device().clone();
                let tensor = begun.entry(name).or_insert_with(|| Begun::new(entry));
                tensor.add(name, entry, piece, numbers, &device)?;
                if tensor.rows == entry.rows() {
                    match begun.remove(name).map(|tensor| tensor.numbers) {
                        Some(Numbers::Packed(packed)) => weights.add_packed(name.to_owned(), &entry.shape, packed)?,
                        Some(Numbers::Floats(values)) => weights.add_values(name.to_owned(), &entry.shape, values)?,
                        None => {}
                    }
                }
            }
        }
        weights.set_fingerprint(content.fingerprint.clone());
        Ok(())
    }
}

/// A tensor of which some rows have come.
struct Begun {
    rows: usize,
    numbers: Numbers,
}

enum Numbers {
    Floats(Vec<f32>),
    /// As it is: it stays so on the device.
    Packed(Packed),
}

impl Begun {
    /// Matrices and kernels stay packed; of small tensors there is nothing to be saved.
    fn new(entry: &Entry) -> Self {
        let bits = match entry.scheme {
            Scheme::F16 => Some(16),
            other => other.bits(),
        };
        let numbers = match bits.filter(|_| entry.shape.len() > 1 && !entry.shape.contains(&0)) {
            Some(bits) => Numbers::Packed(Packed::new(entry.width(), bits)),
            None => Numbers::Floats(Vec::new()),
        };
        Self { rows: 0, numbers }
    }

    fn add(&mut self, name: &str, entry: &Entry, piece: &Piece, bytes: &[u8], device: &Device) -> Result<()> {
        self.rows += piece.rows;
        let n = piece.rows * entry.width();
        match &mut self.numbers {
            Numbers::Floats(values) => values.extend(entry.scheme.decode(bytes, n)?),
            Numbers::Packed(packed) => {
                if !entry.scheme.is_finite(bytes, n) {
                    return Err(Error::Checkpoint(format!(
                        "\"{name}\" holds a number that is not finite; convert the model again"
                    )));
                }
                packed.push(bytes.to_vec(), piece.rows, device);
            }
        }
        Ok(())
    }
}

fn missing(path: &str) -> Error {
    Error::Checkpoint(format!("{path} is missing; download or convert the model again"))
}
