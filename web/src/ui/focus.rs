//! Focus: a button that is gone once it was pressed leaves the focus in its panel, not nowhere.
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, FocusOptions, HtmlElement};

/// What a press changes is drawn by then.
const DRAWN: Duration = Duration::from_millis(100);

/// From now on.
pub fn keep() {
    let on_click = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let button = pressed.and_then(|pressed| pressed.closest("button").ok().flatten());
        // found now: later the button may be nowhere
        let panel = button.and_then(|button| button.closest(".panel").ok().flatten());
        let Some(panel) = panel.and_then(|panel| panel.dyn_into::<HtmlElement>().ok()) else { return };
        let after = move || {
            // Firefox leaves it on a button that cannot be pressed any more
            let is_lost = |element: Element| element.matches("body, :disabled").unwrap_or(true);
            if document().active_element().is_none_or(is_lost) {
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                // a panel that is gone too leaves it nowhere
                let _ = panel.focus_with_options(&options);
            }
        };
        set_timeout(after, DRAWN);
    });
    // a window takes any listener; before the button's own, which may remove it
    let _ = window().add_event_listener_with_callback_and_bool("click", on_click.as_ref().unchecked_ref(), true);
    on_click.forget();
}
