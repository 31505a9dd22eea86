//! Progress: the buttons that begin and end edits, and how far the edit in hand is.
use crate::state::learning::run::Phase as Learning;
use crate::ui::state;
use crate::words::edit as words;
use leptos::prelude::*;

/// Edit, edit all, cancel; below them a line that says how far it is.
#[component]
pub fn Progress() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let obstacle = Memo::new(move |_| editing.obstacle(state));
    let count = move || editing.photos.with(Vec::len);
    let pending = Memo::new(move |_| {
        editing.photos.with(|photos| photos.iter().filter(|photo| photo.phase.is_pending()).count())
    });
    let shown_is_pending = move || editing.of_shown(|photo| photo.phase.is_pending()).unwrap_or_default();
    let none_left = move || editing.photos.with(|photos| photos.iter().all(|photo| photo.phase.is_pending()));
    let cannot = move || obstacle.get().is_some();
    let line = move || {
        let job = editing.job.get()?;
        let text = if job.is_ending {
            words::ENDING.to_owned()
        } else if !job.began && state.learning.phase.get() == Learning::Running {
            words::WAITING_FOR_LEARNING.to_owned()
        } else if !job.began {
            words::WAITING.to_owned()
        } else if let Some(doing) = job.doing {
            doing
        } else if job.steps == 0 {
            words::BEGAN.to_owned()
        } else {
            words::step(job.step, job.steps, job.left)
        };
        let others = pending.get().saturating_sub(1);
        Some(if others > 0 { format!("{text} · {}", words::in_line(others)) } else { text })
    };
    let why = move || obstacle.get().filter(|_| pending.get() == 0);
    let done = move || {
        let part = editing.job.with(|job| job.as_ref().map_or(0.0, |job| job.step as f64 / job.steps.max(1) as f64));
        format!("scaleX({part:.4})")
    };
    view! {
        <div class="go">
            <button type="button" class="primary" data-testid="edit" title=words::RUN_KEYS aria-describedby="edit-why"
                disabled=move || cannot() || shown_is_pending()
                on:click=move |_| editing.run(state)>{words::RUN}</button>
            <button type="button" data-testid="cancel-edit" title=words::CANCEL_KEYS
                disabled=move || pending.get() == 0
                on:click=move |_| editing.cancel_shown(state)>{words::CANCEL}</button>
            <button type="button" data-testid="edit-all" hidden=move || count() < 2
                disabled=move || cannot() || none_left()
                on:click=move |_| editing.run_all(state)>{move || words::run_all(count())}</button>
            <button type="button" class="quiet" data-testid="cancel-all" hidden=move || { pending.get() < 2 }
                on:click=move |_| editing.cancel_all(state)>{words::CANCEL_ALL}</button>
        </div>
        <div class="bar" aria-hidden="true" class:unseen=move || pending.get() == 0>
            <span style=("transform", done)></span>
        </div>
        <p id="edit-why" class="line soft">
            <span data-testid="edit-step">{move || line().unwrap_or_default()}</span>
            <span data-testid="edit-why">{move || why().unwrap_or_default()}</span>
        </p>
    }
    .into_any()
}
