//! Folder: a checkpoint on disk, laid out as diffusers does; its weights are mapped, not read.
use crate::models::weights::{Part, WeightSource, Weights};
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Formats that are Python pickles inside.
const PICKLES: [&str; 5] = ["bin", "ckpt", "pt", "pth", "pkl"];

/// A checkpoint's folder.
#[derive(Clone, Debug)]
pub struct FolderSource {
    root: PathBuf,
    clip: Option<PathBuf>,
}

impl FolderSource {
    /// Errors: no such folder, a single file, a folder without a UNet.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        let shown = root.display();
        let wrong = |why: String| Err(Error::Checkpoint(format!("{shown}: {why}")));
        if root.is_file() {
            return match root.extension().and_then(|ext| ext.to_str()) {
                Some(ext) if PICKLES.contains(&ext) => wrong(format!(
                    "is a .{ext} file; pickle files can run code and are refused: \
                     give a diffusers folder with safetensors (diffusers converts it: from_single_file, then save_pretrained)"
                )),
                Some("safetensors") => wrong(
                    "is a single-file checkpoint, which is not supported: \
                     give a diffusers folder (diffusers converts it: from_single_file, then save_pretrained)"
                        .into(),
                ),
                _ => {
                    wrong("is a file; give a diffusers folder (model_index.json, unet/, vae/, text_encoder/, …)".into())
                }
            };
        }
        match root.read_dir() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return wrong("there is no such folder; give a diffusers folder".into());
            }
            Err(source) => return Err(Error::Io { what: "read", path: root, source }),
            Ok(_) if root.join(Part::UNet.folder()).is_dir() => {}
            Ok(mut entries) => {
                let single = entries.any(|entry| entry.is_ok_and(|entry| has_extension(&entry.path(), "safetensors")));
                return wrong(if single {
                    "has single-file checkpoints but no unet/ folder; give a diffusers folder \
                     (diffusers converts one: from_single_file, then save_pretrained)"
                        .into()
                } else {
                    "has no unet/ folder; give a diffusers folder (model_index.json, unet/, vae/, text_encoder/, …)"
                        .into()
                });
            }
        }
        Ok(Self { root, clip: None })
    }

    /// Takes CLIP from a folder of its own, since checkpoints in diffusers' layout seldom carry one.
    ///
    /// Errors: no `config.json` there.
    pub fn with_clip(self, folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        if !folder.join("config.json").is_file() {
            return Err(Error::Checkpoint(format!(
                "{}: there is no config.json; give the folder of a CLIP model such as clip-vit-large-patch14",
                folder.display()
            )));
        }
        Ok(Self { clip: Some(folder), ..self })
    }

    /// A folder of CLIP alone, for a checkpoint that is no folder.
    ///
    /// Errors: no `config.json` there.
    pub fn only_clip(folder: &Path) -> Result<Self> {
        Self { root: folder.into(), clip: None }.with_clip(folder)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The files that hold a part's weights. Errors: none there, pickles only, shards missing.
    pub fn shards(&self, part: Part) -> Result<Vec<PathBuf>> {
        let folder = match (&self.clip, part) {
            (Some(clip), Part::Clip) => clip.clone(),
            _ => self.root.join(part.folder()),
        };
        let shown = folder.display();
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(Error::Checkpoint(format!("{shown}: the checkpoint lacks this folder; download it again")));
            }
            Err(source) => return Err(Error::Io { what: "read", path: folder, source }),
        };
        let names: BTreeSet<String> =
            entries.filter_map(|entry| entry.ok().and_then(|entry| entry.file_name().into_string().ok())).collect();
        let stem = part.stem();
        for variant in ["", ".fp16", ".bf16"] {
            let single = format!("{stem}{variant}.safetensors");
            if names.contains(&single) {
                return Ok(vec![folder.join(single)]);
            }
            let (new, old) = (
                format!("{stem}.safetensors.index{variant}.json"), // since diffusers 0.31
                format!("{stem}{variant}.safetensors.index.json"),
            );
            if let Some(index) = [new, old].into_iter().find(|index| names.contains(index)) {
                return listed_shards(&folder, &index, &names);
            }
        }
        let pickle = names.iter().find(|name| PICKLES.iter().any(|ext| has_extension(Path::new(name), ext)));
        Err(Error::Checkpoint(match pickle {
            Some(pickle) => format!(
                "{shown}: has {pickle} but no {stem}.safetensors; pickle files can run code and are refused: \
                 convert it to safetensors (load it in diffusers and save_pretrained)"
            ),
            None => format!("{shown}: has no {stem}.safetensors; download the checkpoint's safetensors files"),
        }))
    }
}

impl WeightSource for FolderSource {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let path = match (&self.clip, path.strip_prefix("clip/")) {
            (Some(clip), Some(name)) => clip.join(name),
            _ => self.root.join(path),
        };
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(Error::Io { what: "read", path, source }),
        }
    }

    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        for path in self.shards(part)? {
            let map = map(&path)?;
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            weights.add_shard_with(&map, &name, |range| release(&map, range))?;
        }
        Ok(())
    }
}

/// The shards that an index file lists.
fn listed_shards(folder: &Path, index: &str, names: &BTreeSet<String>) -> Result<Vec<PathBuf>> {
    let path = folder.join(index);
    let shown = path.display();
    let wrong = |why: String| Error::Checkpoint(format!("{shown}: {why}; download the checkpoint again"));
    let bytes = std::fs::read(&path).map_err(|source| Error::Io { what: "read", path: path.clone(), source })?;
    let index: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| wrong(format!("is not JSON ({error})")))?;
    let files: Option<BTreeSet<&str>> =
        index.get("weight_map").and_then(|map| map.as_object()?.values().map(|file| file.as_str()).collect());
    let Some(files) = files.filter(|files| !files.is_empty()) else {
        return Err(wrong("has no \"weight_map\" from tensors to files".into()));
    };
    // only what lies in this very folder: an index must not reach elsewhere
    let absent: Vec<&str> = files.iter().copied().filter(|file| !names.contains(*file)).collect();
    match absent.first() {
        Some(first) => Err(wrong(format!("{} of {} shards are missing, first \"{first}\"", absent.len(), files.len()))),
        None => Ok(files.into_iter().map(|file| folder.join(file)).collect()),
    }
}

fn map(path: &Path) -> Result<memmap2::Mmap> {
    let io = |source| Error::Io { what: "read", path: path.into(), source };
    let file = File::open(path).map_err(io)?;
    // SAFETY: the map is read-only and lives for one call of `fill`. Another program that shortens the file meanwhile
    // kills us with a signal, as with every mapped file; checkpoints are written once. Bytes that change underneath
    // are read as plain numbers into a copy, and offsets are checked against the length of the map.
    #[allow(unsafe_code)]
    let map = unsafe { memmap2::Mmap::map(&file) }.map_err(io)?;
    #[cfg(unix)]
    let _ = map.advise(memmap2::Advice::Sequential); // a hint: nothing depends on it
    Ok(map)
}

/// Gives the pages of a tensor that is on the device back to the system, so that file and floats are never both in memory.
fn release(map: &memmap2::Mmap, range: std::ops::Range<usize>) {
    // SAFETY: the map is read-only and file-backed: a page that is dropped is read from the file again when touched.
    #[cfg(unix)]
    #[allow(unsafe_code)]
    let _ = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, range.start, range.len()) };
    #[cfg(not(unix))]
    let _ = (map, range);
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
