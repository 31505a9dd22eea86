//! Shelf: learned instructions, as the user sees them.

/// Signals of learned instructions, as the user sees them.
#[derive(Clone, Copy)]
pub struct Shelf {}

impl Shelf {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {}
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self::new()
    }
}
