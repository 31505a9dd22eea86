//! Archive: everything on the shelf in one file.
use super::Shelf;
use super::import::MOST_ARCHIVE;
use crate::bridge::blob_of;
use crate::protocol::{Answer, Ask};
use crate::state::State;
use crate::words::shelf as words;
use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashSet;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

/// A download has begun by then.
const FREE_AFTER: std::time::Duration = std::time::Duration::from_secs(60);

impl Shelf {
    /// Downloads all instructions as one archive.
    pub fn download_all(self, state: State) {
        let Some(bridge) = state.bridge() else { return };
        let entries = self.entries.get_untracked();
        if entries.iter().map(|entry| entry.file.size()).sum::<f64>() > MOST_ARCHIVE {
            return state.fail(words::TOO_MUCH);
        }
        self.doing.set(Some(words::ARCHIVE_BEING_MADE.to_owned()));
        let names = file_names(entries.iter().map(|entry| entry.title()));
        let files: Vec<JsValue> = entries.into_iter().map(|entry| entry.file.into()).collect();
        spawn_local(async move {
            match bridge.answer(Ask::Pack(names), &files).await {
                Ok((Answer::Packed, archive)) => {
                    let day: String = Date::new_0().to_iso_string().as_string().unwrap_or_default();
                    let name = words::archive_name(day.get(..10).unwrap_or_default());
                    if let Some(archive) = archive.first() {
                        download(&blob_of(archive, "application/zip"), &name);
                    }
                }
                Ok(_) => {}
                Err(failure) => state.fail_with(&failure),
            }
            self.doing.set(None);
        });
    }
}

/// A name for each, no two alike where capitals count for nothing.
fn file_names(titles: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = HashSet::new();
    titles
        .map(|title| {
            let stem = words::file_stem(&title);
            let candidates = (1..).map(|n| if n == 1 { stem.clone() } else { format!("{stem} ({n})") });
            let free = candidates.into_iter().find(|name| taken.insert(name.to_lowercase()));
            format!("{}.safetensors", free.unwrap_or(stem))
        })
        .collect()
}

/// Hands a file to the browser's downloads.
fn download(file: &Blob, name: &str) {
    let Ok(url) = Url::create_object_url_with_blob(file) else { return };
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // An address that is none is nothing to free.
    set_timeout(move || drop(Url::revoke_object_url(&url)), FREE_AFTER);
}
