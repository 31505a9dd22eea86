//! Words: every English string of the page, by the part of the page that says it.

/// The name of the page.
pub const NAME: &str = "InstructBrush";
/// What it does, in one breath.
pub const TAGLINE: &str = "Show an edit with a few before/after pairs. Use it on other pictures.";
/// What it does not do.
pub const PRIVACY: &str = "Nothing leaves this computer.";

/// A newer version of the page was fetched.
pub const NEW_VERSION: &str =
    "A new version of this page is here: it is used when all its tabs are closed and it is opened again.";

/// The worker's script is not there.
pub const WORKER_MISSING: &str = "The part of this page that edits could not be loaded (its worker file is missing): reload the page; if that does not help, tell who runs this site.";
/// The worker ended without a word.
pub const WORKER_GONE: &str = "The part of this page that edits is not running: reload the page.";

/// The worker's script or its program did not arrive.
pub fn worker_not_loaded(said: &str) -> String {
    format!(
        "The part of this page that edits could not be loaded ({said}): check the connection and try again; if that does not help, tell who runs this site."
    )
}

/// The worker fell.
pub fn worker_fell(said: &str) -> String {
    format!("The part of this page that edits stopped ({said}). What was learned up to a few seconds ago is kept.")
}

/// The device was lost in the middle of the work.
pub fn device_lost(name: &str, said: &str) -> String {
    format!(
        "{name} was lost ({said}). What was learned up to a few seconds ago is kept: continue it, at a smaller size or on the CPU if it happens again."
    )
}

/// Leaves one notice.
pub const DISMISS: &str = "OK";
/// Leaves all of them.
pub const DISMISS_ALL: &str = "Dismiss all";
/// What the notices are.
pub const NOTICES: &str = "Notices";

/// More notices than there is room for.
pub fn more_notices(n: usize) -> String {
    format!("{n} more")
}

/// Something could not be written to the store.
pub fn not_kept(why: &str) -> String {
    format!("Not kept in this browser: {why}")
}

/// The GPU does not do.
pub fn cpu_instead(why: &str) -> String {
    format!("The CPU is used: {why}")
}

/// Work on a GPU broke off, perhaps for want of memory.
pub const SPARING: &str = "Work on the GPU broke off, perhaps for want of memory: from now on the model's parts are there in turn. That takes less memory, and a little longer.";

/// 16-bit numbers do not do.
pub fn whole_instead(why: &str) -> String {
    format!("32-bit numbers are used: {why}")
}

/// There is no WebGPU.
pub const NO_WEBGPU: &str = "this browser offers no GPU to pages (WebGPU); use the CPU";
/// There is too little of it.
pub const OLD_WEBGPU: &str =
    "this browser's WebGPU has no timestamps, which this page needs; update it, or use the CPU";
/// Only one tab learns at a time.
pub const OTHER_TAB_LEARNS: &str =
    "Another tab of this page is learning: let it finish, or pause it there, then learn here.";

/// A stored run cannot be continued.
pub fn run_lost(why: &str) -> String {
    format!("This run cannot be continued: {why}")
}

/// A file of the model did not arrive.
pub fn no_network(path: &str) -> String {
    format!(
        "{path} could not be fetched: there is no network, or the site does not allow it. Check the connection and try again."
    )
}

/// The site answered with an error.
pub fn bad_status(path: &str, status: u16) -> String {
    format!("{path} could not be fetched: the site answered {status}. Try again later, or tell who runs the site.")
}

/// Of an animation.
pub fn only_first_frame(name: &str) -> String {
    format!("{name}: only the first frame of this animation is used.")
}

/// The two sides have different aspect ratios.
pub fn other_shape(before: &str, after: &str) -> String {
    format!("Before is {before} pixels, after {after}: crop one to match, or it is stretched.")
}

/// The two sides have different sizes.
pub fn other_size(before: &str, after: &str) -> String {
    format!("Before is {before} pixels, after {after}: after is resized to match.")
}

/// The two sides do not show the same thing at the same place.
pub fn not_aligned(shift: Option<(i32, i32)>) -> String {
    match shift {
        Some((x, y)) => {
            format!("The two sides are not aligned: after seems moved by about {x} % across and {y} % down.")
        }
        None => "The two sides do not seem to show the same thing at the same place.".to_owned(),
    }
}

/// Base models.
pub mod models;

/// The header: device, model, colours.
pub mod header;

/// Pairs and learning.
pub mod learn;

/// Photos and edits.
pub mod edit;

/// The shelf of instructions.
pub mod shelf;
