//! State file: what an inversion needs to go on after Ctrl-C, a crash or a power cut; it lies beside the output.
//!
//! One line of JSON (how far it is, when it began), then the engine's own bytes, which carry a checksum.
use super::args::in_file;
use crate::instruction::state::State;
use crate::platform::files::write_atomically;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};

const VERSION: u32 = 1;

/// Where the state of a run lies.
#[derive(Clone, Debug)]
pub struct StateFile {
    path: PathBuf,
}

/// A state that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Done steps per segment.
    pub step: usize,
    /// In all, per segment.
    pub steps: usize,
    /// When the run began.
    pub date: String,
    /// All that decided the run, where its door knows more of it than the engine writes down.
    pub settings: Option<Value>,
    /// The engine's.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    instructbrush_state: u32,
    step: usize,
    steps: usize,
    date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<Value>,
}

/// Whether these are the bytes of a state file, by the first line.
pub fn is_state(bytes: &[u8]) -> bool {
    let first = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<Line>(first).is_ok()
}

impl StateFile {
    /// `<out>.state`.
    pub fn beside(out: &Path) -> Self {
        let mut path = out.as_os_str().to_owned();
        path.push(".state");
        Self { path: path.into() }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the state; a crash while writing leaves the old one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, state: &Saved) -> Result<()> {
        let Saved { step, steps, date, settings, .. } = state.clone();
        let line = Line { instructbrush_state: VERSION, step, steps, date, settings };
        let mut bytes = serde_json::json!(line).to_string().into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&state.bytes);
        write_atomically(&self.path, &bytes)
    }

    /// Reads the state; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Instruction`] when the file is damaged or of a newer version.
    pub fn read(&self) -> Result<Option<Saved>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Io { what: "read the state", path: self.path.clone(), source }),
        };
        let refuse = |why: &str| {
            Error::Instruction(format!(
                "{}: this is no state to continue from: {why}; delete it, or start over with --restart",
                self.path.display()
            ))
        };
        let end = bytes.iter().position(|&byte| byte == b'\n').ok_or_else(|| refuse("its first line has no end"))?;
        let line: Line =
            serde_json::from_slice(&bytes[..end]).map_err(|_| refuse("its first line is not that of a state"))?;
        let bytes = bytes[end + 1..].to_vec();
        if line.instructbrush_state != VERSION {
            return Err(refuse(&format!("its version is {}, known is {VERSION}", line.instructbrush_state)));
        }
        State::decode(&bytes).map_err(|error| in_file(&self.path, error))?;
        Ok(Some(Saved { step: line.step, steps: line.steps, date: line.date, settings: line.settings, bytes }))
    }

    /// Removes the state, if there is one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Io { what: "remove", path: self.path.clone(), source })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::beside(&folder.path().join("out.safetensors"));
        assert_eq!(file.read().unwrap(), None);
        let bytes = State::default().encode().unwrap();
        let settings = Some(serde_json::json!({ "clip": "none" }));
        let saved = Saved { step: 3, steps: 9, date: "2026-11-23".to_owned(), settings, bytes };
        file.save(&saved).unwrap();
        assert_eq!(file.read().unwrap(), Some(saved));
        let path = folder.path().join("out.safetensors.state");
        let good = std::fs::read(&path).unwrap();
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let newer = String::from_utf8_lossy(&good).replacen("state\":1", "state\":2", 1).into_bytes();
        for bad in [&good[..good.len() - 1], &flipped, &newer, b"", b"\n", b"{}\n", &good[..20]] {
            std::fs::write(&path, bad).unwrap();
            let error = file.read().unwrap_err();
            assert!(error.to_string().contains("--restart"), "{error}");
        }
        file.remove().unwrap();
        file.remove().unwrap();
        assert!(!path.exists());
    }
}
