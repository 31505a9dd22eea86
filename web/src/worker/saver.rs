//! Saver: writes the state of a run to the store beside the work, one write at a time, the newest first.
use super::wire::event;
use crate::protocol::Event;
use crate::store::{Records, Store};
use crate::words;
use js_sys::{Object, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// One state.
struct State {
    step: usize,
    steps: usize,
    bytes: Vec<u8>,
}

/// Writes the states of one run.
#[derive(Clone)]
pub struct Saver(Rc<Inner>);

struct Inner {
    id: u32,
    run: String,
    store: Option<Store>,
    next: RefCell<Option<State>>,
    writing: Cell<bool>,
    kept: Cell<bool>,
    complained: Cell<bool>,
}

impl Saver {
    /// For the run of a request; without a store nothing is kept.
    pub fn new(id: u32, run: String, store: Option<Store>) -> Self {
        Self(Rc::new(Inner {
            id,
            run,
            store,
            next: RefCell::new(None),
            writing: Cell::new(false),
            kept: Cell::new(false),
            complained: Cell::new(false),
        }))
    }

    /// Whether there is anything to keep states in.
    pub fn can_keep(&self) -> bool {
        self.0.store.is_some()
    }

    /// Whether a state of this run is in the store.
    pub fn has_kept(&self) -> bool {
        self.0.kept.get()
    }

    /// Keeps a state soon, in place of any that still waits.
    pub fn keep(&self, step: usize, steps: usize, bytes: Vec<u8>) {
        *self.0.next.borrow_mut() = Some(State { step, steps, bytes });
        if !self.0.writing.replace(true) {
            let saver = self.clone();
            spawn_local(async move { saver.write_all().await });
        }
    }

    /// Waits until all is written.
    pub async fn flush(&self) {
        while self.0.writing.get() {
            instructbrush::platform::breathe::breathe().await;
        }
    }

    async fn write_all(&self) {
        loop {
            let next = self.0.next.borrow_mut().take();
            let Some(state) = next else { break };
            self.write(state).await;
        }
        self.0.writing.set(false);
    }

    async fn write(&self, state: State) {
        let Some(store) = &self.0.store else { return };
        let record = Object::new();
        let fields: [(&str, JsValue); 4] = [
            ("step", (state.step as f64).into()),
            ("steps", (state.steps as f64).into()),
            ("date", js_sys::Date::now().into()),
            ("bytes", Uint8Array::from(state.bytes.as_slice()).into()),
        ];
        for (name, value) in fields {
            // A new object takes any field.
            let _ = Reflect::set(&record, &name.into(), &value);
        }
        match store.put(Records::States, &self.0.run, &record).await {
            Ok(()) => {
                self.0.kept.set(true);
                self.0.complained.set(false);
                event(self.0.id, Event::Saved { step: state.step });
            }
            // Said once: learning goes on, and the next state may find room again.
            Err(error) if !self.0.complained.replace(true) => {
                event(self.0.id, Event::Warning(words::not_kept(&error.to_string())));
            }
            Err(_) => {}
        }
    }
}
