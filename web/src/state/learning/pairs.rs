//! Pairs: the pictures that the user shows, as the page holds them.
use crate::protocol::{Crop, PairRef, PictureRef};
use crate::samples;
use crate::words::learn as words;
use js_sys::Uint8Array;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

/// The address of a picture to look at; one that was made here is given back when nobody looks any more.
#[derive(Clone)]
pub struct View(Rc<Address>);

struct Address {
    url: String,
    is_ours: bool,
}

impl Drop for Address {
    fn drop(&mut self) {
        if self.is_ours {
            // An address that is gone already needs no giving back.
            let _ = web_sys::Url::revoke_object_url(&self.url);
        }
    }
}

impl View {
    /// Of a file beside the page.
    pub fn of_address(url: String) -> Self {
        Self(Rc::new(Address { url, is_ours: false }))
    }

    /// Of bytes.
    pub fn of_bytes(bytes: &Uint8Array, mime: &str) -> Self {
        Self::of_blob(&crate::bridge::blob_of(bytes, mime))
    }

    /// Of a file in memory.
    pub fn of_blob(blob: &Blob) -> Self {
        let url = web_sys::Url::create_object_url_with_blob(blob).unwrap_or_default();
        Self(Rc::new(Address { url, is_ours: true }))
    }

    /// The address.
    pub fn url(&self) -> String {
        self.0.url.clone()
    }
}

/// Where a picture's file is.
#[derive(Clone)]
pub enum Origin {
    /// In the user's hands.
    File(Blob),
    /// Beside the page.
    Address(String),
}

impl Origin {
    /// The file.
    pub async fn blob(&self) -> Result<Blob, String> {
        match self {
            Self::File(blob) => Ok(blob.clone()),
            Self::Address(url) => fetch(url).await.map_err(|_| words::sample_missing(url)),
        }
    }
}

async fn fetch(url: &str) -> Result<Blob, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str(url)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(response.blob()?).await?.dyn_into()
}

/// One picture of a pair.
#[derive(Clone)]
pub struct Side {
    /// Names it while it is read; never used twice.
    pub id: u32,
    /// The file's.
    pub name: String,
    /// The file.
    pub origin: Origin,
    /// `None` while it is read.
    pub view: Option<View>,
    /// In pixels, as seen; 0 while it is read.
    pub width: usize,
    /// In pixels, as seen.
    pub height: usize,
    /// The part that is meant.
    pub crop: Option<Crop>,
    /// What the worker said of it.
    pub notes: Vec<String>,
}

impl Side {
    /// Of a file that is still to be read.
    pub fn unread(id: u32, name: String, file: Blob) -> Self {
        Self { id, name, origin: Origin::File(file), view: None, width: 0, height: 0, crop: None, notes: Vec::new() }
    }

    /// Of a sample.
    fn sample(id: u32, effect: &str, idx: usize, is_after: bool) -> Self {
        let url = samples::address(effect, idx, is_after);
        Self {
            id,
            name: samples::name(idx, is_after),
            origin: Origin::Address(url.clone()),
            view: Some(View::of_address(url)),
            width: samples::SIDE,
            height: samples::SIDE,
            crop: None,
            notes: Vec::new(),
        }
    }

    /// The part that is meant.
    pub fn part(&self) -> Crop {
        self.crop.unwrap_or(Crop { x: 0, y: 0, width: self.width, height: self.height })
    }

    /// The largest part of an aspect ratio, from the middle.
    pub fn centre(&self, ratio: f64) -> Crop {
        let (width, height) = (self.width as f64, self.height as f64);
        let (w, h) = if width / height > ratio { (height * ratio, height) } else { (width, width / ratio) };
        let (w, h) = (w.round().max(1.0), h.round().max(1.0));
        Crop {
            x: ((width - w) / 2.0) as usize,
            y: ((height - h) / 2.0) as usize,
            width: w as usize,
            height: h as usize,
        }
    }
}

/// An exemplar pair; one side may be missing yet.
#[derive(Clone, Default)]
pub struct Pair {
    /// Never used twice.
    pub id: u32,
    /// The picture before the edit.
    pub before: Option<Side>,
    /// The picture after it.
    pub after: Option<Side>,
    /// What the worker said of the two.
    pub notes: Vec<String>,
    /// Whether they have different aspect ratios.
    pub other_shape: bool,
}

impl Pair {
    /// Of a sample; takes three numbers from `next`.
    pub fn sample(next: &mut impl FnMut() -> u32, effect: &str, idx: usize) -> Self {
        Self {
            id: next(),
            before: Some(Side::sample(next(), effect, idx, false)),
            after: Some(Side::sample(next(), effect, idx, true)),
            ..Self::default()
        }
    }

    /// Those that are there.
    pub fn sides(&self) -> impl Iterator<Item = &Side> {
        self.before.iter().chain(&self.after)
    }

    /// Those that are there.
    pub fn sides_mut(&mut self) -> impl Iterator<Item = &mut Side> {
        self.before.iter_mut().chain(&mut self.after)
    }

    /// One of them.
    pub fn side(&self, is_after: bool) -> Option<&Side> {
        if is_after { self.after.as_ref() } else { self.before.as_ref() }
    }

    /// Both, when both have been read.
    pub fn whole(&self) -> Option<(&Side, &Side)> {
        let both = self.before.as_ref().zip(self.after.as_ref());
        both.filter(|(before, after)| before.view.is_some() && after.view.is_some())
    }

    /// For messages.
    pub fn name(&self) -> String {
        self.sides().map(|side| side.name.as_str()).collect::<Vec<_>>().join(" / ")
    }

    /// As the worker hears of it; its files are put on `files`.
    pub async fn to_ref(&self, files: &mut Vec<JsValue>) -> Result<Option<PairRef>, String> {
        let Some((before, after)) = self.whole() else { return Ok(None) };
        let mut side = async |side: &Side| {
            files.push(side.origin.blob().await?.into());
            Ok::<_, String>(PictureRef { file: files.len() - 1, name: side.name.clone(), crop: side.crop })
        };
        let (before, after) = (side(before).await?, side(after).await?);
        Ok(Some(PairRef { name: self.name(), before, after }))
    }
}
