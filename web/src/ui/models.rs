//! Models: the dialog in which base models are fetched, chosen and thrown away.
use super::intake::listed;
use super::state;
use crate::protocol::StoredModel;
use crate::words::models as words;
use leptos::html::{Dialog, Input, Select};
use leptos::prelude::*;
use web_sys::{Event, HtmlInputElement};

/// The button in the header, and its dialog.
#[component]
pub fn Models() -> impl IntoView {
    let state = state();
    let dialog = NodeRef::<Dialog>::new();
    let open = move |_| {
        state.list_models();
        if let Some(dialog) = dialog.get() {
            // it is open already, then
            let _ = dialog.show_modal();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get() {
            dialog.close();
        }
    };
    view! {
        <button type="button" class="quiet" data-testid="models" on:click=open>{words::OPEN}</button>
        <dialog class="models" node_ref=dialog aria-labelledby="models-title">
            <header>
                <h2 id="models-title">{words::TITLE}</h2>
                <button type="button" class="quiet" data-testid="models-close" on:click=close>{words::CLOSE}</button>
            </header>
            <p>{words::ABOUT}</p>
            <ul>
                {row(None)}
                {move || state.models.kept.get().into_iter().map(|model| row(Some(model))).collect::<Vec<_>>()}
            </ul>
            {fetch()}
        </dialog>
    }
    .into_any()
}

/// One model: the page's own, or one that is kept.
fn row(model: Option<StoredModel>) -> AnyView {
    let state = state();
    let name = model.as_ref().map(|model| model.name.clone());
    let wanted = name.clone();
    let is_used = Memo::new(move |_| state.models.wanted.get() == wanted);
    let is_whole = model.as_ref().is_none_or(|model| model.whole);
    let (title, about) = match &model {
        None => (words::OWN.to_owned(), String::new()),
        Some(model) => (model.title.clone(), words::kept(&model.precision, model.bytes, model.whole, &model.needs)),
    };
    let chosen = name.clone();
    let is_here = model.as_ref().is_some_and(|model| !model.whole && model.address.starts_with("./"));
    let go_on = model.clone().filter(|model| !model.whole && !is_here);
    view! {
        <li data-testid="model" data-whole=is_whole.to_string()>
            <span>{title} <small>{about}{is_here.then_some(" · ")}{is_here.then_some(words::AGAIN)}</small></span>
            {is_whole.then(|| view! {
                <button type="button" disabled=is_used data-testid="model-use"
                    on:click=move |_| state.use_model(chosen.clone())>
                    {move || if is_used.get() { words::USED } else { words::USE }}
                </button>
            }.into_any())}
            {go_on.map(|model| view! {
                <button type="button" data-testid="model-continue"
                    disabled=move || state.models.fetching.get().is_some()
                    on:click=move |_| state.fetch_model(model.address.clone(), model.precision.clone())>
                    {words::CONTINUE}
                </button>
            }.into_any())}
            {name.map(|name| view! {
                <button type="button" class="quiet" data-testid="model-delete"
                    disabled=move || state.models.fetching.get().is_some()
                    on:click=move |_| state.forget_model(name.clone())>
                    {words::DELETE}
                </button>
            }.into_any())}
        </li>
    }
    .into_any()
}

/// Where another comes from, and how far it is.
fn fetch() -> AnyView {
    let state = state();
    let (address, precision, folder) = (NodeRef::<Input>::new(), NodeRef::<Select>::new(), NodeRef::<Input>::new());
    folder.on_load(|input| {
        // leptos has no such attribute; setting one cannot fail
        let _ = input.set_attribute("webkitdirectory", "");
    });
    // a change of bytes alone leaves the bar where it is
    let busy = Memo::new(move |_| state.models.fetching.get().is_some());
    let is_busy = move || busy.get();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let (Some(address), Some(precision)) = (address.get(), precision.get()) {
            state.fetch_model(address.value(), precision.value());
        }
    };
    let picked = move |event: Event| {
        let input = event_target::<HtmlInputElement>(&event);
        if let Some(precision) = precision.get() {
            state.take_model(listed(input.files()), precision.value());
        }
        // the same folder may be chosen again
        input.set_value("");
    };
    let part = move || state.models.fetching.get().and_then(|fetching| fetching.bytes);
    let far = move || {
        let fetching = state.models.fetching.get()?;
        Some(match fetching.bytes {
            Some((done, total)) => words::fetching(done, total, fetching.per_second, &fetching.needs),
            None => words::ASKING.to_owned(),
        })
    };
    view! {
        <form on:submit=submit>
            <label>{words::ADDRESS}
                <input type="text" required=true autocomplete="off" spellcheck="false" placeholder="timbrooks/instruct-pix2pix"
                    data-testid="model-address" node_ref=address/>
            </label>
            <label>{words::PRECISION}
                <select data-testid="model-precision" node_ref=precision>
                    {words::PRECISIONS.map(|(name, text)| view! { <option value=name>{text}</option> }).into_iter().collect_view()}
                </select>
            </label>
            <button type="submit" class="primary" data-testid="model-fetch" disabled=is_busy>{words::FETCH}</button>
            // a file field takes a dropped folder by itself
            <label class="folder">{words::FOLDER}
                <input type="file" disabled=is_busy data-testid="model-folder" node_ref=folder on:change=picked/>
            </label>
        </form>
        {move || is_busy().then(|| view! {
            <div class="far">
                <progress max="1" prop:value=move || part().map_or(0.0, |(done, total)| done / total.max(1.0))></progress>
                <span data-testid="model-far">{far}</span>
                <button type="button" data-testid="model-cancel" on:click=move |_| state.stop_fetching()>{words::CANCEL}</button>
            </div>
        }.into_any())}
        <p class="trouble" role="alert" data-testid="model-trouble">{move || state.models.trouble.get()}</p>
    }
    .into_any()
}
