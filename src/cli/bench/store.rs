//! Store: the benchmark's folder of results; each result is a folder that appears whole or not at all.
//!
//! `{effect}/{key}/` holds `result.json`, the test pictures' edits and the instruction, `{effect}/tests/` the test pictures
//! as they were compared, `{effect}/{key}-segments/` the row of single segments.
use crate::bench::record::{Key, Record};
use crate::cli::state_file::StateFile;
use crate::platform::files::{compare_names, read_file, with_advice, write_atomically};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The name of a record's file.
pub const RECORD: &str = "result.json";
/// All records, and what follows from them.
pub const RESULTS: &str = "results.json";
/// The folder of the test pictures as they were compared.
pub const TESTS: &str = "tests";
/// What follows a key in the name of its row's folder.
pub const SEGMENTS: &str = "-segments";

/// The folder of results.
#[derive(Clone, Debug)]
pub struct Store {
    out: PathBuf,
}

impl Store {
    /// Results in `out`, which need not be there yet.
    pub fn new(out: impl Into<PathBuf>) -> Self {
        Self { out: out.into() }
    }

    /// The folder.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// Whether the folder is another than that of the effects, and not in it.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is.
    pub fn check_outside(&self, root: &Path) -> Result<()> {
        // of what is not there yet, the folder that it will be in
        let real = self.out.ancestors().find_map(|folder| match folder.as_os_str().is_empty() {
            true => Path::new(".").canonicalize().ok(),
            false => folder.canonicalize().ok(),
        });
        let inside = real.zip(root.canonicalize().ok());
        if inside.is_some_and(|(out, root)| out.starts_with(root)) {
            return Err(Error::Usage(format!(
                "--out {} is the folder of the effects, or in it; name another folder",
                self.out.display()
            )));
        }
        Ok(())
    }

    /// Whether the folder is new, empty, or one of results: among other things, results would be lost and found by chance.
    ///
    /// # Errors
    /// [`Error::Usage`], naming what is there.
    pub fn check_free(&self) -> Result<()> {
        if self.out.is_file() {
            return Err(Error::Usage(format!("--out {} is a file; name a folder", self.out.display())));
        }
        if !self.out.is_dir() || self.out.join(RESULTS).is_file() {
            return Ok(());
        }
        let entries = self.out.read_dir().map_err(|error| io("read the folder", &self.out, error))?;
        let is_other = |name: &String| !name.starts_with('.') && name != "report.html" && self.out.join(name).is_file();
        let others = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        match others.filter(is_other).min() {
            Some(other) => Err(Error::Usage(format!(
                "--out {}: there are other files, first {other}; name a new or an empty folder",
                self.out.display()
            ))),
            None => Ok(()),
        }
    }

    /// Where a folder of an effect is or will be.
    pub fn folder(&self, effect: &str, name: &str) -> PathBuf {
        self.out.join(effect).join(name)
    }

    /// The state of a result's learning run.
    pub fn state(&self, effect: &str, key: &Key) -> StateFile {
        StateFile::beside(&self.folder(effect, &key.folder()))
    }

    /// A result, if it is there.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Usage`] for a record that cannot be read.
    pub fn record(&self, effect: &str, key: &Key) -> Result<Option<Record>> {
        let path = self.folder(effect, &key.folder()).join(RECORD);
        if path.is_file() { read_record(&path).map(Some) } else { Ok(None) }
    }

    /// All results, by effect and key.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Usage`] for a record that cannot be read.
    pub fn records(&self) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for effect in folders(&self.out)? {
            for result in folders(&effect)? {
                let path = result.join(RECORD);
                if path.is_file() {
                    records.push(read_record(&path)?);
                }
            }
        }
        Ok(records)
    }

    /// Puts a folder of files in place: written beside it, then renamed, so that a run that is killed leaves all or nothing.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn put(&self, effect: &str, name: &str, files: &[(String, Vec<u8>)]) -> Result<()> {
        let (folder, partial) = (self.folder(effect, name), self.folder(effect, &format!(".{name}.partial")));
        remove(&partial)?;
        std::fs::create_dir_all(&partial).map_err(|error| io("make the folder", &partial, error))?;
        for (file, bytes) in files {
            write_atomically(&partial.join(file), bytes)?;
        }
        remove(&folder)?;
        std::fs::rename(&partial, &folder).map_err(|error| io("rename the folder", &partial, error))
    }
}

/// The folders in a folder, in the order of their names, hidden ones left out; none where there is no such folder.
pub fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    for entry in folder.read_dir().map_err(|error| io("read the folder", folder, error))? {
        let path = entry.map_err(|error| io("read the folder", folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort_by(|a, b| compare_names(a, b));
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// The files of a folder with their bytes, by name.
pub fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(|error| io("read the folder", folder, error))? {
        let path = entry.map_err(|error| io("read the folder", folder, error))?.path();
        if path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, read_file(&path, "read the result")?));
        }
    }
    files.sort();
    Ok(files)
}

/// The record in a file.
///
/// # Errors
/// [`Error::Io`], or [`Error::Usage`] for one that cannot be read.
pub fn read_record(path: &Path) -> Result<Record> {
    serde_json::from_slice(&read_file(path, "read the result")?).map_err(|error| {
        Error::Usage(format!("{}: this is no result of a benchmark ({error}); remove its folder", path.display()))
    })
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove the folder", folder, error)),
        _ => Ok(()),
    }
}

fn io(what: &'static str, path: &Path, error: std::io::Error) -> Error {
    Error::Io { what, path: path.into(), source: with_advice(error) }
}
