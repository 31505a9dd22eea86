//! Words of the shelf.

/// Its heading.
pub const TITLE: &str = "Instructions";
/// Nothing is on it.
pub const EMPTY: &str = "What you learn is kept here, in this browser.";
/// Takes files in.
pub const IMPORT: &str = "Bring in an instruction file";
/// Uses one.
pub const CHOOSE: &str = "Use";
/// Downloads one.
pub const EXPORT: &str = "Download";
/// One without a name.
pub const UNNAMED: &str = "Without a name";
/// A thumbnail.
pub const BEFORE: &str = "before";
/// A thumbnail.
pub const AFTER: &str = "after";

/// It was learned on another base model.
pub fn other_model(title: &str) -> String {
    format!("Learned on another model ({title}): it cannot be used with this one.")
}

/// The file cannot be an instruction.
pub fn too_large(name: &str) -> String {
    format!("{name} has more than 256 MB and cannot be an instruction file: choose another.")
}

/// The browser does not give the file.
pub fn unreadable(name: &str) -> String {
    format!("{name} cannot be read any more: it was moved or changed; choose it again.")
}

/// A file's name without what some systems refuse.
pub fn file_name(title: &str) -> String {
    let safe = |letter: char| if letter.is_alphanumeric() || "-_ ".contains(letter) { letter } else { '_' };
    format!("{}.safetensors", title.chars().take(80).map(safe).collect::<String>().trim())
}
