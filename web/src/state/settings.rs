//! Settings: what the user chose, kept for the next visit.
use crate::store::{Records, Store};

/// What is kept under that name; nothing where nothing can be kept.
pub async fn read(name: &str) -> Option<String> {
    let store = Store::open().await.ok()?;
    store.read(Records::Settings, name).await.ok()??.as_string()
}

/// Keeps it; where nothing can be kept, the next visit begins anew.
pub async fn keep(name: &str, value: &str) {
    if let Ok(store) = Store::open().await {
        let _ = store.put(Records::Settings, name, &value.into()).await;
    }
}
