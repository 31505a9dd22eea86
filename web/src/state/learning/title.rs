//! Title: what an instruction is called, from the user, a sample, the words that it started from, or the day.
use super::Learning;
use crate::protocol::{Answer, Ask, Card, LearnStart};
use crate::state::State;
use crate::words::learn as words;
use js_sys::{Date, Uint8Array};
use leptos::prelude::*;

impl Learning {
    /// A name, and whether the user or a sample gave it.
    pub(super) fn title(self, now: &Date) -> (String, bool) {
        let title = self.wishes.title.get_untracked().trim().to_owned();
        let start = self.wishes.start();
        match (title.is_empty(), self.sample.get_untracked(), start) {
            (false, ..) => (title, true),
            (_, Some(effect), _) => (words::effect(effect).to_owned(), true),
            (_, _, LearnStart::Text(text)) => (text, true),
            _ => (edit_on(now), false),
        }
    }
}

/// The name of what was begun that day.
pub(super) fn edit_on(day: &Date) -> String {
    words::edit_of(&day.to_date_string().as_string().unwrap_or_default())
}

/// Names an instruction by what its learning started from.
pub(super) async fn rename(state: State, card: Card, files: Vec<Uint8Array>) -> (Card, Vec<Uint8Array>) {
    let (Some(bridge), Some(file)) = (state.bridge(), files.first()) else { return (card, files) };
    let blob = crate::bridge::blob_of(file, "application/octet-stream");
    let ask = Ask::Rewrite { file: 0, title: card.start.trim().to_owned(), tags: card.tags.clone() };
    match bridge.answer(ask, &[blob.into()]).await {
        Ok((Answer::Rewritten(renamed), renamed_files)) => (renamed, renamed_files),
        // It keeps its first name then.
        _ => (card, files),
    }
}
