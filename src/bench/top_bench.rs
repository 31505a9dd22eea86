//! TOP-Bench: which of its 25 effects change the whole picture and which a thing in it, and what each is in words
//! (method.md section 6).
use self::Group::{Global, Local};
use serde::{Deserialize, Serialize};

/// A part of the benchmark that the paper's tables average over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The whole picture.
    Global,
    /// A thing in it.
    Local,
    /// An effect that TOP-Bench does not have.
    Other,
}

/// TOP-Bench's effects: letters of the name, group, instruction.
const EFFECTS: [(&str, Group, &str); 25] = [
    ("midnight", Global, "make it nighttime"),
    ("seapainting", Global, "turn it into a painting"),
    ("sketchstyle", Global, "make the image a pencil sketch"),
    ("summer", Global, "make it summer"),
    ("wallpaper", Global, "make it snow"),
    ("charcoal", Global, "turn it into a charcoal drawing"),
    ("painting", Global, "Make it a painting"),
    ("paintingsnow", Global, "make it snow"),
    ("pencilsketch", Global, "as a pencil sketch"),
    ("purple", Global, "make the sky a deep purple"),
    ("snow", Global, "have it snow"),
    ("watercolor", Global, "as a watercolor painting"),
    ("lava", Global, "Turn it into lava"),
    ("rain", Global, "Turn the rain into snow"),
    ("boy2girl", Local, "make boy and dog into a girl and cat"),
    ("glasses", Local, "add a pair of glasses"),
    ("4dboy", Local, "Turn the boy into a girl"),
    ("apple", Local, "Turn peaches into apples"),
    ("cake", Local, "Make it a chocolate cake"),
    ("cloudkitty", Local, "Make the cat into a bear"),
    ("dog2cat", Local, "Make the dog into a cat"),
    ("juice", Local, "Make it a lemonade"),
    ("readbooks", Local, "Make newspapers into books"),
    ("smile", Local, "Add a smile"),
    ("trafficlights", Local, "make it a heart-shaped light"),
];

/// The effect of that name; case, spaces, underscores and hyphens do not matter.
fn known(effect: &str) -> Option<&'static (&'static str, Group, &'static str)> {
    let letters = effect.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    EFFECTS.iter().find(|(name, _, _)| *name == plain)
}

/// What TOP-Bench says of its effect of that name in words (method.md section 6); none of another.
pub fn instruction(effect: &str) -> Option<&'static str> {
    known(effect).map(|(_, _, words)| *words)
}

impl Group {
    /// The group of an effect by its folder's name; case, spaces, underscores and hyphens do not matter.
    pub fn of(effect: &str) -> Self {
        known(effect).map_or(Group::Other, |(_, group, _)| *group)
    }

    /// In tables.
    pub fn title(self) -> &'static str {
        match self {
            Group::Global => "Global",
            Group::Local => "Local",
            Group::Other => "Other",
        }
    }
}
