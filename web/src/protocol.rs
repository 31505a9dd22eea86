//! Protocol: what the page may ask of the worker and what the worker says back, as plain values.
//!
//! A message is a JavaScript object `{ body, files }`: `body` is a [`Request`] or a [`Reply`] through serde-wasm-bindgen,
//! `files` are the blobs (page → worker) or the byte buffers, transferred (worker → page), that it names by [`FileIdx`].
//! The worker says [`Event::Ready`] with id 0 first; every request gets any number of events and then one ending.
use serde::{Deserialize, Serialize};

/// Index into the files of the same message.
pub type FileIdx = usize;

/// Page → worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the page, above 0, never used twice.
    pub id: u32,
    /// What is asked.
    pub ask: Ask,
}

/// What the page may ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Open a device, try it out, load a base model → [`Answer::Loaded`].
    Load(LoadAsk),
    /// Read a picture → [`Answer::Opened`]; done at once, between two steps of a job.
    Open(OpenAsk),
    /// Compare the two sides of a pair → [`Answer::Compared`]; done at once.
    Compare(PairRef),
    /// Find the phrases that tell before from after → [`Answer::Phrases`].
    Phrases(Vec<PairRef>),
    /// Learn an instruction → [`Answer::Learned`].
    Learn(Box<LearnAsk>),
    /// Go on with a stored run of this id → [`Answer::Learned`].
    Continue(String),
    /// Edit one picture → [`Answer::Edited`].
    Edit(Box<EditAsk>),
    /// Read an instruction file → [`Answer::Inspected`]; done at once.
    Inspect(FileIdx),
    /// Write an instruction file anew with other words in its header → [`Answer::Rewritten`]; done at once.
    Rewrite {
        /// The instruction file.
        file: FileIdx,
        /// Its new name for people.
        title: String,
        /// Its new tags.
        tags: Vec<String>,
    },
    /// Put named files into one archive → [`Answer::Packed`]; done at once.
    Pack(Vec<String>),
    /// Take an archive apart → [`Answer::Unpacked`]; done at once.
    Unpack(FileIdx),
    /// End the job of that id after its present step; it ends with [`Failure::Cancelled`]. A learning run writes its
    /// state first, so it can be continued. Has no ending of its own.
    Stop(u32),
    /// End the learning of that id after its present step with what it has learned ([`Answer::Learned`]). Has no ending
    /// of its own.
    Finish(u32),
}

/// Which device is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// A hardware GPU where there is one, else the CPU.
    #[default]
    Auto,
    /// WebGPU, be it a software renderer.
    Gpu,
    /// The CPU.
    Cpu,
}

/// Open a device and load a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadAsk {
    /// Which device.
    pub device: DeviceChoice,
    /// Address of a folder in diffusers' layout, absolute.
    pub model: String,
}

/// Read a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenAsk {
    /// The blob.
    pub file: FileIdx,
    /// For messages.
    pub name: String,
    /// Longer side of the view that comes back, in pixels; a smaller picture comes back as it is.
    pub longer: usize,
}

/// A rectangle in a picture as it is seen (after EXIF orientation), in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crop {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
}

/// A picture file and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureRef {
    /// The blob.
    pub file: FileIdx,
    /// For messages.
    pub name: String,
    /// `None`: all of it.
    pub crop: Option<Crop>,
}

/// An exemplar pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairRef {
    /// For messages.
    pub name: String,
    /// The picture before the edit.
    pub before: PictureRef,
    /// The picture after it; where its size differs it is resized to the other's.
    pub after: PictureRef,
}

/// How learning starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LearnStart {
    /// From the phrases that CLIP finds.
    #[default]
    Phrases,
    /// From the empty text.
    Nothing,
    /// From this text.
    Text(String),
}

/// Learn an instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnAsk {
    /// Names the run in the store; chosen by the page.
    pub run: String,
    /// At least one.
    pub pairs: Vec<PairRef>,
    /// Never learned from: the best instruction on them is kept, and previews are of the first.
    pub held_out: Vec<PairRef>,
    /// A picture to show the present instruction on, where there is no held-out pair.
    pub preview: Option<PictureRef>,
    /// How learning starts.
    pub start: LearnStart,
    /// j, 1..=1000.
    pub segments: usize,
    /// Steps per segment; `None`: the model's recommendation.
    pub steps_per_segment: Option<usize>,
    /// AdamW's; `None`: the model's recommendation.
    pub learning_rate: Option<f64>,
    /// Rows learned when the start is empty.
    pub tokens: usize,
    /// s_T.
    pub guidance_scale: Option<f64>,
    /// s_I.
    pub image_guidance_scale: Option<f64>,
    /// Everything random follows from it.
    pub seed: u64,
    /// Longer side inside the model; `None`: the model's resolution.
    pub size: Option<usize>,
    /// A name for people.
    pub title: String,
    /// ISO 8601.
    pub date: String,
}

/// One thing to do to a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Heard {
    /// Words.
    Text(String),
    /// An instruction file.
    Instruction(FileIdx),
}

/// Which sampler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampler {
    /// Adds noise again after each step.
    #[default]
    EulerAncestral,
    /// Adds none.
    Euler,
}

/// Edit one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditAsk {
    /// Any size.
    pub picture: PictureRef,
    /// One after another; at least one.
    pub heard: Vec<Heard>,
    /// 0..=1.5; `None`: the instruction's, else 1.
    pub strength: Option<f64>,
    /// Sampling steps; `None`: the instruction's, else the model's.
    pub steps: Option<usize>,
    /// s_T; `None`: the instruction's, else the model's.
    pub guidance_scale: Option<f64>,
    /// s_I; `None`: the instruction's, else the model's.
    pub image_guidance_scale: Option<f64>,
    /// Which sampler.
    pub sampler: Sampler,
    /// The noise.
    pub seed: u64,
    /// Longer side inside the model; `None`: the model's resolution.
    pub size: Option<usize>,
    /// Per segment of an instruction, whether it is heard; empty: all are.
    pub segments: Vec<bool>,
    /// Whether to say [`Event::Preview`] now and then.
    pub previews: bool,
    /// What the picture's text chunk says under `page`: the page's own words about this edit, handed back on
    /// [`Answer::Opened`].
    pub note: String,
}

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
        /// The settings as they were, JSON.
        settings: String,
    },
    /// An instruction file was read; files are the thumbnails that the card names.
    Inspected(Card),
    /// File 0 is the instruction file.
    Rewritten(Card),
    /// File 0 is the archive.
    Packed,
    /// Names of the files of the archive, in the order of the message's files.
    Unpacked(Vec<String>),
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
    /// The settings in its text chunk, JSON, when this page or the program made it.
    pub settings: Option<String>,
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
}
