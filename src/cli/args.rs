//! Args: options that several commands share, and parsers that say what a value may be.
//!
//! Whatever can be refused without the model is refused here, before a minute is spent on loading it.
use super::state_file::is_state;
use crate::instruction::Instruction;
use crate::instruction::phrases::Mode;
use crate::instruction::vocabulary::parse_vocabulary;
use crate::platform::devices::DeviceName;
use crate::platform::files::read_file;
use crate::service::job::{Memory, PhraseSettings};
use crate::tensor::ops::Compute;
use crate::{Error, Result};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Which base model, on which device.
#[derive(Args, Debug)]
pub struct BaseModelArgs {
    /// Base model: a folder in diffusers' layout [default: $INSTRUCTBRUSH_MODEL, else the demo model]
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// What computes
    #[arg(long, value_name = "D", default_value = "auto", value_parser = devices())]
    pub device: DeviceName,
}

/// How exact, and in how much memory.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ComputeArgs {
    /// How exact the UNet's products are, in edits and in learning: f16 is for GPUs that have tensor cores
    #[arg(long, default_value = "f32", value_parser = choice(&COMPUTES))]
    pub compute: Compute,
    /// What may be taken of the device's memory: low has UNet and VAE there in turn, which reads them again for every picture, and
    /// learns with a third more time; high keeps everything [default: auto, by the model's size]
    #[arg(long, default_value = "auto", hide_default_value = true, value_parser = choice(&MEMORIES))]
    pub memory: Memory,
}

impl ComputeArgs {
    /// As typed.
    pub fn word(self) -> &'static str {
        COMPUTES.iter().find(|(_, compute)| *compute == self.compute).map_or("", |(word, _)| word)
    }

    /// What is beyond 16 bits is infinite, and so no number soon.
    pub fn hint(self, error: Error) -> Error {
        match error {
            Error::Computation(text) if self.compute == Compute::F16 => {
                Error::Computation(format!("{text} (this was computed in f16; --compute f32 is more exact)"))
            }
            other => other,
        }
    }
}

/// What `--compute` may say.
const COMPUTES: [(&str, Compute); 2] = [("f32", Compute::F32), ("f16", Compute::F16)];

/// What `--memory` may say.
const MEMORIES: [(&str, Memory); 3] = [("auto", Memory::Auto), ("low", Memory::Low), ("high", Memory::High)];

/// How the phrases are searched that learning starts from.
#[derive(Args, Debug)]
pub struct PhraseArgs {
    /// CLIP, which looks for phrases: a folder with config.json [default: clip/ in the base model]
    #[arg(long, value_name = "DIR")]
    pub clip: Option<PathBuf>,
    /// Vocabularies: one phrase a line, or a .json array [default: the base model's own, else the general one]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub vocabulary: Vec<PathBuf>,
    /// A phrase counts when its sensitivity is greater
    #[arg(long, value_name = "X", default_value = "0.15", value_parser = number(-2.0..=2.0), allow_negative_numbers = true)]
    pub threshold: f64,
    /// Compare the sensitivity divided by the phrase's likeness to its own pictures, or as it is
    #[arg(long, default_value = "relative", value_parser = choice(&MODES))]
    pub mode: Mode,
    /// Search the whole vocabulary for the greatest difference instead of the captions of both sets
    #[arg(long)]
    pub direct: bool,
    /// Phrases in a caption
    #[arg(long, value_name = "N", default_value = "5", value_parser = whole(1..=20), allow_negative_numbers = true)]
    pub caption_phrases: usize,
    /// What stands between them [default: the base model's, else ", "]
    #[arg(long, value_name = "TEXT")]
    pub separator: Option<String>,
}

const MODES: [(&str, Mode); 2] = [("relative", Mode::Relative), ("absolute", Mode::Absolute)];

impl PhraseArgs {
    /// Reads the vocabularies.
    ///
    /// # Errors
    /// [`Error::Io`] when one cannot be read, [`Error::Usage`] when they hold no phrase.
    pub fn read(&self) -> Result<PhraseSettings> {
        let mut vocabulary = Vec::new();
        for path in &self.vocabulary {
            let text = String::from_utf8(read_file(path, "read the vocabulary")?).map_err(|_| {
                Error::Usage(format!("{}: a vocabulary must be UTF-8 text, one phrase a line", path.display()))
            })?;
            let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            vocabulary.extend(parse_vocabulary(&text, is_json).map_err(|error| in_file(path, error))?);
        }
        let Self { threshold, mode, caption_phrases, direct, .. } = *self;
        Ok(PhraseSettings { vocabulary, threshold, mode, caption_phrases, direct, separator: self.separator.clone() })
    }
}

/// Reads an instruction file.
///
/// # Errors
/// [`Error::Io`], or [`Error::Instruction`] for another file, naming the path.
pub fn read_instruction(path: &Path) -> Result<Instruction> {
    let bytes = read_file(path, "read the instruction")?;
    if is_state(&bytes) {
        return Err(Error::Instruction(format!(
            "{}: this is the state of a learning run, not an instruction; continue that run with invert --resume",
            path.display()
        )));
    }
    Instruction::decode(&bytes).map_err(|error| in_file(path, error))
}

/// Says in which file it was.
pub fn in_file(path: &Path, error: Error) -> Error {
    let place = path.display();
    match error {
        Error::Instruction(what) => Error::Instruction(format!("{place}: {what}")),
        Error::Usage(what) => Error::Usage(format!("{place}: {what}")),
        Error::Computation(what) => Error::Computation(format!("{place}: {what}")),
        other => other,
    }
}

/// A number within a range, finite.
pub fn number(range: RangeInclusive<f64>) -> impl Fn(&str) -> Result<f64, String> + Clone {
    move |typed| match typed.parse::<f64>() {
        Ok(value) if range.contains(&value) => Ok(value),
        _ => Err(format!("it must be a number from {} to {}", range.start(), range.end())),
    }
}

/// A number above 0, finite.
pub fn positive(typed: &str) -> Result<f64, String> {
    let value = typed.parse::<f64>().ok().filter(|value| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| "it must be a number above 0".to_owned())
}

/// A whole number within a range.
pub fn whole(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |typed| match typed.parse::<usize>() {
        Ok(value) if range.contains(&value) => Ok(value),
        _ => Err(format!("it must be a whole number from {} to {}", range.start(), range.end())),
    }
}

/// One of a few words, each standing for a value; help and completions list them.
pub fn choice<T: Copy + Send + Sync + 'static>(
    choices: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(choices.iter().map(|(word, _)| *word))
        .try_map(|typed| choices.iter().find(|(word, _)| *word == typed).map(|(_, value)| *value).ok_or("unknown"))
}

/// The devices that any build knows; whether one is there is asked when it is opened.
fn devices() -> impl TypedValueParser<Value = DeviceName> {
    PossibleValuesParser::new(DeviceName::ALL.map(DeviceName::as_str)).try_map(|typed| typed.parse::<DeviceName>())
}

/// Guidance scales: 0 switches a part off; nobody has use for more than 100.
pub fn scale() -> impl Fn(&str) -> Result<f64, String> + Clone {
    number(0.0..=100.0)
}

/// A guidance scale that is heard at all: with 0 there is nothing to learn.
pub fn scale_above_zero(typed: &str) -> Result<f64, String> {
    let value = scale()(typed).ok().filter(|value| *value > 0.0);
    value.ok_or_else(|| "it must be a number above 0, up to 100".to_owned())
}

/// A seed: 64 bits.
pub fn seed(typed: &str) -> Result<u64, String> {
    typed.parse().map_err(|_| format!("it must be a whole number from 0 to {}", u64::MAX))
}

/// The longer side of a picture inside the model, in pixels.
pub fn size() -> impl Fn(&str) -> Result<usize, String> + Clone {
    whole(64..=2048)
}
