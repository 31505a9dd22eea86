//! Config: the sizes of each model, read from the checkpoint's own files; nothing of SD1.5 is hard-wired.
//!
//! What a file leaves out has the default of the library that wrote it (diffusers, transformers). Every size is checked
//! here, so that the models need not.
mod clip;
mod scheduler;
mod unet;
mod vae;

pub use clip::{Activation, ClipConfig, ClipTextConfig, ClipVisionConfig};
pub use scheduler::{BetaSchedule, Recommended, SchedulerConfig, TimestepSpacing};
pub use unet::{DownBlock, UNetConfig, UpBlock};
pub use vae::VaeConfig;

use crate::{Error, Result};
use serde_json::{Map, Value};

/// Widths, counts and positions above this are a mistake, not a model.
const LARGEST: usize = 1 << 16;

/// The keys of one JSON object, read one by one with sentences for what is wrong.
struct Fields<'a> {
    file: &'a str,
    map: Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn parse(file: &'a str, json: &[u8]) -> Result<Self> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(map)) => Ok(Self { file, map }),
            Ok(other) => Err(Error::Checkpoint(format!("{file}: holds {}, needs a JSON object", kind(&other)))),
            Err(error) => Err(Error::Checkpoint(format!("{file}: not JSON ({error}); download it again"))),
        }
    }

    fn error(&self, key: &str, needs: &str) -> Error {
        let found = self.map.get(key).map_or_else(|| "missing".into(), Value::to_string);
        let found: String = found.chars().take(80).collect();
        Error::Checkpoint(format!("{}: \"{key}\" is {found}, needs {needs}", self.file))
    }

    /// `None` when the key is absent or null.
    fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// A count or a width, 1 to 65536.
    fn size(&self, key: &str, default: usize) -> Result<usize> {
        match self.get(key) {
            None => Ok(default),
            Some(value) => as_size(value).ok_or_else(|| self.error(key, "a whole number from 1 to 65536")),
        }
    }

    fn number(&self, key: &str, default: f64) -> Result<f64> {
        match self.get(key) {
            None => Ok(default),
            Some(value) => {
                value.as_f64().filter(|value| value.is_finite()).ok_or_else(|| self.error(key, "a finite number"))
            }
        }
    }

    fn positive(&self, key: &str, default: f64) -> Result<f64> {
        let value = self.number(key, default)?;
        if value > 0.0 { Ok(value) } else { Err(self.error(key, "a number above 0")) }
    }

    fn boolean(&self, key: &str, default: bool) -> Result<bool> {
        match self.get(key) {
            None => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| self.error(key, "true or false")),
        }
    }

    fn text<'s>(&'s self, key: &str, default: &'s str) -> Result<&'s str> {
        match self.get(key) {
            None => Ok(default),
            Some(value) => value.as_str().ok_or_else(|| self.error(key, "a name in quotes")),
        }
    }

    /// A list of sizes of 1 to 16 entries.
    fn sizes(&self, key: &str, default: &[usize]) -> Result<Vec<usize>> {
        let Some(value) = self.get(key) else { return Ok(default.to_vec()) };
        let list: Option<Vec<usize>> = value.as_array().and_then(|list| list.iter().map(as_size).collect());
        list.filter(|list| (1..=16).contains(&list.len()))
            .ok_or_else(|| self.error(key, "a list of 1 to 16 whole numbers from 1 to 65536"))
    }

    /// One value for all `n` blocks, or a list of `n`.
    fn per_block<T: Clone>(&self, key: &str, default: T, n: usize, read: fn(&Value) -> Option<T>) -> Result<Vec<T>> {
        let Some(value) = self.get(key) else { return Ok(vec![default; n]) };
        let read = match value.as_array() {
            Some(list) if list.len() == n => list.iter().map(read).collect(),
            Some(_) => None,
            None => read(value).map(|value| vec![value; n]),
        };
        read.ok_or_else(|| self.error(key, &format!("one value, or a list of one for each of the {n} blocks")))
    }

    /// Names that `read` knows; `known` lists them for the sentence.
    fn names<T>(&self, key: &str, default: &[&str], read: impl Fn(&str) -> Option<T>, known: &str) -> Result<Vec<T>> {
        let names: Vec<&str> = match self.get(key) {
            None => default.to_vec(),
            Some(value) => value
                .as_array()
                .and_then(|list| list.iter().map(Value::as_str).collect())
                .filter(|list: &Vec<&str>| (1..=16).contains(&list.len()))
                .ok_or_else(|| self.error(key, &format!("a list of {known}")))?,
        };
        let name = |name: &str| {
            read(name).ok_or_else(|| {
                Error::Checkpoint(format!(
                    "{}: \"{key}\" names {name:?}, which is not supported; known are {known}",
                    self.file
                ))
            })
        };
        names.into_iter().map(name).collect()
    }

    /// A key that changes the architecture in a way that no model here knows: only `allowed` (or absent or null) will do.
    fn only(&self, key: &str, allowed: Value) -> Result<()> {
        let same = |value: &Value| *value == allowed || (allowed.is_number() && value.as_f64() == allowed.as_f64());
        match self.get(key) {
            Some(value) if !same(value) => Err(self.error(key, &format!("{allowed}: anything else is not supported"))),
            _ => Ok(()),
        }
    }

    /// silu is the only activation of diffusers' UNet and VAE files of this family.
    fn silu(&self) -> Result<()> {
        match self.text("act_fn", "silu")? {
            "silu" | "swish" => Ok(()),
            _ => Err(self.error("act_fn", "\"silu\": anything else is not supported")),
        }
    }

    /// Every width must be a multiple of its `divisors`.
    fn divides(&self, widths: &str, all: &[usize], divisors: &str, by: &[usize]) -> Result<()> {
        for (width, divisor) in all.iter().zip(by) {
            if *divisor == 0 || !width.is_multiple_of(*divisor) {
                return Err(Error::Checkpoint(format!(
                    "{}: \"{widths}\" has {width}, which \"{divisors}\" ({divisor}) does not divide",
                    self.file
                )));
            }
        }
        Ok(())
    }
}

fn as_size(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=LARGEST).contains(n))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
