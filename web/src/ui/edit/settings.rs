//! Settings: the numbers of an edit, as the instruction and the model have them until they are changed.
use crate::numbers::{self, SCALE, SEED, SIDE, STEPS};
use crate::protocol::{Card, ModelInfo, Sampler};
use crate::protocol::{SAMPLERS, sampler_name, sampler_named};
use crate::ui::state;
use crate::words::edit as words;
use leptos::prelude::*;
use std::ops::RangeInclusive;

/// New seeds are short, so that they can be told to a friend.
const SEEDS: f64 = 1e6;

/// Opened by a click.
#[component]
pub fn Settings() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let wishes = editing.wishes;
    let card = Memo::new(move |_| editing.card(state));
    let model = Memo::new(move |_| state.model());
    // What the instruction recommends, else the model.
    let advised = move |of_card: fn(&Card) -> f64, of_model: fn(&ModelInfo) -> f64| {
        card.with(|card| card.as_ref().map(of_card)).or_else(|| model.with(|model| model.as_ref().map(of_model)))
    };
    let of_model = move || model.with(|model| model.as_ref().and_then(|model| model.sampler));
    let new_seed = move |_| wishes.seed.set((js_sys::Math::random() * SEEDS) as u64);
    let count = |number: f64| number as usize;
    let scale = |typed: Option<f64>| typed.and_then(|scale| numbers::clamped(scale, &SCALE));
    let set_steps = move |typed: Option<f64>| {
        wishes.steps.set(typed.and_then(|steps| numbers::whole(steps, &STEPS)).map(count));
    };
    let set_size = move |typed: Option<f64>| wishes.size.set(typed.and_then(numbers::side).map(count));
    let set_seed = move |typed: Option<f64>| {
        wishes.seed.set(typed.and_then(|seed| numbers::whole(seed, &SEED)).unwrap_or_default() as u64);
    };
    view! {
        <details class="settings" data-testid="edit-settings">
            <summary>{words::SETTINGS}</summary>
            <div class="fields">
                <Number name=words::STEPS why=words::STEPS_WHY range=STEPS step="1" test_id="edit-steps"
                    value=move || wishes.steps.get().map(|steps| steps as f64) set=set_steps
                    advised=move || advised(|card| card.steps as f64, |model| model.steps as f64)/>
                <Number name=words::SIZE why=words::SIZE_WHY range=SIDE step="64" test_id="edit-size"
                    value=move || wishes.size.get().map(|size| size as f64) set=set_size
                    advised=move || model.with(|model| model.as_ref().map(|model| model.resolution as f64))/>
                <Number name=words::TEXT_SCALE why=words::TEXT_SCALE_WHY range=SCALE step="any"
                    test_id="edit-guidance" value=move || wishes.guidance_scale.get()
                    set=move |typed| wishes.guidance_scale.set(scale(typed))
                    advised=move || advised(|card| card.guidance_scale, |model| model.guidance_scale)/>
                <Number name=words::IMAGE_SCALE why=words::IMAGE_SCALE_WHY range=SCALE step="any"
                    test_id="edit-image-guidance" value=move || wishes.image_guidance_scale.get()
                    set=move |typed| wishes.image_guidance_scale.set(scale(typed))
                    advised=move || advised(|card| card.image_guidance_scale, |model| model.image_guidance_scale)/>
                <div class="seed wide">
                    <Number name=words::SEED why=words::SEED_WHY range=SEED step="1" test_id="edit-seed"
                        value=move || Some(wishes.seed.get() as f64) set=set_seed advised=|| None/>
                    <button type="button" data-testid="new-seed" on:click=new_seed>{words::NEW_SEED}</button>
                </div>
                <label class="wide">
                    <span>{words::SAMPLER}</span>
                    <select data-testid="edit-sampler" prop:value=move || wishes.sampler.get().map_or("", sampler_name)
                        on:change=move |event| wishes.sampler.set(sampler_named(&event_target_value(&event)))>
                        <option value="">{move || words::advised_sampler(of_model().map(label))}</option>
                        {SAMPLERS.map(|sampler| view! { <option value=sampler_name(sampler)>{label(sampler)}</option> })}
                    </select>
                </label>
                <Segments/>
                <button type="button" class="quiet wide" data-testid="edit-defaults"
                    on:click=move |_| wishes.forget_numbers()>{words::DEFAULTS}</button>
            </div>
        </details>
    }
    .into_any()
}

/// A sampler's name for people.
fn label(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::EulerAncestral => words::ANCESTRAL,
        Sampler::Euler => words::EULER,
        Sampler::Lcm => words::LCM,
    }
}

/// When the chosen instruction acts, from the roughest part to the finest.
#[component]
fn Segments() -> impl IntoView {
    let state = state();
    let editing = state.editing;
    let chosen = editing.wishes.segments;
    let count = Memo::new(move |_| editing.card(state).map_or(0, |card| card.segments));
    let is_on = move |idx: usize| {
        chosen.with(|on| if on.len() == count.get() { on.get(idx).copied() } else { None }).unwrap_or(true)
    };
    let set = move |idx: usize, on: bool| {
        let n_segments = count.get_untracked();
        chosen.update(|chosen| {
            if chosen.len() != n_segments {
                *chosen = vec![true; n_segments];
            }
            if let Some(segment) = chosen.get_mut(idx) {
                *segment = on;
            }
        });
    };
    // The noisiest part comes first when a picture is edited, and has the highest number.
    let in_time = move || (0..count.get()).rev().collect::<Vec<_>>();
    view! {
        <fieldset class="segments wide" hidden=move || count.get() < 2>
            <legend>{words::SEGMENTS}</legend>
            <p class="soft">{words::SEGMENTS_WHY}</p>
            <div class="ticks">
                <For each=in_time key=|idx| *idx let:idx>
                    <label class="tick">
                        <input type="checkbox" data-testid=format!("segment-{idx}") prop:checked=move || is_on(idx)
                            on:change=move |event| set(idx, event_target_checked(&event))/>
                        <span>{move || words::segment(count.get().saturating_sub(idx), count.get())}</span>
                    </label>
                </For>
            </div>
        </fieldset>
    }
    .into_any()
}

/// A field for a number; empty is as advised.
#[component]
fn Number(
    name: &'static str,
    why: &'static str,
    range: RangeInclusive<f64>,
    step: &'static str,
    test_id: &'static str,
    value: impl Fn() -> Option<f64> + Copy + Send + Sync + 'static,
    set: impl Fn(Option<f64>) + 'static,
    advised: impl Fn() -> Option<f64> + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let shown = move || value().map(|number| number.to_string()).unwrap_or_default();
    let on_change = move |event: leptos::ev::Event| {
        set(event_target_value(&event).parse::<f64>().ok());
        // What was typed may be out of range, or what was there before.
        let input: web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&untrack(shown));
    };
    view! {
        <label title=why>
            <span>{name}</span>
            <input type="number" min=*range.start() max=*range.end() step=step data-testid=test_id inputmode="decimal"
                placeholder=move || advised().map(|number| number.to_string()).unwrap_or_default()
                prop:value=shown on:change=on_change/>
        </label>
    }
    .into_any()
}
