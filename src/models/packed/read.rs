//! Read: a container as a source of weights, one shard in memory at a time.
use super::index::{self, Entry, Index, Piece, shard_name};
use crate::models::weights::{Part, WeightSource, Weights};
use crate::{Error, Result};
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
        let mut begun: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
        for (idx, blob) in content.shards.iter().enumerate() {
            let path = shard_name(part, idx);
            let bytes = self.files.whole(&path).await?.ok_or_else(|| missing(&path))?;
            let bytes = blob.check(&path, bytes)?;
            for &(name, entry, piece) in &pieces[idx] {
                let numbers = &bytes[piece.offset..piece.offset + entry.bytes(piece)];
                let numbers = entry.scheme.decode(numbers, piece.rows * entry.width())?;
                let values = match begun.remove(name) {
                    None => numbers,
                    Some(mut values) => {
                        values.extend(numbers);
                        values
                    }
                };
                let n: usize = entry.shape.iter().product();
                if values.len() < n {
                    begun.insert(name, values);
                } else {
                    weights.add_values(name.to_owned(), &entry.shape, values)?;
                }
            }
        }
        weights.set_fingerprint(content.fingerprint.clone());
        Ok(())
    }
}

fn missing(path: &str) -> Error {
    Error::Checkpoint(format!("{path} is missing; download or convert the model again"))
}
