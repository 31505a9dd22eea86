//! Wire: the worker's end; messages and the files that they name.
use crate::protocol::{Answer, Event, Failure, Reply, Request, Say};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

/// The worker's own global object.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds that only go forwards, whatever is done to the clock.
pub fn now() -> f64 {
    scope().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// The request in a message, with its files.
pub fn heard(event: &MessageEvent) -> Result<(Request, Vec<JsValue>), String> {
    let message = event.data();
    let part = |name: &str| Reflect::get(&message, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let request = serde_wasm_bindgen::from_value(part("body")).map_err(|error| error.to_string())?;
    Ok((request, Array::from(&part("files")).to_vec()))
}

/// Says something about a request; the files' bytes are handed over, not copied.
pub fn say(id: u32, say: Say, files: &[Vec<u8>]) {
    let files: Array = files.iter().map(|bytes| Uint8Array::from(bytes.as_slice())).collect();
    let buffers: Array = files.iter().map(|file| file.unchecked_into::<Uint8Array>().buffer()).collect();
    let message = Object::new();
    // Plain values cannot fail to become JavaScript's, and setting a new object's fields cannot either.
    let Ok(body) = serde_wasm_bindgen::to_value(&Reply { id, say }) else { return };
    let _ = Reflect::set(&message, &"body".into(), &body);
    let _ = Reflect::set(&message, &"files".into(), &files);
    let _ = scope().post_message_with_transfer(&message, &buffers);
}

/// Says what happens.
pub fn event(id: u32, event: Event) {
    say(id, Say::Event(event), &[]);
}

/// Says how a request ended.
pub fn end(id: u32, ended: Result<(Answer, Vec<Vec<u8>>), Failure>) {
    match ended {
        Ok((answer, files)) => say(id, Say::Done(Box::new(answer)), &files),
        Err(failure) => say(id, Say::Failed(failure), &[]),
    }
}

/// The bytes of a blob or of a byte array.
///
/// # Errors
/// A sentence: no such file in the message, too large, or the browser cannot read it any more.
pub async fn bytes(files: &[JsValue], idx: usize, most: f64) -> Result<Vec<u8>, Failure> {
    let fail = |text: String| Err(Failure::Other(text));
    let Some(file) = files.get(idx) else {
        return fail(format!("the message has {} files, number {idx} was asked for", files.len()));
    };
    if let Some(array) = file.dyn_ref::<Uint8Array>() {
        return Ok(array.to_vec());
    }
    let Some(blob) = file.dyn_ref::<Blob>() else { return fail("this is no file".to_owned()) };
    if blob.size() > most {
        return fail(format!(
            "the file has {:.0} MB, more than the {:.0} MB that such a file may have",
            blob.size() / 1e6,
            most / 1e6
        ));
    }
    match JsFuture::from(blob.array_buffer()).await {
        Ok(buffer) => Ok(Uint8Array::new(&buffer).to_vec()),
        Err(_) => fail("the browser cannot read this file any more: it was moved or changed; choose it again".into()),
    }
}
