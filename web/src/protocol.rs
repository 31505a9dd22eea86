//! Protocol: what the page may ask of the worker and what the worker says back, as plain values.
//!
//! A message is a JavaScript object `{ body, files }`: `body` is a [`Request`] or a [`Reply`] through serde-wasm-bindgen,
//! `files` are the blobs (page → worker) or the byte buffers, transferred (worker → page), that it names by [`FileIdx`].
//! The worker says [`Event::Ready`] with id 0 first; every request gets any number of events and then one ending.
mod ask;
mod plan;
mod say;

pub use ask::*;
pub use plan::*;
pub use say::*;

/// Index into the files of the same message.
pub type FileIdx = usize;
