//! The page: a header and three panels, in the order of the work: show pairs, choose what to do, see it done.
mod edit;
mod focus;
mod header;
pub mod intake;
mod learn;
mod models;
mod notices;
mod shelf;

use crate::state::State;
use crate::words;
use leptos::prelude::*;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let state = State::new();
    provide_context(state);
    // What was shown before there was a program.
    if let Some(first) = document().get_element_by_id("first") {
        first.remove();
    }
    state.start();
    state.shelf.open(state);
    state.editing.start(state);
    let hovered = intake::listen(state);
    focus::keep();
    window_event_listener(leptos::ev::beforeunload, move |event| {
        if state.learning.is_unsaved() {
            // the browser asks
            event.prevent_default();
            event.set_return_value("asks in older browsers");
        }
    });
    view! {
        <header::Header/>
        <notices::Notices/>
        <main>
            <learn::LearnPanel/>
            <shelf::ShelfPanel/>
            <edit::EditPanel hovered=hovered/>
        </main>
        <footer><p>{words::PRIVACY}</p></footer>
        <div class="visually-hidden" role="status" aria-live="polite" data-testid="progress">
            {move || state.progress.get()}
        </div>
    }
    .into_any()
}

/// The page's state, for any view.
pub fn state() -> State {
    expect_context::<State>()
}
