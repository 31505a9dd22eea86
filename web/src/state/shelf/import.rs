//! Import: instruction files and archives of them come onto the shelf; each that cannot has its sentence.
use super::{Entry, Shelf};
use crate::bridge::{Bridge, blob_of};
use crate::protocol::{Answer, Ask};
use crate::state::State;
use crate::words;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// Larger files are no instructions.
const MOST: f64 = 256e6;
/// Larger archives are not opened.
pub(super) const MOST_ARCHIVE: f64 = 1e9;

/// What came of the files.
#[derive(Default)]
struct Tally {
    added: Vec<String>,
    // The file, and the name of the one that is there.
    twins: Vec<(String, String)>,
}

impl Shelf {
    /// Reads instruction files, and archives of them, and keeps what is in them.
    pub fn import(self, state: State, files: Vec<File>) {
        let Some(bridge) = state.bridge().filter(|_| !files.is_empty()) else { return };
        spawn_local(async move {
            let mut tally = Tally::default();
            for (idx, file) in files.iter().enumerate() {
                self.doing.set(Some(words::shelf::reading(idx + 1, files.len())));
                let name = file.name();
                if name.to_lowercase().ends_with(".zip") || file.type_() == "application/zip" {
                    self.unpack(state, &bridge, file, &mut tally).await;
                } else if file.size() > MOST {
                    state.fail(words::shelf::too_large(&name));
                } else if let Some(bytes) = read(state, file).await {
                    self.take_in(state, &bridge, &name, bytes, &mut tally).await;
                }
            }
            self.doing.set(None);
            sum_up(state, &tally);
        });
    }

    async fn take_in(self, state: State, bridge: &Bridge, name: &str, bytes: Uint8Array, tally: &mut Tally) {
        let file = blob_of(&bytes, "application/octet-stream");
        match bridge.answer(Ask::Inspect(0), &[file.clone().into()]).await {
            Ok((Answer::Inspected(card), files)) => {
                if let Some(twin) = self.entry(&card.hash) {
                    tally.twins.push((name.to_owned(), twin.title()));
                    return;
                }
                let picture = |idx: usize| files.get(idx).cloned();
                let pictures = card.thumbnails.and_then(|(before, after)| picture(before).zip(picture(after)));
                let entry = Entry::new(card, file, pictures, self.now());
                tally.added.push(entry.title());
                self.add(state, entry).await;
            }
            Ok(_) => {}
            Err(failure) => state.fail(words::shelf::about(name, failure.sentence())),
        }
    }

    async fn unpack(self, state: State, bridge: &Bridge, archive: &File, tally: &mut Tally) {
        let name = archive.name();
        if archive.size() > MOST_ARCHIVE {
            return state.fail(words::shelf::archive_too_large(&name));
        }
        match bridge.answer(Ask::Unpack(0), &[archive.clone().into()]).await {
            Ok((Answer::Unpacked { names, damaged }, files)) => {
                let is_instruction = |file: &str| file.to_lowercase().ends_with(".safetensors");
                let mut n = damaged.len();
                damaged.iter().for_each(|why| state.fail(words::shelf::about(&name, why)));
                for (idx, (file, bytes)) in
                    names.iter().zip(files).enumerate().filter(|(_, (name, _))| is_instruction(name))
                {
                    n += 1;
                    self.doing.set(Some(words::shelf::reading(idx + 1, names.len())));
                    self.take_in(state, bridge, &words::shelf::about(&name, file), bytes, tally).await;
                }
                if n == 0 {
                    state.fail(words::shelf::nothing_in_it(&name));
                }
            }
            Ok(_) => {}
            Err(failure) => state.fail(words::shelf::about(&name, failure.sentence())),
        }
    }
}

/// Says what came in.
fn sum_up(state: State, tally: &Tally) {
    match (tally.added.as_slice(), tally.twins.as_slice()) {
        ([], []) => {}
        ([title], []) => state.tell(words::shelf::added(title)),
        ([], [(file, title)]) => state.tell(words::shelf::already_there(file, title)),
        (added, twins) => state.tell(words::shelf::came_in(added.len(), twins.len())),
    }
}

async fn read(state: State, file: &Blob) -> Option<Uint8Array> {
    let read = JsFuture::from(file.array_buffer()).await;
    let name = || wasm_bindgen::JsCast::dyn_ref::<File>(file).map(File::name).unwrap_or_default();
    match read {
        Ok(buffer) => Some(Uint8Array::new(&buffer)),
        Err(_) => {
            state.fail(words::shelf::unreadable(&name()));
            None
        }
    }
}
