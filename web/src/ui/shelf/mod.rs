//! Shelf panel: learned instructions, found, used, named, sent and brought in.
mod card;
mod field;

use super::state;
use crate::state::shelf::Entry;
use crate::words::shelf as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

/// The panel.
#[component]
pub fn ShelfPanel() -> impl IntoView {
    let state = state();
    let shelf = state.shelf;
    let is_empty = move || shelf.entries.with(Vec::is_empty);
    let on_key = move |event: KeyboardEvent| {
        let is_undo = (event.ctrl_key() || event.meta_key()) && event.key() == "z" && !event.shift_key();
        let in_field = event.target().is_some_and(|target| target.has_type::<HtmlInputElement>());
        if is_undo && !in_field && !shelf.deleted.with_untracked(Vec::is_empty) {
            event.prevent_default();
            event.stop_propagation();
            shelf.put_back(state);
        }
    };
    view! {
        <section class="panel shelf" tabindex="-1" aria-labelledby="shelf-title" on:keydown=on_key>
            <h2 id="shelf-title">{words::TITLE}</h2>
            <Undo/>
            <Show when=move || !is_empty() fallback=move || view! {
                <p class="soft empty">{move || shelf.opened.get().then_some(words::EMPTY)}</p>
            }>
                <Cards/>
            </Show>
            <Tools/>
            <div class="foot">
                <p class="soft" role="status">{move || shelf.doing.get()}</p>
                <Usage/>
            </div>
        </section>
    }
}

/// The instructions, and the field that finds some of them.
#[component]
fn Cards() -> impl IntoView {
    let shelf = state().shelf;
    let found = Memo::new(move |_| {
        let sought = shelf.sought.get();
        let has = |entry: &&Entry| entry.has(&sought);
        shelf.entries.with(|entries| entries.iter().filter(has).map(|entry| entry.id.clone()).collect::<Vec<_>>())
    });
    let is_sought = move || !shelf.sought.with(|sought| sought.trim().is_empty());
    let entries = move || found.with(|ids| ids.iter().filter_map(|id| shelf.entry(id)).collect::<Vec<_>>());
    view! {
        <div class="search">
            <input
                type="search"
                placeholder=words::SEARCH
                aria-label=words::SEARCH
                data-testid="search"
                prop:value=move || shelf.sought.get()
                on:input=move |event| shelf.sought.set(event_target_value(&event))
            />
            <span class="soft" role="status" hidden=move || !is_sought()>
                {move || words::found(found.with(Vec::len), shelf.entries.with(Vec::len))}
            </span>
        </div>
        <Show when=move || found.with(Vec::is_empty)>
            <p class="soft">{words::NONE_FOUND}</p>
        </Show>
        <ul class="cards" id="cards">
            <For each=entries key=|entry| entry.id.clone() let:entry>
                <card::InstructionCard entry/>
            </For>
        </ul>
    }
}

/// What was deleted last, and the way back; then what was deleted before it.
#[component]
fn Undo() -> impl IntoView {
    let state = state();
    let shelf = state.shelf;
    let title = move || shelf.deleted.with(|deleted| deleted.last().map(|deleted| deleted.entry.title()));
    view! {
        <Show when=move || !shelf.deleted.with(Vec::is_empty)>
            <div class="undo">
                <p role="status">{move || title().map(|title| words::deleted(&title))}</p>
                <button type="button" data-testid="undo-delete" on:click=move |_| shelf.put_back(state)>
                    {words::UNDO}
                </button>
                <button type="button" class="quiet" on:click=move |_| shelf.deleted.update(|deleted| drop(deleted.pop()))>{words::LET_GO}</button>
            </div>
        </Show>
    }
}

/// Files in, and everything out.
#[component]
fn Tools() -> impl IntoView {
    let state = state();
    let shelf = state.shelf;
    let is_busy = move || shelf.doing.get().is_some();
    let on_change = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(files) = input.files() {
            shelf.import(state, (0..files.length()).filter_map(|idx| files.get(idx)).collect());
        }
        // The same files can be picked again.
        input.set_value("");
    };
    let has_any = move || shelf.entries.with(|entries| !entries.is_empty());
    view! {
        <div class="tools">
            <button type="button" disabled=is_busy on:click=|_| pick()>{words::IMPORT}</button>
            <input
                id=PICKER
                class="visually-hidden"
                type="file"
                accept=".safetensors,.zip"
                multiple
                tabindex="-1"
                aria-label=words::IMPORT
                data-testid="import"
                on:change=on_change
            />
            <Show when=has_any>
                <button type="button" data-testid="export-all" disabled=is_busy on:click=move |_| shelf.download_all(state)>
                    {words::EXPORT_ALL}
                </button>
            </Show>
        </div>
    }
}

/// How much room is used.
#[component]
fn Usage() -> impl IntoView {
    let state = state();
    let storage = state.storage;
    let is_busy = move || state.shelf.doing.with(|doing| doing.as_ref().is_some_and(|doing| !doing.is_empty()));
    let text = move || {
        let (used, quota) = storage.usage.get()?;
        Some(if storage.is_nearly_full() { words::nearly_full(used, quota) } else { words::usage(used, quota) })
    };
    view! {
        <p class="soft usage" class:warn=move || storage.is_nearly_full() class:aside=is_busy data-testid="usage">{text}</p>
    }
}

/// The file input.
const PICKER: &str = "pick-instructions";

/// Opens the browser's file dialog.
fn pick() {
    let input = document().get_element_by_id(PICKER).and_then(|input| input.dyn_into::<HtmlElement>().ok());
    if let Some(input) = input {
        input.click();
    }
}
