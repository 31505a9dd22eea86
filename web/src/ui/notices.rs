//! Notices: sentences for the user. What went wrong stays until it is dismissed; the rest goes by itself.
use super::state;
use crate::state::Notice;
use crate::words;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent};

/// So many are shown at once, the newest.
const SHOWN: usize = 4;
/// So long is one shown that does not stay.
const LASTS: Duration = Duration::from_secs(12);

/// What there is to tell, oldest first.
#[component]
pub fn Notices() -> impl IntoView {
    let state = state();
    let shown = move || {
        let mut notices = state.notices.get();
        notices.split_off(notices.len().saturating_sub(SHOWN))
    };
    let more = move || state.notices.with(Vec::len).saturating_sub(SHOWN);
    // Where the focus was before it went to a notice.
    let before = StoredValue::new_local(None::<HtmlElement>);
    let on_focus = move |event: FocusEvent| {
        let from: Option<HtmlElement> = event.related_target().and_then(|from| from.dyn_into().ok());
        if let Some(from) = from.filter(|from| from.closest(".notices").is_ok_and(|within| within.is_none())) {
            before.set_value(Some(from));
        }
    };
    let leave = move |id: u32| {
        state.dismiss(id);
        request_animation_frame(move || focus_on(before.get_value()));
    };
    view! {
        <section class="notices" aria-label=words::NOTICES aria-live="polite" data-testid="notices" on:focusin=on_focus>
            <Show when=move || { more() > 0 }>
                <p class="more">
                    <span>{move || words::more_notices(more())}</span>
                    <button type="button" class="quiet" on:click=move |_| state.notices.set(Vec::new())>
                        {words::DISMISS_ALL}
                    </button>
                </p>
            </Show>
            <For each=shown key=|notice| notice.id let:notice>
                <One notice=notice leave=leave/>
            </For>
        </section>
    }
}

/// One sentence.
#[component]
fn One(notice: Notice, leave: impl Fn(u32) + Copy + 'static) -> impl IntoView {
    let state = state();
    let Notice { id, is_error, text } = notice;
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stay = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    let go = move || {
        stay();
        if !is_error {
            let handle = set_timeout_with_handle(move || state.dismiss(id), LASTS);
            // Without a timer it stays until it is dismissed.
            timer.set_value(handle.ok());
        }
    };
    go();
    on_cleanup(stay);
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            leave(id);
        }
    };
    view! {
        <div
            class="notice"
            class:error=is_error
            on:mouseenter=move |_| stay()
            on:mouseleave=move |_| go()
            on:focusin=move |_| stay()
            on:focusout=move |_| go()
            on:keydown=on_key
        >
            <p>{text}</p>
            <button type="button" class="quiet" on:click=move |_| leave(id)>{words::DISMISS}</button>
        </div>
    }
}

/// The next notice, or where the user was.
fn focus_on(before: Option<HtmlElement>) {
    let next = document().query_selector(".notice button").ok().flatten();
    let next = next.and_then(|next| next.dyn_into::<HtmlElement>().ok());
    if let Some(element) = next.or(before) {
        // What cannot have it leaves it where it is.
        let _ = element.focus();
    }
}
