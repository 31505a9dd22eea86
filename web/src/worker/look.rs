//! Look: what is done at once, between two steps of a job: pictures opened and compared, files read and packed.
use super::files::{MOST_PICTURE, card, instruction, picture};
use super::host::{Ended, failure};
use super::models;
use super::wire::bytes;
use crate::protocol::{Answer, Ask, Comparison, Failure, OpenAsk, PairRef, PictureInfo};
use crate::recall::plan_of;
use crate::words;
use instructbrush::instruction::Instruction;
use instructbrush::instruction::file::Precision;
use instructbrush::tensor::alignment::alignment;
use instructbrush::tensor::decode::{is_animated, png_text};
use instructbrush::tensor::picture::Picture;
use std::io::{Cursor, Read, Write};
use wasm_bindgen::JsValue;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Under this key a PNG carries its settings.
pub const SETTINGS: &str = "instructbrush";
/// Views with more pixels are JPEGs: a PNG of a photo takes long to make.
const MOST_PNG: usize = 512 * 512;
/// Bytes of an archive, and of all that is in it.
const MOST_ARCHIVE: f64 = 1e9;

/// Answers a quick request.
pub async fn answer(ask: Ask, files: &[JsValue]) -> Ended {
    match ask {
        Ask::Open(ask) => open(&ask, files).await,
        Ask::Compare(pair) => compare(&pair, files).await,
        Ask::Inspect(file) => {
            let (bytes, instruction) = instruction(files, file).await?;
            let (card, thumbnails) = card(&instruction, &bytes, 0);
            Ok((Answer::Inspected(card), thumbnails))
        }
        Ask::Rewrite { file, title, tags } => rewrite(files, file, title, &tags).await,
        Ask::Models => models::list().await,
        Ask::Forget(name) => models::forget(&name).await,
        Ask::Pack(names) => pack(&names, files).await,
        Ask::Unpack(file) => unpack(file, files).await,
        _ => Err(Failure::Other("this is a job, and jobs wait in line".to_owned())),
    }
}

async fn open(ask: &OpenAsk, files: &[JsValue]) -> Ended {
    let bytes = bytes(files, ask.file, MOST_PICTURE).await?;
    let picture = Picture::decode(&bytes, &ask.name).map_err(failure)?;
    let view = picture.thumbnail(ask.longer.max(1));
    let small = view.width * view.height <= MOST_PNG;
    let (mime, encoded) =
        if small { ("image/png", view.encode_png(&[])) } else { ("image/jpeg", view.encode_jpeg(90)) };
    let info = PictureInfo {
        width: picture.width,
        height: picture.height,
        mime: mime.to_owned(),
        notes: is_animated(&bytes).then(|| words::only_first_frame(&ask.name)).into_iter().collect(),
        made: png_text(&bytes, SETTINGS).map(|settings| plan_of(&settings).unwrap_or_default()),
    };
    Ok((Answer::Opened(info), vec![encoded.map_err(failure)?]))
}

async fn compare(pair: &PairRef, files: &[JsValue]) -> Ended {
    let before = picture(files, &pair.before).await?;
    let after = picture(files, &pair.after).await?;
    let ratio = |picture: &Picture| picture.width as f64 / picture.height as f64;
    // As far apart as rounding to whole pixels can bring them.
    let slack = 1.0 / before.width.min(before.height).min(after.width).min(after.height) as f64;
    let same_shape = (ratio(&before) / ratio(&after) - 1.0).abs() <= 2.0 * slack;
    let same_size = (before.width, before.height) == (after.width, after.height);
    let found = alignment(&before, &after);
    let mut notes = Vec::new();
    if !same_shape {
        notes.push(words::other_shape(&before.size(), &after.size()));
    } else if !same_size {
        notes.push(words::other_size(&before.size(), &after.size()));
    }
    if same_size && before.rgb == after.rgb {
        notes.push(words::learn::SAME.to_owned());
    }
    if !found.aligned {
        notes.push(words::not_aligned(found.shift));
    }
    Ok((Answer::Compared(Comparison { same_shape, aligned: found.aligned, notes }), Vec::new()))
}

async fn rewrite(files: &[JsValue], file: usize, title: String, tags: &[String]) -> Ended {
    let (_, mut instruction) = instruction(files, file).await?;
    instruction.about.title = title;
    instruction.about.tags = tags.join(", ");
    // Kept as exact as it came: what fits f16 without loss was f16.
    let half = instruction.encode(Precision::F16).map_err(failure);
    let is_half = half.as_ref().is_ok_and(|bytes| Instruction::decode(bytes).is_ok_and(|read| read == instruction));
    let bytes = if is_half { half? } else { instruction.encode(Precision::F32).map_err(failure)? };
    let (card, thumbnails) = card(&instruction, &bytes, 1);
    Ok((Answer::Rewritten(card), std::iter::once(bytes).chain(thumbnails).collect()))
}

async fn pack(names: &[String], files: &[JsValue]) -> Ended {
    let fail = |error: &dyn std::error::Error| Failure::Other(format!("the archive could not be made ({error})"));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Learned numbers do not get smaller.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (idx, name) in names.iter().enumerate() {
        let bytes = bytes(files, idx, MOST_ARCHIVE).await?;
        archive.start_file(name.as_str(), stored).map_err(|error| fail(&error))?;
        archive.write_all(&bytes).map_err(|error| fail(&error))?;
    }
    let written = archive.finish().map_err(|error| fail(&error))?;
    Ok((Answer::Packed, vec![written.into_inner()]))
}

async fn unpack(file: usize, files: &[JsValue]) -> Ended {
    let fail = |error: &dyn std::error::Error| {
        Failure::Other(format!("this archive cannot be read ({error}); export it again, or unpack it yourself"))
    };
    let bytes = bytes(files, file, MOST_ARCHIVE).await?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| fail(&error))?;
    let (mut names, mut damaged, mut contents, mut left) = (Vec::new(), Vec::new(), Vec::new(), MOST_ARCHIVE as u64);
    for idx in 0..archive.len() {
        let name = archive.name_for_index(idx).and_then(Result::ok).map(|name| name.into_owned()).unwrap_or_default();
        if is_aside(&name) {
            continue;
        }
        match read_entry(&mut archive, idx, left) {
            Ok(content) => {
                let n = content.len() as u64;
                left = left
                    .checked_sub(n)
                    .ok_or_else(|| Failure::Other("the archive holds more than 1 GB: unpack it yourself".to_owned()))?;
                names.push(name);
                contents.push(content);
            }
            Err(why) => damaged.push(words::shelf::about(&name, &words::shelf::damaged(&why))),
        }
    }
    Ok((Answer::Unpacked { names, damaged }, contents))
}

/// Folders, and what systems put beside the files.
fn is_aside(name: &str) -> bool {
    name.ends_with('/')
        || name.starts_with("__MACOSX/")
        || name.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

/// One file of an archive, or one byte more than `left`: what it says of its size may be a lie.
fn read_entry(archive: &mut ZipArchive<Cursor<Vec<u8>>>, idx: usize, left: u64) -> Result<Vec<u8>, String> {
    let entry = archive.by_index(idx).map_err(|error| error.to_string())?;
    let mut content = Vec::new();
    entry.take(left + 1).read_to_end(&mut content).map_err(|error| error.to_string())?;
    Ok(content)
}
