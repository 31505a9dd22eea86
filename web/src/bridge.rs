//! Bridge: the page's end of the wire to the worker; starts it, asks it, and starts it again when it has fallen.
use crate::protocol::{Answer, Ask, Event, Failure, Reply, Request, Say};
use crate::words;
use futures_channel::oneshot;
use js_sys::{Array, Object, Reflect, Uint8Array};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// How a request ends: the answer and the files that it names, or why not.
pub type Ending = Result<(Answer, Vec<Uint8Array>), Failure>;
/// Hears the events of one request, with the files that they name.
pub type OnEvent = Box<dyn FnMut(Event, Vec<Uint8Array>)>;

/// What waits for the worker.
struct Waiting {
    on_event: OnEvent,
    end: oneshot::Sender<Ending>,
}

/// A worker and what was asked of it.
struct Wire {
    worker: Option<Worker>,
    // Kept alive as long as the worker may call them.
    _on_message: Option<Closure<dyn FnMut(MessageEvent)>>,
    _on_error: Option<Closure<dyn FnMut(ErrorEvent)>>,
    waiting: HashMap<u32, Waiting>,
    // What was asked before the worker could hear: a message that comes while its script is read is lost.
    unsent: Option<Vec<Object>>,
    next: u32,
    on_own: Rc<dyn Fn(Event)>,
}

/// The page's end; cheap to clone.
#[derive(Clone)]
pub struct Bridge(Rc<RefCell<Wire>>);

impl Bridge {
    /// Starts the worker. `on_own` hears what it says unasked: [`Event::Ready`], [`Event::Crashed`].
    pub fn start(on_own: impl Fn(Event) + 'static) -> Self {
        let wire = Wire {
            worker: None,
            _on_message: None,
            _on_error: None,
            waiting: HashMap::new(),
            unsent: Some(Vec::new()),
            next: 1,
            on_own: Rc::new(on_own),
        };
        let bridge = Self(Rc::new(RefCell::new(wire)));
        bridge.spawn();
        bridge
    }

    /// Ends the worker where it is, fails everything that waited for it, and starts another.
    pub fn restart(&self, why: &str) {
        self.end(why);
        self.0.borrow_mut().unsent = Some(Vec::new());
        self.spawn();
    }

    /// Ends the worker where it is, and fails everything that waited for it; nothing can be asked from then on.
    fn end(&self, why: &str) {
        let waiting = {
            let mut wire = self.0.borrow_mut();
            if let Some(worker) = wire.worker.take() {
                worker.set_onmessage(None);
                worker.set_onerror(None);
                worker.terminate();
            }
            wire.unsent = None;
            std::mem::take(&mut wire.waiting)
        };
        fail_all(waiting, why);
    }

    /// Asks something; `files` are the blobs (or byte arrays) that `ask` names. The number names the request for
    /// [`Ask::Stop`].
    pub fn ask(
        &self,
        ask: Ask,
        files: &[JsValue],
        on_event: impl FnMut(Event, Vec<Uint8Array>) + 'static,
    ) -> (u32, impl Future<Output = Ending> + 'static) {
        let (end, ended) = oneshot::channel();
        let id = {
            let mut wire = self.0.borrow_mut();
            let id = wire.next;
            wire.next += 1;
            wire.waiting.insert(id, Waiting { on_event: Box::new(on_event), end });
            id
        };
        if let Err(why) = self.post(&Request { id, ask }, files)
            && let Some(waiting) = self.0.borrow_mut().waiting.remove(&id)
        {
            let _ = waiting.end.send(Err(Failure::Other(why)));
        }
        (id, async move { ended.await.unwrap_or_else(|_| Err(Failure::Device(words::WORKER_GONE.to_owned()))) })
    }

    /// Asks something that has no events of interest.
    pub async fn answer(&self, ask: Ask, files: &[JsValue]) -> Ending {
        self.ask(ask, files, |_, _| {}).1.await
    }

    /// Says something that has no ending of its own: [`Ask::Stop`], [`Ask::Finish`].
    pub fn say(&self, ask: Ask) {
        let id = {
            let mut wire = self.0.borrow_mut();
            wire.next += 1;
            wire.next - 1
        };
        // A worker that is not there has nothing to stop.
        let _ = self.post(&Request { id, ask }, &[]);
    }

    fn post(&self, request: &Request, files: &[JsValue]) -> Result<(), String> {
        let fail = |_| words::WORKER_GONE.to_owned();
        let body = serde_wasm_bindgen::to_value(request).map_err(|error| error.to_string())?;
        let message = Object::new();
        Reflect::set(&message, &"body".into(), &body).map_err(fail)?;
        Reflect::set(&message, &"files".into(), &files.iter().collect::<Array>()).map_err(fail)?;
        let mut wire = self.0.borrow_mut();
        if let Some(unsent) = &mut wire.unsent {
            unsent.push(message);
            return Ok(());
        }
        wire.worker.as_ref().ok_or_else(|| words::WORKER_GONE.to_owned())?.post_message(&message).map_err(fail)
    }

    fn spawn(&self) {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = match Worker::new_with_options(&worker_url(), &options) {
            Ok(worker) => worker,
            Err(_) => return self.own(Event::Crashed(words::WORKER_MISSING.to_owned())),
        };
        let bridge = self.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| bridge.hear(&event));
        let bridge = self.clone();
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            // A script that is not there gives an event without a message, whatever its type says.
            let said = Reflect::get(&event, &"message".into()).ok().and_then(|said| said.as_string());
            bridge.own(Event::Crashed(match said.filter(|said| !said.is_empty()) {
                Some(said) => words::worker_fell(&said),
                None => words::WORKER_MISSING.to_owned(),
            }));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let mut wire = self.0.borrow_mut();
        wire.worker = Some(worker);
        wire._on_message = Some(on_message);
        wire._on_error = Some(on_error);
    }

    fn hear(&self, event: &MessageEvent) {
        let message = event.data();
        let part = |name: &str| Reflect::get(&message, &name.into()).unwrap_or(JsValue::UNDEFINED);
        // The worker's loader says so when there is no worker.
        if let Some(why) = part("failed").as_string() {
            return self.own(Event::Crashed(words::worker_not_loaded(&why)));
        }
        let Ok(reply) = serde_wasm_bindgen::from_value::<Reply>(part("body")) else { return };
        let files: Vec<Uint8Array> = Array::from(&part("files")).iter().map(|file| file.unchecked_into()).collect();
        if reply.id == 0 {
            if let Say::Event(event) = reply.say {
                self.own(event);
            }
            return;
        }
        // Taken out while it is called: what hears may ask again.
        let Some(mut waiting) = self.0.borrow_mut().waiting.remove(&reply.id) else { return };
        match reply.say {
            Say::Event(event) => {
                (waiting.on_event)(event, files);
                self.0.borrow_mut().waiting.insert(reply.id, waiting);
            }
            Say::Done(answer) => drop(waiting.end.send(Ok((*answer, files)))),
            Say::Failed(failure) => drop(waiting.end.send(Err(failure))),
        }
    }

    fn own(&self, event: Event) {
        match &event {
            Event::Ready { .. } => self.send_unsent(),
            // Nothing is answered any more.
            Event::Crashed(why) => self.end(why),
            _ => {}
        }
        let on_own = self.0.borrow().on_own.clone();
        on_own(event);
    }

    fn send_unsent(&self) {
        let mut wire = self.0.borrow_mut();
        for message in wire.unsent.take().unwrap_or_default() {
            // A worker that is gone again says so itself.
            let _ = wire.worker.as_ref().map(|worker| worker.post_message(&message));
        }
    }
}

fn fail_all(waiting: HashMap<u32, Waiting>, why: &str) {
    for (_, waiting) in waiting {
        // Nobody may be there to hear it.
        let _ = waiting.end.send(Err(Failure::Device(why.to_owned())));
    }
}

/// Where the worker's loader lies: beside the page.
fn worker_url() -> String {
    let named = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("meta[name=worker]").ok().flatten())
        .and_then(|meta| meta.get_attribute("content"));
    named.unwrap_or_else(|| "./worker_loader.js".to_owned())
}

/// Bytes as a blob, for requests and for downloads.
pub fn blob(bytes: &[u8], mime: &str) -> Blob {
    blob_of(&Uint8Array::from(bytes), mime)
}

/// A byte array as a blob.
pub fn blob_of(bytes: &Uint8Array, mime: &str) -> Blob {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(bytes);
    // Fails only where there is no memory left for it: an empty blob then, which the worker refuses with a sentence.
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
        .or_else(|_| Blob::new())
        .unwrap_or_else(|_| JsValue::NULL.unchecked_into())
}
