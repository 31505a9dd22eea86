//! Weights: named tensors from safetensors shards, checked by name and shape as models take them.
//!
//! A model asks for every tensor it has with [`Weights::take`]; what is missing or mis-shaped is noted, so that
//! [`Weights::finish`] can say it all in one sentence.
use crate::models::fingerprint::Fingerprint;
use crate::models::numbers;
use crate::tensor::ops::Packed;
use crate::{Error, Result};
use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors, tensor::Metadata};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A part of a base model; its folder is named as in a diffusers checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The denoiser.
    UNet,
    /// Pictures to latents and back.
    Vae,
    /// Words to context.
    TextEncoder,
    /// Text and image towers for phrases and metrics; a checkpoint may lack it.
    Clip,
}

impl Part {
    /// The folder, which is also the part's name in sentences.
    pub fn folder(self) -> &'static str {
        match self {
            Part::UNet => "unet",
            Part::Vae => "vae",
            Part::TextEncoder => "text_encoder",
            Part::Clip => "clip",
        }
    }

    /// The name of its safetensors file, up to variants, shards and the ending.
    pub fn stem(self) -> &'static str {
        match self {
            Part::UNet | Part::Vae => "diffusion_pytorch_model",
            Part::TextEncoder | Part::Clip => "model",
        }
    }
}

/// Where a checkpoint comes from: a folder, the network, a browser's store.
#[allow(async_fn_in_trait)] // used generically within one thread, never as `dyn`
pub trait WeightSource {
    /// A small file by its path within the checkpoint (`unet/config.json`, `tokenizer/vocab.json`); `None` when there is none.
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>>;

    /// Adds all shards of a part to `weights`, one in memory at a time. Errors: a part without weights.
    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()>;
}

/// Named tensors of one part, on the device, with a record of what did not fit.
pub struct Weights {
    part: String,
    device: Device,
    waiting: BTreeMap<String, Stored>,
    seen: Fingerprint,
    /// What the source knows to be the fingerprint: its numbers were rounded further than the fingerprint's.
    known: Option<String>,
    ignored: Vec<String>,
    bytes: u64,
    taken: usize,
    missing: Vec<(String, Vec<usize>)>,
    mismatched: Vec<String>,
}

/// A tensor that nobody has taken yet.
enum Stored {
    Tensor(Box<Tensor<1>>),
    Packed(Box<Packed>),
    /// Not a float: of use to no model here.
    Foreign(Dtype),
}

impl Weights {
    /// Empty weights of a part; `device` is where its tensors go.
    pub fn new(part: &str, device: &Device) -> Self {
        Self {
            part: part.into(),
            device: device.clone(),
            waiting: BTreeMap::new(),
            seen: Fingerprint::default(),
            known: None,
            ignored: Vec::new(),
            bytes: 0,
            taken: 0,
            missing: Vec::new(),
            mismatched: Vec::new(),
        }
    }

    /// Adds all tensors of one safetensors shard as f32; `name` is the shard's, for sentences.
    ///
    /// Errors: a truncated file, a header that lies, a tensor of two shards, NaN or infinity.
    pub fn add_shard(&mut self, bytes: &[u8], name: &str) -> Result<()> {
        self.add_shard_with(bytes, name, |_| {})
    }

    /// As [`add_shard`](Self::add_shard); calls `done` with the byte range of each tensor that will not be read again.
    pub fn add_shard_with(&mut self, bytes: &[u8], name: &str, mut done: impl FnMut(Range<usize>)) -> Result<()> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| self.unreadable(bytes, name, &error))?;
        let mut tensors = file.tensors();
        tensors.sort_by_key(|(_, view)| view.data().as_ptr() as usize); // file order, for the page cache
        for (tensor, view) in tensors {
            self.add_tensor(tensor, view.dtype(), view.shape(), view.data())?;
            let start = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
            done(start..start + view.data().len());
        }
        Ok(())
    }

    fn add_tensor(&mut self, name: String, dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Result<()> {
        let values = match dtype {
            Dtype::F32 => numbers::from_f32(bytes),
            Dtype::F16 => numbers::from_f16(bytes),
            Dtype::BF16 => numbers::from_bf16(bytes),
            Dtype::F64 => numbers::from_f64(bytes),
            other => {
                let name = self.note(name, shape)?;
                self.waiting.insert(name, Stored::Foreign(other));
                return Ok(());
            }
        };
        self.add_values(name, shape, values)
    }

    /// Notes a tensor of a shard; gives the name that models ask for.
    fn note(&mut self, name: String, shape: &[usize]) -> Result<String> {
        let name = modern_name(&self.part, name);
        if !self.seen.note(&name, shape) {
            let part = &self.part;
            return Err(Error::Checkpoint(format!(
                "{part}: two shards hold the tensor \"{name}\"; keep the files of one variant only"
            )));
        }
        Ok(name)
    }

    /// Adds one tensor's numbers, as a checkpoint names and shapes it. Errors: a tensor that was added before, NaN or infinity.
    pub fn add_values(&mut self, name: String, shape: &[usize], values: Vec<f32>) -> Result<()> {
        let name = self.note(name, shape)?;
        if !numbers::all_finite(&values) {
            let at = values.iter().position(|value| !value.is_finite()).unwrap_or_default();
            let (part, found) = (&self.part, values.get(at).copied().unwrap_or(f32::NAN));
            return Err(Error::Checkpoint(format!(
                "{part}: the tensor \"{name}\" holds {found} at index {at} where a finite number is needed; \
                 the file is damaged or its training went wrong: get another copy"
            )));
        }
        self.seen.add(&name, &values);
        let n = values.len();
        self.bytes += 4 * n as u64;
        let data = TensorData::new(values, [n]);
        let tensor = self.device.memory_persistent_allocations(data, |data| {
            // a fresh allocation on a GPU must outlive the pools of activations
            Tensor::<1>::from_data(data, (&self.device, DType::F32))
        });
        self.waiting.insert(name, Stored::Tensor(Box::new(tensor)));
        Ok(())
    }

    /// Adds one tensor in few bits, as a checkpoint names and shapes it; layers that can leave it so.
    pub fn add_packed(&mut self, name: String, shape: &[usize], packed: Packed) -> Result<()> {
        let name = self.note(name, shape)?;
        assert_eq!(packed.rows() * packed.row(), shape.iter().product::<usize>(), "packed: \"{name}\" as {shape:?}");
        self.bytes += packed.bytes();
        self.waiting.insert(name, Stored::Packed(Box::new(packed)));
        Ok(())
    }

    /// Adds one tensor that is on the device already, f32 and flat, perhaps tracked: a model whose weights are being learned.
    pub fn add(&mut self, name: &str, shape: &[usize], numbers: Tensor<1>) {
        self.seen.note(name, shape);
        self.waiting.insert(name.into(), Stored::Tensor(Box::new(numbers)));
    }

    /// Takes a tensor by its full name. What is missing or mis-shaped is noted and zeros (without memory of their own) stand in.
    pub fn take<const D: usize>(&mut self, name: &str, shape: [usize; D]) -> Tensor<D> {
        match self.take_flat(name, &shape) {
            Some(tensor) => tensor.reshape(shape),
            None => Tensor::<D>::zeros([1; D], (&self.device, DType::F32)).expand(shape),
        }
    }

    /// Takes a matrix stored as PyTorch's linear layers are, `[d_out, d_in]` = `shape`, and returns it `[d_in, d_out]`, contiguous.
    pub fn take_transposed(&mut self, name: &str, shape: [usize; 2]) -> Tensor<2> {
        let [d_out, d_in] = shape;
        match self.take_flat(name, &shape) {
            // A transpose is a strided view everywhere; flattening it makes the one blocked copy, and frees the original.
            Some(tensor) => tensor.reshape(shape).transpose().reshape([d_in * d_out]).reshape([d_in, d_out]),
            None => Tensor::<2>::zeros([1, 1], (&self.device, DType::F32)).expand([d_in, d_out]),
        }
    }

    /// Takes a tensor that is packed; `None` when it is not, or not there, or of another shape: whoever asks then asks for the
    /// numbers.
    pub fn take_packed(&mut self, name: &str, shape: &[usize]) -> Option<Packed> {
        if self.seen.shape(name) != Some(shape) || !matches!(self.waiting.get(name), Some(Stored::Packed(_))) {
            return None;
        }
        match self.waiting.remove(name) {
            Some(Stored::Packed(packed)) => {
                self.taken += 1;
                Some(*packed)
            }
            _ => None,
        }
    }

    fn take_flat(&mut self, name: &str, shape: &[usize]) -> Option<Tensor<1>> {
        self.taken += 1;
        let Some(stored) = self.waiting.remove(name) else {
            self.missing.push((name.into(), shape.to_vec()));
            return None;
        };
        let found = self.seen.shape(name).unwrap_or_default();
        // a PyTorch scalar has no axes, a burn tensor has at least one
        let fits = found == shape || (found.is_empty() && shape.iter().all(|&n| n == 1));
        match stored {
            Stored::Foreign(dtype) => {
                self.mismatched.push(format!("\"{name}\" is {dtype:?} where F32, F16, BF16 or F64 is needed"));
                None
            }
            Stored::Tensor(_) | Stored::Packed(_) if !fits => {
                self.mismatched.push(format!("\"{name}\" is {found:?} where {shape:?} is needed"));
                None
            }
            Stored::Tensor(tensor) => Some(*tensor),
            Stored::Packed(packed) => Some(packed.unpack()),
        }
    }

    /// Tensors that wait, in the order of their names, with their shapes: each is given up as it is met.
    pub fn drain(&mut self) -> impl Iterator<Item = (String, Vec<usize>, Tensor<1>)> {
        std::mem::take(&mut self.waiting).into_iter().filter_map(|(name, stored)| match stored {
            Stored::Tensor(tensor) => {
                let shape = self.seen.shape(&name).unwrap_or_default().to_vec();
                Some((name, shape, *tensor))
            }
            Stored::Packed(packed) => {
                let shape = self.seen.shape(&name).unwrap_or_default().to_vec();
                Some((name, shape, packed.unpack()))
            }
            Stored::Foreign(_) => None,
        })
    }

    /// Whether a tensor of this name waits to be taken.
    pub fn has(&self, name: &str) -> bool {
        self.waiting.contains_key(name)
    }

    /// Names of the tensors that wait to be taken.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.waiting.keys().map(String::as_str)
    }

    /// Names and shapes, as a checkpoint has them, of what was taken and not there, in the order of asking: of empty weights,
    /// all that a model needs.
    pub fn missing(&self) -> &[(String, Vec<usize>)] {
        &self.missing
    }

    /// Tensors of this name, or whose names begin so, are known extras: no warning.
    pub fn ignore(&mut self, name_or_prefix: &str) {
        self.ignored.push(name_or_prefix.into());
    }

    /// Bytes that all tensors took on the device as they were added.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where the tensors are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What tells this base model from others ([`Fingerprint`]), SHA-256 in hex. Any time after the last shard was added.
    pub fn fingerprint(&self) -> String {
        self.known.clone().unwrap_or_else(|| self.seen.to_hex())
    }

    /// Says what the fingerprint is: of the checkpoint that these numbers were rounded from.
    pub fn set_fingerprint(&mut self, known: String) {
        self.known = Some(known);
    }

    /// Says everything that did not fit in one sentence; what nobody took is a warning (at most one).
    pub fn finish(self) -> Result<Vec<String>> {
        let (part, taken) = (&self.part, self.taken);
        let unused: BTreeSet<&str> =
            self.names().filter(|name| !self.ignored.iter().any(|known| name.starts_with(known.as_str()))).collect();
        let mut problems = Vec::new();
        if let Some((first, _)) = self.missing.first() {
            let n = self.missing.len();
            problems.push(format!("{n} of {taken} tensors {} missing, first \"{first}\"", are(n)));
        }
        if let Some(first) = self.mismatched.first() {
            let n = self.mismatched.len();
            problems.push(format!("{n} of {taken} tensors {} not as config.json says, first {first}", are(n)));
        }
        let unused_sentence = unused.first().map(|first| {
            let others = match unused.len() - 1 {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            format!("of the files \"{first}\"{others} {} not used", are(unused.len()))
        });
        if problems.is_empty() {
            return Ok(unused_sentence.map(|sentence| format!("{part}: {sentence}")).into_iter().collect());
        }
        problems.extend(unused_sentence);
        let advice = match part.as_str() {
            "unet" => "is this an InstructPix2Pix checkpoint (8 input channels)?",
            "lpips" => "is it a file that examples/lpips/convert.py wrote?",
            _ => "do its config.json and its weights belong together?",
        };
        Err(Error::Checkpoint(format!("{part}: {}; {advice}", problems.join(", "))))
    }

    /// The sentence for bytes that are not a safetensors file.
    fn unreadable(&self, bytes: &[u8], name: &str, error: &safetensors::SafeTensorError) -> Error {
        let (part, len) = (&self.part, bytes.len());
        let why = if bytes.starts_with(b"version https://git-lfs") {
            "is a Git LFS pointer, not the weights; run `git lfs pull` or download the file itself".into()
        } else if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\x80\x02") {
            "is a pickle, not safetensors; pickle files can run code: convert it to safetensors".into()
        } else if let Some(needed) = promised_length(bytes).filter(|&needed| needed != len) {
            format!("has {len} bytes where its header promises {needed}; download it again")
        } else {
            format!("is not a valid safetensors file ({error}; {len} bytes); download it again")
        };
        Error::Checkpoint(format!("{part}: {name} {why}"))
    }
}

fn are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// VAEs saved before diffusers 0.18 (InstructPix2Pix's own) name their attention's projections differently.
pub fn modern_name(part: &str, name: String) -> String {
    if part != Part::Vae.folder() || !name.contains(".attentions.") {
        return name;
    }
    let renames = [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];
    renames.iter().fold(name, |name, (old, new)| name.replace(old, new))
}

/// The file's length as its header tells it, if there is a header.
fn promised_length(bytes: &[u8]) -> Option<usize> {
    let n = usize::try_from(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)).ok()?;
    let stop = n.checked_add(8)?;
    if n <= 100_000_000 && stop > bytes.len() && bytes.get(8) == Some(&b'{') {
        return Some(stop); // cut within the header: at least this much
    }
    let header: Metadata = serde_json::from_slice(bytes.get(8..stop)?).ok()?;
    stop.checked_add(header.data_len())
}
