//! Container: what `convert` wrote, in a folder; and writing such a folder so that it is there whole or not at all.
use super::files::{read_file, with_advice};
use crate::models::packed::index::{self, Index};
use crate::models::packed::read::{Files, PackedSource};
use crate::{Error, Result};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A container's folder.
#[derive(Clone, Debug)]
pub struct FolderFiles(PathBuf);

/// Whether a folder has the index of a container.
pub fn is_one(folder: &Path) -> bool {
    fs::read(folder.join(index::FILE)).is_ok_and(|bytes| Index::is_one(&bytes))
}

/// Opens a container by its folder.
///
/// # Errors
/// An index that is damaged or of a newer version.
pub fn open(folder: &Path) -> Result<PackedSource<FolderFiles>> {
    // a folder's files are there at once: nothing waits
    pollster::block_on(PackedSource::open(FolderFiles(folder.into()))).map_err(|error| match error {
        Error::Checkpoint(sentence) => Error::Checkpoint(format!("{}: {sentence}", folder.display())),
        other => other,
    })
}

impl Files for FolderFiles {
    async fn whole(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let path = self.0.join(path);
        if path.exists() { read_file(&path, "read the weights").map(Some) } else { Ok(None) }
    }
}

/// Where a folder is to be: nothing is there yet.
#[derive(Debug)]
pub struct Place<'a>(&'a Path);

impl<'a> Place<'a> {
    /// # Errors
    /// [`Error::Usage`] when something is there already: nothing is overwritten.
    pub fn check(out: &'a Path) -> Result<Self> {
        let is_free = match fs::read_dir(out) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        if is_free {
            return Ok(Self(out));
        }
        Err(Error::Usage(format!("--out {}: there is something already; give a new or an empty folder", out.display())))
    }

    /// A folder beside it, to be filled.
    ///
    /// # Errors
    /// [`Error::Io`]: no such parent, no right to write.
    pub fn begin(&self) -> Result<NewFolder<'a>> {
        let parent = self.0.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix(".instructbrush-").tempdir_in(parent);
        // the kind alone: tempfile's own text names a folder that means nothing to a person
        let folder = folder.map_err(|error| unwritten(self.0, std::io::Error::from(error.kind())))?;
        Ok(NewFolder { folder, out: self.0 })
    }
}

/// A folder in the making; dropped before it is finished, it goes away.
#[derive(Debug)]
pub struct NewFolder<'a> {
    folder: tempfile::TempDir,
    out: &'a Path,
}

impl NewFolder<'_> {
    /// Where it is for now.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file by its path in the folder.
    ///
    /// # Errors
    /// [`Error::Io`]: a full disk.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path().join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, bytes));
        written.map_err(|error| unwritten(self.out, error))
    }

    /// Brings it to its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<()> {
        let Self { folder, out } = self;
        if let Err(error) = bring(folder.path(), out) {
            let kept = folder.keep();
            let reason = format!("{error}; the result is in {}", kept.display());
            return Err(Error::Io {
                what: "write",
                path: out.into(),
                source: std::io::Error::new(error.kind(), reason),
            });
        }
        #[cfg(unix)] // a temporary folder is its owner's alone, a result is not
        let _ = fs::set_permissions(out, std::os::unix::fs::PermissionsExt::from_mode(0o755));
        let _ = folder.keep(); // it has another name now
        Ok(())
    }
}

/// Renames a folder; into one that is there and empty, file by file, the index last.
fn bring(from: &Path, out: &Path) -> std::io::Result<()> {
    if !out.exists() {
        return fs::rename(from, out);
    }
    let mut names: Vec<_> =
        fs::read_dir(from)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    names.sort_by_key(|name| name == index::FILE);
    names.iter().try_for_each(|name| fs::rename(from.join(name), out.join(name)))
}

fn unwritten(out: &Path, error: std::io::Error) -> Error {
    Error::Io { what: "write", path: out.into(), source: with_advice(error) }
}
