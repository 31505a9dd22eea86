//! Methods: what is compared (method.md section 4), by the names that a command line knows.
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// One method, ablation or bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The picture as it was: what any edit must beat.
    Nothing,
    /// The truth through the VAE and back: what no edit can beat by much.
    Vae,
    /// The effect's own words, nothing learned.
    Ip2p,
    /// One text embedding, Visii's loss.
    Visii,
    /// Keys and values in five segments, started from what tells the sets apart.
    #[serde(rename = "instructbrush")]
    InstructBrush,
    /// w/o Attn: the text embedding instead of keys and values.
    NoAttn,
    /// w/o Time: one segment instead of five, as many UNet steps in all.
    NoTime,
    /// w/o Init: started from a caption of the after pictures.
    NoInit,
}

impl Method {
    /// In the order of the tables.
    pub const ALL: [Method; 8] = [
        Method::Nothing,
        Method::Vae,
        Method::Ip2p,
        Method::Visii,
        Method::InstructBrush,
        Method::NoAttn,
        Method::NoTime,
        Method::NoInit,
    ];

    /// On the command line and in the names of folders.
    pub fn name(self) -> &'static str {
        match self {
            Method::Nothing => "nothing",
            Method::Vae => "vae",
            Method::Ip2p => "ip2p",
            Method::Visii => "visii",
            Method::InstructBrush => "instructbrush",
            Method::NoAttn => "no-attn",
            Method::NoTime => "no-time",
            Method::NoInit => "no-init",
        }
    }

    /// In tables, as the paper has it.
    pub fn title(self) -> &'static str {
        match self {
            Method::Nothing => "do nothing",
            Method::Vae => "VAE of the truth",
            Method::Ip2p => "IP2P",
            Method::Visii => "Visii",
            Method::InstructBrush => "InstructBrush",
            Method::NoAttn => "w/o Attn",
            Method::NoTime => "w/o Time",
            Method::NoInit => "w/o Init",
        }
    }

    /// Whether it learns from pairs; the others are the same for any number of them.
    pub fn learns(self) -> bool {
        !matches!(self, Method::Nothing | Method::Vae | Method::Ip2p)
    }

    /// How many segments it learns where InstructBrush learns `segments`.
    pub fn segments(self, segments: usize) -> usize {
        match self {
            Method::Visii | Method::NoTime => 1,
            _ if self.learns() => segments,
            _ => 0,
        }
    }

    /// How many steps it learns in each segment where InstructBrush learns `steps` in each of `segments`.
    pub fn steps_per_segment(self, steps: usize, segments: usize) -> usize {
        match self {
            Method::NoTime => steps * segments,
            _ if self.learns() => steps,
            _ => 0,
        }
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Method::name).join(", ");
            Error::Usage(format!("there is no method \"{name}\"; the methods are {known}"))
        })
    }
}
