//! Outputs: where each edited picture goes, in which format, and that it can go there.
use crate::platform::files::with_advice;
use crate::tensor::picture::Picture;
use crate::{Error, Result};
use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where the eye sees no loss, and the file is still small.
const JPEG_QUALITY: u8 = 92;

/// Format of an edited picture, by the extension of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lossless, and carries the settings.
    Png,
    /// Small.
    Jpeg,
    /// Lossless.
    Webp,
}

impl Format {
    /// # Errors
    /// [`Error::Usage`] for any other extension.
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("png") => Ok(Self::Png),
            Some("jpg" | "jpeg") => Ok(Self::Jpeg),
            Some("webp") => Ok(Self::Webp),
            _ => Err(Error::Usage(format!(
                "--out {}: the name of a picture must end with .png, .jpg or .webp; for a folder, end it with /",
                path.display()
            ))),
        }
    }
}

/// A picture to be read and the file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// To be read.
    pub picture: PathBuf,
    /// To be written.
    pub out: PathBuf,
    /// What to write.
    pub format: Format,
}

/// Says where each picture goes: into the file `out` if there is one picture, else under its own name with `.png` into
/// the folder `out`. Writes nothing.
///
/// # Errors
/// [`Error::Usage`] when two would become one file, or one would replace a picture that is read.
pub fn plan(pictures: &[PathBuf], out: &Path) -> Result<Vec<Planned>> {
    let plan = if is_folder(pictures.len(), out)? {
        pictures.iter().map(|picture| into_folder(picture, out)).collect()
    } else {
        pictures
            .iter()
            .map(|picture| Ok(Planned { picture: picture.clone(), out: out.to_owned(), format: Format::of(out)? }))
            .collect::<Result<Vec<_>>>()?
    };
    let mut outs: HashMap<&Path, &Planned> = HashMap::new();
    for planned in &plan {
        if let Some(earlier) = outs.insert(&planned.out, planned) {
            return Err(Error::Usage(format!(
                "{} and {} would both become {}; give them different folders in two runs",
                earlier.picture.display(),
                planned.picture.display(),
                planned.out.display()
            )));
        }
    }
    let read: HashMap<PathBuf, &PathBuf> =
        pictures.iter().filter_map(|picture| Some((picture.canonicalize().ok()?, picture))).collect();
    for planned in &plan {
        if let Some(read) = planned.out.canonicalize().ok().and_then(|target| read.get(&target)) {
            return Err(Error::Usage(format!(
                "{} would be replaced by its own edit; choose another --out",
                read.display()
            )));
        }
    }
    Ok(plan)
}

/// Whether `out` means a folder.
fn is_folder(n_pictures: usize, out: &Path) -> Result<bool> {
    if out.is_dir() || out.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]) {
        return Ok(true);
    }
    if n_pictures > 1 && (out.exists() || Format::of(out).is_ok()) {
        return Err(Error::Usage(format!(
            "--out {} is one file, but there are {n_pictures} pictures; name a folder",
            out.display()
        )));
    }
    Ok(n_pictures > 1)
}

fn into_folder(picture: &Path, folder: &Path) -> Planned {
    let mut name = picture.file_stem().unwrap_or_default().to_owned();
    name.push(".png");
    Planned { picture: picture.to_owned(), out: folder.join(name), format: Format::Png }
}

/// Finds out before the work that its result can be written: makes the folder of a folder plan, and a file in it.
///
/// # Errors
/// [`Error::Io`] when not, [`Error::Usage`] when a folder has the name.
pub fn check_writable(out: &Path, make_folder: bool) -> Result<()> {
    // What a link stands for is what will be replaced.
    let target = out.canonicalize().unwrap_or_else(|_| out.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Of its kind alone: tempfile's own text names its file, which means nothing to a person.
    let cannot = |error: std::io::Error| {
        let source = with_advice(std::io::Error::from(error.kind()));
        Error::Io { what: "write here", path: folder.to_owned(), source }
    };
    if make_folder {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    if !folder.exists() {
        let why = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such folder; make it first");
        return Err(Error::Io { what: "write here", path: folder.to_owned(), source: why });
    }
    if out.is_dir() || out.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]) {
        return Err(Error::Usage(format!("{} is a folder; name a file in it", out.display())));
    }
    match std::fs::metadata(out) {
        Ok(old) if old.permissions().readonly() => {
            let why = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it is read-only; name another file");
            return Err(Error::Io { what: "replace", path: out.to_owned(), source: why });
        }
        // A name that cannot be is better known now than after hours of learning.
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::Io { what: "write", path: out.to_owned(), source: with_advice(error) });
        }
        _ => {}
    }
    tempfile::Builder::new().prefix(".instructbrush").tempfile_in(folder).map(drop).map_err(cannot)
}

/// The bytes of the file. A PNG carries its settings in a text chunk, as people who share such pictures are used to.
///
/// # Errors
/// [`Error::Picture`] when the encoder refuses (a JPEG over 65,535 pixels wide).
pub fn encode(picture: &Picture, format: Format, settings: &serde_json::Value) -> Result<Vec<u8>> {
    match format {
        Format::Png => picture.encode_png(&[("instructbrush".to_owned(), settings.to_string())]),
        Format::Jpeg => picture.encode_jpeg(JPEG_QUALITY),
        Format::Webp => encode_webp(picture),
    }
}

fn encode_webp(picture: &Picture) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    WebPEncoder::new_lossless(&mut bytes)
        .encode(&picture.rgb, side(picture.width), side(picture.height), ExtendedColorType::Rgb8)
        .map_err(|error| {
            Error::Picture(format!("the edited picture cannot be written as WebP ({error}); take .png"))
        })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pictures: &[&str], out: &str, expected: &[&str]) {
        let pictures = pictures.iter().map(PathBuf::from).collect::<Vec<_>>();
        let plan = plan(&pictures, Path::new(out)).unwrap();
        let outs = plan.iter().map(|planned| planned.out.to_string_lossy().replace('\\', "/")).collect::<Vec<_>>();
        assert_eq!(outs, expected);
    }

    fn refuse(pictures: &[&str], out: &str, why: &str) {
        let pictures = pictures.iter().map(PathBuf::from).collect::<Vec<_>>();
        let error = plan(&pictures, Path::new(out)).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(why), "{error}");
    }

    #[test]
    fn one_picture_goes_into_a_file_and_several_into_a_folder() {
        check(&["a/x.jpg"], "y.webp", &["y.webp"]);
        check(&["a/x.jpg"], "out/", &["out/x.png"]);
        check(&["a/x.jpg"], "src", &["src/x.png"]);
        check(&["a/x.jpg", "b/y.z.png"], "out", &["out/x.png", "out/y.z.png"]);
    }

    #[test]
    fn nothing_is_overwritten_by_mistake() {
        refuse(&["a/x.jpg"], "y.gif", ".png, .jpg or .webp");
        refuse(&["a/x.jpg"], "y", "end it with /");
        refuse(&["a/x.jpg", "b/x.png"], "out", "both become");
        refuse(&["a/x.jpg", "b/y.png"], "out.png", "name a folder");
        refuse(&["tests/golden/pairs/snow/0_0.png", "b/y.png"], "tests/golden/pairs/snow", "its own edit");
    }
}
