//! Hub: a repository in diffusers' layout, converted while it arrives; nothing but the container is stored.
use super::header::{self, Listed};
use super::reader::Reader;
use super::{Host, OnProgress, Progress, Store, ask, tell, whole};
use crate::models::clip::TextEncoder;
use crate::models::config::{ClipTextConfig, Recommended, UNetConfig, VaeConfig};
use crate::models::fingerprint::Fingerprint;
use crate::models::numbers;
use crate::models::packed::index::{self, Blob, Index, PartIndex, shard_name};
use crate::models::packed::pack::{Packer, Precision};
use crate::models::unet::UNet;
use crate::models::vae::Vae;
use crate::models::weights::{Part, Weights, modern_name};
use crate::service::convert::FILES;
use crate::service::plan::Kept;
use crate::{Error, Result};
use burn::tensor::Device;
use safetensors::Dtype;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How far an earlier try came; gone when all is stored.
const JOURNAL: &str = "journal.json";
/// In the order in which they are fetched.
const PARTS: [Part; 4] = [Part::UNet, Part::Vae, Part::TextEncoder, Part::Clip];
/// Bytes of a weight file's numbers by which it is known again.
const MARKED: u64 = 1 << 16;

/// What is stored so far. Written after each shard.
#[derive(Default, Serialize, Deserialize)]
struct Journal {
    precision: String,
    /// How the numbers of each weight file began: another beginning is another checkpoint.
    #[serde(default)]
    marks: BTreeMap<String, String>,
    /// Finished parts, and all files.
    index: Index,
    /// The part that is being converted, as far as its shards are stored.
    begun: Option<Begun>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Begun {
    part: String,
    content: PartIndex,
    seen: Fingerprint,
}

/// One weight file of a part.
struct Source {
    part: Part,
    path: String,
    tensors: Vec<Listed>,
    /// Of its first numbers.
    mark: String,
}

impl Source {
    /// The file's length.
    fn bytes(&self) -> u64 {
        self.tensors.iter().map(|tensor| tensor.to).max().unwrap_or_default()
    }
}

/// Fetches configs and headers, checks that they belong together, then converts part by part.
pub async fn convert<H: Host, S: Store>(
    host: &mut H,
    store: &mut S,
    precision: Precision,
    on_progress: OnProgress<'_>,
) -> Result<Index> {
    let mut journal = match store.read(JOURNAL).await? {
        // one that cannot be read, or of another wish, begins anew
        Some(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        None => Journal::default(),
    };
    let anew = || Journal { precision: precision.name().to_owned(), ..Journal::default() };
    if journal.precision != precision.name() {
        journal = anew();
    }
    let sources = loop {
        fetch_files(host, store, &mut journal.index).await?;
        let nothing = journal.index.parts.is_empty() && journal.begun.is_none();
        let sources = match find_weights(host, &journal.index).await {
            // it may have other parts by now
            Err(Error::Checkpoint(_)) if !nothing => Vec::new(),
            found => found?,
        };
        let marks: BTreeMap<String, String> = sources.iter().map(|at| (at.path.clone(), at.mark.clone())).collect();
        if journal.marks == marks || nothing && journal.marks.is_empty() {
            journal.marks = marks;
            break sources;
        }
        // replaced since the last try: half of each would be neither
        let begun = journal.begun.iter().map(|begun| (&begun.part, &begun.content));
        for (part, content) in journal.index.parts.iter().chain(begun) {
            let Some(part) = PARTS.into_iter().find(|of| of.folder() == part) else { continue };
            for idx in 0..content.shards.len() {
                store.remove(&shard_name(part, idx)).await?;
            }
        }
        journal = anew();
    };
    for part in PARTS {
        check_shapes(store, part, &sources).await?;
    }
    let kept = sources.iter().flat_map(|source| source.tensors.iter().map(|tensor| (source.part, tensor)));
    let bytes = kept.filter(|(_, tensor)| decoder(tensor.dtype).is_some()).map(|(part, tensor)| {
        let scheme = precision.scheme(part, &modern_name(part.folder(), tensor.name.clone()), &tensor.shape);
        scheme.bytes(tensor.shape.iter().product()) as u64
    });
    ask(store, bytes.sum(), Kept::In(precision)).await?;

    let mut progress = Progress { done: 0, total: sources.iter().map(Source::bytes).sum() };
    tell(on_progress, progress)?;
    for part in PARTS {
        let sources: Vec<&Source> = sources.iter().filter(|source| source.part == part).collect();
        if sources.is_empty() {
            continue;
        }
        if !journal.index.parts.contains_key(part.folder()) {
            pack_part(host, store, &mut journal, part, precision, &sources, progress, on_progress).await?;
        }
        progress.done += sources.iter().map(|source| source.bytes()).sum::<u64>();
        tell(on_progress, progress)?;
    }
    store.write(index::FILE, &journal.index.to_json()?).await?;
    store.remove(JOURNAL).await?;
    Ok(journal.index)
}

/// Configs, tokenizers and settings, as far as they are not stored.
async fn fetch_files<H: Host, S: Store>(host: &mut H, store: &mut S, index: &mut Index) -> Result<()> {
    let mut paths: Vec<String> = FILES.map(str::to_owned).into();
    let mut at = 0;
    while let Some(path) = paths.get(at).cloned() {
        at += 1;
        let bytes = match index.files.get(&path) {
            Some(_) => store.read(&path).await?,
            None => whole(host, &path).await?,
        };
        let Some(bytes) = bytes else { continue };
        if path == "instructbrush.json" {
            paths.extend(Recommended::parse(&bytes)?.phrases);
        }
        if path == "unet/config.json" {
            // before anything large is fetched
            UNetConfig::parse(&bytes)?.check_ip2p()?;
        }
        if let Entry::Vacant(place) = index.files.entry(path) {
            store.write(place.key(), &bytes).await?;
            place.insert(Blob::of(&bytes));
        }
    }
    match index.files.contains_key("unet/config.json") {
        true => Ok(()),
        false => Err(Error::Checkpoint(
            "there is no unet/config.json: this is no repository in diffusers' layout, or its address is wrong".into(),
        )),
    }
}

/// The weight files of all parts, with their headers and marks.
async fn find_weights<H: Host>(host: &mut H, index: &Index) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for part in PARTS {
        if part == Part::Clip && !index.files.contains_key("clip/config.json") {
            continue;
        }
        for path in weight_files(host, part).await? {
            let missing = || Error::Checkpoint(format!("{path} is missing; its index lists it"));
            let mut reader = Reader::open(host, &path, 0).await?.ok_or_else(missing)?;
            let tensors = header::read(&mut reader, &path).await?;
            let begin = tensors.first().map_or(0, |first| first.from);
            let mut source = Source { part, path, tensors, mark: String::new() };
            let first = reader.take(source.bytes().saturating_sub(begin).min(MARKED) as usize).await?;
            source.mark = Blob::of(&first).sha256;
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Names of a part's weight files: half precision where there is some, for what is fetched is rounded further.
async fn weight_files<H: Host>(host: &mut H, part: Part) -> Result<Vec<String>> {
    let (folder, stem) = (part.folder(), part.stem());
    for variant in [".fp16", ""] {
        let single = format!("{folder}/{stem}{variant}.safetensors");
        if Reader::open(host, &single, 0).await?.is_some() {
            return Ok(vec![single]);
        }
        for list in
            [format!("{stem}.safetensors.index{variant}.json"), format!("{stem}{variant}.safetensors.index.json")]
        {
            let path = format!("{folder}/{list}");
            if let Some(bytes) = whole(host, &path).await? {
                return listed(&path, folder, &bytes);
            }
        }
    }
    let mut pickle = None;
    for name in [format!("{stem}.bin"), "pytorch_model.bin".to_owned()] {
        if Reader::open(host, &format!("{folder}/{name}"), 0).await?.is_some() {
            pickle = Some(name);
        }
    }
    Err(Error::Checkpoint(match pickle {
        Some(name) => format!(
            "{folder}: has {name} but no {stem}.safetensors; pickle files can run code and are refused: \
             use a repository with safetensors"
        ),
        None => format!("{folder}: has no {stem}.safetensors; is the repository complete?"),
    }))
}

/// The files that an index of shards lists, each once.
fn listed(path: &str, folder: &str, json: &[u8]) -> Result<Vec<String>> {
    let wrong = |why: &str| Error::Checkpoint(format!("{path}: {why}; use another copy of the repository"));
    let json: serde_json::Value = serde_json::from_slice(json).map_err(|_| wrong("is not JSON"))?;
    let map = json.get("weight_map").and_then(|map| map.as_object());
    let names: Option<std::collections::BTreeSet<&str>> =
        map.and_then(|map| map.values().map(|name| name.as_str()).collect());
    match names.filter(|names| !names.is_empty()) {
        // only what lies in this very folder: an index must not reach elsewhere
        Some(names) if names.iter().all(|name| !name.contains(['/', '\\', '?', '#'])) => {
            Ok(names.into_iter().map(|name| format!("{folder}/{name}")).collect())
        }
        _ => Err(wrong("has no \"weight_map\" from tensors to files in this folder")),
    }
}

/// Whether the headers list every tensor that the part's model takes, in its shape: better said before gigabytes are fetched.
async fn check_shapes<S: Store>(store: &mut S, part: Part, sources: &[Source]) -> Result<()> {
    let folder = part.folder();
    let mut shapes: BTreeMap<String, &[usize]> = BTreeMap::new();
    for tensor in sources.iter().filter(|source| source.part == part).flat_map(|source| &source.tensors) {
        if shapes.insert(modern_name(folder, tensor.name.clone()), &tensor.shape).is_some() {
            return Err(Error::Checkpoint(format!("{folder}: two files hold the tensor \"{}\"", tensor.name)));
        }
    }
    if part == Part::Clip {
        return Ok(()); // its model is made of two, when it is used
    }
    let config = store.read(&format!("{folder}/config.json")).await?;
    let config = config.ok_or_else(|| Error::Checkpoint(format!("{folder}/config.json is missing")))?;
    let mut wanted = Weights::new(folder, &Device::flex());
    match part {
        Part::UNet => drop(UNet::take(&mut wanted, &UNetConfig::parse(&config)?)),
        Part::Vae => drop(Vae::take(&mut wanted, &VaeConfig::parse(&config)?)),
        Part::TextEncoder => drop(TextEncoder::take(&mut wanted, &ClipTextConfig::parse(&config)?)),
        Part::Clip => {}
    }
    let wrong: Vec<&(String, Vec<usize>)> = wanted
        .missing()
        .iter()
        .filter(|(name, shape)| {
            let found = shapes.get(name.as_str());
            // a scalar has no axes, a taken tensor has at least one
            found.is_none_or(|found| found != shape && !(found.is_empty() && shape.iter().all(|&n| n == 1)))
        })
        .collect();
    let Some((name, shape)) = wrong.first() else { return Ok(()) };
    let found = shapes.get(name.as_str()).map_or("missing".to_owned(), |found| format!("{found:?}"));
    Err(Error::Checkpoint(format!(
        "{folder}: {} of {} tensors are not as config.json says, first \"{name}\": {found} where {shape:?} is needed; \
         is this an InstructPix2Pix checkpoint (8 input channels)?",
        wrong.len(),
        wanted.missing().len()
    )))
}

/// Fetches a part's files and packs them, from the last stored shard on.
#[allow(clippy::too_many_arguments)] // one use; what it takes belongs to nothing else
async fn pack_part<H: Host, S: Store>(
    host: &mut H,
    store: &mut S,
    journal: &mut Journal,
    part: Part,
    precision: Precision,
    sources: &[&Source],
    mut progress: Progress,
    on_progress: OnProgress<'_>,
) -> Result<()> {
    let before = journal.begun.take().filter(|begun| begun.part == part.folder());
    let (mut seen, content) = before.map(|begun| (begun.seen, begun.content)).unwrap_or_default();
    let mut packer = Packer::resume(part, precision, content);
    for source in sources {
        for tensor in source.tensors.iter().filter(|tensor| decoder(tensor.dtype).is_none()) {
            seen.note(&modern_name(part.folder(), tensor.name.clone()), &tensor.shape);
        }
        let is_left = |tensor: &&Listed| {
            decoder(tensor.dtype).is_some() && !packer.has(&modern_name(part.folder(), tensor.name.clone()))
        };
        let left: Vec<&Listed> = source.tensors.iter().filter(is_left).collect();
        let Some(first) = left.first() else {
            progress.done += source.bytes();
            continue;
        };
        let mut at = first.from;
        let missing = || Error::Network(format!("{}: is not there any more", source.path));
        let mut reader = Reader::open(host, &source.path, at).await?.ok_or_else(missing)?;
        for tensor in left {
            reader.pass(tensor.from - at).await?;
            at = tensor.to;
            let name = modern_name(part.folder(), tensor.name.clone());
            seen.note(&name, &tensor.shape);
            let Some((size, decode)) = decoder(tensor.dtype) else { continue };
            let n: usize = tensor.shape.iter().product();
            let width: usize = tensor.shape.iter().skip(1).product();
            let at_once = (Packer::rows_at_once(&tensor.shape) * width).max(1);
            let mut taken = 0;
            loop {
                let now = at_once.min(n - taken);
                let values = decode(&reader.take(now * size).await?);
                if now == n {
                    // what a fingerprint is made of is never longer than a piece
                    seen.add(&name, &values);
                }
                packer.add(&name, &tensor.shape, &values)?;
                taken += now;
                if let Some((idx, shard)) = packer.take_shard() {
                    store.write(&shard_name(part, idx), &shard).await?;
                    let begun = Begun { part: part.folder().into(), content: packer.stored(), seen: seen.clone() };
                    journal.begun = Some(begun);
                    write(store, journal).await?;
                }
                tell(on_progress, Progress { done: progress.done + tensor.from + (taken * size) as u64, ..progress })?;
                if taken >= n {
                    break;
                }
            }
        }
        progress.done += source.bytes();
    }
    packer.finish();
    if let Some((idx, shard)) = packer.take_shard() {
        store.write(&shard_name(part, idx), &shard).await?;
    }
    journal.index.parts.insert(part.folder().into(), packer.into_index(seen.to_hex()).0);
    journal.begun = None;
    write(store, journal).await
}

async fn write<S: Store>(store: &mut S, journal: &Journal) -> Result<()> {
    let json = serde_json::to_vec(journal);
    let json = json.map_err(|error| Error::Computation(format!("the journal cannot be written: {error}")))?;
    store.write(JOURNAL, &json).await
}

/// Little-endian floats of some width to f32.
type Decode = fn(&[u8]) -> Vec<f32>;

/// Bytes of a number, and how they become f32; `None` for what is no float.
fn decoder(dtype: Dtype) -> Option<(usize, Decode)> {
    match dtype {
        Dtype::F64 => Some((8, numbers::from_f64)),
        Dtype::F32 => Some((4, numbers::from_f32)),
        Dtype::F16 => Some((2, numbers::from_f16)),
        Dtype::BF16 => Some((2, numbers::from_bf16)),
        _ => None,
    }
}
