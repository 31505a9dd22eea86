//! Setup: what learning starts from, how thorough it is, and the button that begins it.
use super::settings::Settings;
use crate::state::learning::run::Phase;
use crate::state::learning::wishes::Quality;
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;

/// Phrases shown of each side.
const SHOWN: usize = 3;

/// The lower half of the panel before learning.
#[component]
pub fn Setup() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let obstacle = Memo::new(move |_| learning.obstacle(state));
    let last = move || learning.run.last.get();
    view! {
        <form class="setup" on:submit=move |event| { event.prevent_default(); learning.learn(state); }>
            <p class="done" role="status" data-testid="learned" hidden=move || last().is_none()>
                {move || last().unwrap_or_default()}
            </p>
            <Start/>
            <fieldset class="quality">
                <legend>{words::QUALITY}</legend>
                {Quality::ALL.map(|quality| view! { <Choice quality=quality/> }).into_iter().collect_view()}
            </fieldset>
            <button
                type="submit"
                class="primary learn-button"
                data-testid="learn"
                title=words::LEARN_KEYS
                aria-describedby="learn-why"
                disabled=move || obstacle.get().is_some() || learning.phase.get() == Phase::Running
            >
                {words::LEARN}
            </button>
            <p id="learn-why" class="why soft" data-testid="learn-why">{move || obstacle.get().unwrap_or_default()}</p>
            <Settings/>
        </form>
    }
}

/// The text that learning starts from.
#[component]
fn Start() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let wishes = learning.wishes;
    let placeholder = move || if wishes.from_nothing.get() { words::START_NOTHING } else { words::START_FOUND };
    let can_find = move || !learning.finding.get() && !wishes.from_nothing.get() && learning.obstacle(state).is_none();
    let found = move || {
        let found = wishes.found.get()?;
        let list = |phrases: &[(String, f64)]| {
            let shown = phrases.iter().take(SHOWN).map(|(phrase, _)| phrase.as_str()).collect::<Vec<_>>().join(", ");
            if shown.is_empty() { words::NOTHING_FOUND.to_owned() } else { shown }
        };
        Some(words::found(&list(&found.before), &list(&found.after)))
    };
    view! {
        <div class="start">
            <label for="start-text">{words::START}</label>
            <div class="row">
                <input
                    id="start-text"
                    type="text"
                    maxlength="300"
                    autocomplete="off"
                    data-testid="start-text"
                    placeholder=placeholder
                    disabled=move || wishes.from_nothing.get()
                    prop:value=move || wishes.text.get()
                    on:input=move |event| wishes.text.set(event_target_value(&event))
                />
                <button type="button" data-testid="find-phrases" disabled=move || !can_find()
                    on:click=move |_| learning.find_phrases(state)>
                    {move || if learning.finding.get() { words::FINDING } else { words::FIND }}
                </button>
            </div>
            <p class="found soft" role="status" data-testid="phrases-found" hidden=move || found().is_none()>
                {move || found().unwrap_or_default()}
            </p>
        </div>
    }
}

/// One way to learn, with the time that it takes.
#[component]
fn Choice(quality: Quality) -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let chosen = learning.wishes.quality;
    let (name, test_id) = match quality {
        Quality::Quick => (words::QUICK, "quality-quick"),
        Quality::Balanced => (words::BALANCED, "quality-balanced"),
        Quality::Paper => (words::PAPER, "quality-paper"),
    };
    let time = move || learning.forecast(state, quality).map_or(words::UNKNOWN.to_owned(), words::about);
    view! {
        <label class="choice">
            <input
                type="radio"
                name="quality"
                data-testid=test_id
                prop:checked=move || chosen.get() == quality
                on:change=move |_| chosen.set(quality)
            />
            <span>{name}</span>
            <span class="soft time">{time}</span>
        </label>
    }
}
