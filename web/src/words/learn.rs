//! Words of the panel that learns.

/// The panel's name.
pub const TITLE: &str = "Show";
/// What to do in it.
pub const INTRO: &str = "a few pairs of the same edit";
/// Where pictures are dropped.
pub const DROP: &str = "Drop or paste your own, or";
/// The button that picks files.
pub const PICK: &str = "choose files";
/// Said when pictures come while it learns.
pub const NOT_NOW: &str = "These pictures were not added: learning goes on. Let it end, or cancel it, then add them.";
/// While something hangs over the panel.
pub const DROP_NOW: &str = "Let go to add these pictures";
/// Over the samples.
pub const SAMPLES: &str = "Or take one of these edits";
/// Where the chosen pair's buttons will be.
pub const CHOOSE_PAIR: &str = "Choose a pair to change it";
/// The list of pairs.
pub const PAIRS: &str = "Pairs";
/// Where a side is missing.
pub const ADD_BEFORE: &str = "Add the before picture";
/// Where a side is missing.
pub const ADD_AFTER: &str = "Add the after picture";
/// On an empty place.
pub const ADD: &str = "Add";
/// While a picture is read.
pub const READING: &str = "Reading…";
/// The left side.
pub const BEFORE: &str = "Before";
/// The right side.
pub const AFTER: &str = "After";
/// On the pair that is not learned from.
pub const HELD_OUT: &str = "test";
/// On the pair that is not learned from.
pub const HELD_OUT_WHY: &str = "Not learned from: it shows how well learning goes. Switch this off in the settings.";

/// Button: moves a pair.
pub const EARLIER: &str = "Move earlier";
/// Button: moves a pair.
pub const LATER: &str = "Move later";
/// Button: swaps the sides.
pub const SWAP: &str = "Swap before and after";
/// Button: opens the crop.
pub const CROP: &str = "Crop";
/// Button: removes a pair.
pub const REMOVE: &str = "Remove";
/// Button: removes all pairs.
pub const CLEAR: &str = "Remove all";
/// Button: crops from the middle.
pub const CROP_TO_MATCH: &str = "Crop to match";
/// Button: takes the last change back.
pub const UNDO: &str = "Undo";
/// What can be done with a pair by keys.
pub const PAIR_KEYS: &str =
    "Arrows choose a pair, Alt and an arrow move it, Delete removes it, S swaps its sides, C crops.";
/// Said when a sample took the place of the user's pairs.
pub const REPLACED: &str = "Your pairs were replaced.";
/// Said when the user's pairs took the place of a sample.
pub const SAMPLE_REPLACED: &str = "The example was replaced.";
/// Said when all were removed.
pub const CLEARED: &str = "All pairs were removed.";

/// Said when one was removed.
pub fn removed(place: usize) -> String {
    format!("Pair {place} was removed.")
}

/// A pair, by its place.
pub fn pair(place: usize) -> String {
    format!("Pair {place}")
}

/// A pair, to a screen reader.
pub fn pair_label(place: usize, of: usize, name: &str, is_held_out: bool, has_notes: bool) -> String {
    let held_out = if is_held_out { ", held out as a test" } else { "" };
    let notes = if has_notes { ", see the note below" } else { "" };
    format!("Pair {place} of {of}: {name}{held_out}{notes}")
}

/// A file that is too large.
pub fn too_large(name: &str, bytes: f64) -> String {
    format!("{name} has {:.0} MB; pictures of up to 256 MB can be read. Make it smaller first.", bytes / 1048576.0)
}

/// A sample that did not arrive.
pub fn sample_missing(url: &str) -> String {
    format!("{url} could not be fetched: check the connection, then try again.")
}

/// The worker read a picture but sent nothing to look at.
pub fn no_view(name: &str) -> String {
    format!("{name} was read, but there is nothing to show: reload the page and try again.")
}

/// Before there is a model.
pub const MODEL_LOADS: &str = "The model is still loading.";
/// There is nothing to learn from.
pub const NO_PAIRS: &str = "Add at least one pair of pictures first.";
/// Pictures are on their way.
pub const STILL_READING: &str = "The pictures are still being read.";

/// A pair that shows nothing.
pub const SAME: &str = "Before and after are the same picture: nothing can be learned from it.";

/// Files without a partner.
pub fn alone(names: &[String]) -> String {
    match names {
        [name] => format!("{name} has no partner: add its other picture, or remove it."),
        [first, rest @ ..] => {
            format!("{first} and {} more have no partner: add their other pictures, or remove them.", rest.len())
        }
        [] => String::new(),
    }
}

/// The part of the page that offers to continue a run.
pub const OFFER: &str = "Unfinished learning";

/// A run of an earlier visit.
pub fn offer(title: &str, step: usize, steps: usize) -> String {
    match step {
        0 => format!("Learning “{title}” was begun here and not finished."),
        _ => format!("Learning “{title}” was not finished: step {step} of {steps} is kept."),
    }
}

/// The text that learning starts from.
pub const START: &str = "In words, if you like";
/// Where it is empty.
pub const START_FOUND: &str = "found from the pairs";
/// Where learning starts from nothing.
pub const START_NOTHING: &str = "starts from nothing";
/// Button: looks for phrases.
pub const FIND: &str = "Find phrases";
/// While it looks.
pub const FINDING: &str = "Looking…";

/// What was found.
pub fn found(before: &str, after: &str) -> String {
    format!("Seen before: {before}. After: {after}.")
}

/// Nothing was found on a side.
pub const NOTHING_FOUND: &str = "nothing in particular";

/// How long to learn.
pub const QUALITY: &str = "How thoroughly";
/// A quarter.
pub const QUICK: &str = "Quick";
/// As recommended.
pub const BALANCED: &str = "Balanced";
/// As published.
pub const PAPER: &str = "Paper";

/// Main button.
pub const LEARN: &str = "Learn this edit";
/// Its shortcut.
pub const LEARN_KEYS: &str = "Ctrl or ⌘ + Enter";

/// Opens the settings.
pub const SETTINGS: &str = "Settings";
/// A field.
pub const NAME: &str = "Name";
/// A field.
pub const SEGMENTS: &str = "Segments";
/// Its meaning.
pub const SEGMENTS_WHY: &str = "Parts of the noise range, each with an instruction of its own.";
/// A field.
pub const STEPS: &str = "Steps per segment";
/// A field.
pub const SIZE: &str = "Longer side, pixels";
/// Its meaning.
pub const SIZE_WHY: &str = "The size at which the model works: multiples of 64.";
/// A field.
pub const LEARNING_RATE: &str = "Learning rate";
/// A field.
pub const TEXT_SCALE: &str = "Text guidance";
/// A field.
pub const IMAGE_SCALE: &str = "Picture guidance";
/// A field.
pub const SEED: &str = "Seed";
/// A field.
pub const TOKENS: &str = "Tokens";
/// A field.
pub const HOLD_OUT: &str = "Hold the last pair out, as a test";
/// Its meaning.
pub const HOLD_OUT_WHY: &str = "Nothing is learned from it; the best instruction on it is kept.";
/// A field.
pub const FROM_NOTHING: &str = "Start from nothing, not from words";
/// Button: all fields as they were.
pub const DEFAULTS: &str = "Back to the defaults";

/// An instruction without a name.
pub fn edit_of(date: &str) -> String {
    format!("Edit of {date}")
}

/// The part that shows how learning goes.
pub const LEARNING: &str = "Learning";
/// Before the first step.
pub const PREPARING: &str = "Preparing the pictures…";
/// The run waits.
pub const PAUSED: &str = "Paused, and kept in this browser.";
/// A device was lost over it.
pub const PAUSED_LOW: &str = "Paused, and kept in this browser. It goes on with as little memory as it can.";
/// More than one was.
pub const PAUSED_SMALLER: &str = "Paused, and kept in this browser. It goes on with smaller pictures, where it can.";
/// It does.
pub fn goes_on_at(side: usize) -> String {
    format!("A GPU was lost over this run more than once: it goes on with pictures of {side} pixels.")
}
/// There was no room to keep it.
pub const NOT_PAUSED: &str = "The run could not be kept in this browser, so it cannot be continued: allow this site to keep data, then learn again.";
/// While a button's work is done.
pub const STOPPING: &str = "Stopping after this step…";
/// Button.
pub const PAUSE: &str = "Pause";
/// Button.
pub const CONTINUE: &str = "Continue";
/// Button.
pub const CANCEL: &str = "Cancel";
/// Button.
pub const DISCARD: &str = "Discard";
/// Button.
pub const FINISH: &str = "Use it now";
/// Button.
pub const KEEP_ON: &str = "Keep it";

/// Asked before work is thrown away.
pub fn throw_away(ms: f64) -> String {
    format!("Throw away {} of learning?", duration(ms))
}

/// How far a run is.
pub fn step(step: usize, steps: usize) -> String {
    format!("{step}/{steps}")
}

/// In how many segments.
pub fn of_segments(segments: usize) -> String {
    if segments == 1 { "steps".to_owned() } else { format!("× {segments} segments") }
}

/// What learning started from.
pub fn started(text: &str, caption: &str) -> String {
    match (text, caption) {
        ("", "") => "Starts from nothing".to_owned(),
        (text, "") | ("", text) => format!("Starts from “{text}”"),
        _ => format!("Starts from “{text}” and “{caption}”"),
    }
}

/// How far a run is, to a screen reader.
pub fn progress(step: usize, steps: usize, left: Option<f64>) -> String {
    let left = left.map(|ms| format!(", {}", self::left(ms))).unwrap_or_default();
    format!("Learning: step {step} of {steps}{left}")
}

/// Time that is left.
pub fn left(ms: f64) -> String {
    format!("about {} left", duration(ms))
}

/// How long something will take.
pub fn about(ms: f64) -> String {
    format!("≈ {}", duration(ms))
}

/// Not known yet.
pub const UNKNOWN: &str = "–";

/// A span of time, as people say it.
pub fn duration(ms: f64) -> String {
    let seconds = (ms / 1000.0).max(1.0);
    match seconds {
        _ if seconds < 20.0 => format!("{seconds:.0} s"),
        _ if seconds < 90.0 => format!("{:.0} s", (seconds / 5.0).round() * 5.0),
        _ if seconds < 5400.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

/// The curve.
pub const LOSS: &str = "Loss";

/// The curve, to a screen reader.
pub fn curve(first: f64, last: f64) -> String {
    format!("Loss, smoothed: from {first:.3} to {last:.3}")
}

/// Best result on the held-out pair.
pub fn best(psnr: f64) -> String {
    format!("test pair {psnr:.1} dB at best")
}

/// A dot of the curve.
pub fn tried(step: usize, psnr: f64) -> String {
    format!("{psnr:.1} dB on the test pair after {step} steps")
}

/// Under the preview.
pub const NOW: &str = "Learned so far";
/// Under the truth.
pub const WANTED: &str = "Wanted";
/// Before there is a preview.
pub const NO_PREVIEW: &str = "The first preview comes in a few seconds.";

/// Instead of one, where the model's parts are there in turn.
pub const NO_PREVIEW_SPARING: &str = "No preview: it would take more of the GPU's memory.";

/// How it ended.
pub fn learned(title: &str, psnr: Option<f64>) -> String {
    let psnr = psnr.map(|psnr| format!(" ({psnr:.1} dB on the test pair)")).unwrap_or_default();
    format!("Learned “{title}”{psnr}. It is on the shelf and chosen: edit a picture with it.")
}

/// The crop's name.
pub fn crop_title(place: usize) -> String {
    format!("Crop pair {place}")
}

/// Which side is cropped.
pub const CROP_SIDE: &str = "Picture to crop";
/// What the frame keeps.
pub const CROP_WHY: &str = "The frame keeps the shape of the other picture. Drag it, or use the sliders.";
/// A slider.
pub const CROP_SIZE: &str = "Size";
/// A slider.
pub const CROP_ACROSS: &str = "Left – right";
/// A slider.
pub const CROP_DOWN: &str = "Up – down";
/// Button.
pub const CROP_CENTRE: &str = "Centre";
/// Button.
pub const CROP_NONE: &str = "Whole picture";
/// Button.
pub const CROP_DONE: &str = "Use this crop";

/// What an effect is called.
pub fn effect(name: &str) -> &str {
    match name {
        "midnight" => "Midnight",
        "snow" => "Snow",
        "lava" => "Lava",
        "pencil_sketch" => "Pencil",
        "watercolor" => "Watercolour",
        "teal_orange" => "Teal and orange",
        "sunset" => "Sunset",
        "dog2cat" => "Dog to cat",
        "juice" => "Lemonade",
        "cake" => "Chocolate cake",
        other => other,
    }
}
