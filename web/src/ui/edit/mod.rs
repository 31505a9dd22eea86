//! Edit panel: a photo, what to do with it, and what came out.
use super::state;
use crate::words::edit as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The panel.
#[component]
pub fn EditPanel() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let chosen = move || {
        let id = editing.chosen.get()?;
        state
            .shelf
            .entries
            .with(|entries| entries.iter().find(|entry| entry.id == id).map(|entry| entry.card.title.clone()))
    };
    let what = move || chosen().unwrap_or_else(|| words::NO_INSTRUCTION.to_owned());
    let is_ready = move || state.model().is_some() && editing.photo.with(Option::is_some);
    let after = move || editing.preview.get().or(editing.result.get());
    let pick = move |event: web_sys::Event| {
        let input: Option<web_sys::HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) {
            editing.open(state, file.name(), file.into());
        }
    };
    view! {
        <section class="panel edit" aria-labelledby="edit-title">
            <h2 id="edit-title">{words::TITLE}</h2>
            <div class="sides">
                <figure>
                    {move || editing.photo.get().map(|photo| view! {
                        <img src=photo.view alt=words::BEFORE data-testid="before"/>
                    })}
                    <figcaption>{words::BEFORE}</figcaption>
                </figure>
                <figure>
                    {move || after().map(|url| view! {
                        <img src=url alt=words::AFTER data-testid=if editing.running.get().is_some() { "on-the-way" } else { "result" }/>
                    })}
                    <figcaption>{words::AFTER}</figcaption>
                </figure>
            </div>
            <div class="row">
                <label class="pick">
                    {words::PICK}" "
                    <input type="file" accept="image/*" data-testid="pick-photos" on:change=pick/>
                </label>
            </div>
            <p class="what" data-testid="what">{what}</p>
            <label class="row">{words::TEXT}" "
                <input type="text" data-testid="text" prop:value=editing.text
                    on:input=move |event| editing.text.set(event_target_value(&event))/>
            </label>
            <label class="row">{move || words::amount(editing.amount.get())}" "
                <input type="range" min="0" max="150" step="5" data-testid="amount" prop:value=editing.amount
                    on:input=move |event| if let Ok(amount) = event_target_value(&event).parse() { editing.amount.set(amount) }/>
            </label>
            <div class="row">
                <button type="button" class="primary" data-testid="edit"
                    disabled=move || !is_ready() || editing.running.get().is_some()
                    on:click=move |_| editing.run(state)>{words::RUN}</button>
                <button type="button" data-testid="cancel-edit" disabled=move || editing.running.get().is_none()
                    on:click=move |_| editing.cancel(state)>{words::CANCEL}</button>
                <span class="soft" data-testid="edit-step">
                    {move || editing.running.get().map(|_| words::step(editing.step.get()))}
                </span>
                {move || editing.result.get().map(|url| view! {
                    <a class="download" href=url download=words::FILE data-testid="download-png">{words::DOWNLOAD}</a>
                })}
            </div>
        </section>
    }
}
