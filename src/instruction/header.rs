//! Header: everything about an instruction that is not K or V, as the string keys of a `.safetensors` file.
//!
//! ModelSpec 1.0.1 keys so that other programs can show it; ours so that this one can use it. Numbers are printed
//! in the shortest decimal form that parses back to the same value.
use super::{About, Rows, Space, Thumbnails, thumbnail};
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The version of the format that this program writes, and the newest that it reads.
pub const VERSION: u64 = 1;

pub(super) const HASH: &str = "modelspec.hash_sha256";
const ARCHITECTURE: &str = "stable-diffusion-v1/instruct-brush";
const VERSION_KEY: &str = "instructbrush.version";

/// The header of an instruction with that many segments.
pub(super) fn write(about: &About, segments: usize) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    let mut put = |key: &str, value: String| keys.insert(key.to_string(), value);
    put("modelspec.sai_model_spec", "1.0.1".into());
    put("modelspec.architecture", ARCHITECTURE.into());
    put("modelspec.implementation", "instructbrush-rs".into());
    put("modelspec.title", about.title.clone());
    put("modelspec.resolution", format!("{0}x{0}", about.resolution));
    let optional = [
        ("modelspec.description", &about.description),
        ("modelspec.author", &about.author),
        ("modelspec.date", &about.date),
        ("modelspec.license", &about.license),
        ("modelspec.tags", &about.tags),
    ];
    for (key, value) in optional.into_iter().filter(|(_, value)| !value.is_empty()) {
        put(key, value.clone());
    }
    if let Some(thumbnails) = &about.thumbnails
        && let Some(both) = thumbnail::side_by_side(thumbnails)
    {
        put("modelspec.thumbnail", both);
        put("instructbrush.thumbnail_before", thumbnail::to_url(&thumbnails.before));
        put("instructbrush.thumbnail_after", thumbnail::to_url(&thumbnails.after));
    }
    put(VERSION_KEY, VERSION.to_string());
    put("instructbrush.start", about.start.clone());
    put("instructbrush.tokens", about.tokens.to_string());
    put("instructbrush.rows", about.rows.name().into());
    put("instructbrush.space", about.space.name().into());
    put("instructbrush.segments", segments.to_string());
    put("instructbrush.base_model", about.base_model.clone());
    put("instructbrush.base_model_title", about.base_model_title.clone());
    put("instructbrush.guidance_scale", about.guidance_scale.to_string());
    put("instructbrush.image_guidance_scale", about.image_guidance_scale.to_string());
    put("instructbrush.steps", about.steps.to_string());
    put("instructbrush.strength", about.strength.to_string());
    put("instructbrush.steps_per_segment", about.steps_per_segment.to_string());
    put("instructbrush.learning_rate", about.learning_rate.to_string());
    put("instructbrush.seed", about.seed.to_string());
    put("instructbrush.pairs", about.pairs.to_string());
    keys
}

/// What a header says, and how many segments there are.
///
/// # Errors
/// Not ours, newer than this program, a key missing, a number or word that cannot be read.
pub(super) fn read(keys: &BTreeMap<String, String>) -> Result<(About, usize)> {
    check_version(keys)?;
    let free = |key: &str| keys.get(key).cloned().unwrap_or_default();
    let thumbnails = || {
        Some(Thumbnails {
            before: thumbnail::from_url(keys.get("instructbrush.thumbnail_before")?)?,
            after: thumbnail::from_url(keys.get("instructbrush.thumbnail_after")?)?,
        })
    };
    let about = About {
        title: free("modelspec.title"),
        start: text(keys, "instructbrush.start")?.to_string(),
        tokens: number(keys, "instructbrush.tokens")?,
        rows: word(keys, "instructbrush.rows", Rows::named, "\"after-bos\" or \"first\"")?,
        space: word(keys, "instructbrush.space", Space::named, "\"attention\" or \"text\"")?,
        base_model: text(keys, "instructbrush.base_model")?.to_string(),
        base_model_title: free("instructbrush.base_model_title"),
        resolution: resolution(text(keys, "modelspec.resolution")?)?,
        guidance_scale: number(keys, "instructbrush.guidance_scale")?,
        image_guidance_scale: number(keys, "instructbrush.image_guidance_scale")?,
        steps: number(keys, "instructbrush.steps")?,
        strength: number(keys, "instructbrush.strength")?,
        steps_per_segment: number(keys, "instructbrush.steps_per_segment")?,
        learning_rate: number(keys, "instructbrush.learning_rate")?,
        seed: number(keys, "instructbrush.seed")?,
        pairs: number(keys, "instructbrush.pairs")?,
        thumbnails: thumbnails(),
        date: free("modelspec.date"),
        author: free("modelspec.author"),
        license: free("modelspec.license"),
        description: free("modelspec.description"),
        tags: free("modelspec.tags"),
    };
    Ok((about, number(keys, "instructbrush.segments")?))
}

fn check_version(keys: &BTreeMap<String, String>) -> Result<()> {
    if !keys.contains_key(VERSION_KEY) {
        return Err(bad(if keys.contains_key(super::state::VERSION_KEY) {
            "not an instruction file but the state of a learning run; continue that run with `invert --resume`".into()
        } else {
            match keys.get("modelspec.architecture") {
                Some(other) if other != ARCHITECTURE => format!(
                    "not an instruction file; its header says \"{}\": give a file that `instructbrush invert` wrote",
                    short(other)
                ),
                _ => format!(
                    "not an instruction file; its header has no \"{VERSION_KEY}\": give a file that `instructbrush \
                     invert` wrote"
                ),
            }
        }));
    }
    match number::<u64>(keys, VERSION_KEY)? {
        VERSION => Ok(()),
        0 => Err(bad(format!("\"{VERSION_KEY}\" is 0; versions begin with 1"))),
        newer => Err(bad(format!("it is of version {newer}, this program reads {VERSION}: update this program"))),
    }
}

fn text<'a>(keys: &'a BTreeMap<String, String>, key: &str) -> Result<&'a str> {
    let value = keys.get(key).ok_or_else(|| bad(format!("its header has no \"{key}\"; save it anew")))?;
    Ok(value)
}

fn number<T: FromStr>(keys: &BTreeMap<String, String>, key: &str) -> Result<T> {
    let value = text(keys, key)?;
    value.parse().map_err(|_| {
        let kind = if key.ends_with("_scale") || key.ends_with("_rate") || key.ends_with(".strength") {
            "a number such as 7.5"
        } else {
            "a whole number from 0 up"
        };
        bad(format!("\"{key}\" is \"{}\"; {kind} is needed", short(value)))
    })
}

fn word<T>(keys: &BTreeMap<String, String>, key: &str, named: impl Fn(&str) -> Option<T>, known: &str) -> Result<T> {
    let value = text(keys, key)?;
    named(value).ok_or_else(|| bad(format!("\"{key}\" is \"{}\"; this program knows {known}", short(value))))
}

/// "128x128": ModelSpec gives width and height, ours are equal.
fn resolution(value: &str) -> Result<usize> {
    let sides: Option<(usize, usize)> =
        value.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match sides {
        Some((width, height)) if width == height => Ok(width),
        _ => Err(bad(format!(
            "\"modelspec.resolution\" is \"{}\"; two equal sides such as \"512x512\" are needed",
            short(value)
        ))),
    }
}

/// The first 40 characters, fit for a message.
pub(super) fn short(value: &str) -> String {
    let mut short: String =
        value.chars().take(40).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if value.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

/// An error about an instruction file.
pub(super) fn bad(sentence: impl std::fmt::Display) -> Error {
    Error::Instruction(format!("instruction file: {sentence}"))
}
