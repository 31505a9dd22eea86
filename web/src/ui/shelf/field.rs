//! Field: changes a line of text where it stands; Enter saves, Esc does not.
use crate::words::shelf as words;
use leptos::html::Input;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// The longest name or list of tags.
const MOST: u32 = 200;

/// The field and its buttons.
#[component]
pub fn Field(
    label: &'static str,
    test_id: &'static str,
    value: String,
    save: impl Fn(String) + Copy + 'static,
    cancel: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    input.on_load(|input| {
        // Once it is on the page.
        request_animation_frame(move || {
            let _ = input.focus();
            input.select();
        });
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            save(input.value());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            cancel();
        }
    };
    view! {
        <form class="field" on:submit=submit on:keydown=on_key>
            <input
                node_ref=input
                type="text"
                maxlength=MOST
                autocomplete="off"
                placeholder=label
                aria-label=label
                data-testid=test_id
                value=value
            />
            <button type="submit">{words::SAVE}</button>
            <button type="button" class="quiet" on:click=move |_| cancel()>{words::CANCEL}</button>
        </form>
    }
}
