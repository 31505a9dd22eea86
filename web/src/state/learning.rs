//! Learning: pairs, settings of a run, and how far it is.

/// Signals of pairs, settings of a run, and how far it is.
#[derive(Clone, Copy)]
pub struct Learning {}

impl Learning {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {}
    }
}

impl Default for Learning {
    fn default() -> Self {
        Self::new()
    }
}
