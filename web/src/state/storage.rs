//! Storage: how much room the browser gives, how much is used, and the wish that it keep what is there.
use crate::store::{Records, Store};
use js_sys::{Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageEstimate, StorageManager};

/// From this part of the quota on, little room is left.
const NEARLY: f64 = 0.9;
/// Under this key it is remembered that the browser was asked.
const ASKED: &str = "persist-asked";

/// Signals of the browser's storage.
#[derive(Clone, Copy)]
pub struct Storage {
    /// Bytes used and bytes given, where the browser says so.
    pub usage: RwSignal<Option<(f64, f64)>>,
    asked: StoredValue<bool>,
}

impl Storage {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self { usage: RwSignal::new(None), asked: StoredValue::new(false) }
    }

    /// Whether little room is left.
    pub fn is_nearly_full(self) -> bool {
        self.usage.get().is_some_and(|(used, quota)| used > quota * NEARLY)
    }

    /// Something was kept: from now on there is something to lose.
    pub fn kept(self) {
        self.measure();
        if self.asked.get_value() {
            return;
        }
        self.asked.set_value(true);
        spawn_local(async {
            // A browser that does not promise anything keeps what it has as long as it can.
            let _ = persist().await;
        });
    }

    /// Asks how much is used.
    pub fn measure(self) {
        spawn_local(async move {
            let Some(manager) = manager() else { return };
            let Ok(estimate) = manager.estimate() else { return };
            let Ok(estimate) = JsFuture::from(Promise::from(JsValue::from(estimate))).await else { return };
            let estimate: StorageEstimate = wasm_bindgen::JsCast::unchecked_into(estimate);
            self.usage.set(estimate.get_usage().zip(estimate.get_quota()).filter(|(_, quota)| *quota > 0.0));
        });
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self::new()
    }
}

/// Asks the browser to keep what is there, once in all.
async fn persist() -> Result<(), JsValue> {
    let Some(manager) = manager() else { return Ok(()) };
    if JsFuture::from(manager.persisted()?).await?.is_truthy() {
        return Ok(());
    }
    // Some browsers ask the user, who does not want to be asked again.
    let Ok(store) = Store::open().await else { return Ok(()) };
    if matches!(store.read(Records::Settings, ASKED).await, Ok(Some(asked)) if asked.is_truthy()) {
        return Ok(());
    }
    let _ = store.put(Records::Settings, ASKED, &JsValue::TRUE).await;
    JsFuture::from(manager.persist()?).await.map(drop)
}

/// Not there in a context that is not secure, whatever its type says.
fn manager() -> Option<StorageManager> {
    let navigator = web_sys::window()?.navigator();
    let has = Reflect::get(&navigator, &"storage".into()).is_ok_and(|storage| storage.is_object());
    has.then(|| navigator.storage())
}
