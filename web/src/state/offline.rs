//! Offline: after the first visit the page works without a network, and every tab runs one whole version of it.
use super::State;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

/// Lets the service worker of a released page keep it; a page that is being developed is not kept.
///
/// A browser that keeps nothing (private windows, an address without https) still shows the page.
pub fn keep(state: State) {
    let Some(window) = web_sys::window() else { return };
    let container = window.navigator().service_worker();
    // Not there in a context that is not secure, whatever its type says.
    if container.is_undefined() {
        return;
    }
    let meta = document().query_selector("meta[name=service-worker]").ok().flatten();
    let script = meta.and_then(|meta| meta.get_attribute("content"));
    spawn_local(async move {
        let done = match script {
            Some(script) => register(state, &container, &script).await,
            None => forget(&container).await,
        };
        // Without it the page needs the network, as before.
        if let Err(why) = done {
            web_sys::console::warn_1(&why);
        }
    });
}

async fn register(state: State, container: &ServiceWorkerContainer, script: &str) -> Result<(), JsValue> {
    let registration: ServiceWorkerRegistration = JsFuture::from(container.register(script)).await?.unchecked_into();
    if container.controller().is_none() {
        return Ok(());
    }
    if registration.waiting().is_some() {
        state.tell(words::NEW_VERSION);
        return Ok(());
    }
    let found = registration.clone();
    let on_found = Closure::<dyn FnMut()>::new(move || {
        let Some(worker) = found.installing() else { return };
        let arriving = worker.clone();
        let on_change = Closure::<dyn FnMut()>::new(move || {
            if arriving.state() == ServiceWorkerState::Installed {
                state.tell(words::NEW_VERSION);
            }
        });
        worker.set_onstatechange(Some(on_change.as_ref().unchecked_ref()));
        on_change.forget();
    });
    registration.set_onupdatefound(Some(on_found.as_ref().unchecked_ref()));
    // Both listen as long as the page lives.
    on_found.forget();
    Ok(())
}

async fn forget(container: &ServiceWorkerContainer) -> Result<(), JsValue> {
    let all: js_sys::Array = JsFuture::from(container.get_registrations()).await?.unchecked_into();
    for registration in all.iter() {
        JsFuture::from(registration.unchecked_into::<ServiceWorkerRegistration>().unregister()?).await?;
    }
    Ok(())
}
