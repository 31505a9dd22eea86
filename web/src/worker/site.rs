//! Site: a folder of any host, file by file, from any byte on; and what its refusals mean.
use super::host::{Host as Jobs, Wish};
use super::wire::scope;
use crate::words;
use instructbrush::service::download::{Body, Host};
use instructbrush::{Error, Result};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStreamDefaultReader, Response};

/// How often it is looked whether the user wants to stop, in ms.
const LOOK: i32 = 500;
/// Looks in vain after which a connection is given up: half a minute without a byte.
const PATIENCE: u32 = 60;

/// A folder of a host.
pub struct Site<'a> {
    /// Its address, with a slash at the end.
    pub root: String,
    /// Who knows whether the user wants to stop.
    pub jobs: &'a Jobs,
    /// Of the request.
    pub id: u32,
    /// Whether an answer could be read: then no later failure is for want of CORS.
    pub readable: bool,
}

/// A file that arrives.
pub struct Arriving<'a> {
    reader: ReadableStreamDefaultReader,
    // A read that was asked for and has not come yet.
    pending: Option<Promise>,
    path: String,
    start: u64,
    total: Option<u64>,
    jobs: &'a Jobs,
    id: u32,
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        // what is not wanted any more is not sent; that a broken stream cannot be cancelled is no news
        let cancelled = Promise::from(JsValue::from(self.reader.cancel()));
        spawn_local(async move { drop(JsFuture::from(cancelled).await) });
    }
}

fn after(ms: i32) -> Promise {
    Promise::new(&mut |resolve, _| {
        // without a timer nothing waits
        if scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    })
}

/// A request on its way.
fn request(url: &str, init: &Object) -> Option<Promise> {
    let fetch: Function = Reflect::get(&scope(), &"fetch".into()).ok()?.dyn_into().ok()?;
    fetch.call2(&JsValue::UNDEFINED, &url.into(), init).ok()?.dyn_into().ok()
}

/// A browser's AbortController: web-sys' would be one feature more for one call.
fn controller() -> Option<JsValue> {
    let make: Function = Reflect::get(&scope(), &"AbortController".into()).ok()?.dyn_into().ok()?;
    Reflect::construct(&make, &Array::new()).ok()
}

fn abort(controller: Option<&JsValue>) {
    let Some(controller) = controller else { return };
    let abort = Reflect::get(controller, &"abort".into()).ok().and_then(|abort| abort.dyn_into::<Function>().ok());
    if let Some(abort) = abort {
        // what cannot be called off just goes on unheard
        let _ = abort.call0(controller);
    }
}

fn init(fields: &[(&str, &JsValue)]) -> Object {
    let init = Object::new();
    for (name, value) in fields {
        // a new object takes any field
        let _ = Reflect::set(&init, &(*name).into(), value);
    }
    init
}

impl Site<'_> {
    fn check(&self) -> Result<()> {
        if self.jobs.wished(self.id) == Some(Wish::Stop) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// What a host answers; `None` when the browser says no more than that it failed.
    ///
    /// # Errors
    /// [`Error::Cancelled`], and [`Error::Network`] for a host that takes the request and is silent.
    async fn answer(&self, url: &str, path: &str, fields: &[(&str, &JsValue)]) -> Result<Option<Response>> {
        let controller = controller();
        let signal = controller.as_ref().and_then(|made| Reflect::get(made, &"signal".into()).ok());
        let asked = init(fields);
        if let Some(signal) = signal {
            // a new object takes any field
            let _ = Reflect::set(&asked, &"signal".into(), &signal);
        }
        let Some(answer) = request(url, &asked) else { return Ok(None) };
        for _ in 0..PATIENCE {
            if let Err(stopped) = self.check() {
                abort(controller.as_ref());
                return Err(stopped);
            }
            let first = Promise::race(&Array::of2(&answer, &after(LOOK)));
            match JsFuture::from(Promise::from(JsValue::from(first))).await {
                Err(_) => return Ok(None),
                Ok(said) if said.is_object() => return Ok(said.dyn_into().ok()),
                Ok(_) => {} // the timer
            }
        }
        abort(controller.as_ref());
        Err(Error::Network(words::models::silent(path)))
    }

    /// Whether a host answers at all, if not to this page: a page may not see why a request failed.
    async fn answers(&self, url: &str, path: &str) -> Result<bool> {
        let bare = [("mode", &"no-cors".into()), ("method", &"HEAD".into())];
        Ok(self.answer(url, path, &bare).await?.is_some())
    }
}

impl<'a> Host for Site<'a> {
    type Body = Arriving<'a>;

    async fn open(&mut self, path: &str, from: u64) -> Result<Option<Arriving<'a>>> {
        self.check()?;
        let url = format!("{}{path}", self.root);
        let range = init(&[("Range", &format!("bytes={from}-").into())]);
        let headers: [(&str, &JsValue); 1] = [("headers", &range)];
        let fields = if from > 0 { &headers[..] } else { &[] };
        let Some(response) = self.answer(&url, path, fields).await? else {
            return Err(match !self.readable && self.answers(&url, path).await? {
                true => Error::Checkpoint(words::models::no_cors(&url)),
                false => Error::Network(words::no_network(path)),
            });
        };
        self.readable = true;
        match response.status() {
            200 | 206 => {}
            404 | 410 => return Ok(None),
            401 | 403 => return Err(Error::Checkpoint(words::models::refused(path, response.status()))),
            status @ (408 | 429 | 500..=599) => return Err(Error::Network(words::bad_status(path, status))),
            status => return Err(Error::Checkpoint(words::bad_status(path, status))),
        }
        let is_part = response.status() == 206;
        let header = |name: &str| response.headers().get(name).ok().flatten();
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let span = header("content-range");
        let span = span.as_deref().and_then(|span| span.strip_prefix("bytes ")?.split_once('/'));
        let start = match (is_part, span.and_then(|(span, _)| number(span.split_once('-')?.0))) {
            (false, _) => 0,
            (true, Some(start)) => start,
            (true, None) => from,
        };
        // the length of what is sent in a packed form is another's; texts are packed, weights are not
        let is_plain = path.ends_with(".safetensors") || path.ends_with(".bin");
        let length = header("content-length").and_then(|length| number(&length)).filter(|_| is_plain);
        let length = length.filter(|_| header("content-encoding").is_none());
        let total = span.and_then(|(_, total)| number(total)).or(length.map(|length| start + length));
        let Some(body) = response.body() else { return Err(Error::Network(words::no_network(path))) };
        let reader = body.get_reader().unchecked_into();
        let (path, jobs, id) = (path.to_owned(), self.jobs, self.id);
        Ok(Some(Arriving { reader, pending: None, path, start, total, jobs, id }))
    }

    async fn wait(&mut self, failures: u32) {
        for _ in 0..1 << failures.min(5) {
            if self.check().is_err() {
                return;
            }
            // a timer that fails just does not wait
            let _ = JsFuture::from(after(LOOK)).await;
        }
    }
}

impl Body for Arriving<'_> {
    fn start(&self) -> u64 {
        self.start
    }

    fn total(&self) -> Option<u64> {
        self.total
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let lost = |_: JsValue| Error::Network(words::no_network(&self.path));
        let read = match self.pending.take() {
            Some(read) => read,
            None => Promise::from(JsValue::from(self.reader.read())),
        };
        for _ in 0..PATIENCE {
            if self.jobs.wished(self.id) == Some(Wish::Stop) {
                return Err(Error::Cancelled);
            }
            let first = Promise::race(&Array::of2(&read, &after(LOOK)));
            let chunk = JsFuture::from(Promise::from(JsValue::from(first))).await.map_err(lost)?;
            if !chunk.is_object() {
                continue; // the timer
            }
            if Reflect::get(&chunk, &"done".into()).map_err(lost)?.is_truthy() {
                return Ok(None);
            }
            let part: Uint8Array = Reflect::get(&chunk, &"value".into()).map_err(lost)?.unchecked_into();
            return Ok(Some(part.to_vec()));
        }
        Err(Error::Network(words::models::silent(&self.path)))
    }
}
