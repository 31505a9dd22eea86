//! Fingerprint: what tells one base model's UNet from another's, and its VAE, whatever the layout of its files.
use super::numbers;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Gathered tensor by tensor, in any order.
///
/// Hashed in name order: name and shape of every tensor, and the values, rounded to f16 (nearest, ties to even),
/// of `conv_in.weight`, `conv_out.weight` and every `attn2.to_k.weight` and `attn2.to_v.weight`, which are what
/// an instruction speaks to; of a VAE, of its encoder's and its decoder's first and last convolution. The f32 file of a model and its f16 variant have the same fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    shapes: BTreeMap<String, Vec<usize>>,
    digests: BTreeMap<String, [u8; 32]>,
}

impl Fingerprint {
    /// Adds a tensor's name and shape; false when it was there.
    pub fn note(&mut self, name: &str, shape: &[usize]) -> bool {
        self.shapes.insert(name.to_owned(), shape.to_vec()).is_none()
    }

    /// Adds all values of a tensor that was noted.
    pub fn add(&mut self, name: &str, values: &[f32]) {
        if is_telling(name) {
            self.digests.insert(name.to_owned(), numbers::digest_as_f16(values));
        }
    }

    /// The shape under which a tensor was noted.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.shapes.get(name).map(Vec::as_slice)
    }

    /// SHA-256, hex, of what was added.
    pub fn to_hex(&self) -> String {
        let mut hash = Sha256::new();
        for (name, shape) in &self.shapes {
            hash.update(format!("{name} {shape:?}\n"));
            if let Some(digest) = self.digests.get(name) {
                hash.update(digest);
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The tensors whose values make the fingerprint.
fn is_telling(name: &str) -> bool {
    let within = name.strip_prefix("encoder.").or_else(|| name.strip_prefix("decoder.")).unwrap_or(name);
    matches!(within, "conv_in.weight" | "conv_out.weight")
        || name.ends_with("attn2.to_k.weight")
        || name.ends_with("attn2.to_v.weight")
}
