//! Editing: a photo, what to do with it, and what came out.
use super::State;
use crate::bridge::blob_of;
use crate::protocol::{Answer, Ask, EditAsk, Event, Heard, OpenAsk, PictureInfo, PictureRef, Sampler};
use crate::words;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Url};

/// Longer side of what is shown of a photo, in pixels.
const VIEW: usize = 1024;

/// A photo that was opened.
#[derive(Clone)]
pub struct Photo {
    /// Its file's name.
    pub name: String,
    /// Its file.
    pub file: Blob,
    /// Address of what is shown of it.
    pub view: String,
    /// What the worker said of it.
    pub info: PictureInfo,
}

/// Signals of a photo, what to do with it, and what came out.
#[derive(Clone, Copy)]
pub struct Editing {
    /// The photo.
    pub photo: RwSignal<Option<Photo>, LocalStorage>,
    /// The chosen instruction's id.
    pub chosen: RwSignal<Option<String>>,
    /// Words to follow.
    pub text: RwSignal<String>,
    /// 0 to 150 percent.
    pub amount: RwSignal<f64>,
    /// The request that runs.
    pub running: RwSignal<Option<u32>>,
    /// How far it is.
    pub step: RwSignal<(usize, usize)>,
    /// Address of a picture on the way.
    pub preview: RwSignal<Option<String>>,
    /// Address of the picture that came out.
    pub result: RwSignal<Option<String>>,
}

impl Editing {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            photo: RwSignal::new_local(None),
            chosen: RwSignal::new(None),
            text: RwSignal::new(String::new()),
            amount: RwSignal::new(100.0),
            running: RwSignal::new(None),
            step: RwSignal::new((0, 0)),
            preview: RwSignal::new(None),
            result: RwSignal::new(None),
        }
    }

    /// Opens a picture that lies beside the page.
    pub fn open_url(self, state: State, url: String) {
        spawn_local(async move {
            let Some(window) = web_sys::window() else { return };
            let name = url.rsplit('/').next().unwrap_or_default().to_owned();
            let fetched = async {
                let response: web_sys::Response = JsFuture::from(window.fetch_with_str(&url)).await?.dyn_into()?;
                JsFuture::from(response.blob()?).await
            };
            match fetched.await {
                Ok(blob) => self.open(state, name, blob.unchecked_into()),
                Err(_) => state.fail(words::no_network(&name)),
            }
        });
    }

    /// Opens a picture file.
    pub fn open(self, state: State, name: String, file: Blob) {
        let Some(bridge) = state.bridge() else { return };
        spawn_local(async move {
            let ask = Ask::Open(OpenAsk { file: 0, name: name.clone(), longer: VIEW });
            match bridge.answer(ask, &[file.clone().into()]).await {
                Ok((Answer::Opened(info), views)) => {
                    info.notes.iter().for_each(|note| state.tell(note.clone()));
                    let view = views.first().map(|view| url(view, &info.mime)).unwrap_or_default();
                    if let Some(old) = self.photo.get_untracked() {
                        free(&old.view);
                    }
                    self.photo.set(Some(Photo { name, file, view, info }));
                    replace(self.result, None);
                }
                Ok(_) => {}
                Err(failure) => state.fail_with(&failure),
            }
        });
    }

    /// Chooses an instruction of the shelf.
    pub fn choose(self, id: String) {
        self.chosen.set(Some(id));
    }

    /// Edits the photo by the chosen instruction, then by the words.
    pub fn run(self, state: State) {
        let (Some(bridge), Some(photo)) = (state.bridge(), self.photo.get_untracked()) else { return };
        if self.running.get_untracked().is_some() {
            return;
        }
        let mut files: Vec<JsValue> = vec![photo.file.into()];
        let mut heard = Vec::new();
        if let Some(entry) = self.chosen.get_untracked().and_then(|id| state.shelf.entry(&id)) {
            files.push(entry.file.into());
            heard.push(Heard::Instruction(1));
        }
        let text = self.text.get_untracked().trim().to_owned();
        if !text.is_empty() {
            heard.push(Heard::Text(text));
        }
        if heard.is_empty() {
            return state.fail(words::edit::NOTHING_TO_DO);
        }
        let ask = EditAsk {
            picture: PictureRef { file: 0, name: photo.name, crop: None },
            heard,
            strength: Some(self.amount.get_untracked() / 100.0),
            steps: None,
            guidance_scale: None,
            image_guidance_scale: None,
            sampler: Sampler::default(),
            seed: 0,
            size: None,
            segments: Vec::new(),
            previews: true,
            note: String::new(),
        };
        let on_event = move |event, pictures: Vec<Uint8Array>| match event {
            Event::Step { step, steps } => self.step.set((step, steps)),
            Event::Preview { .. } => replace(self.preview, pictures.first().map(|picture| url(picture, "image/png"))),
            Event::Warning(text) => state.tell(text),
            _ => {}
        };
        let (id, ending) = bridge.ask(Ask::Edit(Box::new(ask)), &files, on_event);
        self.step.set((0, 0));
        self.running.set(Some(id));
        spawn_local(async move {
            match ending.await {
                Ok((_, pictures)) => {
                    replace(self.result, pictures.first().map(|picture| url(picture, "image/png")));
                    state.progress.set(words::edit::DONE.to_owned());
                }
                Err(failure) => state.fail_with(&failure),
            }
            replace(self.preview, None);
            self.running.set(None);
        });
    }

    /// Ends the edit that runs, within one step.
    pub fn cancel(self, state: State) {
        if let (Some(bridge), Some(id)) = (state.bridge(), self.running.get_untracked()) {
            bridge.say(Ask::Stop(id));
        }
    }
}

impl Default for Editing {
    fn default() -> Self {
        Self::new()
    }
}

fn url(picture: &Uint8Array, mime: &str) -> String {
    Url::create_object_url_with_blob(&blob_of(picture, mime)).unwrap_or_default()
}

fn free(url: &str) {
    // An address that is none is nothing to free.
    let _ = Url::revoke_object_url(url);
}

/// Shows another picture, and frees the one that was shown.
fn replace(shown: RwSignal<Option<String>>, picture: Option<String>) {
    let old = shown.get_untracked();
    shown.set(picture);
    if let Some(old) = old {
        free(&old);
    }
}
