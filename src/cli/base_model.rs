//! Base model: where it comes from, and the engine loaded from it.
use super::args::{BaseModelArgs, ComputeArgs};
use super::demo::DEMO;
use super::progress::Progress;
use super::stop;
use crate::models::packed::read::PackedSource;
use crate::models::weights::{Part, WeightSource, Weights};
use crate::platform::container::{self, FolderFiles};
use crate::platform::{devices, embedded::EmbeddedSource, folder::FolderSource};
use crate::service::engine::Engine;
use crate::service::job::{Event, Reply};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The environment variable that `--model` falls back to.
const VARIABLE: &str = "INSTRUCTBRUSH_MODEL";

/// Opens the device and loads the model, showing progress; `clip` is a folder of its own for CLIP, if it has one.
///
/// # Errors
/// No such model or device, a damaged checkpoint, or [`Error::Cancelled`].
pub fn load(args: &BaseModelArgs, clip: Option<&Path>, progress: &mut Progress) -> Result<Engine<BaseSource>> {
    load_computing(args, ComputeArgs::default(), clip, progress)
}

/// As [`load`], with a model that computes so, in so much memory; a device that cannot is refused before anything is loaded.
///
/// # Errors
/// As [`load`]'s, and [`Error::Device`].
pub fn load_computing(
    args: &BaseModelArgs,
    compute: ComputeArgs,
    clip: Option<&Path>,
    progress: &mut Progress,
) -> Result<Engine<BaseSource>> {
    let source = BaseSource::find(args.model.as_deref(), clip)?;
    let device = devices::open(args.device)?;
    compute.compute.check(&device)?;
    let mut engine = pollster::block_on(Engine::load(device, source, &mut |event| reply(progress, &event)))?;
    engine.set_compute(compute.compute)?;
    engine.set_memory(compute.memory);
    Ok(engine)
}

/// Shows an event; the answer of every door that has nothing else to do with it.
pub fn reply(progress: &mut Progress, event: &Event) -> Reply {
    progress.show(event);
    if stop::is_asked() { Reply::Stop } else { Reply::Continue }
}

/// The engine promises the outcome of the job it was given.
pub fn other_outcome() -> Error {
    Error::Computation("the engine ended another job than it was given; please report this".to_owned())
}

/// A checkpoint that the program can be pointed at, or its own.
#[derive(Debug)]
pub enum BaseSource {
    /// A folder in diffusers' layout.
    Folder(FolderSource),
    /// What `convert` wrote, and the folder that its CLIP is taken from instead.
    Converted(PackedSource<FolderFiles>, Option<FolderSource>),
    /// The demo model, and the folder that its CLIP is taken from instead.
    Demo(EmbeddedSource, Option<FolderSource>),
}

impl BaseSource {
    /// What is typed, else what the environment says, else the demo model.
    pub fn find(typed: Option<&Path>, clip: Option<&Path>) -> Result<Self> {
        let variable = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let only_clip = || clip.map(FolderSource::only_clip).transpose();
        match (typed.map(Path::to_owned).or(variable), clip) {
            (Some(folder), _) if container::is_one(&folder) => {
                Ok(Self::Converted(container::open(&folder)?, only_clip()?))
            }
            (Some(folder), Some(clip)) => FolderSource::open(folder)?.with_clip(clip).map(Self::Folder),
            (Some(folder), None) => FolderSource::open(folder).map(Self::Folder),
            (None, _) => Ok(Self::Demo(DEMO, only_clip()?)),
        }
    }
}

impl WeightSource for BaseSource {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(source) => source.file(path).await,
            Self::Converted(_, Some(clip)) | Self::Demo(_, Some(clip)) if path.starts_with("clip/") => {
                clip.file(path).await
            }
            Self::Converted(source, _) => source.file(path).await,
            Self::Demo(source, _) => source.file(path).await,
        }
    }

    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        match self {
            Self::Folder(source) => source.fill(part, weights).await,
            Self::Converted(_, Some(clip)) | Self::Demo(_, Some(clip)) if part == Part::Clip => {
                clip.fill(part, weights).await
            }
            Self::Converted(source, _) => source.fill(part, weights).await,
            Self::Demo(source, _) => source.fill(part, weights).await,
        }
    }
}
