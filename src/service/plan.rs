//! Plan: what a base model takes of a device's memory, before it is fetched or loaded, and whether a device has it.
use super::engine::{LIGHT, RESOLUTION, required};
use super::invert::{LATENTS_AT_ONCE, ON_TAPE};
use crate::models::clip::{Clip, TextEncoder};
use crate::models::config::{ClipConfig, ClipTextConfig, Recommended, UNetConfig, VaeConfig};
use crate::models::packed::index::Index;
use crate::models::packed::pack::{Precision, SHARD};
use crate::models::packed::scheme::Scheme;
use crate::models::parts::LARGEST;
use crate::models::unet::UNet;
use crate::models::vae::Vae;
use crate::models::weights::{Part, WeightSource, Weights};
use crate::tensor::ops;
use crate::{Error, Result};
use burn::tensor::Device;

/// Rows of an edit's batch: with text and picture, without text, without both.
const EDIT_ROWS: usize = 3;
/// Unpacked weights that an allocator holds while the UNet works: by measure, with what it rounds up (`benches/gpu.rs`, memory).
const UNPACKED: u64 = 6;
/// Sizes are multiples of it.
const STEP: usize = 64;

/// How weights are kept on the device.
#[derive(Clone, Copy, Debug)]
pub enum Kept<'a> {
    /// As a container has them.
    As(&'a Index),
    /// As a container of this precision would have them.
    In(Precision),
}

impl Kept<'_> {
    fn scheme(&self, part: Part, name: &str, shape: &[usize]) -> Scheme {
        match self {
            Self::As(index) => {
                let entry = index.part(part).and_then(|part| part.tensors.get(name));
                entry.map_or(Scheme::F32, |entry| entry.scheme)
            }
            Self::In(precision) => precision.scheme(part, name, shape),
        }
    }
}

/// What a base model takes at a size, in bytes of its device's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Longer side of the picture inside the model.
    pub side: usize,
    /// At most while it edits, weights included.
    pub edit: u64,
    /// At most while it learns, weights included.
    pub learn: u64,
    /// The largest buffer.
    pub largest: u64,
}

/// What a device has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Memory in all; `None` where nobody says.
    pub memory: Option<u64>,
    /// One buffer.
    pub buffer: Option<u64>,
}

impl Allowance {
    fn has(&self, memory: u64, buffer: u64) -> bool {
        self.memory.is_none_or(|has| memory <= has) && self.buffer.is_none_or(|has| buffer <= has)
    }
}

/// What is planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Edits alone.
    Edit,
    /// Learning, and edits in between.
    Learn {
        /// Parts of the timestep range; as many as fit learn at a time.
        segments: usize,
    },
}

impl Work {
    /// Learning as the paper does.
    pub const LEARN: Self = Self::Learn { segments: 5 };
}

/// A base model's sizes.
pub struct Planner {
    unet: UNet,
    vae: VaeConfig,
    text: ClipTextConfig,
    /// Bytes of UNet and VAE, of the text encoder, and of CLIP.
    weights: [u64; 3],
    /// Numbers in CLIP's towers.
    clip: u64,
    /// Bytes of the largest tensor as it is kept, and of what is unpacked of it at a time.
    largest: u64,
    unpacked: u64,
    resolution: usize,
}

impl Planner {
    /// Reads the configs of a base model; no weights.
    ///
    /// # Errors
    /// [`Error::Checkpoint`]: a config that is missing, or no IP2P's.
    pub async fn new(source: &mut impl WeightSource, kept: Kept<'_>, device: &Device) -> Result<Self> {
        let unet = UNetConfig::parse(&required(source, "unet/config.json").await?)?;
        unet.check_ip2p()?;
        let vae = VaeConfig::parse(&required(source, "vae/config.json").await?)?;
        let text = ClipTextConfig::parse(&required(source, "text_encoder/config.json").await?)?;
        let recommended = match source.file("instructbrush.json").await? {
            Some(json) => Recommended::parse(&json)?,
            None => Recommended::default(),
        };
        let (mut weights, mut largest, mut unpacked) = ([0; 3], 0, 0);
        let mut count = |part: Part, which: usize, hollow: &Weights| {
            for (name, shape) in hollow.missing() {
                let n: usize = shape.iter().product();
                let scheme = if shape.len() > 1 { kept.scheme(part, name, shape) } else { Scheme::F32 }; // vectors are unpacked
                let bytes = scheme.bytes(n) as u64;
                weights[which] += bytes;
                // what stays packed lies in the pieces of its shards
                let bytes = if scheme == Scheme::F32 { bytes } else { bytes.min(SHARD as u64) };
                unpacked = unpacked.max(4 * (n as u64).min(ops::UNPACKED_AT_ONCE as u64));
                largest = largest.max(bytes);
            }
        };
        let mut hollow = Weights::new("unet", device);
        let model = UNet::take(&mut hollow, &unet);
        count(Part::UNet, 0, &hollow);
        let mut hollow = Weights::new("vae", device);
        Vae::take(&mut hollow, &vae);
        count(Part::Vae, 0, &hollow);
        let mut hollow = Weights::new("text_encoder", device);
        TextEncoder::take(&mut hollow, &text);
        count(Part::TextEncoder, 1, &hollow);
        let mut clip = 0;
        if let Some(json) = source.file("clip/config.json").await? {
            let config = ClipConfig::parse(&json)?;
            let mut hollow = Weights::new("clip", device);
            Clip::take(&mut hollow, &config);
            count(Part::Clip, 2, &hollow);
            clip = Clip::numbers(&config);
        }
        let resolution = recommended.resolution.unwrap_or(RESOLUTION);
        Ok(Self { unet: model, vae, text, weights, clip, largest, unpacked, resolution })
    }

    /// The longer side inside the model when the user says nothing.
    pub fn resolution(&self) -> usize {
        self.resolution
    }

    /// For pictures of this longer side, at worst square, and learning as the paper does.
    pub fn plan(&self, side: usize) -> Plan {
        self.plan_for(side, Work::LEARN)
    }

    /// As [`Self::plan`], for learning in so many segments.
    pub fn plan_for(&self, side: usize, work: Work) -> Plan {
        let segments = if let Work::Learn { segments } = work { segments } else { 1 };
        let latents = (side / self.vae.pixels_per_latent()).max(1);
        let (size, tokens) = ([latents; 2], self.text.max_position_embeddings);
        let work = |numbers: u64| 4 * numbers * 11 / 10 + UNPACKED * self.unpacked;
        let edit = work(self.unet.numbers_forward(EDIT_ROWS, size, tokens));
        let rows = (LATENTS_AT_ONCE / latents.pow(2)).min(segments).max(1);
        let tape = self.unet.numbers_on_tape(rows, size, tokens);
        let learn = work(if tape > ON_TAPE { self.unet.numbers_gradients(rows, size, tokens) } else { 2 * tape });
        let pixels = [side; 2];
        let paint = |numbers: u64| 4 * numbers * 11 / 10 + UNPACKED * self.unpacked / 3;
        let encode = paint(Vae::numbers_encode(&self.vae, LARGEST, pixels));
        let decode = paint(Vae::numbers_decode(&self.vae, LARGEST, pixels));
        let [weights, words, clip] = self.weights;
        // a heavy text encoder is away while the others work
        let most = |work: u64| {
            let work = work.max(encode);
            weights + if words > LIGHT { words.max(work) } else { words + work }
        };
        let maps = Vae::largest_map(&self.vae, LARGEST, pixels).max(4 * ops::SCORES_KEPT);
        let maps = maps.max(4 * self.unet.largest(EDIT_ROWS.max(rows), size));
        Plan {
            side,
            edit: most(edit.max(decode)),
            // CLIP looks for a start before the others work, while all of them are there
            learn: most(learn.max(edit).max(decode)).max(weights + words + clip + paint(self.clip)),
            largest: maps.max(self.largest),
        }
    }

    /// The largest side, up to `side`, that a device has room for; half the model's own is the least that is of use.
    pub fn fits(&self, side: usize, work: Work, allowance: Allowance) -> Option<usize> {
        let least = (self.resolution / 2).div_ceil(STEP).max(1);
        (least..=side / STEP).rev().map(|n| n * STEP).find(|&side| self.plan_for(side, work).fits(work, allowance))
    }

    /// Whether a device has room.
    ///
    /// # Errors
    /// [`Error::Usage`] with what is needed, what is there, and the largest side that would do.
    pub fn check(&self, side: usize, work: Work, allowance: Allowance) -> Result<()> {
        let plan = self.plan_for(side, work);
        if plan.fits(work, allowance) {
            return Ok(());
        }
        let (what, needs) = match work {
            Work::Edit => ("editing", plan.edit),
            Work::Learn { .. } => ("learning", plan.learn),
        };
        let (has, otherwise) = match allowance.memory.filter(|&has| needs > has) {
            Some(has) => (
                format!("takes about {} of memory and this device gives {}", size(needs), size(has)),
                "choose fewer bits for the weights, or another device",
            ),
            None => (
                format!(
                    "takes buffers of {} and this device gives {} at once",
                    size(plan.largest),
                    size(allowance.buffer.unwrap_or_default())
                ),
                "choose another device",
            ),
        };
        let advice = match self.fits(side, work, allowance) {
            Some(smaller) => format!("choose {smaller} pixels or less"),
            None => otherwise.to_owned(),
        };
        Err(Error::Usage(format!("{what} at {side}×{side} {has}: {advice}")))
    }
}

impl Plan {
    fn fits(&self, work: Work, allowance: Allowance) -> bool {
        let memory = if work == Work::Edit { self.edit } else { self.learn };
        allowance.has(memory, self.largest)
    }
}

fn size(bytes: u64) -> String {
    if bytes >= 1_000_000_000 {
        format!("{:.1} GB", bytes as f64 / 1e9)
    } else {
        format!("{:.0} MB", bytes as f64 / 1e6)
    }
}
