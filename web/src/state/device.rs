//! Device: the worker is started, opens the device that the user wants, and is started again when it falls.
use super::learning::pace;
use super::learning::run::Phase;
use super::{Readiness, State, offline, settings};
use crate::bridge::Bridge;
use crate::protocol::{Answer, Ask, DeviceChoice, Event, Failure, LoadAsk, ModelChoice, Sparing};
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// Under this name the choice is kept.
const SETTING: &str = "device";
/// Two falls within it are no accident.
const MINUTE: f64 = 60e3;
/// A worker that says nothing for so long may never come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What went wrong with the worker and its device.
#[derive(Clone, Copy)]
pub struct Troubles {
    /// Whether the CPU would do where the GPU does not.
    pub cpu_would_do: RwSignal<bool>,
    /// Whether the worker takes long to come.
    pub late: RwSignal<bool>,
    // Whether work with a kept model broke off on a GPU, since the device was chosen: it may have been too small.
    lost: StoredValue<bool>,
    // When it fell last, by a clock that nobody sets.
    fell: StoredValue<Option<f64>>,
    // Counts the workers.
    started: StoredValue<u32>,
    // Whether the choice of the last visit was read.
    remembered: StoredValue<bool>,
}

impl Troubles {
    /// None yet.
    pub fn new() -> Self {
        Self {
            cpu_would_do: RwSignal::new(false),
            late: RwSignal::new(false),
            lost: StoredValue::new(false),
            fell: StoredValue::new(None),
            started: StoredValue::new(0),
            remembered: StoredValue::new(false),
        }
    }
}

impl Default for Troubles {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Starts the worker; it loads the model as soon as it is there.
    pub fn start(self) {
        self.wait();
        self.bridge.set_value(Some(Bridge::start(move |event| self.hear(event))));
    }

    /// Starts the worker and the model once more.
    pub fn try_again(self) {
        self.restart(words::header::STARTED_AGAIN);
    }

    /// Works on another device from now on, and at the next visit: a worker opens one device in its life, so another
    /// worker is started. What runs is stopped; a learning run is in the store up to its last few seconds.
    pub fn use_device(self, choice: DeviceChoice) {
        self.choice.set(choice);
        self.troubles.remembered.set_value(true);
        spawn_local(settings::keep(SETTING, name(choice)));
        self.troubles.lost.set_value(false);
        self.restart(words::header::DEVICE_CHANGED);
    }

    pub(super) fn restart(self, why: &str) {
        self.readiness.set(Readiness::Starting);
        self.wait();
        if let Some(bridge) = self.bridge() {
            bridge.restart(why);
        }
    }

    /// Nothing tells that a file never comes; the user is told at some time.
    fn wait(self) {
        let troubles = self.troubles;
        troubles.cpu_would_do.set(false);
        troubles.late.set(false);
        troubles.started.update_value(|count| *count += 1);
        let count = troubles.started.get_value();
        let check = move || {
            let is_same = troubles.started.get_value() == count;
            troubles.late.set(is_same && self.readiness.get_untracked() == Readiness::Starting);
        };
        set_timeout(check, PATIENCE);
    }

    fn hear(self, event: Event) {
        match event {
            Event::Ready { gpu } => {
                self.adapter.set(gpu);
                spawn_local(async move {
                    self.remember().await;
                    self.load().await;
                });
            }
            Event::Crashed(text) => self.recover(text),
            _ => {}
        }
    }

    /// Takes the choice of the last visit, unless the user has chosen since.
    async fn remember(self) {
        if self.troubles.remembered.get_value() {
            return;
        }
        let kept = settings::read(SETTING).await;
        let choice = CHOICES.into_iter().find(|choice| kept.as_deref() == Some(name(*choice)));
        self.models.remember().await;
        if !self.troubles.remembered.get_value() {
            self.troubles.remembered.set_value(true);
            self.choice.set(choice.unwrap_or_default());
        }
    }

    /// Loads the model on the device that the user wants.
    async fn load(self) {
        let Some(bridge) = self.bridge() else { return };
        self.readiness.set(Readiness::Loading(0.0));
        let choice = self.choice.get_untracked();
        let count = self.troubles.started.get_value();
        let kept = self.models.wanted.get_untracked();
        let model = kept.clone().map_or_else(|| ModelChoice::Site(model_url()), ModelChoice::Kept);
        let sparing = kept.is_some() && self.troubles.lost.get_value();
        let ask = Ask::Load(LoadAsk { device: choice, model, sparing });
        let (_, ending) = bridge.ask(ask, &[], move |event, _| match event {
            Event::Loading { bytes } => self.readiness.set(Readiness::Loading(bytes)),
            Event::Warning(text) => self.tell(text),
            _ => {}
        });
        match ending.await {
            Ok((Answer::Loaded(model), _)) => {
                model.notes.iter().for_each(|note| self.tell(note.clone()));
                self.readiness.set(Readiness::Ready(model));
                // Last: it fetches everything once more.
                offline::keep(self);
            }
            Ok(_) => {}
            // Of a worker that is no more: another one is on its way, or why not is said already.
            Err(_) if self.troubles.started.get_value() != count || !self.is_loading() => {}
            // the page's own model is always there
            Err(Failure::Model(why)) if kept.is_some() => {
                self.fail(why);
                self.use_model(None);
            }
            Err(failure) => {
                let is_device = matches!(failure, Failure::Device(_));
                self.troubles.cpu_would_do.set(is_device && choice != DeviceChoice::Cpu);
                self.readiness.set(Readiness::Fallen(failure.sentence().to_owned()));
            }
        }
    }

    fn is_loading(self) -> bool {
        matches!(self.readiness.get_untracked(), Readiness::Loading(_))
    }

    /// The worker is of no more use: another is started, unless none ever came up or the last one fell just now too.
    fn recover(self, text: String) {
        let now = pace::now();
        let again = self.troubles.fell.get_value().is_some_and(|fell| now - fell < MINUTE);
        self.troubles.fell.set_value(Some(now));
        let came_up = !matches!(self.readiness.get_untracked(), Readiness::Starting | Readiness::Fallen(_));
        let on_gpu = self.is_on_gpu();
        if !came_up || (again && !on_gpu) {
            let text = if came_up { words::header::fell_again(&text) } else { text };
            self.fail(text.clone());
            self.readiness.set(Readiness::Fallen(text));
            return;
        }
        if on_gpu && self.models.wanted.get_untracked().is_some() {
            self.troubles.lost.set_value(true);
        }
        self.fail(words::header::starts_again(&text));
        if on_gpu && self.learning.phase.get_untracked() == Phase::Running {
            self.learning.run.sparing.update(|sparing| {
                *sparing = if *sparing == Sparing::Nothing { Sparing::Memory } else { Sparing::Size };
            });
        }
        if again {
            // Not for the next visit: that is the user's to choose.
            let (choice, why) = match self.choice.get_untracked() {
                DeviceChoice::GpuHalf => (DeviceChoice::Gpu, words::header::WHOLE_FROM_NOW),
                _ => (DeviceChoice::Cpu, words::header::CPU_FROM_NOW),
            };
            self.choice.set(choice);
            self.tell(why);
        }
        self.restart(&text);
    }

    /// Whether the worker works on a GPU, as far as is known.
    pub fn is_on_gpu(self) -> bool {
        match (self.readiness.get_untracked(), self.choice.get_untracked()) {
            (Readiness::Ready(model), _) => model.device.gpu,
            (_, DeviceChoice::Cpu) => false,
            (_, DeviceChoice::Gpu | DeviceChoice::GpuHalf) => true,
            (_, DeviceChoice::Auto) => self.adapter.get_untracked().is_some_and(|adapter| !adapter.software),
        }
    }
}

/// Every choice.
const CHOICES: [DeviceChoice; 4] = [DeviceChoice::Auto, DeviceChoice::Gpu, DeviceChoice::GpuHalf, DeviceChoice::Cpu];

/// A choice as it is written.
pub fn name(choice: DeviceChoice) -> &'static str {
    match choice {
        DeviceChoice::Auto => "auto",
        DeviceChoice::Gpu => "gpu",
        DeviceChoice::GpuHalf => "gpu-f16",
        DeviceChoice::Cpu => "cpu",
    }
}

/// A choice as it was written.
pub fn choice(name: &str) -> DeviceChoice {
    CHOICES.into_iter().find(|choice| self::name(*choice) == name).unwrap_or_default()
}

/// The model that comes with the page, as an absolute address: a worker's own addresses are relative to its script.
fn model_url() -> String {
    let base = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .unwrap_or_default();
    web_sys::Url::new_with_base("models/demo/", &base).map(|url| url.href()).unwrap_or_default()
}
