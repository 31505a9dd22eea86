//! Shelf: learned instructions, as the user sees them.
use super::State;
use crate::protocol::Card;
use js_sys::Uint8Array;

/// Signals of learned instructions, as the user sees them.
#[derive(Clone, Copy)]
pub struct Shelf {}

impl Shelf {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {}
    }

    /// Keeps an instruction file; its id on the shelf.
    pub async fn keep(
        self,
        _state: State,
        card: Card,
        _file: Uint8Array,
        _thumbnails: Option<(Uint8Array, Uint8Array)>,
    ) -> Option<String> {
        Some(card.hash)
    }

    /// Forgets what is stored of a run.
    pub async fn forget_run(self, _run: String) {}
}

impl Default for Shelf {
    fn default() -> Self {
        Self::new()
    }
}
