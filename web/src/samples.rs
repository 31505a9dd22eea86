//! Samples: the pairs that come with the page, to learn from without pictures of one's own.

/// Each folder of samples, the first one shown on a first visit.
pub const EFFECTS: [&str; 10] =
    ["midnight", "snow", "lava", "pencil_sketch", "watercolor", "teal_orange", "sunset", "dog2cat", "juice", "cake"];
/// Pairs that are shown of each: five to learn from, and one to compare with.
pub const PAIRS: usize = 6;
/// Both sides of them, in pixels.
pub const SIDE: usize = 128;

/// Where a side of a pair lies, relative to the page.
pub fn address(effect: &str, idx: usize, is_after: bool) -> String {
    format!("samples/{effect}/{}", name(idx, is_after))
}

/// The name of a side of a pair.
pub fn name(idx: usize, is_after: bool) -> String {
    format!("{idx}_{}.png", u8::from(is_after))
}

/// A picture that is in no pair, to try the learned instruction on.
pub fn test_picture(effect: &str) -> String {
    format!("samples/{effect}/test/0_0.png")
}
