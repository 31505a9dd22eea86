//! Container: the `.safetensors` layout (8-byte length, JSON header, numbers) written so that equal content gives equal bytes.
//!
//! `safetensors::serialize` takes the metadata as a `HashMap`, whose order changes from run to run; the header is
//! therefore built here from sorted maps. Tensors lie in the order of their names, which is the order that
//! safetensors itself uses within one number type. Reading goes through safetensors' own checked `Metadata`.
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bytes of a header: the format's own limit.
const LONGEST_HEADER: u64 = 100_000_000;

/// Numbers to be written, little-endian.
pub(super) struct Numbers {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Numbers {
    /// As f32, exactly.
    pub fn f32(shape: Vec<usize>, values: &[f32]) -> Self {
        Self { dtype: Dtype::F32, shape, bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect() }
    }

    /// As f64, exactly.
    pub fn f64(shape: Vec<usize>, values: &[f64]) -> Self {
        Self { dtype: Dtype::F64, shape, bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect() }
    }
}

/// The JSON header; both maps sorted.
#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "__metadata__")]
    metadata: &'a BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<&'a str, TensorInfo>,
}

/// The header's JSON for tensors lying one after another, padded with spaces to a multiple of 8 bytes.
fn header<'a>(
    metadata: &BTreeMap<String, String>,
    tensors: impl Iterator<Item = (&'a str, Dtype, &'a [usize], usize)>,
) -> Result<Vec<u8>, String> {
    let mut start = 0;
    let tensors = tensors
        .map(|(name, dtype, shape, len)| {
            let data_offsets = (start, start + len);
            start += len;
            (name, TensorInfo { dtype, shape: shape.to_vec(), data_offsets })
        })
        .collect();
    let mut json = serde_json::to_vec(&Header { metadata, tensors }).map_err(|error| error.to_string())?;
    json.resize(json.len().next_multiple_of(8), b' ');
    Ok(json)
}

/// The bytes of a whole file.
pub(super) fn write(
    metadata: &BTreeMap<String, String>,
    tensors: &BTreeMap<String, Numbers>,
) -> Result<Vec<u8>, String> {
    let header = header(metadata, lying(tensors))?;
    let len = tensors.values().map(|numbers| numbers.bytes.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(8 + header.len() + len);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for numbers in tensors.values() {
        bytes.extend_from_slice(&numbers.bytes);
    }
    Ok(bytes)
}

fn lying(tensors: &BTreeMap<String, Numbers>) -> impl Iterator<Item = (&str, Dtype, &[usize], usize)> {
    tensors.iter().map(|(name, numbers)| (name.as_str(), numbers.dtype, &numbers.shape[..], numbers.bytes.len()))
}

/// SHA-256 (hex) of the numbers alone, as ModelSpec's `hash_sha256` wants it (it prefixes `0x`).
pub(super) fn hash_numbers(tensors: &BTreeMap<String, Numbers>) -> String {
    let mut hasher = Sha256::new();
    tensors.values().for_each(|numbers| hasher.update(&numbers.bytes));
    hex(&hasher.finalize())
}

/// SHA-256 (hex) of header and numbers; what the header says of itself must not be in `metadata` yet.
pub(super) fn hash_all(
    metadata: &BTreeMap<String, String>,
    tensors: &BTreeMap<String, Numbers>,
) -> Result<String, String> {
    let mut hasher = Sha256::new();
    hasher.update(header(metadata, lying(tensors))?);
    tensors.values().for_each(|numbers| hasher.update(&numbers.bytes));
    Ok(hex(&hasher.finalize()))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that has been opened: its header is consistent and all its numbers are there.
pub(super) struct Opened<'a> {
    pub metadata: BTreeMap<String, String>,
    tensors: Metadata,
    data: &'a [u8],
}

impl<'a> Opened<'a> {
    /// Reads and checks the header. Err: why not, as the end of a sentence.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let Some((len, rest)) = bytes.split_first_chunk::<8>() else {
            return Err(format!("it is {} bytes long, too short for a .safetensors file", bytes.len()));
        };
        let len = u64::from_le_bytes(*len);
        if len > LONGEST_HEADER {
            return Err("it is not a .safetensors file".into());
        }
        let Some((header, data)) = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len)) else {
            return Err(format!(
                "its header should be {len} bytes long but only {} bytes follow; it is cut off or not a .safetensors \
                 file",
                rest.len()
            ));
        };
        let tensors: Metadata = serde_json::from_slice(header)
            .map_err(|error| format!("its header is damaged or not that of a .safetensors file ({error})"))?;
        if tensors.data_len() != data.len() {
            return Err(format!(
                "its header promises {} bytes of numbers but {} are there; it is cut off or damaged",
                tensors.data_len(),
                data.len()
            ));
        }
        let metadata = tensors.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok(Self { metadata, tensors, data })
    }

    /// Names of all tensors, in the order in which they lie.
    pub fn names(&self) -> Vec<String> {
        self.tensors.offset_keys()
    }

    /// Whether there is such a tensor.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.info(name).is_some()
    }

    /// Shape and numbers of a tensor of f32, f16 or bf16.
    pub fn f32(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), String> {
        let (info, data) = self.find(name)?;
        let values = match info.dtype {
            Dtype::F32 => chunks::<4>(data).map(f32::from_le_bytes).collect(),
            Dtype::F16 => chunks::<2>(data).map(|bytes| half::f16::from_le_bytes(bytes).to_f32()).collect(),
            Dtype::BF16 => chunks::<2>(data).map(|bytes| half::bf16::from_le_bytes(bytes).to_f32()).collect(),
            other => return Err(format!("\"{name}\" is of type {other}; F32, F16 or BF16 is needed")),
        };
        Ok((info.shape.clone(), values))
    }

    /// Shape and numbers of a tensor of f64.
    pub fn f64(&self, name: &str) -> Result<(Vec<usize>, Vec<f64>), String> {
        let (info, data) = self.find(name)?;
        match info.dtype {
            Dtype::F64 => Ok((info.shape.clone(), chunks::<8>(data).map(f64::from_le_bytes).collect())),
            other => Err(format!("\"{name}\" is of type {other}; F64 is needed")),
        }
    }

    /// SHA-256 (hex) of the numbers alone: [`hash_numbers`].
    pub fn hash_numbers(&self) -> String {
        hex(&Sha256::digest(self.data))
    }

    /// SHA-256 (hex) of header and numbers, leaving out the metadata key `except`: [`hash_all`].
    pub fn hash_all(&self, except: &str) -> Result<String, String> {
        let mut metadata = self.metadata.clone();
        metadata.remove(except);
        let names = self.names();
        let lying = names.iter().filter_map(|name| {
            let info = self.tensors.info(name)?;
            Some((name.as_str(), info.dtype, &info.shape[..], info.data_offsets.1 - info.data_offsets.0))
        });
        let mut hasher = Sha256::new();
        hasher.update(header(&metadata, lying)?);
        hasher.update(self.data);
        Ok(hex(&hasher.finalize()))
    }

    fn find(&self, name: &str) -> Result<(&TensorInfo, &'a [u8]), String> {
        let info = self.tensors.info(name).ok_or_else(|| format!("\"{name}\" is missing"))?;
        let data = self.data.get(info.data_offsets.0..info.data_offsets.1);
        Ok((info, data.ok_or_else(|| format!("\"{name}\" lies outside the file"))?))
    }
}

/// All whole chunks of `N` bytes.
fn chunks<const N: usize>(data: &[u8]) -> impl Iterator<Item = [u8; N]> {
    data.as_chunks::<N>().0.iter().copied()
}
