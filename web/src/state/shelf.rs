//! Shelf: learned instructions, as the user sees them, kept in the store.
use super::State;
use crate::bridge::blob_of;
use crate::protocol::{Answer, Ask, Card};
use crate::store::{Records, Store, StoreError};
use crate::words;
use js_sys::{Object, Reflect, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File, Url};

/// The version of a record; a newer one is left alone.
const VERSION: f64 = 1.0;
/// Larger files are no instructions.
const MOST: f64 = 256e6;

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
}

/// Signals of learned instructions, as the user sees them.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// What is on it, newest first.
    pub entries: RwSignal<Vec<Entry>, LocalStorage>,
}

impl Shelf {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { entries: RwSignal::new_local(Vec::new()) }
    }

    /// Reads what is in the store.
    pub fn open(self, state: State) {
        spawn_local(async move {
            match records().await {
                Ok(mut records) => {
                    records.sort_by(|a, b| b.0.total_cmp(&a.0));
                    self.entries.update(|entries| entries.extend(records.into_iter().map(|(_, entry)| entry)));
                }
                Err(error) => state.fail(words::not_kept(&error.to_string())),
            }
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
        if self.entry(&id).is_some() {
            return Some(id);
        }
        self.entries.update(|entries| entries.insert(0, entry(card.clone(), &file, thumbnails.clone())));
        if let Err(error) = store(&card, &file, thumbnails).await {
            state.fail(words::not_kept(&error.to_string()));
        }
        Some(id)
    }

    /// Reads instruction files and keeps them.
    pub fn import(self, state: State, files: Vec<File>) {
        let Some(bridge) = state.bridge() else { return };
        spawn_local(async move {
            for file in files {
                let name = file.name();
                if file.size() > MOST {
                    state.fail(words::shelf::too_large(&name));
                    continue;
                }
                let bytes = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await;
                let Ok(bytes) = bytes.map(|buffer| Uint8Array::new(&buffer)) else {
                    state.fail(words::shelf::unreadable(&name));
                    continue;
                };
                match bridge.answer(Ask::Inspect(0), &[file.into()]).await {
                    Ok((Answer::Inspected(card), pictures)) => {
                        let thumbnails = card.thumbnails.and_then(|(before, after)| {
                            Some((pictures.get(before)?.clone(), pictures.get(after)?.clone()))
                        });
                        self.keep(state, card, bytes, thumbnails).await;
                    }
                    Ok(_) => {}
                    Err(failure) => state.fail(format!("{name}: {}", failure.sentence())),
                }
            }
        });
    }

    /// The instruction of that id.
    pub fn entry(self, id: &str) -> Option<Entry> {
        self.entries.with_untracked(|entries| entries.iter().find(|entry| entry.id == id).cloned())
    }

    /// Forgets what is stored of a run.
    pub async fn forget_run(self, run: String) {
        // Where there is no store, nothing was kept of the run either.
        let Ok(store) = Store::open().await else { return };
        let _ = store.delete(Records::Runs, &run).await;
        let _ = store.delete(Records::States, &run).await;
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self::new()
    }
}

fn entry(card: Card, file: &Uint8Array, thumbnails: Option<(Uint8Array, Uint8Array)>) -> Entry {
    let url =
        |picture: &Uint8Array| Url::create_object_url_with_blob(&blob_of(picture, "image/png")).unwrap_or_default();
    Entry {
        id: card.hash.clone(),
        card,
        file: blob_of(file, "application/octet-stream"),
        thumbnails: thumbnails.map(|(before, after)| (url(&before), url(&after))),
    }
}

async fn store(card: &Card, file: &Uint8Array, thumbnails: Option<(Uint8Array, Uint8Array)>) -> Result<(), StoreError> {
    let other = |error: serde_wasm_bindgen::Error| StoreError::Other(error.to_string());
    let (before, after) = thumbnails.map_or((JsValue::NULL, JsValue::NULL), |(a, b)| (a.into(), b.into()));
    let record = Object::new();
    let fields: [(&str, JsValue); 6] = [
        ("version", VERSION.into()),
        ("added", js_sys::Date::now().into()),
        ("card", serde_wasm_bindgen::to_value(card).map_err(other)?),
        ("file", file.into()),
        ("before", before),
        ("after", after),
    ];
    for (name, value) in fields {
        // A new object takes any field.
        let _ = Reflect::set(&record, &name.into(), &value);
    }
    Store::open().await?.put(Records::Instructions, &card.hash, &record).await
}

/// Every record that this version can read, with the time when it was added.
async fn records() -> Result<Vec<(f64, Entry)>, StoreError> {
    let all = Store::open().await?.all(Records::Instructions).await?;
    let read = |record: JsValue| {
        let field = |name: &str| Reflect::get(&record, &name.into()).ok();
        let bytes = |name: &str| field(name)?.dyn_into::<Uint8Array>().ok();
        if field("version")?.as_f64()? > VERSION {
            return None;
        }
        let card = serde_wasm_bindgen::from_value(field("card")?).ok()?;
        let thumbnails = bytes("before").zip(bytes("after"));
        Some((field("added")?.as_f64()?, entry(card, &bytes("file")?, thumbnails)))
    };
    Ok(all.into_iter().filter_map(|(_, record)| read(record)).collect())
}
