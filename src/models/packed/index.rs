//! Index: the table of contents of a container, `index.json`: which tensor lies where, kept how, and what each shard's
//! bytes must hash to. It is written last: without it there is no container.
use super::scheme::{BLOCK, Scheme};
use crate::models::weights::Part;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The file.
pub const FILE: &str = "index.json";
/// What `format` says.
const FORMAT: &str = "instructbrush-weights";
/// What `version` says; a reader refuses a higher one.
const VERSION: u32 = 1;
/// Pieces begin at multiples of it: what a GPU asks of a binding's offset at most.
pub const ALIGNMENT: usize = 256;
/// A shard or file is refused that is longer: a row of weights is never that long.
const LONGEST_BLOB: usize = 256 << 20;
/// An index is refused that is longer.
const LONGEST: usize = 16 << 20;

/// The whole table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Index {
    format: String,
    version: u32,
    /// Configs, tokenizers and settings, by path, as in the checkpoint.
    pub files: BTreeMap<String, Blob>,
    /// `unet`, `vae`, `text_encoder`, `clip`.
    pub parts: BTreeMap<String, PartIndex>,
}

/// Bytes with a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// How many.
    pub bytes: usize,
    /// SHA-256, hex.
    pub sha256: String,
}

impl Blob {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes: bytes.len(), sha256 }
    }

    /// Bytes that were read under a name, if they are these.
    ///
    /// # Errors
    /// Others.
    pub fn check(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let found = Self::of(&bytes);
        if found == *self {
            return Ok(bytes);
        }
        let (wanted, start) = (self, |hash: &str| hash.chars().take(12).collect::<String>());
        Err(Error::Checkpoint(format!(
            "{name} is damaged: {} bytes with SHA-256 {}… where {} bytes with {}… are needed; download or convert it again",
            found.bytes,
            start(&found.sha256),
            wanted.bytes,
            start(&wanted.sha256)
        )))
    }
}

/// One part of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartIndex {
    /// `Weights::fingerprint` of the checkpoint that was packed: an instruction knows its base model at any precision.
    pub fingerprint: String,
    /// In order.
    pub shards: Vec<Blob>,
    /// By name.
    pub tensors: BTreeMap<String, Entry>,
}

/// Where a tensor is, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// As in the checkpoint.
    pub shape: Vec<usize>,
    /// How it is kept.
    pub scheme: Scheme,
    /// Its rows, in order: one piece but for tensors that a shard is too short for.
    pub pieces: Vec<Piece>,
}

/// Some rows of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Which of the part's shards.
    pub shard: usize,
    /// Where it begins there, in bytes.
    pub offset: usize,
    /// How many rows, along the tensor's first axis; a scalar is one row.
    pub rows: usize,
}

impl Entry {
    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.shape.iter().skip(1).fold(1, |n, &side| n.saturating_mul(side))
    }

    /// Rows, along the first axis; a scalar is one.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Bytes of a piece.
    pub fn bytes(&self, piece: &Piece) -> usize {
        self.scheme.bytes(piece.rows * self.width())
    }

    /// Whether all rows are there, each piece inside its shard.
    fn fits(&self, shards: &[Blob]) -> bool {
        let numbers = self.shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side));
        // no scheme takes more than 4 bytes a number
        if numbers.and_then(|n| n.checked_mul(4)).is_none() {
            return false;
        }
        let whole = self.scheme.bits().is_none() || self.width().is_multiple_of(BLOCK);
        let rows = self.pieces.iter().try_fold(0usize, |rows, piece| rows.checked_add(piece.rows));
        let inside = |piece: &Piece| {
            let end = piece.offset.checked_add(self.bytes(piece));
            let shard = shards.get(piece.shard).map(|shard| shard.bytes);
            piece.offset.is_multiple_of(4) && end.zip(shard).is_some_and(|(end, bytes)| end <= bytes)
        };
        let in_order = self.pieces.is_sorted_by_key(|piece| piece.shard);
        whole && rows == Some(self.rows()) && in_order && self.pieces.iter().all(inside)
    }
}

/// The name of a part's shard.
pub fn shard_name(part: Part, idx: usize) -> String {
    format!("{}-{idx:03}.bin", part.folder())
}

impl Default for Index {
    fn default() -> Self {
        Self { format: FORMAT.into(), version: VERSION, files: BTreeMap::new(), parts: BTreeMap::new() }
    }
}

impl Index {
    /// Whether these bytes say that they are an index: a folder of another kind may have a file of this name.
    pub fn is_one(bytes: &[u8]) -> bool {
        let json: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
        json.is_some_and(|json| json.get("format").is_some_and(|format| format == FORMAT))
    }

    /// # Errors
    /// No JSON, another format, a newer version, or an entry that points outside its shard.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let wrong = |why: String| Error::Checkpoint(format!("{FILE}: {why}"));
        if bytes.len() > LONGEST {
            return Err(wrong(format!("is {} bytes long where {LONGEST} is the most that makes sense", bytes.len())));
        }
        let index: Self = serde_json::from_slice(bytes).map_err(|error| {
            wrong(format!("is not the index of converted weights ({error}); convert the model again"))
        })?;
        if index.format != FORMAT {
            return Err(wrong(format!("has the format \"{}\" where \"{FORMAT}\" is needed", index.format)));
        }
        if index.version > VERSION {
            return Err(wrong(format!(
                "is of version {}, this program reads up to {VERSION}: get a newer program",
                index.version
            )));
        }
        let blobs = index.parts.values().flat_map(|part| &part.shards).chain(index.files.values());
        if let Some(blob) = blobs.into_iter().find(|blob| blob.bytes > LONGEST_BLOB) {
            return Err(wrong(format!("lists a file of {} bytes where {LONGEST_BLOB} is the most", blob.bytes)));
        }
        for (part, content) in &index.parts {
            if let Some((name, _)) = content.tensors.iter().find(|(_, entry)| !entry.fits(&content.shards)) {
                return Err(wrong(format!(
                    "{part}: \"{name}\" does not lie inside its shards; convert the model again"
                )));
            }
        }
        Ok(index)
    }

    /// As JSON; the same content gives the same bytes.
    ///
    /// # Errors
    /// None that can happen; serde's signature has one.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::Computation(format!("the index cannot be written: {error}")))
    }

    /// A part, if it is there.
    pub fn part(&self, part: Part) -> Option<&PartIndex> {
        self.parts.get(part.folder())
    }

    /// All bytes of all shards and files.
    pub fn total(&self) -> u64 {
        let blobs = self.parts.values().flat_map(|part| &part.shards).chain(self.files.values());
        blobs.map(|blob| blob.bytes as u64).sum()
    }
}
