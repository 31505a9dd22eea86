//! Notices: sentences for the user, each with a button that dismisses it.
use super::state;
use leptos::prelude::*;

/// What there is to tell, oldest first.
#[component]
pub fn Notices() -> impl IntoView {
    let state = state();
    view! {
        <div class="notices" data-testid="notices">
            <For each=move || state.notices.get() key=|notice| notice.id let:notice>
                <div class="notice" class:error=notice.is_error role=if notice.is_error { "alert" } else { "status" }>
                    <p>{notice.text.clone()}</p>
                    <button type="button" class="quiet" on:click=move |_| state.dismiss(notice.id)>"OK"</button>
                </div>
            </For>
        </div>
    }
}
