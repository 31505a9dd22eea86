//! Offer: a run of an earlier visit, with the buttons that continue it or throw it away.
use crate::state::learning::offer::sentence;
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;

/// Shown while there is one.
#[component]
pub fn Offer() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let text = move || learning.offer.with(|offer| offer.as_ref().map(sentence));
    let is_ready = move || state.model().is_some();
    view! {
        <Show when=move || text().is_some()>
            <div class="offer" role="group" aria-label=words::OFFER data-testid="offer-continue">
                <p role="status">{move || text().unwrap_or_default()}</p>
                <div class="buttons">
                    <button type="button" class="primary" data-testid="offer-yes" disabled=move || !is_ready()
                        on:click=move |_| learning.accept(state)>{words::CONTINUE}</button>
                    <button type="button" class="quiet" data-testid="offer-discard"
                        on:click=move |_| learning.decline(state)>{words::DISCARD}</button>
                </div>
            </div>
        </Show>
    }
}
