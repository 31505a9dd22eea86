//! Shelf panel: learned instructions, each to be chosen or downloaded, and a way in for those of others.
use super::state;
use crate::state::shelf::Entry;
use crate::words::shelf as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Url;

/// The panel.
#[component]
pub fn ShelfPanel() -> impl IntoView {
    let state = state();
    let pick = move |event: web_sys::Event| {
        let input: Option<web_sys::HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
        let Some(files) = input.and_then(|input| input.files()) else { return };
        state.shelf.import(state, (0..files.length()).filter_map(|idx| files.get(idx)).collect());
    };
    view! {
        <section class="panel shelf" aria-labelledby="shelf-title">
            <h2 id="shelf-title">{words::TITLE}</h2>
            <Show when=move || state.shelf.entries.with(Vec::is_empty)>
                <p class="soft">{words::EMPTY}</p>
            </Show>
            <ul class="cards">
                <For each=move || state.shelf.entries.get() key=|entry| entry.id.clone() let:entry>
                    <Instruction entry/>
                </For>
            </ul>
            <label class="row">{words::IMPORT}" "
                <input type="file" accept=".safetensors" multiple data-testid="import" on:change=pick/>
            </label>
        </section>
    }
}

#[component]
fn Instruction(entry: Entry) -> impl IntoView {
    let state = state();
    let Entry { id, card, file, thumbnails } = entry;
    let is_chosen = {
        let id = id.clone();
        Memo::new(move |_| state.editing.chosen.get().as_deref() == Some(&id))
    };
    let base_model = card.base_model.clone();
    let is_other = Memo::new(move |_| state.model().is_some_and(|model| model.fingerprint != base_model));
    let other_model = words::other_model(&card.base_model_title);
    let url = Url::create_object_url_with_blob(&file).unwrap_or_default();
    let title = if card.title.is_empty() { words::UNNAMED.to_owned() } else { card.title };
    let file_name = words::file_name(&title);
    view! {
        <li class="card" class:chosen=is_chosen data-testid="shelf-card">
            {thumbnails.map(|(before, after)| view! {
                <span class="thumbnails"><img src=before alt=words::BEFORE/><img src=after alt=words::AFTER/></span>
            })}
            <span class="name">{title}</span>
            <Show when=move || is_other.get()><span class="soft">{other_model.clone()}</span></Show>
            <span class="actions">
                <button type="button" data-testid="choose" disabled=is_other aria-pressed=move || is_chosen.get().to_string()
                    on:click=move |_| state.editing.choose(id.clone())>{words::CHOOSE}</button>
                <a href=url download=file_name data-testid="export">{words::EXPORT}</a>
            </span>
        </li>
    }
}
