//! Progress: how far a run is, what it has learned so far, and the buttons that pause, end or discard it.
use super::curve::Curve;
use super::thumb::thumb;
use crate::state::learning::run::{Phase, Wish};
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;

/// The lower half of the panel while a run is there.
#[component]
pub fn Progress() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let run = learning.run;
    let is_paused = move || learning.phase.get() == Phase::Paused;
    let line = move || {
        if is_paused() {
            run.paused().to_owned()
        } else if run.wish.get().is_some() {
            words::STOPPING.to_owned()
        } else {
            run.doing.get()
        }
    };
    let left = move || run.left.get().filter(|_| !is_paused()).map(words::left).unwrap_or_default();
    let segments = move || run.segments.get().map_or_else(String::new, words::of_segments);
    let start = move || run.start.get().map(|(text, caption)| words::started(&text, &caption)).unwrap_or_default();
    view! {
        <div class="progress" role="group" aria-label=words::LEARNING data-testid="learning"
            data-phase=move || if is_paused() { "paused" } else { "running" }>
            <p class="title">{move || run.title.get()}</p>
            <p class="count">
                <b data-testid="learning-step">{move || words::step(run.step.get(), run.steps.get())}</b>
                " "
                <span class="soft">{segments}</span>
                <span class="left" data-testid="time-left">{left}</span>
            </p>
            <progress max=move || run.steps.get().max(1) value=move || run.step.get() aria-label=words::LEARNING></progress>
            <p class="doing soft" data-testid="doing">{line}</p>
            <Pictures/>
            <Curve/>
            <p class="doing soft" data-testid="started-from">{start}</p>
            <Buttons/>
        </div>
    }
}

/// Before, learned so far, wanted.
#[component]
fn Pictures() -> impl IntoView {
    let state = state();
    let run = state.learning.run;
    let shown = move |is_after: bool| {
        run.shown.with(|shown| {
            let side = shown.as_ref().map(|(before, after)| if is_after { after } else { before });
            side.map(|side| thumb(Some(side)))
        })
    };
    let preview = move || run.preview.with(|preview| preview.as_ref().map(|(step, view)| (*step, view.url())));
    let now = move || match preview() {
        Some((step, url)) => view! {
            <span class="thumb"><img class="fit" src=url alt=words::NOW data-testid="preview" data-step=step/></span>
        }
        .into_any(),
        None => {
            let is_sparing = state.model().is_some_and(|model| model.sparing);
            let why = if is_sparing { words::NO_PREVIEW_SPARING } else { words::NO_PREVIEW };
            view! { <span class="thumb waiting soft">{why}</span> }.into_any()
        }
    };
    let known = move || run.shown.with(Option::is_some);
    view! {
        <div class="previews">
            <figure hidden=move || !known()>{move || shown(false)}<figcaption class="soft">{words::BEFORE}</figcaption></figure>
            <figure>{now}<figcaption class="soft">{words::NOW}</figcaption></figure>
            <figure hidden=move || !known()>{move || shown(true)}<figcaption class="soft">{words::WANTED}</figcaption></figure>
        </div>
    }
}

/// Pause, use, cancel; when paused: continue, discard.
#[component]
fn Buttons() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let run = learning.run;
    let asking = RwSignal::new(None::<f64>);
    let is_paused = move || learning.phase.get() == Phase::Paused;
    let is_ending = move || run.wish.get().is_some();
    let is_ready = move || state.model().is_some();
    let cancel = move |_| {
        if run.is_precious() { asking.set(Some(run.worked())) } else { learning.cancel(state) }
    };
    let sure = move |_| {
        asking.set(None);
        learning.cancel(state);
    };
    let question = NodeRef::<leptos::html::Button>::new();
    Effect::new(move |_| {
        if let (Some(button), true) = (question.get(), asking.get().is_some()) {
            // It was just drawn.
            let _ = button.focus();
        }
    });
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            asking.set(None);
        }
    };
    view! {
        <div class="buttons" hidden=move || asking.get().is_some()>
            <button type="button" class="primary" data-testid="continue" hidden=move || !is_paused()
                disabled=move || !is_ready() on:click=move |_| learning.resume(state)>{words::CONTINUE}</button>
            <button type="button" data-testid="pause" hidden=is_paused disabled=is_ending
                on:click=move |_| learning.pause(state)>{words::PAUSE}</button>
            <button type="button" data-testid="finish" hidden=is_paused
                disabled=move || is_ending() || run.step.get() == 0
                on:click=move |_| learning.finish(state)>{words::FINISH}</button>
            <button type="button" class="quiet" data-testid="cancel-learning"
                disabled=move || run.wish.get() == Some(Wish::Cancel)
                on:click=cancel>{move || if is_paused() { words::DISCARD } else { words::CANCEL }}</button>
        </div>
        <div class="buttons" role="group" hidden=move || asking.get().is_none() on:keydown=on_key>
            <p>{move || asking.get().map(words::throw_away).unwrap_or_default()}</p>
            <button type="button" data-testid="really-cancel" on:click=sure>{words::DISCARD}</button>
            <button type="button" class="quiet" node_ref=question on:click=move |_| asking.set(None)>{words::KEEP_ON}</button>
        </div>
    }
}
