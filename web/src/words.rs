//! Words: every English string of the page, by the part of the page that says it.

/// The name of the page.
pub const NAME: &str = "InstructBrush";
/// What it does, in one breath.
pub const TAGLINE: &str = "Show an edit with a few before/after pairs. Use it on any picture.";
/// What it does not do.
pub const PRIVACY: &str = "Nothing leaves this computer.";

/// The worker's script is not there.
pub const WORKER_MISSING: &str =
    "The part of this page that edits could not be loaded (its worker file is missing): reload the page; if that does not help, tell who runs this site.";
/// The worker ended without a word.
pub const WORKER_GONE: &str = "The part of this page that edits is not running: reload the page.";

/// The worker fell.
pub fn worker_fell(said: &str) -> String {
    format!("The part of this page that edits stopped ({said}) and was started again. What was learned so far is kept.")
}

/// The header: device, model, storage.
pub mod header {
    /// Before the worker says anything.
    pub const STARTING: &str = "Starting…";

    /// Why what ran was stopped.
    pub const DEVICE_CHANGED: &str = "The device was changed: what was running there stopped.";

    /// While the model loads.
    pub fn loading(megabytes: f64) -> String {
        format!("Loading the model… {megabytes:.0} MB")
    }
}

/// Pairs and learning.
pub mod learn;

/// Photos and edits.
pub mod edit {}

/// The shelf of instructions.
pub mod shelf {}
