//! Editing: photos, what to do with them, and what came out.
use super::State;

/// Signals of photos, what to do with them, and what came out.
#[derive(Clone, Copy)]
pub struct Editing {}

impl Editing {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {}
    }

    /// Opens a picture that lies beside the page.
    pub fn open_url(self, _state: State, _url: String) {}

    /// Chooses an instruction of the shelf.
    pub fn choose(self, _id: String) {}
}

impl Default for Editing {
    fn default() -> Self {
        Self::new()
    }
}
