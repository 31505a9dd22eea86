//! Groups: which of TOP-Bench's 25 effects change the whole picture and which a thing in it (method.md section 6).
use serde::{Deserialize, Serialize};

/// A part of the benchmark that the paper's tables average over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The whole picture.
    Global,
    /// A thing in it.
    Local,
    /// An effect that TOP-Bench does not have.
    Other,
}

const GLOBAL: [&str; 14] = [
    "midnight",
    "seapainting",
    "sketchstyle",
    "summer",
    "wallpaper",
    "charcoal",
    "painting",
    "paintingsnow",
    "pencilsketch",
    "purple",
    "snow",
    "watercolor",
    "lava",
    "rain",
];
const LOCAL: [&str; 11] = [
    "boy2girl",
    "glasses",
    "4dboy",
    "apple",
    "cake",
    "cloudkitty",
    "dog2cat",
    "juice",
    "readbooks",
    "smile",
    "trafficlights",
];

impl Group {
    /// The group of an effect by its folder's name; case, spaces, underscores and hyphens do not matter.
    pub fn of(effect: &str) -> Self {
        let letters = effect.chars().filter(|c| c.is_alphanumeric());
        let plain: String = letters.flat_map(char::to_lowercase).collect();
        match plain.as_str() {
            name if GLOBAL.contains(&name) => Group::Global,
            name if LOCAL.contains(&name) => Group::Local,
            _ => Group::Other,
        }
    }

    /// In tables.
    pub fn title(self) -> &'static str {
        match self {
            Group::Global => "Global",
            Group::Local => "Local",
            Group::Other => "Other",
        }
    }
}
