//! Words of the shelf.

/// Its heading.
pub const TITLE: &str = "Instructions";
/// Nothing is on it.
pub const EMPTY: &str = "What you learn is kept here, in this browser.";
/// Takes files in.
pub const IMPORT: &str = "Add from files";
/// Puts all into one file.
pub const EXPORT_ALL: &str = "Download all";
/// Uses one.
pub const CHOOSE: &str = "Use";
/// Downloads one.
pub const EXPORT: &str = "Download";
/// Gives another name.
pub const RENAME: &str = "Rename";
/// The field for it.
pub const NAME: &str = "Name";
/// Changes the tags.
pub const TAGS: &str = "Tags";
/// The field for them.
pub const TAGS_FIELD: &str = "Tags, with commas between";
/// Makes another one like it.
pub const DUPLICATE: &str = "Duplicate";
/// Takes one away.
pub const DELETE: &str = "Delete";
/// Takes the deletion back.
pub const UNDO: &str = "Undo";
/// Accepts a change.
pub const SAVE: &str = "Save";
/// Drops a change.
pub const CANCEL: &str = "Cancel";
/// Lets go of what was deleted.
pub const LET_GO: &str = "OK";
/// One without a name.
pub const UNNAMED: &str = "Without a name";
/// A thumbnail.
pub const BEFORE: &str = "before";
/// A thumbnail.
pub const AFTER: &str = "after";
/// Finds some.
pub const SEARCH: &str = "Search names, tags, start texts";
/// The search has none.
pub const NONE_FOUND: &str = "No instruction has all these words.";
/// It could not be stored.
pub const ONLY_HERE: &str = "Not kept in this browser: download it before you close this page.";
/// There is nothing to download.
pub const ARCHIVE_BEING_MADE: &str = "Making the archive…";
/// A change that takes a moment.
pub const CHANGING: &str = "Writing the file anew…";
/// More than an archive may have.
pub const TOO_MUCH: &str = "All instructions together have more than 1 GB: download them one by one.";

/// A button's name where many are alike.
pub fn of(action: &str, title: &str) -> String {
    format!("{action}: {title}")
}

/// How many the search leaves.
pub fn found(n: usize, all: usize) -> String {
    format!("{n} of {all}")
}

/// What one is, in a line: when, where, from how much.
pub fn facts(date: Option<String>, model: &str, pairs: usize, steps: (usize, usize)) -> String {
    let model = if model.is_empty() { None } else { Some(model.to_owned()) };
    let pairs = if pairs == 1 { "1 pair".to_owned() } else { format!("{pairs} pairs") };
    let steps = match steps {
        (0, _) => None,
        (1, 1) => Some("1 step".to_owned()),
        (n, 1) => Some(format!("{n} steps")),
        (n, segments) => Some(format!("{n} steps × {segments} segments")),
    };
    [date, model, Some(pairs), steps].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// It was learned on another base model.
pub fn other_model(title: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!(" ({title})") };
    format!("Learned on another model{title}: it cannot be used with this one.")
}

/// It was deleted.
pub fn deleted(title: &str) -> String {
    format!("“{title}” was deleted.")
}

/// It is there again.
pub fn is_back(title: &str) -> String {
    format!("“{title}” is back.")
}

/// The name of a copy; `n` copies have that name already.
pub fn copy_of(title: &str, n: usize) -> String {
    if n == 0 { format!("{title} (copy)") } else { format!("{title} (copy {})", n + 1) }
}

/// Nothing but the name tells instructions apart that are alike.
pub fn twin(title: &str) -> String {
    format!("There is an instruction just like this one named “{title}” already: choose another name.")
}

/// Files are being read.
pub fn reading(n: usize, all: usize) -> String {
    format!("Reading file {n} of {all}…")
}

/// One came in.
pub fn added(title: &str) -> String {
    format!("“{title}” was added.")
}

/// One is there already.
pub fn already_there(file: &str, title: &str) -> String {
    format!("{file} is on the shelf already, as “{title}”.")
}

/// Several files were read.
pub fn came_in(added: usize, twins: usize) -> String {
    let added = match added {
        0 => "No instruction was added".to_owned(),
        1 => "1 instruction was added".to_owned(),
        n => format!("{n} instructions were added"),
    };
    match twins {
        0 => format!("{added}."),
        1 => format!("{added}, 1 was there already."),
        n => format!("{added}, {n} were there already."),
    }
}

/// The file cannot be an instruction.
pub fn too_large(name: &str) -> String {
    format!("{name} has more than 256 MB and cannot be an instruction file: choose another.")
}

/// The file cannot be an archive of this page.
pub fn archive_too_large(name: &str) -> String {
    format!("{name} has more than 1 GB: unpack it yourself and add the files that are in it.")
}

/// An archive of other things.
pub fn nothing_in_it(name: &str) -> String {
    format!("There is no instruction file (.safetensors) in {name}.")
}

/// Part of an archive is broken.
pub fn damaged(why: &str) -> String {
    format!("it is damaged in the archive ({why}); export it again")
}

/// The browser does not give the file.
pub fn unreadable(name: &str) -> String {
    format!("{name} cannot be read any more: it was moved or changed; choose it again.")
}

/// What went wrong with a file or an instruction.
pub fn about(name: &str, why: &str) -> String {
    format!("{name}: {why}")
}

/// The name of an archive of that day.
pub fn archive_name(day: &str) -> String {
    format!("instructions {day}.zip")
}

/// How much is kept, and how much may be.
pub fn usage(used: f64, quota: f64) -> String {
    format!("{} used of the {} that this browser gives.", size(used), size(quota))
}

/// Little room is left.
pub fn nearly_full(used: f64, quota: f64) -> String {
    format!(
        "{} used of the {} that this browser gives: download what you want to keep, and delete what you do not need.",
        size(used),
        size(quota)
    )
}

fn size(bytes: f64) -> String {
    match bytes {
        ..1e5 => "0.1 MB".to_owned(),
        ..1e7 => format!("{:.1} MB", bytes / 1e6),
        ..1e9 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.0} GB", bytes / 1e9),
    }
}

/// A file's name without what some systems refuse.
pub fn file_name(title: &str) -> String {
    format!("{}.safetensors", file_stem(title))
}

/// The same, without the extension; at most 120 bytes, so that a number fits too.
pub fn file_stem(title: &str) -> String {
    /// Windows takes these for devices.
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let safe = |letter: char| if letter.is_alphanumeric() || "-_ ()".contains(letter) { letter } else { '_' };
    let mut stem = String::new();
    for letter in title.trim().chars().map(safe) {
        if stem.len() + letter.len_utf8() > 120 {
            break;
        }
        stem.push(letter);
    }
    let stem = stem.trim();
    let is_device = DEVICES.contains(&stem.to_lowercase().trim_end_matches(|letter: char| letter.is_ascii_digit()));
    match stem {
        "" => "instruction".to_owned(),
        _ if is_device => format!("{stem}_"),
        _ => stem.to_owned(),
    }
}
