//! Alone: no two runs write one file; the second one is told so.
use crate::{Error, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Held while a run goes on; a program that falls lets go of it.
pub struct Alone {
    /// What goes away with it.
    path: Option<PathBuf>,
    _lock: File,
}

impl Alone {
    /// Takes the place of the one who writes `out`: a lock on `<out>.lock`.
    ///
    /// # Errors
    /// [`Error::Usage`] when another run has it.
    pub fn at(out: &Path) -> Result<Option<Self>> {
        let mut path = out.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let lock = Self::lock(&path, out, "file")?;
        Ok(lock.map(|lock| Self { path: Some(path), _lock: lock }))
    }

    /// Takes the place of the one who writes into the folder `out`, which is there: a lock on `<out>/.lock`, which stays.
    ///
    /// # Errors
    /// [`Error::Usage`] when another run has it.
    pub fn inside(out: &Path) -> Result<Option<Self>> {
        Ok(Self::lock(&out.join(".lock"), out, "folder")?.map(|lock| Self { path: None, _lock: lock }))
    }

    fn lock(path: &Path, out: &Path, kind: &str) -> Result<Option<File>> {
        // Where there can be no lock, nobody can tell.
        let Ok(file) = File::options().create(true).truncate(false).write(true).open(path) else { return Ok(None) };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::Usage(format!(
                "another run is writing {}; let it end, or name another {kind} with --out",
                out.display()
            ))),
            _ => Ok(Some(file)),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // One that stays behind is no lock any more, and one with something in it is not ours.
        let path = self.path.iter();
        for path in path.filter(|path| path.metadata().is_ok_and(|file| file.len() == 0)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_and_a_later_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a.safetensors");
        let first = Alone::at(&out).unwrap();
        let error = Alone::at(&out).err().unwrap();
        assert!(error.is_usage() && error.to_string().contains("another run is writing"), "{error}");
        drop(first);
        drop(Alone::at(&out).unwrap());
        assert!(folder.path().read_dir().unwrap().next().is_none(), "nothing stays behind");
    }
}
