//! State: everything that the page knows, as signals; the views are functions of it.
pub mod device;
pub mod editing;
pub mod learning;
pub mod models;
mod offline;
pub mod opening;
mod settings;
pub mod shelf;
pub mod storage;
pub mod theme;

use crate::bridge::Bridge;
use crate::protocol::{DeviceChoice, DeviceInfo, Failure, ModelInfo};
use leptos::prelude::*;

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
    /// What is kept of the worker's and the device's troubles.
    pub troubles: device::Troubles,
    /// What to tell the user, oldest first.
    pub notices: RwSignal<Vec<Notice>>,
    /// Said to screen readers: how far things are.
    pub progress: RwSignal<String>,
    /// Base models.
    pub models: models::Models,
    /// Pairs and learning.
    pub learning: learning::Learning,
    /// Photos and edits.
    pub editing: editing::Editing,
    /// Learned instructions.
    pub shelf: shelf::Shelf,
    /// What the browser keeps.
    pub storage: storage::Storage,
}

impl State {
    /// Nothing yet; [`start`](Self::start) begins.
    pub fn new() -> Self {
        Self {
            bridge: StoredValue::new_local(None),
            readiness: RwSignal::new(Readiness::Starting),
            adapter: RwSignal::new(None),
            choice: RwSignal::new(DeviceChoice::Auto),
            troubles: device::Troubles::new(),
            notices: RwSignal::new(Vec::new()),
            progress: RwSignal::new(String::new()),
            models: models::Models::new(),
            learning: learning::Learning::new(),
            editing: editing::Editing::new(),
            shelf: shelf::Shelf::new(),
            storage: storage::Storage::new(),
        }
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
