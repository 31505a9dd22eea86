//! Strip: the queue of photos as a row of small pictures, and the way in for more.
use super::icons;
use crate::state::editing::photo::{Phase, Photo};
use crate::ui::intake;
use crate::ui::learn::icon::{REMOVE, icon};
use crate::ui::state;
use crate::words::edit as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

/// The file input.
const PICKER: &str = "pick-photos";

/// The row.
#[component]
pub fn Strip() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let ids = move || editing.photos.with(|photos| photos.iter().map(|photo| photo.id).collect::<Vec<_>>());
    let on_change = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        intake::take(state, intake::listed(input.files()));
        // The same files can be picked again.
        input.set_value("");
    };
    let pick = move |_| {
        let input = document().get_element_by_id(PICKER).and_then(|input| input.dyn_into::<HtmlElement>().ok());
        if let Some(input) = input {
            input.click();
        }
    };
    let remove = move |_| {
        if let Some(id) = editing.shown.get_untracked() {
            editing.remove(state, id);
        }
    };
    let reading = move || Some(editing.reading.get()).filter(|count| *count > 0).map(words::reading);
    view! {
        <div class="strip">
            <div class="photos" role="listbox" aria-label=words::PHOTOS aria-orientation="horizontal"
                aria-describedby="photo-keys">
                <For each=ids key=|id| *id let:id>
                    <Small id=id/>
                </For>
            </div>
            <button type="button" class="add" title=words::DROP on:click=pick>
                {icon(icons::PLUS)}<span>{words::ADD}</span>
            </button>
            <input id=PICKER class="visually-hidden" type="file" accept="image/*,.heic,.heif,.avif" multiple
                tabindex="-1" aria-label=words::ADD data-testid="pick-photos" on:change=on_change/>
            <span class="soft hint" role="status">{move || reading().unwrap_or_else(|| words::DROP.to_owned())}</span>
            <button type="button" class="quiet tool" aria-label=words::REMOVE title=words::REMOVE
                data-testid="remove-photo" disabled=move || editing.shown.get().is_none() on:click=remove>
                {icon(REMOVE)}
            </button>
        </div>
        <p id="photo-keys" class="visually-hidden">{words::PHOTO_KEYS}</p>
    }
    .into_any()
}

/// A photo.
#[component]
fn Small(id: u32) -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let place =
        move || editing.photos.with(|photos| photos.iter().position(|photo| photo.id == id)).unwrap_or_default();
    let count = move || editing.photos.with(Vec::len);
    let phase = Memo::new(move |_| editing.of(id, |photo| photo.phase).unwrap_or_default());
    let name = Memo::new(move |_| editing.of(id, |photo| photo.name.clone()).unwrap_or_default());
    let url = Memo::new(move |_| editing.of(id, small_view).unwrap_or_default());
    let is_shown = move || editing.shown.get() == Some(id);
    let label = move || words::photo_label(place() + 1, count(), &name.get(), words::phase(phase.get().name()));
    let done = move || {
        let part = editing.job.with(|job| match job.as_ref().filter(|job| job.photo == id && job.steps > 0) {
            Some(job) => job.step as f64 / job.steps as f64,
            None => 0.0,
        });
        format!("scaleX({part:.3})")
    };
    let mark = move || match phase.get() {
        Phase::Done => Some(icons::DONE),
        Phase::Failed => Some(icons::FAILED),
        Phase::Queued => Some(icons::WAITS),
        _ => None,
    };
    let on_key = move |event: KeyboardEvent| {
        let (place, count) = (untrack(place), untrack(count));
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowUp" => place.saturating_sub(1),
            "ArrowRight" | "ArrowDown" => place + 1,
            "Home" => 0,
            "End" => count,
            "Delete" | "Backspace" => {
                event.prevent_default();
                editing.remove(state, id);
                return focus_soon(editing.shown.get_untracked());
            }
            "Enter" | " " if !event.ctrl_key() && !event.meta_key() => place,
            _ => return,
        };
        event.prevent_default();
        let to = to.min(count.saturating_sub(1));
        let other = editing.photos.with_untracked(|photos| photos.get(to).map(|photo| photo.id));
        editing.shown.set(other);
        focus_soon(other);
    };
    view! {
        <div
            id=small_id(id)
            class="small"
            role="option"
            aria-selected=move || is_shown().to_string()
            aria-label=label
            tabindex=move || if is_shown() { "0" } else { "-1" }
            title=move || name.get()
            data-testid="photo"
            data-name=move || name.get()
            data-state=move || phase.get().name()
            on:click=move |_| editing.shown.set(Some(id))
            on:keydown=on_key
        >
            <img src=move || url.get() alt="" draggable="false" decoding="async"/>
            <span class="mark" hidden=move || mark().is_none()>{move || mark().map(icon)}</span>
            <span class="bar" hidden=move || phase.get() != Phase::Running><span style=("transform", done)></span></span>
        </div>
    }
    .into_any()
}

/// What came out of it last, else the photo.
fn small_view(photo: &Photo) -> String {
    photo.results.shown().map_or_else(|| photo.view.url(), |edited| edited.view.url())
}

fn small_id(id: u32) -> String {
    format!("photo-{id}")
}

/// Focuses a photo, once the page has drawn it where it belongs.
fn focus_soon(id: Option<u32>) {
    request_animation_frame(move || {
        let small = id.and_then(|id| document().get_element_by_id(&small_id(id)));
        if let Some(small) = small.and_then(|small| small.dyn_into::<HtmlElement>().ok()) {
            // A photo that is gone needs no focus.
            let _ = small.focus();
        }
    });
}
