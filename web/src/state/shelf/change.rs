//! Change: instructions get other names and tags, are doubled, deleted, and put back.
use super::{Deleted, Entry, Shelf, records};
use crate::bridge::blob_of;
use crate::protocol::{Answer, Ask};
use crate::state::State;
use crate::words;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

impl Shelf {
    /// Gives it another name.
    pub fn rename(self, state: State, id: String, title: &str) {
        let Some(entry) = self.entry(&id) else { return };
        let (title, tags) = (title.trim().to_owned(), entry.card.tags.clone());
        if !title.is_empty() && title != entry.card.title {
            self.change(state, entry, title, tags);
        }
    }

    /// Gives it other tags, written with commas between.
    pub fn tag(self, state: State, id: String, tags: &str) {
        let Some(entry) = self.entry(&id) else { return };
        let mut wanted: Vec<String> = Vec::new();
        for tag in tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            if !wanted.iter().any(|other| other == tag) {
                wanted.push(tag.to_owned());
            }
        }
        if wanted != entry.card.tags {
            let title = entry.card.title.clone();
            self.change(state, entry, title, wanted);
        }
    }

    /// Makes another one like it, under a name of its own.
    pub fn duplicate(self, state: State, id: String) {
        let Some(entry) = self.entry(&id) else { return };
        let title = entry.title();
        let is_taken = |name: &String| {
            self.entries.with_untracked(|entries| entries.iter().any(|entry| entry.card.title == *name))
        };
        let name = (0..).map(|n| words::shelf::copy_of(&title, n)).find(|name| !is_taken(name)).unwrap_or_default();
        spawn_local(async move {
            let tags = entry.card.tags.clone();
            if let Some(copy) = self.rewrite(state, &entry, name, tags).await {
                self.add(state, Entry { added: self.now(), ..copy }).await;
            }
        });
    }

    /// Takes it off the shelf and out of the store; it can be put back while the page is there.
    pub fn delete(self, state: State, id: String) {
        let Some(mut entry) = self.entry(&id) else { return };
        let was_chosen = state.editing.chosen.get_untracked().as_ref() == Some(&id);
        self.take(&id);
        if was_chosen {
            state.editing.choose_none();
        }
        state.learning.run.last.set(None);
        self.doing.set(Some(String::new()));
        spawn_local(async move {
            // A copy in memory: what the browser has of a file that is not kept any more is not ours.
            if let Ok(buffer) = JsFuture::from(entry.file.array_buffer()).await {
                entry.file = blob_of(&Uint8Array::new(&buffer), "application/octet-stream");
            }
            match records::forget(&id).await {
                Ok(()) => {
                    self.tell(Some(&id), None);
                    state.storage.measure();
                }
                // It was on this shelf only.
                Err(error) => state.fail(words::not_kept(&error.to_string())),
            }
            state.progress.set(words::shelf::deleted(&entry.title()));
            self.deleted.update(|deleted| deleted.push(Deleted { entry, was_chosen }));
            self.doing.set(None);
        });
    }

    /// Puts back what was deleted last.
    pub fn put_back(self, state: State) {
        let Some(Deleted { entry, was_chosen }) = self.deleted.try_update(Vec::pop).flatten() else { return };
        spawn_local(async move {
            let id = entry.id.clone();
            state.progress.set(words::shelf::is_back(&entry.title()));
            self.add(state, entry).await;
            if was_chosen && state.editing.chosen.get_untracked().is_none() {
                state.editing.choose(id);
            }
        });
    }

    fn change(self, state: State, old: Entry, title: String, tags: Vec<String>) {
        spawn_local(async move {
            let Some(new) = self.rewrite(state, &old, title, tags).await else { return };
            if self.entry(&new.id).is_some() {
                // The same words as before are no change at all.
                if new.id != old.id {
                    state.fail(words::shelf::twin(&new.title()));
                }
                return;
            }
            let was_only_here = self.only_here.with_untracked(|ids| ids.contains(&old.id));
            self.swap(state, &old.id, new.clone());
            match records::replace(&old.id, &new).await {
                Ok(()) => {
                    self.tell(Some(&old.id), Some(&new.id));
                    state.storage.measure();
                }
                Err(error) => {
                    if was_only_here {
                        self.only_here.update(|ids| _ = ids.insert(new.id));
                    }
                    state.fail(words::not_kept(&error.to_string()));
                }
            }
        });
    }

    /// Shows the new one in the old one's place.
    fn swap(self, state: State, old: &str, new: Entry) {
        let id = new.id.clone();
        self.focused.set(Some(id.clone()));
        self.entries.update(|entries| {
            if let Some(place) = entries.iter_mut().find(|entry| entry.id == old) {
                *place = new;
            }
        });
        self.only_here.update(|ids| _ = ids.remove(old));
        if state.editing.chosen.get_untracked().as_deref() == Some(old) {
            state.editing.chosen.set(Some(id));
        }
    }

    /// The instruction with other words in its file's header; `None` with a sentence.
    async fn rewrite(self, state: State, entry: &Entry, title: String, tags: Vec<String>) -> Option<Entry> {
        let bridge = state.bridge()?;
        self.doing.set(Some(words::shelf::CHANGING.to_owned()));
        let ended = bridge.answer(Ask::Rewrite { file: 0, title, tags }, &[entry.file.clone().into()]).await;
        self.doing.set(None);
        match ended {
            Ok((Answer::Rewritten(card), files)) => {
                let file = blob_of(files.first()?, "application/octet-stream");
                // Its pictures are the same.
                Some(Entry { id: card.hash.clone(), card, file, ..entry.clone() })
            }
            Ok(_) => None,
            Err(failure) => {
                state.fail(words::shelf::about(&entry.title(), failure.sentence()));
                None
            }
        }
    }
}
