//! Editing: photos, what to do with them, and what came out.

/// Signals of photos, what to do with them, and what came out.
#[derive(Clone, Copy)]
pub struct Editing {}

impl Editing {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {}
    }
}

impl Default for Editing {
    fn default() -> Self {
        Self::new()
    }
}
