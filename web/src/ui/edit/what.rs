//! What: what is to be done: a learned instruction, words, or both, and how strongly.
use crate::protocol::{MOST_TEXT, Order};
use crate::ui::learn::icon::{REMOVE, icon};
use crate::ui::state;
use crate::words::edit as words;
use leptos::prelude::*;

/// Instruction, words, amount.
#[component]
pub fn What() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let wishes = editing.wishes;
    let card = Memo::new(move |_| editing.card(state));
    let title = move || match card.get() {
        Some(card) if card.title.trim().is_empty() => words::UNNAMED.to_owned(),
        Some(card) => card.title,
        None if state.shelf.entries.with(Vec::is_empty) => words::LEARN_ONE.to_owned(),
        None => words::CHOOSE_ONE.to_owned(),
    };
    let none = move || card.with(Option::is_none);
    let has_both = move || !none() && wishes.text.with(|text| !text.trim().is_empty());
    view! {
        <div class="what">
            <div class="field">
                <span class="soft">{words::INSTRUCTION}</span>
                <p class="chosen" class:none=none>
                    <b data-testid="what">{title}</b>
                    <button type="button" class="quiet tool" aria-label=words::NO_INSTRUCTION title=words::NO_INSTRUCTION
                        data-testid="no-instruction" class:unseen=none disabled=none
                        on:click=move |_| editing.choose_none()>{icon(REMOVE)}</button>
                </p>
            </div>
            <div class="field">
                <div class="labels">
                    <label class="soft" for="edit-text">{words::TEXT}</label>
                    <select class="order" aria-label=words::ORDER data-testid="order" class:unseen=move || !has_both()
                        prop:value=move || wishes.order.get().name()
                        on:change=move |event| wishes.order.set(Order::named(&event_target_value(&event)))>
                        <option value=Order::InstructionFirst.name()>{words::WORDS_LAST}</option>
                        <option value=Order::WordsFirst.name()>{words::WORDS_FIRST}</option>
                    </select>
                </div>
                <input id="edit-text" type="text" autocomplete="off" maxlength=MOST_TEXT data-testid="text"
                    placeholder=words::TEXT_EXAMPLE prop:value=move || wishes.text.get()
                    on:input=move |event| wishes.text.set(event_target_value(&event))/>
            </div>
            <Amount/>
        </div>
    }
    .into_any()
}

/// How strongly; the instruction's own strength until the user moves it.
#[component]
fn Amount() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let wishes = editing.wishes;
    let advised = move || editing.card(state).map_or(100.0, |card| (card.strength * 100.0).clamp(0.0, 150.0));
    let amount = move || wishes.amount.get().unwrap_or_else(advised).round();
    let on_input = move |event| {
        if let Ok(amount) = event_target_value(&event).parse::<f64>() {
            wishes.amount.set(Some(amount.clamp(0.0, 150.0)));
        }
    };
    view! {
        <div class="field">
            <div class="labels">
                <label class="soft" for="edit-amount">{words::AMOUNT}</label>
                <button type="button" class="link" class:unseen=move || wishes.amount.get().is_none()
                    data-testid="amount-recommended" on:click=move |_| wishes.amount.set(None)>
                    {words::AS_RECOMMENDED}
                </button>
                <output for="edit-amount">{move || words::percent(amount())}</output>
            </div>
            <input id="edit-amount" type="range" min="0" max="150" step="1" data-testid="amount"
                aria-valuetext=move || words::percent(amount()) prop:value=amount on:input=on_input/>
        </div>
    }
    .into_any()
}

/// Words that can be tried at once, as long as there is nothing else to do.
#[component]
pub fn Examples() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let is_first = move || {
        editing.wishes.text.with(String::is_empty)
            && editing.card(state).is_none()
            && editing.photos.with(|photos| photos.iter().all(|photo| photo.is_sample && photo.results.is_empty()))
    };
    let examples = words::EXAMPLES.map(|example| {
        let act = move |_| {
            editing.wishes.text.set(example.to_owned());
            editing.run(state);
        };
        view! {
            <button type="button" class="example" data-testid="example" disabled=move || state.model().is_none()
                on:click=act>{example}</button>
        }
    });
    view! {
        <div class="examples" class:unseen=move || !is_first()>
            <span class="soft">{words::TRY}</span>
            {examples.into_iter().collect_view()}
        </div>
    }
    .into_any()
}
