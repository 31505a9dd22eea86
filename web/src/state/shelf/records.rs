//! Records: instructions in the store, each under the hash of its file.
use super::Entry;
use crate::bridge::blob_of;
use crate::store::{Change, Records, Store, StoreError};
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// The version of a record; a newer one is left alone.
const VERSION: f64 = 1.0;

/// Every record that this version can read.
pub async fn all() -> Result<Vec<Entry>, StoreError> {
    let all = Store::open().await?.all(Records::Instructions).await?;
    Ok(all.iter().filter_map(|(_, record)| read(record)).collect())
}

/// The record of that id, if there is one that this version can read.
pub async fn one(id: &str) -> Result<Option<Entry>, StoreError> {
    let record = Store::open().await?.read(Records::Instructions, id).await?;
    Ok(record.as_ref().and_then(read))
}

/// Keeps an instruction. What is there under its id stays: the same bytes, or a record of a newer version.
pub async fn add(entry: &Entry) -> Result<(), StoreError> {
    let record = write(entry)?;
    match Store::open().await?.change(Records::Instructions, &[Change::Add(&entry.id, &record)]).await {
        Err(StoreError::Taken) => Ok(()),
        done => done,
    }
}

/// Keeps an instruction in place of another, or leaves all as it was.
pub async fn replace(old: &str, entry: &Entry) -> Result<(), StoreError> {
    let record = write(entry)?;
    let changes = [Change::Delete(old), Change::Put(&entry.id, &record)];
    Store::open().await?.change(Records::Instructions, &changes).await
}

/// Forgets an instruction.
pub async fn forget(id: &str) -> Result<(), StoreError> {
    Store::open().await?.delete(Records::Instructions, id).await
}

fn write(entry: &Entry) -> Result<JsValue, StoreError> {
    let card = serde_wasm_bindgen::to_value(&entry.card).map_err(|error| StoreError::Other(error.to_string()))?;
    let (before, after) = entry.pictures.clone().map_or((JsValue::NULL, JsValue::NULL), |(a, b)| (a.into(), b.into()));
    let record = Object::new();
    let fields: [(&str, JsValue); 6] = [
        ("version", VERSION.into()),
        ("added", entry.added.into()),
        ("card", card),
        // A blob, so that a shelf is read without its files.
        ("file", entry.file.clone().into()),
        ("before", before),
        ("after", after),
    ];
    for (name, value) in fields {
        // A new object takes any field.
        let _ = Reflect::set(&record, &name.into(), &value);
    }
    Ok(record.into())
}

fn read(record: &JsValue) -> Option<Entry> {
    let field = |name: &str| Reflect::get(record, &name.into()).ok();
    let bytes = |name: &str| field(name)?.dyn_into::<Uint8Array>().ok();
    if field("version")?.as_f64()? > VERSION {
        return None;
    }
    let card = serde_wasm_bindgen::from_value(field("card")?).ok()?;
    let file = match field("file")?.dyn_into::<Blob>() {
        Ok(blob) => blob,
        Err(other) => blob_of(&other.dyn_into().ok()?, "application/octet-stream"),
    };
    let added = field("added")?.as_f64().filter(|added| added.is_finite())?;
    Some(Entry::new(card, file, bytes("before").zip(bytes("after")), added))
}
