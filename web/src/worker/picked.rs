//! Picked: a folder of this computer that the user chose, as a host of weights: read a piece at a time, wherever it is asked for.
use super::host::{Host as Jobs, Wish};
use crate::words;
use instructbrush::service::download::{Body, Host};
use instructbrush::{Error, Result};
use js_sys::Uint8Array;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Bytes that are read at a time.
const PIECE: f64 = (4 << 20) as f64;

/// The files of a folder, by their paths in it.
pub struct Picked<'a> {
    files: BTreeMap<String, Blob>,
    jobs: &'a Jobs,
    id: u32,
}

/// A file that is being read.
pub struct Reading<'a> {
    path: String,
    file: Blob,
    start: u64,
    at: f64,
    jobs: &'a Jobs,
    id: u32,
}

impl<'a> Picked<'a> {
    /// Files as they came in a message, with their paths.
    pub fn new(paths: &[String], files: &[JsValue], jobs: &'a Jobs, id: u32) -> Self {
        let files = paths.iter().zip(files).filter_map(|(path, file)| {
            let path = path.rsplit_once('?').map_or(path.as_str(), |(path, _)| path);
            Some((path.to_owned(), file.dyn_ref::<Blob>()?.clone()))
        });
        Self { files: files.collect(), jobs, id }
    }
}

impl<'a> Host for Picked<'a> {
    type Body = Reading<'a>;

    async fn open(&mut self, path: &str, from: u64) -> Result<Option<Reading<'a>>> {
        let Some(file) = self.files.get(path).cloned() else { return Ok(None) };
        let (path, jobs, id) = (path.to_owned(), self.jobs, self.id);
        Ok(Some(Reading { path, file, start: from, at: from as f64, jobs, id }))
    }

    // what cannot be read now cannot be read later
    async fn wait(&mut self, _: u32) {}
}

impl Body for Reading<'_> {
    fn start(&self) -> u64 {
        self.start
    }

    fn total(&self) -> Option<u64> {
        Some(self.file.size() as u64)
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.jobs.wished(self.id) == Some(Wish::Stop) {
            return Err(Error::Cancelled);
        }
        if self.at >= self.file.size() {
            return Ok(None);
        }
        let unreadable = |_: JsValue| Error::Storage(words::models::unreadable(&self.path));
        let end = (self.at + PIECE).min(self.file.size());
        let piece = self.file.slice_with_f64_and_f64(self.at, end).map_err(unreadable)?;
        let buffer = JsFuture::from(piece.array_buffer()).await.map_err(unreadable)?;
        self.at = end;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }
}
