//! Header: what a safetensors file says that it holds, before its numbers are fetched.
use super::Host;
use super::reader::Reader;
use crate::{Error, Result};
use safetensors::Dtype;
use safetensors::tensor::Metadata;

/// Stable Diffusion's UNet has 90 kB; a header of a gigabyte is a lie.
const LONGEST: u64 = 16 << 20;

/// One tensor of a file.
#[derive(Clone, Debug)]
pub struct Listed {
    /// As in the file.
    pub name: String,
    /// How its numbers are written.
    pub dtype: Dtype,
    /// Its sides.
    pub shape: Vec<usize>,
    /// Where its numbers begin, counted from the file's first byte.
    pub from: u64,
    /// Where they end.
    pub to: u64,
}

/// Reads a file's header; its tensors in the order of their bytes.
///
/// # Errors
/// No safetensors file, a header that does not hold together, fewer bytes than it promises.
pub async fn read<H: Host>(reader: &mut Reader<'_, H>, path: &str) -> Result<Vec<Listed>> {
    let wrong = |why: String| Error::Checkpoint(format!("{path}: {why}"));
    let start = reader.take(8).await?;
    let n = u64::from_le_bytes(start.as_slice().try_into().unwrap_or_default());
    if start.starts_with(b"version ") {
        return Err(wrong("is a Git LFS pointer, not the weights; give the address of the file itself".into()));
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\x80\x02") {
        return Err(wrong("is a pickle, not safetensors; pickle files can run code: convert it to safetensors".into()));
    }
    if n > LONGEST {
        return Err(wrong(format!(
            "is no safetensors file: its header would be {n} bytes long, where {LONGEST} is the most that makes sense"
        )));
    }
    let json = reader.take(n as usize).await?;
    let header: Metadata = serde_json::from_slice(&json)
        .map_err(|error| wrong(format!("is no valid safetensors file ({error}); was it uploaded whole?")))?;
    let begin = 8 + n;
    let end = begin + header.data_len() as u64;
    if let Some(total) = reader.total().filter(|&total| total != end) {
        return Err(wrong(format!("has {total} bytes where its header promises {end}; was it uploaded whole?")));
    }
    for (name, info) in header.tensors() {
        // the sides of a tensor without numbers may say anything
        let size = info.shape.iter().try_fold(8usize, |n, &side| n.checked_mul(side.max(1)));
        if size.is_none() {
            return Err(wrong(format!("\"{name}\" has the sides {:?}, which no tensor has", info.shape)));
        }
    }
    let mut tensors: Vec<Listed> = header
        .tensors()
        .into_iter()
        .map(|(name, info)| Listed {
            name,
            dtype: info.dtype,
            shape: info.shape.clone(),
            from: begin + info.data_offsets.0 as u64,
            to: begin + info.data_offsets.1 as u64,
        })
        .collect();
    tensors.sort_by(|a, b| (a.from, &a.name).cmp(&(b.from, &b.name)));
    Ok(tensors)
}
