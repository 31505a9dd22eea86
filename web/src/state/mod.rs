//! State: everything that the page knows, as signals; the views are functions of it.
pub mod editing;
pub mod learning;
mod offline;
pub mod shelf;

use crate::bridge::Bridge;
use crate::protocol::{Answer, Ask, DeviceChoice, DeviceInfo, Event, Failure, LoadAsk, ModelInfo};
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How far the worker is.
#[derive(Clone, Debug, PartialEq)]
pub enum Readiness {
    /// It has said nothing yet.
    Starting,
    /// The model is on its way; bytes so far.
    Loading(f64),
    /// It can learn and edit.
    Ready(ModelInfo),
    /// It cannot, and why.
    Fallen(String),
}

/// A sentence for the user, until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Tells notices apart.
    pub id: u32,
    /// Whether something went wrong.
    pub is_error: bool,
    /// The sentence; shown as text.
    pub text: String,
}

/// Everything that the page knows; `Copy`, handed to every view.
#[derive(Clone, Copy)]
pub struct State {
    /// The wire to the worker.
    pub bridge: StoredValue<Option<Bridge>, LocalStorage>,
    /// How far the worker is.
    pub readiness: RwSignal<Readiness>,
    /// The adapter that WebGPU offers, once the worker has said so.
    pub adapter: RwSignal<Option<DeviceInfo>>,
    /// Which device the user wants.
    pub choice: RwSignal<DeviceChoice>,
    /// What to tell the user, oldest first.
    pub notices: RwSignal<Vec<Notice>>,
    /// Said to screen readers: how far things are.
    pub progress: RwSignal<String>,
    /// Pairs and learning.
    pub learning: learning::Learning,
    /// Photos and edits.
    pub editing: editing::Editing,
    /// Learned instructions.
    pub shelf: shelf::Shelf,
}

impl State {
    /// Nothing yet; [`start`](Self::start) begins.
    pub fn new() -> Self {
        Self {
            bridge: StoredValue::new_local(None),
            readiness: RwSignal::new(Readiness::Starting),
            adapter: RwSignal::new(None),
            choice: RwSignal::new(DeviceChoice::Auto),
            notices: RwSignal::new(Vec::new()),
            progress: RwSignal::new(String::new()),
            learning: learning::Learning::new(),
            editing: editing::Editing::new(),
            shelf: shelf::Shelf::new(),
        }
    }

    /// Starts the worker; it loads the model as soon as it is there.
    pub fn start(self) {
        self.bridge.set_value(Some(Bridge::start(move |event| self.hear(event))));
    }

    /// The wire to the worker; there from [`start`](Self::start) on.
    pub fn bridge(self) -> Option<Bridge> {
        self.bridge.get_value()
    }

    /// The loaded model, if it is.
    pub fn model(self) -> Option<ModelInfo> {
        match self.readiness.get() {
            Readiness::Ready(model) => Some(model),
            _ => None,
        }
    }

    /// Tells the user something.
    pub fn tell(self, text: impl Into<String>) {
        self.notice(text.into(), false);
    }

    /// Tells the user that something went wrong.
    pub fn fail(self, text: impl Into<String>) {
        self.notice(text.into(), true);
    }

    /// Tells the user how a request failed; a stop that was asked for is no failure.
    pub fn fail_with(self, failure: &Failure) {
        if !failure.sentence().is_empty() {
            self.fail(failure.sentence());
        }
    }

    /// Forgets a notice.
    pub fn dismiss(self, id: u32) {
        self.notices.update(|notices| notices.retain(|notice| notice.id != id));
    }

    /// Loads the model on the device that the user wants.
    pub fn load(self) {
        let Some(bridge) = self.bridge() else { return };
        self.readiness.set(Readiness::Loading(0.0));
        let ask = Ask::Load(LoadAsk { device: self.choice.get_untracked(), model: model_url() });
        let (_, ending) = bridge.ask(ask, &[], move |event, _| match event {
            Event::Loading { bytes } => self.readiness.set(Readiness::Loading(bytes)),
            Event::Warning(text) => self.tell(text),
            _ => {}
        });
        spawn_local(async move {
            match ending.await {
                Ok((Answer::Loaded(model), _)) => {
                    model.notes.iter().for_each(|note| self.tell(note.clone()));
                    self.readiness.set(Readiness::Ready(model));
                    // Last: it fetches everything once more.
                    offline::keep(self);
                }
                Ok(_) => {}
                Err(failure) => self.readiness.set(Readiness::Fallen(failure.sentence().to_owned())),
            }
        });
    }

    /// Works on another device from now on: a worker opens one device in its life, so another worker is started.
    /// What runs is stopped; a learning run is in the store up to its last few seconds.
    pub fn use_device(self, choice: DeviceChoice) {
        self.choice.set(choice);
        self.readiness.set(Readiness::Starting);
        if let Some(bridge) = self.bridge() {
            bridge.restart(words::header::DEVICE_CHANGED);
        }
    }

    fn hear(self, event: Event) {
        match event {
            Event::Ready { gpu } => {
                self.adapter.set(gpu);
                self.load();
            }
            Event::Crashed(text) => self.recover(text),
            _ => {}
        }
    }

    /// The worker is of no more use: another is started, unless none ever came up.
    fn recover(self, text: String) {
        let came_up = !matches!(self.readiness.get_untracked(), Readiness::Starting | Readiness::Fallen(_));
        if !came_up {
            self.fail(text.clone());
            self.readiness.set(Readiness::Fallen(text));
            return;
        }
        self.fail(text.clone());
        self.readiness.set(Readiness::Starting);
        if let Some(bridge) = self.bridge() {
            bridge.restart(&text);
        }
    }

    fn notice(self, text: String, is_error: bool) {
        self.notices.update(|notices| {
            if notices.iter().any(|notice| notice.text == text) {
                return;
            }
            let id = notices.iter().map(|notice| notice.id).max().unwrap_or_default() + 1;
            notices.push(Notice { id, is_error, text });
        });
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

/// The model that comes with the page, as an absolute address: a worker's own addresses are relative to its script.
fn model_url() -> String {
    let base = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .unwrap_or_default();
    web_sys::Url::new_with_base("models/demo/", &base).map(|url| url.href()).unwrap_or_default()
}
