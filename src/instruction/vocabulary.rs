//! Vocabulary: the phrases that captions are made of, one short description of a thing, place or look each.
use std::collections::HashSet;

use crate::{Error, Result};

/// The project's own phrases for CLIP ViT-L/14 (`assets/make_phrases.py` composes them).
pub fn general_vocabulary() -> Vec<String> {
    include_str!("../../assets/phrases.txt").lines().map(str::to_owned).collect()
}

/// Reads a phrase list: plain text with one phrase a line (clip-interrogator's `flavors.txt`; there are no comments),
/// or, with `json`, an array of strings (a checkpoint's `phrases.json`).
///
/// # Errors
/// [`Error::Usage`] when the JSON is something else, or when there is no phrase at all.
pub fn parse_vocabulary(text: &str, json: bool) -> Result<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let phrases: Vec<String> = if json {
        serde_json::from_str(text).map_err(|error| {
            Error::Usage(format!("a phrase list in JSON must be one array of strings, but this one is not: {error}"))
        })?
    } else {
        text.lines().map(str::to_owned).collect()
    };
    if phrases.iter().all(|phrase| phrase.trim().is_empty()) {
        return Err(Error::Usage(format!(
            "the phrase list has {} lines and no phrase; write one phrase a line, such as \"a pencil sketch\"",
            phrases.len()
        )));
    }
    Ok(phrases)
}

/// Phrases that can be used: trimmed, none blank, none twice, none longer than the context; in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The phrases.
    pub phrases: Vec<String>,
    /// How many were left out because the text encoder's context cannot hold them.
    pub too_long: usize,
}

impl Vocabulary {
    /// Keeps what can be used; `fits` says whether a text fits the context with its BOS and EOS.
    pub fn new(phrases: impl IntoIterator<Item = impl AsRef<str>>, fits: impl Fn(&str) -> bool) -> Self {
        let mut seen = HashSet::new();
        let mut vocabulary = Self::default();
        for phrase in phrases {
            let phrase = phrase.as_ref().trim();
            if phrase.is_empty() || !seen.insert(phrase.to_owned()) {
                continue;
            }
            if fits(phrase) {
                vocabulary.phrases.push(phrase.to_owned());
            } else {
                vocabulary.too_long += 1;
            }
        }
        vocabulary
    }
}
