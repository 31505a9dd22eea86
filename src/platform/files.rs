//! Files: pictures from paths, and writing that never leaves half a file.
use crate::tensor::picture::Picture;
use crate::{Error, Result};
use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file in a folder with one of these endings is taken for a picture; a path that is named is always read.
const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"];

/// No picture, instruction or phrase list that a person gives is larger, in bytes.
const LARGEST: u64 = 1 << 30;

/// Reads and decodes one picture.
///
/// # Errors
/// [`Error::Picture`] or [`Error::Io`], naming the path.
pub fn read_picture(path: &Path) -> Result<Picture> {
    check_exists(path)?;
    if path.is_dir() {
        return Err(Error::Picture(format!("{}: this is a folder; give a picture's path", path.display())));
    }
    Picture::decode(&read_file(path, "read the picture")?, &path.display().to_string())
}

/// Reads a file that a person named, of at most 1 GiB: `/dev/zero` has no end. `what` is said when it fails: "read the
/// instruction".
///
/// # Errors
/// [`Error::Io`], naming the path.
pub fn read_file(path: &Path, what: &'static str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder; give a file's path"))
        }
        Ok(_) => File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)),
        Err(error) => Err(error),
    };
    let read = match read {
        Ok(n) if n as u64 > LARGEST => {
            Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB; is this the right file?"))
        }
        read => read,
    };
    read.map_err(|error| Error::Io { what, path: path.into(), source: with_advice(error) })?;
    Ok(bytes)
}

/// What to do about the refusals that people meet most; the system says only what was wrong.
pub fn with_advice(error: io::Error) -> io::Error {
    let kind = error.kind();
    let sentence = match kind {
        // Without the system's number the sentence is one of ours.
        _ if error.raw_os_error().is_none() && error.get_ref().is_some() => return error,
        io::ErrorKind::NotFound => "no such file or folder; check the path",
        io::ErrorKind::NotADirectory => "a part of the path is a file, not a folder; check the path",
        io::ErrorKind::PermissionDenied => "permission denied; change its rights or give another path",
        io::ErrorKind::StorageFull => "the disk is full; make room and try again (an old file is as it was)",
        io::ErrorKind::QuotaExceeded => "your quota is used up; make room and try again (an old file is as it was)",
        io::ErrorKind::ReadOnlyFilesystem => "this file system is read-only; give another path",
        io::ErrorKind::InvalidFilename => "the name is too long or has letters that cannot be; give another path",
        _ => return error,
    };
    io::Error::new(kind, sentence)
}

/// The paths of pictures: a folder stands for the pictures in it, sorted with numbers as numbers; sub-folders and hidden
/// files are left out. Patterns like `*.png` are the shell's.
///
/// # Errors
/// [`Error::Picture`]: no such file, or a folder without pictures; [`Error::Io`].
pub fn expand_pictures(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut pictures = Vec::new();
    for path in paths {
        check_exists(path)?;
        if !path.is_dir() {
            pictures.push(path.clone());
            continue;
        }
        let inside = pictures_in(path)?;
        if inside.is_empty() {
            let endings = ENDINGS.join(", ");
            return Err(Error::Picture(format!(
                "{}: no picture in this folder (looked for {endings})",
                path.display()
            )));
        }
        pictures.extend(inside);
    }
    Ok(pictures)
}

/// Replaces a file in one step: a crash, a full disk or a refusal leaves the old file as it was. The bytes go to a
/// `.partial` file beside it, are forced to disk, and take the name. A new file gets the rights that any program's files
/// get, an old one keeps its own. A link is followed; a device such as `/dev/stdout` is just written to.
///
/// # Errors
/// [`Error::Io`] with the system's reason: no such folder, no right to write, disk full.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes).map_err(|error| Error::Io { what: "write", path: path.into(), source: with_advice(error) })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let old = fs::metadata(&target).ok();
    if let Some(old) = &old {
        if old.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder; give a file's path"));
        }
        if !old.is_file() {
            return File::options().write(true).open(&target)?.write_all(bytes);
        }
        if old.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only; give another path"));
        }
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let reason = format!("there is no folder {}; make it first", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".instructbrush-").suffix(".partial");
    #[cfg(unix)] // tempfile's own default keeps the file from everyone else; the umask applies to this
    let rights = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(rights);
    // The kind alone: tempfile's own text names the partial file, which means nothing to a person.
    let mut file = builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file_mut().write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    // The new name itself; not every file system can.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A folder's pictures by their endings, sorted naturally.
pub(super) fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |source| Error::Io { what: "read", path: folder.into(), source };
    let mut pictures = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if !is_hidden && ENDINGS.contains(&ending.as_str()) && path.is_file() {
            pictures.push(path);
        }
    }
    pictures.sort_by(|a, b| compare_names(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(pictures)
}

/// Numbers in names by value: 2 before 10, at any length; equal values (`2`, `02`) by their letters.
pub fn compare_names(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (a_number, b_number) = (digits(left), digits(right));
        if a_number > 0 && b_number > 0 {
            let (x, y) = (left[..a_number].trim_start_matches('0'), right[..b_number].trim_start_matches('0'));
            let order = x.len().cmp(&y.len()).then(x.cmp(y));
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[a_number..], &right[b_number..]);
            continue;
        }
        let (mut x, mut y) = (left.chars(), right.chars());
        match (x.next(), y.next()) {
            (Some(x), Some(y)) if x == y => {}
            (None, None) => return a.cmp(b),
            (x, y) => return x.cmp(&y),
        }
        (left, right) = (x.as_str(), y.as_str());
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn check_exists(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Error::Picture(format!("{}: no such file or folder; check the path", path.display())))
        }
        Err(error) => Err(Error::Io { what: "read", path: path.into(), source: with_advice(error) }),
        Ok(_) => Ok(()),
    }
}
