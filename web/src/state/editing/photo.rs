//! Photo: a picture of the user's in the queue, what came out of it, and how far it is.
use super::history::History;
use crate::protocol::Plan;
use crate::samples;
use crate::state::learning::pairs::{Origin, View};
use crate::state::opening::Opened;
use crate::words::edit as words;
use web_sys::Blob;

/// How far a photo is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was asked of it yet.
    #[default]
    Waiting,
    /// It will be edited when its turn comes.
    Queued,
    /// It is edited.
    Running,
    /// It was edited.
    Done,
    /// It could not be edited.
    Failed,
    /// The user ended its edit.
    Cancelled,
}

impl Phase {
    /// As the page's tests know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something is still to be done.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// A picture that came out.
#[derive(Clone)]
pub struct Edited {
    /// The PNG, with its settings in it.
    pub file: Blob,
    /// What is shown of it: all of it.
    pub view: View,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// How long it took.
    pub ms: f64,
    /// What was done.
    pub plan: Plan,
}

/// A picture of the user's.
#[derive(Clone)]
pub struct Photo {
    /// Never used twice.
    pub id: u32,
    /// Its file's name.
    pub name: String,
    /// Its file.
    pub origin: Origin,
    /// What is shown of it.
    pub view: View,
    /// In pixels, as seen.
    pub width: usize,
    /// In pixels, as seen.
    pub height: usize,
    /// Whether it came with the page.
    pub is_sample: bool,
    /// How far it is.
    pub phase: Phase,
    /// What came out.
    pub results: History<Edited>,
}

impl Photo {
    /// A file of the user's.
    pub fn new(id: u32, name: String, opened: Opened) -> Self {
        let Opened { info, view, file } = opened;
        Self {
            id,
            name,
            origin: Origin::File(file),
            view: View::of_bytes(&view, &info.mime),
            width: info.width,
            height: info.height,
            is_sample: false,
            phase: Phase::Waiting,
            results: History::new(),
        }
    }

    /// A picture that comes with the page; it can be shown before there is a worker.
    pub fn sample(id: u32, url: String) -> Self {
        Self {
            id,
            name: words::EXAMPLE.to_owned(),
            view: View::of_address(url.clone()),
            origin: Origin::Address(url),
            width: samples::SIDE,
            height: samples::SIDE,
            is_sample: true,
            phase: Phase::Waiting,
            results: History::new(),
        }
    }

    /// A picture that came out of another photo.
    pub fn edited(id: u32, name: String, edited: &Edited) -> Self {
        Self {
            id,
            name,
            origin: Origin::File(edited.file.clone()),
            view: edited.view.clone(),
            width: edited.width,
            height: edited.height,
            is_sample: false,
            phase: Phase::Waiting,
            results: History::new(),
        }
    }

    /// Whether it is an example that nobody used: it may go without being asked about.
    pub fn is_untouched_sample(&self) -> bool {
        self.is_sample && self.results.is_empty() && !self.phase.is_pending()
    }

    /// Whether it is the example at that address.
    pub fn is_at(&self, address: &str) -> bool {
        matches!(&self.origin, Origin::Address(own) if own == address)
    }
}
