//! State: everything a learning run needs to go on after it was stopped, as if it never had been.
//!
//! Randomness follows from (seed, step), so no generator is kept. The bytes are a `.safetensors` file of exact numbers
//! with a checksum over header and numbers, so that a torn write is noticed.
use super::container::{self, Numbers, Opened};
use super::header::short;
use crate::{Error, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The version of the state that this program writes and reads.
const VERSION: u64 = 2;
pub(super) const VERSION_KEY: &str = "instructbrush_state.version";
const CHECKSUM: &str = "instructbrush_state.sha256";

/// A learning run at rest. `learned`, the moments, `shown` and `best.learned` have one entry per learned tensor, in the run's
/// own order, and entries of the same place are equally long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// All that decides the result, as one JSON object: settings, seeds, hashes of pictures and base model.
    pub settings: String,
    /// Steps done, per segment.
    pub step: usize,
    /// What has been learned.
    pub learned: Vec<Vec<f32>>,
    /// The optimiser's mean of gradients.
    pub first_moment: Vec<Vec<f32>>,
    /// The optimiser's mean of squared gradients.
    pub second_moment: Vec<Vec<f32>>,
    /// What the run has to show: what is learned, or the mean of its last steps.
    pub shown: Vec<Vec<f32>>,
    /// Mean loss over the segments, one per step.
    pub losses: Vec<f32>,
    /// (step, PSNR in dB) on the held-out pairs.
    pub held_out: Vec<(usize, f64)>,
    /// The best on the held-out pairs so far.
    pub best: Option<Best>,
    /// The text that learning started from.
    pub start_text: String,
    /// m.
    pub tokens: usize,
}

/// The best on the held-out pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Best {
    /// After this many steps per segment.
    pub step: usize,
    /// Mean PSNR in dB.
    pub psnr: f64,
    /// What had been learned then.
    pub learned: Vec<Vec<f32>>,
}

impl State {
    /// The bytes of a state file; equal states give equal bytes.
    ///
    /// # Errors
    /// [`Error::Instruction`] where the lists do not correspond.
    pub fn encode(&self) -> Result<Vec<u8>> {
        self.check_lengths()?;
        let mut keys = BTreeMap::new();
        let mut put = |key: &str, value: String| keys.insert(format!("instructbrush_state.{key}"), value);
        put("version", VERSION.to_string());
        put("settings", self.settings.clone());
        put("step", self.step.to_string());
        put("start_text", self.start_text.clone());
        put("tokens", self.tokens.to_string());
        put("tensors", self.learned.len().to_string());
        let mut lists = vec![
            ("learned", &self.learned),
            ("first_moment", &self.first_moment),
            ("second_moment", &self.second_moment),
            ("shown", &self.shown),
        ];
        if let Some(best) = &self.best {
            put("best_step", best.step.to_string());
            put("best_psnr", best.psnr.to_string());
            lists.push(("best", &best.learned));
        }
        let mut tensors = BTreeMap::new();
        for (list, parts) in lists {
            for (index, part) in parts.iter().enumerate() {
                tensors.insert(format!("{list}.{index}"), Numbers::f32(vec![part.len()], part));
            }
        }
        tensors.insert("losses".into(), Numbers::f32(vec![self.losses.len()], &self.losses));
        let held_out: Vec<f64> = self.held_out.iter().flat_map(|&(step, psnr)| [step as f64, psnr]).collect();
        tensors.insert("held_out".into(), Numbers::f64(vec![self.held_out.len(), 2], &held_out));
        let checksum = container::hash_all(&keys, &tensors).map_err(bad)?;
        keys.insert(CHECKSUM.into(), checksum);
        container::write(&keys, &tensors).map_err(bad)
    }

    /// Reads a state file.
    ///
    /// # Errors
    /// [`Error::Instruction`]: cut off, damaged, not a state file, or of another version.
    pub fn decode(bytes: &[u8]) -> Result<State> {
        let opened = Opened::read(bytes).map_err(|why| bad(format!("{why}; learn from the start (--restart)")))?;
        if !opened.metadata.contains_key(VERSION_KEY) {
            return Err(bad(format!("not the state of a learning run: its header has no \"{VERSION_KEY}\"")));
        }
        let version: u64 = number(&opened, "version")?;
        if version != VERSION {
            return Err(bad(format!(
                "it is of version {version}, this program reads {VERSION}: go on with the program that wrote it, or \
                 learn from the start (--restart)"
            )));
        }
        if opened.metadata.get(CHECKSUM) != Some(&opened.hash_all(CHECKSUM).map_err(bad)?) {
            return Err(bad("it is damaged: its checksum does not match; learn from the start (--restart)"));
        }
        let count: usize = number(&opened, "tensors")?;
        let parts = |list: &str| {
            (0..count)
                .map(|index| Ok(opened.f32(&format!("{list}.{index}")).map_err(bad)?.1))
                .collect::<Result<Vec<Vec<f32>>>>()
        };
        let best = match opened.metadata.contains_key("instructbrush_state.best_step") {
            true => Some(Best {
                step: number(&opened, "best_step")?,
                psnr: number(&opened, "best_psnr")?,
                learned: parts("best")?,
            }),
            false => None,
        };
        let held_out = opened.f64("held_out").map_err(bad)?.1;
        let state = State {
            settings: text(&opened, "settings")?.to_string(),
            step: number(&opened, "step")?,
            learned: parts("learned")?,
            first_moment: parts("first_moment")?,
            second_moment: parts("second_moment")?,
            shown: parts("shown")?,
            losses: opened.f32("losses").map_err(bad)?.1,
            held_out: held_out.as_chunks::<2>().0.iter().map(|&[step, psnr]| (step as usize, psnr)).collect(),
            best,
            start_text: text(&opened, "start_text")?.to_string(),
            tokens: number(&opened, "tokens")?,
        };
        state.check_lengths()?;
        Ok(state)
    }

    /// Whether this run may be continued with these settings.
    ///
    /// # Errors
    /// [`Error::Instruction`], naming the first setting that differs, with both values.
    pub fn check(&self, settings: &str) -> Result<()> {
        match difference(&self.settings, settings) {
            None => Ok(()),
            Some((name, ..)) if name.is_empty() => {
                Err(bad("it was begun with other settings; give the same ones, or learn from the start (--restart)"))
            }
            Some((name, then, now)) => Err(bad(format!(
                "it was begun with {name} = {then}, now it is {now}; give the same settings, or learn from the start \
                 (--restart)"
            ))),
        }
    }

    /// The same run to be continued with another `size` among these settings: what was measured at the old one is no measure any more.
    pub fn resize(&mut self, settings: &str) {
        let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
        let (Some(mut then), Some(now)) = (parse(&self.settings), parse(settings)) else { return };
        if then["size"] != now["size"] {
            then["size"] = now["size"].clone();
            self.settings = then.to_string();
            self.best = None;
            self.held_out.clear();
        }
    }

    fn check_lengths(&self) -> Result<()> {
        let lengths = |list: &[Vec<f32>]| list.iter().map(Vec::len).collect::<Vec<_>>();
        let own = lengths(&self.learned);
        let best = self.best.as_ref().map_or_else(|| own.clone(), |best| lengths(&best.learned));
        match [lengths(&self.first_moment), lengths(&self.second_moment), lengths(&self.shown), best]
            .iter()
            .all(|other| *other == own)
        {
            true => Ok(()),
            false => Err(bad(
                "what was learned and the optimiser's moments differ in size; learn from the start (--restart)",
            )),
        }
    }
}

/// The first of two runs' settings (each a JSON object) that differs: its dotted name and both values, cut short; the name is
/// empty where one of them is no JSON object.
pub fn difference(then: &str, now: &str) -> Option<(String, String, String)> {
    if then == now {
        return None;
    }
    let (then, now) = match (flatten(then), flatten(now)) {
        (Some(then), Some(now)) => (then, now),
        _ => return Some((String::new(), short(then), short(now))),
    };
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let name = names.into_iter().find(|name| then.get(*name) != now.get(*name))?;
    let show = |value: Option<&String>| short(value.map_or("absent", String::as_str));
    Some((name.clone(), show(then.get(name)), show(now.get(name))))
}

/// Every value of a JSON object under its dotted name; `None` if it is no object.
fn flatten(json: &str) -> Option<BTreeMap<String, String>> {
    fn walk(name: &str, value: &Value, flat: &mut BTreeMap<String, String>) {
        let inside = |key: &str| if name.is_empty() { key.to_string() } else { format!("{name}.{key}") };
        match value {
            Value::Object(object) => object.iter().for_each(|(key, value)| walk(&inside(key), value, flat)),
            Value::Array(list) => {
                flat.insert(inside("count"), list.len().to_string());
                list.iter().enumerate().for_each(|(index, value)| walk(&inside(&index.to_string()), value, flat));
            }
            value => {
                flat.insert(name.to_string(), value.to_string());
            }
        }
    }
    let value: Value = serde_json::from_str(json).ok()?;
    let mut flat = BTreeMap::new();
    value.is_object().then(|| walk("", &value, &mut flat))?;
    Some(flat)
}

fn text<'a>(opened: &'a Opened, key: &str) -> Result<&'a str> {
    let value = opened.metadata.get(&format!("instructbrush_state.{key}"));
    value
        .map(String::as_str)
        .ok_or_else(|| bad(format!("its header has no \"{key}\"; learn from the start (--restart)")))
}

fn number<T: FromStr>(opened: &Opened, key: &str) -> Result<T> {
    let value = text(opened, key)?;
    value.parse().map_err(|_| {
        bad(format!("\"{key}\" is \"{}\", which is no number; learn from the start (--restart)", short(value)))
    })
}

fn bad(sentence: impl std::fmt::Display) -> Error {
    Error::Instruction(format!("state file: {sentence}"))
}
