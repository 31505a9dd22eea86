//! Words of the edit panel.

/// Its heading.
pub const TITLE: &str = "See it done";
/// The photo.
pub const BEFORE: &str = "Before";
/// What came out.
pub const AFTER: &str = "After";
/// Chooses a photo.
pub const PICK: &str = "Your photo";
/// Words to follow.
pub const TEXT: &str = "And in words (may stay empty)";
/// Starts.
pub const RUN: &str = "Edit";
/// Ends.
pub const CANCEL: &str = "Cancel";
/// Downloads what came out.
pub const DOWNLOAD: &str = "Download PNG";
/// Name of the download.
pub const FILE: &str = "edited.png";
/// No instruction is chosen.
pub const NO_INSTRUCTION: &str = "No instruction chosen: learn one, or choose one from the shelf.";
/// Neither instruction nor words.
pub const NOTHING_TO_DO: &str = "There is nothing to do: choose an instruction or write what to do.";
/// For screen readers.
pub const DONE: &str = "The edited picture is there.";

/// How strongly.
pub fn amount(percent: f64) -> String {
    format!("Amount {percent:.0} %")
}

/// How far.
pub fn step((step, steps): (usize, usize)) -> String {
    if steps == 0 { "Waiting for its turn…".to_owned() } else { format!("{step}/{steps}") }
}
