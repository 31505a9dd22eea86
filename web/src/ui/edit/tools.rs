//! Tools: the buttons under the stage: how it is looked at, which result is shown, and how it is taken away.
use super::icons;
use super::lens::{Lens, STEP};
use crate::numbers::size_out;
use crate::state::editing::downloading::Kind;
use crate::ui::learn::icon::icon;
use crate::ui::state;
use crate::words::edit as words;
use leptos::prelude::*;

/// Zoom, undo, and what else is done with what the stage shows.
#[component]
pub fn Tools(lens: RwSignal<Lens>) -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let is_pending = move || editing.of_shown(|photo| photo.phase.is_pending()).unwrap_or(true);
    let can = move |of: fn(&crate::state::editing::photo::Photo) -> bool| {
        !is_pending() && editing.of_shown(of).unwrap_or_default()
    };
    let has_result = move || can(|photo| photo.results.shown().is_some());
    let zoom = move |by: f64| lens.update(|lens| *lens = lens.zoomed(by, (0.5, 0.5)));
    let key = move |event: web_sys::KeyboardEvent, peeks: bool| {
        if event.key() == " " {
            event.prevent_default();
            editing.peeks.set(peeks);
        }
    };
    view! {
        <div class="tools" role="toolbar" aria-label=words::VIEW>
            <Tool name=words::UNDO icon=icons::UNDO test_id="undo-result"
                disabled=move || !can(|photo| photo.results.can_undo()) act=move || editing.undo(state)/>
            <Tool name=words::REDO icon=icons::REDO test_id="redo-result"
                disabled=move || !can(|photo| photo.results.can_redo()) act=move || editing.redo(state)/>
            <button type="button" class="quiet tool" aria-label=words::PEEK title=words::PEEK data-testid="peek"
                aria-pressed=move || editing.peeks.get().to_string()
                disabled=move || !has_result()
                on:pointerdown=move |_| editing.peeks.set(true)
                on:pointerup=move |_| editing.peeks.set(false)
                on:pointerleave=move |_| editing.peeks.set(false)
                on:pointercancel=move |_| editing.peeks.set(false)
                on:keydown=move |event| key(event, true)
                on:keyup=move |event| key(event, false)
                on:blur=move |_| editing.peeks.set(false)
            >{icon(icons::EYE)}</button>
            <MadeBy/>
            <Tool name=words::ZOOM_OUT icon=icons::MINUS test_id="zoom-out"
                disabled=move || lens.get().is_whole() act=move || zoom(1.0 / STEP)/>
            <button type="button" class="quiet tool times" aria-label=move || words::zoom_whole(lens.get().scale) title=move || words::zoom_whole(lens.get().scale)
                data-testid="zoom-whole" disabled=move || lens.get().is_whole() on:click=move |_| lens.set(Lens::WHOLE)>
                {move || words::times(lens.get().scale)}
            </button>
            <Tool name=words::ZOOM_IN icon=icons::PLUS test_id="zoom-in"
                disabled=move || lens.get().is_nearest() act=move || zoom(STEP)/>
        </div>
        <SizeNote/>
    }
    .into_any()
}

/// A button with a drawing on it.
#[component]
fn Tool(
    name: &'static str,
    icon: &'static str,
    test_id: &'static str,
    disabled: impl Fn() -> bool + Send + Sync + 'static,
    act: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class="quiet tool" aria-label=name title=name data-testid=test_id disabled=disabled
            on:click=move |_| act()>{self::icon(icon)}</button>
    }
    .into_any()
}

/// The size that the photo is edited at, where that is not its own.
#[component]
fn SizeNote() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let own = move || editing.wishes.size.get();
    let note = move || {
        let size = editing.of_shown(|photo| (photo.width, photo.height))?;
        let out = size_out(size, own().or(state.model().map(|model| model.resolution))?);
        (out != size).then(|| words::size_note(size, out, own().is_some()))
    };
    let plain = move || {
        let own = editing.of_shown(|photo| words::own_size(&photo.name, (photo.width, photo.height)));
        own.filter(|_| note().is_none())
    };
    view! {
        <p class="note soft">
            {move || plain().unwrap_or_default()}
            <span data-testid="size-note">{move || note().unwrap_or_default()}</span>
        </p>
    }
    .into_any()
}

/// How the result was made.
#[component]
fn MadeBy() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let made = Memo::new(move |_| {
        let made = editing.of_shown(|photo| {
            let edited = photo.results.shown().filter(|_| !photo.phase.is_pending())?;
            Some((words::made_by(&edited.plan.title(), photo.results.place(), edited.ms), edited.plan.clone()))
        });
        made.flatten()
    });
    let differs = move || {
        let card = editing.card(state);
        let id = editing.chosen.get().unwrap_or_default();
        let plan = editing.wishes.plan(card.as_ref().map(|card| (id, card)));
        made.with(|made| made.as_ref().is_some_and(|(_, made)| !made.makes_what(&plan)))
    };
    view! {
        <p class="made soft">
            <span data-testid="made-by">{move || made.get().map(|(text, _)| text).unwrap_or_default()}</span>
            " "
            <button type="button" class="link" hidden=move || !differs() data-testid="use-settings"
                on:click=move |_| editing.use_shown(state)>{words::USE_SETTINGS}</button>
        </p>
    }
    .into_any()
}

/// The ways to take results away.
#[component]
pub fn Downloads() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let result = Memo::new(move |_| {
        let url = editing.of_shown(|photo| {
            photo.results.shown().filter(|_| !photo.phase.is_pending()).map(|edited| edited.view.url())
        });
        url.flatten().zip(editing.png_name())
    });
    let none = move || result.with(Option::is_none);
    let several = move || editing.count_results() > 1;
    let writes_webp = Kind::WebP.is_known();
    view! {
        <div class="downloads" role="group" aria-label=words::DOWNLOAD hidden=move || none() && !several()>
            <span class="soft">{words::DOWNLOAD}</span>
            <Show when=move || !none()>
                <a class="button" href=move || result.get().map(|(url, _)| url)
                    download=move || result.get().map(|(_, name)| name)
                    title=words::PNG_WHY data-testid="download-png">{words::PNG}</a>
                <button type="button" data-testid="download-jpeg"
                    on:click=move |_| editing.download_as(state, Kind::Jpeg)>{words::JPEG}</button>
                <button type="button" data-testid="download-webp" hidden=!writes_webp
                    on:click=move |_| editing.download_as(state, Kind::WebP)>{words::WEBP}</button>
            </Show>
            <button type="button" data-testid="download-all" hidden=move || !several()
                on:click=move |_| editing.download_all(state)>
                {move || words::download_all(editing.count_results())}
            </button>
            <button type="button" class="quiet" data-testid="go-further" hidden=none
                on:click=move |_| editing.go_further()>{icon(icons::ONWARDS)}<span>{words::GO_FURTHER}</span></button>
        </div>
    }
    .into_any()
}
