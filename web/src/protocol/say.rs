//! What the worker says back: events on the way, and how a request ends.
use super::{FileIdx, Plan, Sampler};
use serde::{Deserialize, Serialize};

/// Worker → page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Of the request; 0 when nothing was asked.
    pub id: u32,
    /// What is said.
    pub say: Say,
}

/// An event, or one of the two endings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Say {
    /// More follows.
    Event(Event),
    /// Ended well.
    Done(Box<Answer>),
    /// Ended otherwise.
    Failed(Failure),
}

/// What happens on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker is there (id 0); `gpu` is the adapter that WebGPU offers.
    Ready {
        /// `None` where there is no WebGPU.
        gpu: Option<DeviceInfo>,
    },
    /// The device was lost, or the engine fell (id 0): one sentence. The worker is of no more use.
    Crashed(String),
    /// The job's turn has come: before that it waited for another.
    Began,
    /// Something is being done that takes a moment: one sentence.
    Doing(String),
    /// Something that will still be true at the end: one sentence.
    Warning(String),
    /// Bytes of the model that have arrived.
    Loading {
        /// So far.
        bytes: f64,
    },
    /// Bytes of a base model's files that have arrived, be it in an earlier try.
    Fetching {
        /// So far.
        done: f64,
        /// In all.
        total: f64,
    },
    /// What a base model that is being fetched will take of a device's memory, in words.
    Planned(String),
    /// A sampling step is done.
    Step {
        /// Done, 1-based.
        step: usize,
        /// In all.
        steps: usize,
    },
    /// The search for a start is done.
    Started {
        /// What learning starts from.
        text: String,
        /// What stands behind it; may be empty.
        caption: String,
        /// m.
        tokens: usize,
    },
    /// A learning step is done in every segment.
    Learned {
        /// Done, 1-based, per segment.
        step: usize,
        /// In all, per segment.
        steps: usize,
        /// Mean over the segments.
        loss: f64,
        /// Time that the step took, without previews and saving.
        ms: f64,
    },
    /// The held-out pairs were tried.
    HeldOut {
        /// After this many steps per segment.
        step: usize,
        /// Mean PSNR in dB.
        psnr: f64,
        /// Whether it is the best so far.
        best: bool,
    },
    /// A picture on the way: what is being edited, or the preview picture of a run. File 0 is a PNG.
    Preview {
        /// Done steps.
        step: usize,
    },
    /// The state of the run has been written to the store.
    Saved {
        /// Done steps per segment.
        step: usize,
    },
}

/// How a request ends well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// A model is on a device.
    Loaded(ModelInfo),
    /// A base model is kept.
    Fetched(StoredModel),
    /// All base models that are kept.
    Models(Vec<StoredModel>),
    /// A picture was read; file 0 is a PNG or JPEG of it to look at.
    Opened(PictureInfo),
    /// A pair was compared.
    Compared(Comparison),
    /// Phrases were found.
    Phrases(PhrasesFound),
    /// An instruction was learned; file 0 is the instruction file, then the thumbnails that its card names.
    Learned {
        /// What it is.
        card: Card,
        /// One per step.
        losses: Vec<f32>,
        /// (step, PSNR in dB) on the held-out pairs.
        held_out: Vec<(usize, f64)>,
    },
    /// A picture was edited; file 0 is the PNG, with its settings in a text chunk.
    Edited {
        /// In pixels.
        width: usize,
        /// In pixels.
        height: usize,
        /// How long it took.
        ms: f64,
    },
    /// An instruction file was read; files are the thumbnails that the card names.
    Inspected(Card),
    /// File 0 is the instruction file.
    Rewritten(Card),
    /// File 0 is the archive.
    Packed,
    /// An archive was taken apart.
    Unpacked {
        /// Names of the files that could be read, in the order of the message's files.
        names: Vec<String>,
        /// One sentence for each that could not.
        damaged: Vec<String>,
    },
}

/// Why a request did not end well; every case has one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// It was stopped, as asked for; a run can be continued when `saved`.
    Cancelled {
        /// Whether the run's state is in the store.
        saved: bool,
    },
    /// The device is not there, computes wrongly, or was lost.
    Device(String),
    /// The base model could not be loaded.
    Model(String),
    /// The instruction is of another base model.
    OtherModel(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// The sentence; empty when it was stopped as asked for.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Cancelled { .. } => "",
            Self::Device(text) | Self::Model(text) | Self::OtherModel(text) | Self::Other(text) => text,
        }
    }
}

/// A device, as people know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// What it calls itself: "NVIDIA ampere", "SwiftShader", "CPU".
    pub name: String,
    /// Whether it is WebGPU.
    pub gpu: bool,
    /// Whether it only pretends to be a GPU.
    pub software: bool,
    /// Of an adapter: whether it computes with 16-bit numbers; of an opened device: whether edits and learning do.
    pub half: bool,
}

/// A base model that is kept in this browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredModel {
    /// Names it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where it comes from, as it was typed.
    pub address: String,
    /// How most weights are kept, as it was asked.
    pub precision: String,
    /// Bytes that are kept.
    pub bytes: f64,
    /// Whether all of it is there.
    pub whole: bool,
    /// What it takes of a device's memory, in words; empty where not all of it is there.
    pub needs: String,
}

/// A loaded base model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// For people.
    pub title: String,
    /// Identifies its UNet.
    pub fingerprint: String,
    /// The longer side inside the model.
    pub resolution: usize,
    /// Recommended sampling steps.
    pub steps: usize,
    /// Recommended sampler.
    pub sampler: Option<Sampler>,
    /// Recommended s_T.
    pub guidance_scale: f64,
    /// Recommended s_I.
    pub image_guidance_scale: f64,
    /// Recommended steps of learning per segment.
    pub steps_per_segment: usize,
    /// Recommended learning rate.
    pub learning_rate: f64,
    /// Where it is.
    pub device: DeviceInfo,
    /// Whether its parts are there in turn.
    pub sparing: bool,
    /// How long it took to load.
    pub ms: f64,
    /// What to know: "the GPU computes wrongly, so the CPU is used".
    pub notes: Vec<String>,
}

/// A picture that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureInfo {
    /// As seen, after EXIF orientation.
    pub width: usize,
    /// As seen.
    pub height: usize,
    /// MIME type of file 0.
    pub mime: String,
    /// One sentence each: "only the first frame of this animation is used".
    pub notes: Vec<String>,
    /// How it was made, when this page or the program made it; an empty plan where that cannot be read.
    pub made: Option<Plan>,
}

/// What two sides of a pair have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Whether they have the same aspect ratio.
    pub same_shape: bool,
    /// Whether they show the same thing at the same place, as far as edges tell.
    pub aligned: bool,
    /// One sentence each, for people; empty when all is well.
    pub notes: Vec<String>,
}

/// Phrases that tell before from after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhrasesFound {
    /// What the before pictures show, each phrase with how much more it says of them than of the after pictures.
    pub before: Vec<(String, f64)>,
    /// What the after pictures show, likewise.
    pub after: Vec<(String, f64)>,
    /// The text that learning would start from.
    pub text: String,
}

/// What an instruction file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// A name for people; may hold anything, show it as text.
    pub title: String,
    /// What learning started from.
    pub start: String,
    /// Rows learned per layer.
    pub tokens: usize,
    /// j.
    pub segments: usize,
    /// Fingerprint of its base model.
    pub base_model: String,
    /// Title of its base model.
    pub base_model_title: String,
    /// Longer side of the pictures learned from.
    pub resolution: usize,
    /// Recommended s_T.
    pub guidance_scale: f64,
    /// Recommended s_I.
    pub image_guidance_scale: f64,
    /// Recommended sampling steps.
    pub steps: usize,
    /// Recommended strength.
    pub strength: f64,
    /// Steps of learning per segment.
    pub steps_per_segment: usize,
    /// Number of exemplar pairs.
    pub pairs: usize,
    /// ISO 8601, or empty.
    pub date: String,
    /// Tags.
    pub tags: Vec<String>,
    /// PNGs of one pair, among the files of the message.
    pub thumbnails: Option<(FileIdx, FileIdx)>,
    /// SHA-256 of the file, hex: names it in the store.
    pub hash: String,
    /// SHA-256 of its numbers, hex: another name or tag does not change it. Records of earlier versions have none.
    #[serde(default)]
    pub numbers: String,
}

impl Card {
    /// What tells it from others, whatever it is called.
    pub fn id(&self) -> &str {
        if self.numbers.is_empty() { &self.hash } else { &self.numbers }
    }
}
