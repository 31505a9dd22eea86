//! Models: which base model the user wants, which are kept in this browser, and the one that is being fetched.
use super::learning::pace::now;
use super::{State, settings};
use crate::protocol::{Answer, Ask, Event, FetchAsk, StoredModel};
use crate::words::models as words;
use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::File;

/// Under this name the choice is kept.
const SETTING: &str = "model";

/// A model on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetching {
    /// Of the request.
    pub id: u32,
    /// Bytes that are here, and all.
    pub bytes: Option<(f64, f64)>,
    /// What it will take.
    pub needs: String,
    /// Bytes in a second, of this try.
    pub per_second: f64,
    /// When this try got its first bytes, and how many were there already.
    began: Option<(f64, f64)>,
}

/// Signals of base models.
#[derive(Clone, Copy)]
pub struct Models {
    /// Kept in this browser.
    pub kept: RwSignal<Vec<StoredModel>>,
    /// The one that is wanted; `None` is the page's own.
    pub wanted: RwSignal<Option<String>>,
    /// The one that is on its way.
    pub fetching: RwSignal<Option<Fetching>>,
    /// Why the last one did not come.
    pub trouble: RwSignal<String>,
}

impl Models {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self {
            kept: RwSignal::new(Vec::new()),
            wanted: RwSignal::new(None),
            fetching: RwSignal::new(None),
            trouble: RwSignal::new(String::new()),
        }
    }

    /// Takes the choice of the last visit.
    pub async fn remember(self) {
        self.wanted.set(settings::read(SETTING).await.filter(|name| !name.is_empty()));
    }
}

impl Default for Models {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Works with another model from now on, and at the next visit.
    pub fn use_model(self, name: Option<String>) {
        self.models.wanted.set(name.clone());
        spawn_local(async move { settings::keep(SETTING, &name.unwrap_or_default()).await });
        self.restart(words::CHANGED);
    }

    /// Asks which models are kept.
    pub fn list_models(self) {
        self.ask_models(Ask::Models);
    }

    /// Throws a model away.
    pub fn forget_model(self, name: String) {
        if self.models.wanted.get_untracked().as_ref() == Some(&name) {
            self.use_model(None);
        }
        self.ask_models(Ask::Forget(name));
    }

    fn ask_models(self, ask: Ask) {
        let Some(bridge) = self.bridge() else { return };
        spawn_local(async move {
            match bridge.answer(ask, &[]).await {
                Ok((Answer::Models(models), _)) => self.models.kept.set(models),
                Ok(_) => {}
                Err(failure) => self.models.trouble.set(failure.sentence().to_owned()),
            }
            self.storage.measure();
        });
    }

    /// Fetches a model, or the rest of it.
    pub fn fetch_model(self, address: String, precision: String) {
        self.fetch(FetchAsk { address, precision, paths: Vec::new() }, &[]);
    }

    /// Takes a model from a folder of this computer.
    pub fn take_model(self, files: Vec<File>, precision: String) {
        let path = |file: &File| {
            let path = Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
            path.filter(|path| !path.is_empty()).unwrap_or_else(|| format!("folder/{}", file.name()))
        };
        let paths: Vec<String> = files.iter().map(path).collect();
        let Some(folder) = paths.first().and_then(|path| path.split('/').next()) else { return };
        let address = format!("./{folder}");
        // another folder of this name is another model
        let inside = |(path, file): (&String, &File)| {
            let path = path.split_once('/').map_or(path.as_str(), |(_, rest)| rest);
            format!("{path}?{}-{}", file.size(), file.last_modified())
        };
        let paths = paths.iter().zip(&files).map(inside).collect();
        let files: Vec<JsValue> = files.into_iter().map(JsValue::from).collect();
        self.fetch(FetchAsk { address, precision, paths }, &files);
    }

    fn fetch(self, ask: FetchAsk, files: &[JsValue]) {
        let models = self.models;
        let Some(bridge) = self.bridge().filter(|_| models.fetching.get_untracked().is_none()) else { return };
        models.trouble.set(String::new());
        let (id, ending) = bridge.ask(Ask::Fetch(ask), files, move |event, _| {
            models.fetching.update(|fetching| match (fetching, event) {
                (Some(fetching), Event::Fetching { done, total }) => {
                    let (since, before) = *fetching.began.get_or_insert((now(), done));
                    let seconds = (now() - since) / 1e3;
                    fetching.per_second = if seconds > 0.0 { (done - before) / seconds } else { 0.0 };
                    fetching.bytes = Some((done, total));
                }
                (Some(fetching), Event::Planned(needs)) => fetching.needs = needs,
                _ => {}
            });
        });
        models.fetching.set(Some(Fetching { id, bytes: None, needs: String::new(), per_second: 0.0, began: None }));
        spawn_local(async move {
            if let Err(failure) = ending.await {
                models.trouble.set(failure.sentence().to_owned());
            } else {
                self.storage.kept();
            }
            models.fetching.set(None);
            self.list_models();
        });
    }

    /// Stops fetching; what has arrived is kept.
    pub fn stop_fetching(self) {
        if let (Some(bridge), Some(fetching)) = (self.bridge(), self.models.fetching.get_untracked()) {
            bridge.say(Ask::Stop(fetching.id));
        }
    }
}
