//! Host: takes requests in, keeps the jobs in line, and does what is quick between two steps of a job.
use super::room::Room;
use super::wire::{self, end, event, scope};
use super::{edit, learn, load, look, models};
use crate::protocol::{Answer, Ask, Event, Failure, ModelInfo, Request};
use crate::store::Store;
use crate::words;
use instructbrush::Error;
use instructbrush::service::engine::Engine;
use instructbrush::tensor::ops::Compute;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

/// How a request ends: an answer and its files.
pub type Ended = Result<(Answer, Vec<Vec<u8>>), Failure>;

/// What the page wants of a job that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// End now.
    Stop,
    /// End with what there is.
    Finish,
}

/// An engine on a device, and what the page was told of it.
pub struct Loaded {
    /// The engine.
    pub engine: Engine<load::Source>,
    /// What its work takes, and what the device has.
    pub room: Room,
    /// What the page was told.
    pub model: ModelInfo,
}

/// All that the worker knows.
#[derive(Default)]
pub struct Host {
    /// Taken by the job that runs.
    loaded: RefCell<Option<Loaded>>,
    waiting: RefCell<VecDeque<(Request, Vec<JsValue>)>>,
    wishes: RefCell<HashMap<u32, Wish>>,
    running: Cell<Option<u32>>,
}

/// Starts to listen, and says so.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        let said = panic.to_string();
        // The last line is what was said, the first where.
        let last = said.lines().last().unwrap_or_default().to_owned();
        event(0, Event::Crashed(words::worker_fell(&last)));
    }));
    let host = Rc::new(Host::default());
    let hears = {
        let host = host.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| match wire::heard(&message) {
            Ok((request, files)) => host.clone().take(request, files),
            Err(why) => event(0, Event::Crashed(words::worker_fell(&why))),
        })
    };
    scope().set_onmessage(Some(hears.as_ref().unchecked_ref()));
    // Listens as long as the worker lives.
    hears.forget();
    spawn_local(async { event(0, Event::Ready { gpu: load::adapter().await.ok().map(|found| found.info) }) });
}

impl Host {
    fn take(self: Rc<Self>, request: Request, files: Vec<JsValue>) {
        match request.ask {
            Ask::Stop(id) => self.wish(id, Wish::Stop),
            Ask::Finish(id) => self.wish(id, Wish::Finish),
            Ask::Load(_) | Ask::Fetch(_) | Ask::Phrases(_) | Ask::Learn(_) | Ask::Continue { .. } | Ask::Edit(_) => {
                self.waiting.borrow_mut().push_back((request, files));
                self.go_on();
            }
            quick => spawn_local(async move { end(request.id, look::answer(quick, &files).await) }),
        }
    }

    fn wish(&self, id: u32, wish: Wish) {
        if self.running.get() == Some(id) {
            self.wishes.borrow_mut().insert(id, wish);
            return;
        }
        let mut waiting = self.waiting.borrow_mut();
        let before = waiting.len();
        waiting.retain(|(request, _)| request.id != id);
        if waiting.len() < before {
            end(id, Err(Failure::Cancelled { saved: false }));
        }
    }

    /// What the page wants of the job that runs.
    pub fn wished(&self, id: u32) -> Option<Wish> {
        self.wishes.borrow().get(&id).copied()
    }

    /// Starts the next job, if none runs.
    fn go_on(self: Rc<Self>) {
        if self.running.get().is_some() {
            return;
        }
        let Some((request, files)) = self.waiting.borrow_mut().pop_front() else { return };
        let id = request.id;
        self.running.set(Some(id));
        spawn_local(async move {
            event(id, Event::Began);
            let ended = self.run(id, request.ask, &files).await;
            self.wishes.borrow_mut().remove(&id);
            end(id, ended);
            self.running.set(None);
            self.go_on();
        });
    }

    async fn run(&self, id: u32, ask: Ask, files: &[JsValue]) -> Ended {
        if let Ask::Load(ask) = ask {
            let loaded = load::load(id, self, ask).await?;
            let model = loaded.model.clone();
            *self.loaded.borrow_mut() = Some(loaded);
            return Ok((Answer::Loaded(model), Vec::new()));
        }
        if let Ask::Fetch(ask) = ask {
            return models::fetch(id, self, ask, files).await;
        }
        let taken = self.loaded.borrow_mut().take();
        let Some(mut loaded) = taken else {
            return Err(Failure::Model("no model is loaded yet: wait for it, or reload the page".to_owned()));
        };
        let half = loaded.model.device.half;
        let ready = loaded.engine.set_compute(if half { Compute::F16 } else { Compute::F32 });
        let ended = match (ready, ask) {
            (Err(error), _) => Err(failure(error)),
            (_, Ask::Edit(ask)) => edit::edit(id, self, &mut loaded, *ask, files).await,
            (_, Ask::Phrases(pairs)) => learn::phrases(id, self, &mut loaded, &pairs, files).await,
            (_, Ask::Learn(ask)) => learn::learn(id, self, &mut loaded, *ask, files).await,
            (_, Ask::Continue { run, sparing }) => learn::go_on(id, self, &mut loaded, &run, sparing).await,
            _ => Err(Failure::Other("this is no job".to_owned())),
        };
        let ended = ended.map_err(|failure| of_device(failure, &loaded.model));
        if let Err(Failure::Device(said)) = &ended {
            // What is left of the engine cannot be trusted: the page starts another worker.
            event(0, Event::Crashed(said.clone()));
        }
        *self.loaded.borrow_mut() = Some(loaded);
        ended
    }
}

/// A computation that fails on a GPU is a lost device.
fn of_device(failure: Failure, model: &ModelInfo) -> Failure {
    match failure {
        Failure::Device(said) if model.device.gpu => Failure::Device(words::device_lost(&model.device.name, &said)),
        Failure::Device(said) => Failure::Other(said),
        other => other,
    }
}

/// An engine's error in the page's terms.
pub fn failure(error: Error) -> Failure {
    match error {
        Error::Cancelled => Failure::Cancelled { saved: false },
        Error::Checkpoint(text) => Failure::Model(text),
        Error::Network(text) | Error::Storage(text) => Failure::Other(text),
        Error::Device(text) => Failure::Device(text),
        Error::Computation(text) if text.contains("the device lost") => Failure::Device(text),
        other => Failure::Other(other.to_string()),
    }
}

/// An edit's or a run's error. What is beyond 16 bits is infinite, and so no number soon.
pub fn failure_of_work(error: Error, compute: Compute) -> Failure {
    let is_of_numbers = matches!(error, Error::Computation(_));
    match failure(error) {
        Failure::Other(why) if is_of_numbers && compute == Compute::F16 => {
            Failure::Other(words::header::failed_in_half(&why))
        }
        failure => failure,
    }
}

/// The store, or its sentence as a warning.
pub async fn open_store(id: u32) -> Option<Store> {
    match Store::open().await {
        Ok(store) => Some(store),
        Err(error) => {
            event(id, Event::Warning(words::not_kept(&error.to_string())));
            None
        }
    }
}
