//! What the page may ask of the worker.
use super::{FileIdx, Plan};
use serde::{Deserialize, Serialize};

/// Page → worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the page, above 0, never used twice.
    pub id: u32,
    /// What is asked.
    pub ask: Ask,
}

/// What a run does without that goes on after a GPU was lost over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sparing {
    /// Nothing: none was lost.
    #[default]
    Nothing,
    /// Memory: what can be made again is not kept.
    Memory,
    /// Memory, and from now on a quarter or more of its pictures' sides.
    Size,
}

/// What the page may ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Open a device, try it out, load a base model → [`Answer::Loaded`].
    Load(LoadAsk),
    /// Fetch a base model from another host and keep it → [`Answer::Fetched`].
    Fetch(FetchAsk),
    /// Which base models are kept → [`Answer::Models`]; done at once.
    Models,
    /// Throw a kept base model away → [`Answer::Models`]; done at once.
    Forget(String),
    /// Read a picture → [`Answer::Opened`]; done at once, between two steps of a job.
    Open(OpenAsk),
    /// Compare the two sides of a pair → [`Answer::Compared`]; done at once.
    Compare(PairRef),
    /// Find the phrases that tell before from after → [`Answer::Phrases`].
    Phrases(Vec<PairRef>),
    /// Learn an instruction → [`Answer::Learned`].
    Learn(Box<LearnAsk>),
    /// Go on with a stored run → [`Answer::Learned`].
    Continue {
        /// Its id.
        run: String,
        /// What to do without.
        sparing: Sparing,
    },
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
    /// The same, with products of 16-bit numbers where it has them.
    GpuHalf,
    /// The CPU.
    Cpu,
}

/// Open a device and load a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadAsk {
    /// Which device.
    pub device: DeviceChoice,
    /// Which model.
    pub model: ModelChoice,
    /// Whether its parts are to be on the device only while they work.
    pub sparing: bool,
}

/// Which base model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelChoice {
    /// Address of a folder in diffusers' layout, absolute.
    Site(String),
    /// One that is kept, by its name.
    Kept(String),
}

/// Fetch a base model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FetchAsk {
    /// `owner/name`, with or without `@revision`, on the Hugging Face hub, or the address of a folder; `./` and a name: a folder
    /// of this computer, whose files come along.
    pub address: String,
    /// Paths of those files inside the folder, in their order, each with `?`, its size and when it was changed.
    pub paths: Vec<String>,
    /// How most weights are kept: "q8", "q6", "q4", "f16", "f32". A converted model stays as it is.
    pub precision: String,
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
    /// Draw and go as the paper does; else as the model recommends.
    #[serde(default)]
    pub paper: bool,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampler {
    /// Adds noise again after each step.
    EulerAncestral,
    /// Adds none.
    Euler,
    /// Keeps none of a step's noise for the next.
    Lcm,
}

/// Edit one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditAsk {
    /// Any size.
    pub picture: PictureRef,
    /// One after another; at least one.
    pub heard: Vec<Heard>,
    /// How; it is kept in the picture's text chunk, and comes back on [`Answer::Opened`].
    pub plan: Plan,
    /// Whether to say [`Event::Preview`] now and then.
    pub previews: bool,
}
