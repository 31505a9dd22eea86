//! Words of the edit panel.
use super::learn::duration;

/// Its heading.
pub const TITLE: &str = "See it done";
/// What to do in it.
pub const INTRO: &str = "on other pictures";
/// Name of the picture that comes with the page.
pub const EXAMPLE: &str = "example.png";

/// The row of photos.
pub const PHOTOS: &str = "Photos";
/// What can be done with a photo by keys.
pub const PHOTO_KEYS: &str = "Arrows choose a photo, Delete removes it.";
/// Button: picks photos.
pub const ADD: &str = "Add photos";
/// How photos come in besides.
pub const DROP: &str = "Drop or paste photos anywhere.";
/// While files hang over the page.
pub const DROP_NOW: &str = "Let go to open these files";
/// Button: takes a photo off the page.
pub const REMOVE: &str = "Remove this photo";
/// Where there is none.
pub const NO_PHOTO: &str = "Add a photo first.";

/// Files that are being read.
pub fn reading(count: usize) -> String {
    if count == 1 { "Reading a file…".to_owned() } else { format!("Reading {count} files…") }
}

/// A photo, to a screen reader.
pub fn photo_label(place: usize, of: usize, name: &str, phase: &str) -> String {
    format!("Photo {place} of {of}: {name}, {phase}")
}

/// The left side.
pub const BEFORE: &str = "Before";
/// The right side.
pub const AFTER: &str = "After";
/// While it is edited.
pub const ON_THE_WAY: &str = "On the way";
/// The divider.
pub const COMPARE: &str = "Compare before and after";

/// Where the divider is.
pub fn split(percent: f64) -> String {
    match percent {
        0.0 => "all after".to_owned(),
        100.0 => "all before".to_owned(),
        _ => format!("{percent:.0} % before, {:.0} % after", 100.0 - percent),
    }
}

/// What is done with the picture.
pub const VIEW: &str = "View and results";
/// Button.
pub const ZOOM_IN: &str = "Zoom in (+)";
/// Button.
pub const ZOOM_OUT: &str = "Zoom out (−)";
/// Button: shows the photo as it was, as long as it is held.
pub const PEEK: &str = "Hold for before (\\)";
/// Button.
pub const UNDO: &str = "Undo (Ctrl or ⌘ + Z)";
/// Button.
pub const REDO: &str = "Redo (Ctrl or ⌘ + Shift + Z)";
/// Button: takes the result as a photo.
pub const GO_FURTHER: &str = "Edit this result further";
/// Button: brings the result's settings back.
pub const USE_SETTINGS: &str = "Use these settings";

/// How near the picture is.
pub fn times(scale: f64) -> String {
    format!("{scale:.1}×")
}

/// Button: the whole picture.
pub fn zoom_whole(scale: f64) -> String {
    format!("{}: show the whole picture (0)", times(scale))
}

/// Which result is shown, to a screen reader.
pub fn result_place((at, of): (usize, usize)) -> String {
    if at == 0 { "The photo as it was".to_owned() } else { format!("Result {at} of {of}") }
}

/// How the shown result was made.
pub fn made_by(title: &str, (at, of): (usize, usize), ms: f64) -> String {
    let place = if of > 1 { format!("{at}/{of} · ") } else { String::new() };
    format!("{place}{title} · {:.1} s", ms / 1000.0)
}

/// The size that a photo is edited at.
pub fn size_note((width, height): (usize, usize), (out_width, out_height): (usize, usize), own: bool) -> String {
    let why = if own { "the size in the settings" } else { "the size this model works at (see Settings)" };
    format!("{width} × {height}: edited and saved at {out_width} × {out_height}, {why}")
}

/// A photo that is edited at its own size.
pub fn own_size(name: &str, (width, height): (usize, usize)) -> String {
    format!("{name} · {width} × {height}")
}

/// What to do.
pub const INSTRUCTION: &str = "Learned instruction";
/// Button: takes the choice back.
pub const NO_INSTRUCTION: &str = "Use no instruction";
/// None is chosen, and there is one.
pub const CHOOSE_ONE: &str = "None: choose one";
/// None is chosen, and there is none.
pub const LEARN_ONE: &str = "None yet: learn one";
/// One without a name.
pub const UNNAMED: &str = "Without a name";
/// Words to follow.
pub const TEXT: &str = "In words";
/// What they may be.
pub const TEXT_EXAMPLE: &str = "make it snow";
/// Before examples of words.
pub const TRY: &str = "Try it now:";
/// Examples of words that the model knows.
pub const EXAMPLES: [&str; 2] = ["make it midnight", "turn the ground into lava"];
/// Which of the two is first.
pub const ORDER: &str = "Order";
/// The words are second.
pub const WORDS_LAST: &str = "after the instruction";
/// The words are first.
pub const WORDS_FIRST: &str = "before the instruction";
/// How strongly.
pub const AMOUNT: &str = "Amount";
/// Button: the amount as recommended.
pub const AS_RECOMMENDED: &str = "As recommended";

/// How strongly.
pub fn percent(percent: f64) -> String {
    format!("{percent:.0} %")
}

/// Opens the settings.
pub const SETTINGS: &str = "Settings";
/// A field.
pub const STEPS: &str = "Steps";
/// Its meaning.
pub const STEPS_WHY: &str = "More steps take longer and follow the picture more closely.";
/// A field.
pub const TEXT_SCALE: &str = "Text guidance";
/// Its meaning.
pub const TEXT_SCALE_WHY: &str = "How closely the instruction or the words are followed.";
/// A field.
pub const IMAGE_SCALE: &str = "Picture guidance";
/// Its meaning.
pub const IMAGE_SCALE_WHY: &str = "How closely the result keeps to the photo.";
/// A field.
pub const SEED: &str = "Seed";
/// Its meaning.
pub const SEED_WHY: &str = "Another seed gives another result; the same seed gives the same.";
/// Button.
pub const NEW_SEED: &str = "New seed";
/// A field.
pub const SAMPLER: &str = "Sampler";
/// The model's own, which is the sampler of this name where that is known.
pub fn advised_sampler(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("As the model recommends ({name})"),
        None => "As the model recommends".to_owned(),
    }
}

/// Most models' own.
pub const ANCESTRAL: &str = "Euler ancestral";
/// The one without fresh noise.
pub const EULER: &str = "Euler";
/// The one with nothing but fresh noise.
pub const LCM: &str = "LCM";
/// A field.
pub const SIZE: &str = "Longer side (px)";
/// Its meaning.
pub const SIZE_WHY: &str = "Inside the model, in steps of 64. The model is best at its own size; larger takes longer.";
/// Which parts of an instruction are heard.
pub const SEGMENTS: &str = "When the instruction acts";
/// Their meaning.
pub const SEGMENTS_WHY: &str =
    "An edit goes from rough to fine. The early parts set the layout and large shapes, the late parts the details.";
/// The first part.
pub const EARLY: &str = "early: layout";
/// The last part.
pub const LATE: &str = "late: details";
/// Button: all fields as they were.
pub const DEFAULTS: &str = "Back to what is recommended";

/// A part of an instruction: which in time, of how many.
pub fn segment(place: usize, of: usize) -> String {
    match place {
        1 => EARLY.to_owned(),
        _ if place == of => LATE.to_owned(),
        _ => format!("part {place}"),
    }
}

/// Starts.
pub const RUN: &str = "Edit";
/// Its shortcut.
pub const RUN_KEYS: &str = "Ctrl or ⌘ + Enter";
/// Ends.
pub const CANCEL: &str = "Cancel";
/// Its shortcut.
pub const CANCEL_KEYS: &str = "Esc";
/// Ends all.
pub const CANCEL_ALL: &str = "Cancel all";
/// Before there is a model.
pub const MODEL_LOADS: &str = "The model is still loading.";
/// Neither instruction nor words.
pub const NOTHING_TO_DO: &str = "Choose an instruction, or write what to do.";

/// Starts all.
pub fn run_all(count: usize) -> String {
    format!("Edit all {count}")
}

/// Its turn has not come.
pub const WAITING: &str = "Waiting for its turn…";
/// Its turn comes after a learning run.
pub const WAITING_FOR_LEARNING: &str = "Waiting for its turn: this device is learning. Pause the learning to edit now.";
/// While it ends.
pub const ENDING: &str = "Stopping after this step…";
/// Its turn has come, before the first step.
pub const BEGAN: &str = "Editing…";
/// For screen readers.
pub const DONE: &str = "The edited picture is there.";
/// For screen readers.
pub const CANCELLED: &str = "The edit was cancelled.";
/// The worker answered without a picture.
pub const NO_PICTURE: &str = "No picture came back: edit again, and reload the page if that does not help.";

/// How far.
pub fn step(step: usize, steps: usize, left: Option<f64>) -> String {
    let left = left.map(|ms| format!(" · about {} left", duration(ms))).unwrap_or_default();
    format!("Step {step} of {steps}{left}")
}

/// Others that wait.
pub fn in_line(count: usize) -> String {
    if count == 1 { "1 more waits".to_owned() } else { format!("{count} more wait") }
}

/// Downloads the result.
pub const DOWNLOAD: &str = "Download";
/// A kind of file; carries the settings.
pub const PNG: &str = "PNG";
/// Why it.
pub const PNG_WHY: &str = "Exact, and it carries its settings: drop it here again to get them back";
/// A kind of file.
pub const JPEG: &str = "JPEG";
/// A kind of file.
pub const WEBP: &str = "WebP";
/// The archive of all results.
pub const ARCHIVE: &str = "edited pictures.zip";

/// Downloads the results of all photos.
pub fn download_all(count: usize) -> String {
    format!("All {count} (ZIP)")
}

/// A file could not be made.
pub fn not_written(name: &str) -> String {
    format!("{name} could not be written by this browser: download the PNG instead.")
}

/// Settings were found in a picture.
pub fn recalled(name: &str, title: &str) -> String {
    format!("{name} carries its settings ({title}): they are set now. It was opened as a photo, too.")
}

/// Settings were found in a picture, but their instruction is not here.
pub fn recalled_but(name: &str, missing: &str) -> String {
    format!("{name} carries its settings: they are set now. {}", instruction_missing(missing))
}

/// An instruction that is not on the shelf.
pub fn instruction_missing(title: &str) -> String {
    let title = if title.is_empty() { UNNAMED } else { title };
    format!("Its instruction “{title}” is not on the shelf: bring in its file, then choose it.")
}

/// Settings that cannot be read.
pub fn not_recalled(name: &str) -> String {
    format!("{name} carries settings that this page cannot read: it was opened as a photo only.")
}

/// A file of another kind.
pub fn no_picture_file(name: &str) -> String {
    format!("{name} is neither a picture nor an instruction: give a picture, a .safetensors file or a .zip archive.")
}

/// How far a photo is.
pub fn phase(name: &str) -> &str {
    match name {
        "waiting" => "not edited yet",
        "queued" => "waits for its turn",
        "running" => "is edited",
        "done" => "edited",
        "failed" => "could not be edited",
        "cancelled" => "cancelled",
        other => other,
    }
}
