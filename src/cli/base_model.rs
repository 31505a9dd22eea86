//! Base model: where its folder is, and the engine loaded from it.
use super::args::BaseModelArgs;
use super::progress::Progress;
use super::stop;
use crate::platform::{devices, folder::FolderSource};
use crate::service::engine::Engine;
use crate::service::job::{Event, Reply};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The environment variable that `--model` falls back to.
const VARIABLE: &str = "INSTRUCTBRUSH_MODEL";
/// Where the demo model lies in the project.
const DEMO: &str = "web/models/demo";

/// Opens the device and loads the model, showing progress; `clip` is a folder of its own for CLIP, if it has one.
///
/// # Errors
/// No such model or device, a damaged checkpoint, or [`Error::Cancelled`].
pub fn load(args: &BaseModelArgs, clip: Option<&Path>, progress: &mut Progress) -> Result<Engine<FolderSource>> {
    let folder = find(args.model.as_deref())?;
    let mut source = FolderSource::open(&folder)?;
    if let Some(clip) = clip {
        source = source.with_clip(clip)?;
    }
    let device = devices::open(args.device)?;
    pollster::block_on(Engine::load(device, source, &mut |event| reply(progress, &event)))
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

/// What is typed, else what the environment says, else the demo model above the current folder or the program.
fn find(typed: Option<&Path>) -> Result<PathBuf> {
    if let Some(folder) = typed {
        return Ok(folder.to_owned());
    }
    if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|folder| folder.join(DEMO))
        .find(|folder| folder.join("model_index.json").is_file())
        .ok_or_else(|| {
            Error::Checkpoint(format!(
                "no base model: {DEMO} is neither above the current folder nor above this program; \
                 name a folder in diffusers' layout with --model or {VARIABLE}"
            ))
        })
}
