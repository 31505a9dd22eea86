//! Header: what this page is, and on which device it works.
use super::state;
use crate::state::Readiness;
use crate::words;
use leptos::prelude::*;

/// Name, sentence, device.
#[component]
pub fn Header() -> impl IntoView {
    let state = state();
    let device = move || match state.readiness.get() {
        Readiness::Starting => words::header::STARTING.to_owned(),
        Readiness::Loading(bytes) => words::header::loading(bytes / 1e6),
        Readiness::Ready(model) => format!("{} · {}", model.title, model.device.name),
        Readiness::Fallen(why) => why,
    };
    let is_ready = move || matches!(state.readiness.get(), Readiness::Ready(_));
    view! {
        <header class="top">
            <h1>{words::NAME}</h1>
            <p class="tagline">{words::TAGLINE}</p>
            <p class="device" data-testid="device" data-ready=move || is_ready().to_string()>{device}</p>
        </header>
    }
}
