//! Editing: photos, what to do with them, and what came out.
pub mod downloading;
pub mod history;
mod names;
pub mod photo;
pub mod recall;
pub mod run;
pub mod wishes;

use super::State;
use crate::protocol::Card;
use crate::samples;
use crate::state::learning::pairs::View;
use crate::words::edit as words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use photo::Photo;
use run::{Job, Work};
use std::collections::VecDeque;
use web_sys::File;
use wishes::Wishes;

/// Longer side of what is shown of a photo, in pixels.
const VIEW: usize = 1024;

/// Signals of photos, what to do with them, and what came out.
#[derive(Clone, Copy)]
pub struct Editing {
    /// In the order in which they are shown.
    pub photos: RwSignal<Vec<Photo>, LocalStorage>,
    /// The photo on the stage.
    pub shown: RwSignal<Option<u32>>,
    /// Files that are being read.
    pub reading: RwSignal<usize>,
    /// The chosen instruction's id.
    pub chosen: RwSignal<Option<String>>,
    /// What the user wants.
    pub wishes: Wishes,
    /// The edit in hand.
    pub job: RwSignal<Option<Job>>,
    /// What it looks like on the way.
    pub preview: RwSignal<Option<View>, LocalStorage>,
    /// Whether the photo is shown as it was, as long as a key is held.
    pub peeks: RwSignal<bool>,
    /// Edits that wait, in their order.
    queue: StoredValue<VecDeque<(u32, Work)>, LocalStorage>,
    next: StoredValue<u32>,
}

impl Editing {
    /// The first sample's picture, so that the panel is never empty.
    pub fn new() -> Self {
        let editing = Self {
            photos: RwSignal::new_local(Vec::new()),
            shown: RwSignal::new(None),
            reading: RwSignal::new(0),
            chosen: RwSignal::new(None),
            wishes: Wishes::new(),
            job: RwSignal::new(None),
            preview: RwSignal::new_local(None),
            peeks: RwSignal::new(false),
            queue: StoredValue::new_local(VecDeque::new()),
            next: StoredValue::new(1),
        };
        editing.show_sample(samples::test_picture(samples::EFFECTS[0]));
        editing
    }

    /// A number that was never used.
    fn next(self) -> u32 {
        self.next.update_value(|next| *next += 1);
        self.next.get_value()
    }

    /// Opens a picture that comes with the page, in place of one that nobody used.
    pub fn open_url(self, _state: State, url: String) {
        self.show_sample(url);
    }

    fn show_sample(self, url: String) {
        let known = self.photos.with_untracked(|photos| photos.iter().find(|photo| photo.is_at(&url)).map(|p| p.id));
        if let Some(known) = known {
            return self.shown.set(Some(known));
        }
        let photo = Photo::sample(self.next(), url);
        let id = photo.id;
        self.photos.update(|photos| match photos.iter_mut().find(|photo| photo.is_untouched_sample()) {
            Some(place) => *place = photo,
            None => photos.push(photo),
        });
        self.shown.set(Some(id));
    }

    /// Opens picture files, one after another, and shows the first; files that are no pictures leave a sentence.
    pub fn add(self, state: State, files: Vec<File>) {
        let Some(bridge) = state.bridge() else { return };
        self.reading.update(|reading| *reading += files.len());
        spawn_local(async move {
            let mut is_first = true;
            for file in files {
                let name = file.name();
                let opened = super::opening::open(&bridge, file.into(), &name, VIEW).await;
                self.reading.update(|reading| *reading = reading.saturating_sub(1));
                match opened {
                    Ok(opened) => {
                        opened.info.notes.iter().for_each(|note| state.tell(note.clone()));
                        let made = opened.info.made.clone();
                        let id = self.place(Photo::new(self.next(), name.clone(), opened), made.is_none());
                        if std::mem::take(&mut is_first) {
                            self.shown.set(Some(id));
                            if let Some(plan) = made {
                                self.recall(state, &name, plan);
                            }
                        }
                    }
                    Err(why) => state.fail(why),
                }
            }
        });
    }

    /// Puts a photo at the end of the queue, and takes away an example that nobody used; its number. A picture that
    /// brings settings may be meant for them only: the example stays.
    fn place(self, photo: Photo, replaces: bool) -> u32 {
        let id = photo.id;
        self.photos.update(|photos| {
            photos.retain(|photo| !(replaces && photo.is_untouched_sample()));
            photos.push(photo);
        });
        id
    }

    /// Something of a photo.
    pub fn of<T>(self, id: u32, look: impl FnOnce(&Photo) -> T) -> Option<T> {
        self.photos.with(|photos| photos.iter().find(|photo| photo.id == id).map(look))
    }

    /// Something of the photo on the stage.
    pub fn of_shown<T>(self, look: impl FnOnce(&Photo) -> T) -> Option<T> {
        self.shown.get().and_then(|id| self.of(id, look))
    }

    fn change(self, id: u32, change: impl FnOnce(&mut Photo)) {
        self.photos.update(|photos| {
            if let Some(photo) = photos.iter_mut().find(|photo| photo.id == id) {
                change(photo);
            }
        });
    }

    /// Takes a photo off the page, and ends its edit.
    pub fn remove(self, state: State, id: u32) {
        let Some(place) = self.photos.with_untracked(|photos| photos.iter().position(|photo| photo.id == id)) else {
            return;
        };
        self.cancel(state, id);
        let was_shown = self.shown.get_untracked() == Some(id);
        let neighbour = self.photos.with_untracked(|photos| {
            photos.get(place + 1).or(place.checked_sub(1).and_then(|left| photos.get(left))).map(|photo| photo.id)
        });
        self.photos.update(|photos| photos.retain(|photo| photo.id != id));
        if was_shown {
            self.shown.set(neighbour);
        }
    }

    /// Takes the shown photo's last result back.
    pub fn undo(self, state: State) {
        self.step_through(state, |photo| photo.results.undo());
    }

    /// Brings the shown photo's next result back.
    pub fn redo(self, state: State) {
        self.step_through(state, |photo| photo.results.redo());
    }

    fn step_through(self, state: State, step: impl FnOnce(&mut Photo)) {
        let Some(id) = self.shown.get_untracked() else { return };
        if untrack(|| self.of(id, |photo| photo.phase.is_pending())) == Some(false) {
            self.change(id, step);
            let place = untrack(|| self.of(id, |photo| photo.results.place())).unwrap_or_default();
            state.progress.set(words::result_place(place));
        }
    }

    /// Takes the shown result as a photo of its own, to edit it further.
    pub fn go_further(self) {
        let made = untrack(|| {
            self.of_shown(|photo| {
                let edited = photo.results.shown()?;
                let name = names::download(&photo.name, &edited.plan.title(), "png");
                Some((photo.id, Photo::edited(self.next(), name, edited)))
            })
        });
        let Some((of, photo)) = made.flatten() else { return };
        let id = photo.id;
        self.photos.update(|photos| {
            let place = photos.iter().position(|photo| photo.id == of).map_or(photos.len(), |place| place + 1);
            photos.insert(place, photo);
        });
        self.shown.set(Some(id));
    }

    /// Chooses an instruction of the shelf.
    pub fn choose(self, id: String) {
        if self.chosen.get_untracked().as_ref() != Some(&id) {
            self.wishes.segments.set(Vec::new());
        }
        self.chosen.set(Some(id));
    }

    /// Chooses none.
    pub fn choose_none(self) {
        self.chosen.set(None);
        self.wishes.segments.set(Vec::new());
    }

    /// What the chosen instruction says about itself, if it is on the shelf.
    pub fn card(self, state: State) -> Option<Card> {
        let id = self.chosen.get()?;
        state.shelf.entries.with(|entries| entries.iter().find(|entry| entry.id == id).map(|entry| entry.card.clone()))
    }
}

impl Default for Editing {
    fn default() -> Self {
        Self::new()
    }
}
