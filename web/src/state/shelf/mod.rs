//! Shelf: learned instructions, as the user sees them, kept in the store; every tab shows the same.
mod archive;
mod change;
mod import;
mod records;
mod tabs;

use super::State;
use crate::bridge::blob_of;
use crate::protocol::Card;
use crate::store::{Records, Store};
use crate::words;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashSet;
use web_sys::{Blob, BroadcastChannel, Url};

/// PNGs of before and after.
type Pictures = (Uint8Array, Uint8Array);

/// A learned instruction.
#[derive(Clone)]
pub struct Entry {
    /// Names it on the shelf: the hash of its file.
    pub id: String,
    /// What it says about itself.
    pub card: Card,
    /// The instruction file.
    pub file: Blob,
    /// Addresses of the two thumbnails.
    pub thumbnails: Option<(String, String)>,
    pictures: Option<Pictures>,
    // When it came onto the shelf, by a clock that the shelf never lets go backwards.
    added: f64,
}

impl Entry {
    fn new(card: Card, file: Blob, pictures: Option<Pictures>, added: f64) -> Self {
        let url =
            |picture: &Uint8Array| Url::create_object_url_with_blob(&blob_of(picture, "image/png")).unwrap_or_default();
        let thumbnails = pictures.as_ref().map(|(before, after)| (url(before), url(after)));
        Self { id: card.hash.clone(), card, file, thumbnails, pictures, added }
    }

    /// Its name for people; text, whatever it holds.
    pub fn title(&self) -> String {
        let title = self.card.title.trim();
        if title.is_empty() { words::shelf::UNNAMED.to_owned() } else { title.to_owned() }
    }

    /// Whether all words are in its name, its tags or the text that it started from.
    pub fn has(&self, sought: &str) -> bool {
        let card = &self.card;
        let all = format!("{}\n{}\n{}", card.title, card.tags.join("\n"), card.start).to_lowercase();
        sought.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

/// What can still be put back.
#[derive(Clone)]
pub struct Deleted {
    /// The instruction.
    pub entry: Entry,
    was_chosen: bool,
}

/// Signals of learned instructions, as the user sees them.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// What is on it, newest first.
    pub entries: RwSignal<Vec<Entry>, LocalStorage>,
    /// Whether it is known what is on it.
    pub opened: RwSignal<bool>,
    /// What the user looks for.
    pub sought: RwSignal<String>,
    /// What was deleted, the last one last.
    pub deleted: RwSignal<Vec<Deleted>, LocalStorage>,
    /// What is being done; nothing else can be changed meanwhile.
    pub doing: RwSignal<Option<String>>,
    /// Ids of those that could not be stored.
    pub only_here: RwSignal<HashSet<String>>,
    /// The id of a card that takes the place of the one where the focus is.
    pub focused: RwSignal<Option<String>>,
    channel: StoredValue<Option<BroadcastChannel>, LocalStorage>,
}

impl Shelf {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            entries: RwSignal::new_local(Vec::new()),
            opened: RwSignal::new(false),
            sought: RwSignal::new(String::new()),
            deleted: RwSignal::new_local(Vec::new()),
            doing: RwSignal::new(None),
            only_here: RwSignal::new(HashSet::new()),
            focused: RwSignal::new(None),
            channel: StoredValue::new_local(None),
        }
    }

    /// Reads what is in the store, and follows what other tabs do to it.
    pub fn open(self, state: State) {
        self.listen(state);
        spawn_local(async move {
            match records::all().await {
                Ok(read) => {
                    let is_empty = read.is_empty();
                    read.into_iter().for_each(|entry| self.place(entry));
                    if !is_empty {
                        state.storage.measure();
                    }
                }
                Err(error) => state.fail(words::not_kept(&error.to_string())),
            }
            self.opened.set(true);
        });
    }

    /// Puts an instruction on the shelf and into the store; its id. What cannot be stored stays on the shelf, with a
    /// sentence.
    pub async fn keep(
        self,
        state: State,
        card: Card,
        file: Uint8Array,
        thumbnails: Option<(Uint8Array, Uint8Array)>,
    ) -> Option<String> {
        let id = card.hash.clone();
        if self.entry(&id).is_none() {
            let file = blob_of(&file, "application/octet-stream");
            self.add(state, Entry::new(card, file, thumbnails, self.now())).await;
        }
        Some(id)
    }

    /// The instruction of that id.
    pub fn entry(self, id: &str) -> Option<Entry> {
        self.entries.with_untracked(|entries| entries.iter().find(|entry| entry.id == id).cloned())
    }

    /// The id of the one after it, else of the one before it.
    pub fn neighbour(self, id: &str) -> Option<String> {
        self.entries.with_untracked(|entries| {
            let place = entries.iter().position(|entry| entry.id == id)?;
            let next = entries.get(place + 1).or_else(|| entries.get(place.checked_sub(1)?))?;
            Some(next.id.clone())
        })
    }

    /// Forgets what is stored of a run.
    pub async fn forget_run(self, run: String) {
        // Where there is no store, nothing was kept of the run either.
        let Ok(store) = Store::open().await else { return };
        let _ = store.delete(Records::Runs, &run).await;
        let _ = store.delete(Records::States, &run).await;
    }

    /// Puts it on the shelf, into the store, and onto the shelves of other tabs.
    async fn add(self, state: State, entry: Entry) {
        self.place(entry.clone());
        match records::add(&entry).await {
            Ok(()) => {
                self.only_here.update(|ids| _ = ids.remove(&entry.id));
                self.tell(None, Some(&entry.id));
                state.storage.kept();
            }
            Err(error) => {
                self.only_here.update(|ids| _ = ids.insert(entry.id.clone()));
                state.fail(words::not_kept(&error.to_string()));
            }
        }
    }

    /// Puts it where it belongs among the others, unless it is there.
    fn place(self, entry: Entry) {
        if self.entry(&entry.id).is_none() {
            self.entries.update(|entries| {
                entries.push(entry);
                entries.sort_by(|a, b| b.added.total_cmp(&a.added));
            });
        }
    }

    /// Takes it off the shelf.
    fn take(self, id: &str) {
        self.entries.update(|entries| entries.retain(|entry| entry.id != id));
        self.only_here.update(|ids| _ = ids.remove(id));
    }

    /// Milliseconds; later than all that is on the shelf, though the clock may have been set back since.
    fn now(self) -> f64 {
        let newest = self.entries.with_untracked(|entries| entries.first().map(|entry| entry.added + 1.0));
        newest.unwrap_or_default().max(js_sys::Date::now())
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self::new()
    }
}
