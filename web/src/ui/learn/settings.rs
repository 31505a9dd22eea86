//! Settings: the numbers of a run, as the paper and the model have them until they are changed.
use crate::protocol::ModelInfo;
use crate::state::learning::wishes::{SEGMENTS, TOKENS, Wishes};
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;

/// Whole numbers that JavaScript keeps exactly.
const MOST_SEED: f64 = 9_007_199_254_740_991.0;

/// Opened by a click.
#[component]
pub fn Settings() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let wishes = learning.wishes;
    let model = Memo::new(move |_| state.model());
    let advised = move |of: fn(&crate::protocol::ModelInfo) -> f64| model.get().as_ref().map(of);
    let count = |signal: RwSignal<usize>, default: usize| {
        (move || Some(signal.get() as f64), move |value: Option<f64>| signal.set(value.map_or(default, |n| n as usize)))
    };
    let (segments, set_segments) = count(wishes.segments, SEGMENTS);
    let (tokens, set_tokens) = count(wishes.tokens, TOKENS);
    let defaults = move |_| {
        wishes.own_steps.set(None);
        wishes.size.set(None);
        wishes.segments.set(SEGMENTS);
        wishes.tokens.set(TOKENS);
        wishes.seed.set(0.0);
        wishes.learning_rate.set(None);
        wishes.guidance_scale.set(None);
        wishes.image_guidance_scale.set(None);
        wishes.hold_out.set(None);
        wishes.from_nothing.set(false);
    };
    view! {
        <details class="settings" data-testid="learn-settings">
            <summary>{words::SETTINGS}</summary>
            <div class="fields">
                <label class="wide">
                    <span>{words::NAME}</span>
                    <input type="text" maxlength="200" autocomplete="off" data-testid="learn-title"
                        placeholder=move || learning.sample.get().map(words::effect).unwrap_or(words::START_FOUND)
                        prop:value=move || wishes.title.get()
                        on:input=move |event| wishes.title.set(event_target_value(&event))/>
                </label>
                <Number name=words::SEGMENTS why=words::SEGMENTS_WHY range=(1.0, 1000.0) step="1" test_id="segments"
                    value=segments set=set_segments advised=|| None/>
                <Number name=words::STEPS range=(1.0, 100_000.0) step="1" test_id="learn-steps"
                    value=move || wishes.own_steps.get().map(|n| n as f64)
                    set=move |value| wishes.own_steps.set(value.map(|n| n as usize))
                    advised=move || advised_steps(wishes, &model.get())/>
                <Number name=words::SIZE why=words::SIZE_WHY range=(64.0, 2048.0) step="64" test_id="learn-size"
                    value=move || wishes.size.get().map(|n| n as f64)
                    set=move |value| wishes.size.set(value.map(|n| n as usize))
                    advised=move || advised(|model| model.resolution as f64)/>
                <Number name=words::LEARNING_RATE range=(0.000_001, 1.0) step="any" test_id="learning-rate"
                    value=move || wishes.learning_rate.get() set=move |value| wishes.learning_rate.set(value)
                    advised=move || advised(|model| model.learning_rate)/>
                <Number name=words::TEXT_SCALE range=(0.0, 100.0) step="any" test_id="learn-guidance"
                    value=move || wishes.guidance_scale.get() set=move |value| wishes.guidance_scale.set(value)
                    advised=move || advised(|model| model.guidance_scale)/>
                <Number name=words::IMAGE_SCALE range=(0.0, 100.0) step="any" test_id="learn-image-guidance"
                    value=move || wishes.image_guidance_scale.get()
                    set=move |value| wishes.image_guidance_scale.set(value)
                    advised=move || advised(|model| model.image_guidance_scale)/>
                <Number name=words::SEED range=(0.0, MOST_SEED) step="1" test_id="learn-seed"
                    value=move || Some(wishes.seed.get()) set=move |value| wishes.seed.set(value.unwrap_or_default())
                    advised=|| None/>
                <Number name=words::TOKENS why=words::FROM_NOTHING range=(1.0, 75.0) step="1" test_id="tokens"
                    value=tokens set=set_tokens advised=|| None/>
                <label class="tick wide">
                    <input type="checkbox" data-testid="from-nothing" prop:checked=move || wishes.from_nothing.get()
                        on:change=move |event| wishes.from_nothing.set(event_target_checked(&event))/>
                    <span>{words::FROM_NOTHING}</span>
                </label>
                <label class="tick wide" title=words::HOLD_OUT_WHY>
                    <input type="checkbox" data-testid="hold-out" prop:checked=move || learning.holds_out()
                        disabled=move || learning.pairs.with(|pairs| pairs.len() < 2)
                        on:change=move |event| wishes.hold_out.set(Some(event_target_checked(&event)))/>
                    <span>{words::HOLD_OUT}</span>
                </label>
                <button type="button" class="quiet wide" on:click=defaults>{words::DEFAULTS}</button>
            </div>
        </details>
    }
}

/// Steps per segment where the user says nothing.
fn advised_steps(wishes: Wishes, model: &Option<ModelInfo>) -> Option<f64> {
    model.as_ref().map(|model| wishes.quality.get().steps(model) as f64)
}

/// A field for a number; empty is as advised.
#[component]
fn Number(
    name: &'static str,
    #[prop(optional)] why: &'static str,
    range: (f64, f64),
    step: &'static str,
    test_id: &'static str,
    value: impl Fn() -> Option<f64> + Copy + Send + Sync + 'static,
    set: impl Fn(Option<f64>) + Copy + 'static,
    advised: impl Fn() -> Option<f64> + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let shown = move || value().map(|number| number.to_string()).unwrap_or_default();
    let on_change = move |event: leptos::ev::Event| {
        let typed = event_target_value(&event).parse::<f64>().ok().filter(|number| number.is_finite());
        let whole = |number: f64| match step.parse::<f64>() {
            Ok(step) => (number / step).round() * step,
            Err(_) => number,
        };
        set(typed.map(|number| whole(number.clamp(range.0, range.1))));
        // What was typed may be out of range, or what was there before.
        let input: web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&untrack(shown));
    };
    view! {
        <label title=why>
            <span>{name}</span>
            <input type="number" min=range.0 max=range.1 step=step data-testid=test_id
                placeholder=move || advised().map(|number| number.to_string()).unwrap_or_default()
                prop:value=shown on:change=on_change/>
        </label>
    }
}
