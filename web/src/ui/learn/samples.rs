//! Samples: edits that come with the page, as a row of small pictures.
use crate::samples::{EFFECTS, address};
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;

/// The row.
#[component]
pub fn Samples() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let samples = EFFECTS.map(|effect| {
        view! {
            <button
                type="button"
                class="sample"
                aria-pressed=move || (learning.sample.get() == Some(effect)).to_string()
                data-testid=format!("sample-{effect}")
                on:click=move |_| learning.choose_sample(state, effect)
            >
                <img src=address(effect, 0, true) alt="" width="48" height="48" decoding="async" loading="lazy"/>
                <span>{words::effect(effect)}</span>
            </button>
        }
    });
    view! {
        <h3 id="samples-title" class="soft">{words::SAMPLES}</h3>
        <div class="samples" role="group" aria-labelledby="samples-title">{samples.into_iter().collect_view()}</div>
    }
}
