//! CropDialog: chooses the part of a picture that has the other picture's shape.
use crate::protocol::Crop;
use crate::state::learning::pairs::{Pair, Side};
use crate::ui::state;
use crate::words::learn as words;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

/// The smallest frame, as a part of the largest.
const LEAST: f64 = 0.1;

/// A frame: its size as a part of the largest, and where it is in the room that it leaves.
#[derive(Clone, Copy, PartialEq)]
struct Frame {
    size: f64,
    across: f64,
    down: f64,
}

const CENTRE: Frame = Frame { size: 1.0, across: 0.5, down: 0.5 };

/// Part of a picture for a frame.
fn part(side: &Side, ratio: f64, frame: Frame) -> Crop {
    let most = side.centre(ratio);
    let scaled = |of: usize| ((of as f64 * frame.size).round() as usize).clamp(1, of.max(1));
    let (width, height) = (scaled(most.width), scaled(most.height));
    let room = |of: usize, taken: usize, at: f64| (of.saturating_sub(taken) as f64 * at).round() as usize;
    Crop { x: room(side.width, width, frame.across), y: room(side.height, height, frame.down), width, height }
}

/// The frame that a crop was made with.
fn frame(side: &Side, ratio: f64) -> Frame {
    let Some(crop) = side.crop else { return CENTRE };
    let at = |start: usize, of: usize, taken: usize| match of.saturating_sub(taken) {
        0 => 0.5,
        room => (start as f64 / room as f64).clamp(0.0, 1.0),
    };
    Frame {
        size: (crop.width as f64 / side.centre(ratio).width.max(1) as f64).clamp(LEAST, 1.0),
        across: at(crop.x, side.width, crop.width),
        down: at(crop.y, side.height, crop.height),
    }
}

fn ratio(side: &Side) -> f64 {
    side.part().width.max(1) as f64 / side.part().height.max(1) as f64
}

/// The dialog; open while a pair is cropped.
#[component]
pub fn CropDialog() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let dialog = NodeRef::<Dialog>::new();
    let is_after = RwSignal::new(true);
    let chosen = RwSignal::new(CENTRE);
    let pair = move || learning.cropping.get().and_then(|id| learning.pair(id)).filter(|pair| pair.whole().is_some());
    // The side that is cropped, and the ratio of the other.
    let side_of = move |pair: &Pair, is_after: bool| {
        let (side, other) = pair.side(is_after).zip(pair.side(!is_after))?;
        Some((side.clone(), ratio(other)))
    };
    let side = move || pair().and_then(|pair| side_of(&pair, is_after.get()));
    let choose = move |after: bool| {
        is_after.set(after);
        if let Some((side, ratio)) = untrack(side) {
            chosen.set(frame(&side, ratio));
        }
    };
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (pair(), dialog.open()) {
            (Some(pair), false) => {
                // The one that was cropped before, else the larger one.
                let area = |after: bool| pair.side(after).map_or(0, |side| side.width * side.height);
                let cropped = |after: bool| pair.side(after).is_some_and(|side| side.crop.is_some());
                choose(cropped(true) || !cropped(false) && area(true) >= area(false));
                // It is on the page and closed.
                let _ = dialog.show_modal();
            }
            (None, true) => dialog.close(),
            _ => {}
        }
    });
    let close = move || learning.cropping.set(None);
    let set = move |crop: Option<Crop>| {
        if let Some(id) = learning.cropping.get_untracked() {
            learning.crop(state, id, is_after.get_untracked(), crop);
        }
        close();
    };
    let done = move |_| set(untrack(side).map(|(side, ratio)| part(&side, ratio, chosen.get_untracked())));
    let title = move || {
        let place = learning.cropping.get().and_then(|id| learning.place(id));
        place.map(|place| words::crop_title(place + 1)).unwrap_or_default()
    };
    view! {
        <dialog class="crop" node_ref=dialog aria-labelledby="crop-title" data-testid="crop-dialog"
            on:close=move |_| close()>
            <h2 id="crop-title">{title}</h2>
            <p class="soft">{words::CROP_WHY}</p>
            <fieldset class="quality two">
                <legend class="visually-hidden">{words::CROP_SIDE}</legend>
                {[(false, words::BEFORE), (true, words::AFTER)].map(|(after, name)| view! {
                    <label class="choice">
                        <input type="radio" name="crop-side" prop:checked=move || is_after.get() == after
                            on:change=move |_| choose(after)/>
                        <span>{name}</span>
                    </label>
                }).into_iter().collect_view()}
            </fieldset>
            {move || side().map(|(side, ratio)| view! { <Stage side=side ratio=ratio chosen=chosen/> })}
            <Slider name=words::CROP_SIZE least=LEAST value=move || chosen.get().size
                set=move |size| chosen.update(|frame| frame.size = size)/>
            <Slider name=words::CROP_ACROSS least=0.0 value=move || chosen.get().across
                set=move |across| chosen.update(|frame| frame.across = across)/>
            <Slider name=words::CROP_DOWN least=0.0 value=move || chosen.get().down
                set=move |down| chosen.update(|frame| frame.down = down)/>
            <div class="buttons">
                <button type="button" class="primary" data-testid="crop-done" on:click=done>{words::CROP_DONE}</button>
                <button type="button" on:click=move |_| chosen.set(CENTRE)>{words::CROP_CENTRE}</button>
                <button type="button" data-testid="crop-none" on:click=move |_| set(None)>{words::CROP_NONE}</button>
                <button type="button" class="quiet" on:click=move |_| close()>{words::CANCEL}</button>
            </div>
        </dialog>
    }
}

/// The picture with the frame on it.
#[component]
fn Stage(side: Side, ratio: f64, chosen: RwSignal<Frame>) -> impl IntoView {
    let url = side.view.as_ref().map(|view| view.url()).unwrap_or_default();
    let (width, height) = (side.width.max(1) as f64, side.height.max(1) as f64);
    let (ratio_css, most) = (format!("{width}/{height}"), format!("min(100%, {:.1}px)", 360.0 * width / height));
    let side = StoredValue::new_local(side);
    let cut = move || side.with_value(|side| part(side, ratio, chosen.get()));
    let percent = |part: usize, of: f64| format!("{:.3}%", part as f64 / of * 100.0);
    // Where the pointer was, and the room in pixels of the screen.
    let held = RwSignal::new(None::<(f64, f64)>);
    let on_down = move |event: PointerEvent| {
        let stage = event.current_target().and_then(|stage| stage.dyn_into::<Element>().ok());
        if let Some(stage) = stage {
            // Moves that leave the picture are not heard then, that is all.
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        held.set(Some((event.client_x() as f64, event.client_y() as f64)));
    };
    let on_move = move |event: PointerEvent| {
        let stage = event.current_target().and_then(|stage| stage.dyn_into::<Element>().ok());
        let (Some((x, y)), Some(stage)) = (held.get_untracked(), stage) else { return };
        let seen = stage.get_bounding_client_rect();
        let cut = untrack(cut);
        let by = |moved: f64, seen: f64, of: f64, taken: usize| match of - taken as f64 {
            room if room > 0.0 && seen > 0.0 => moved / seen * of / room,
            _ => 0.0,
        };
        let across = by(event.client_x() as f64 - x, seen.width(), width, cut.width);
        let down = by(event.client_y() as f64 - y, seen.height(), height, cut.height);
        chosen.update(|frame| {
            frame.across = (frame.across + across).clamp(0.0, 1.0);
            frame.down = (frame.down + down).clamp(0.0, 1.0);
        });
        held.set(Some((event.client_x() as f64, event.client_y() as f64)));
    };
    view! {
        <div class="stage" style:aspect-ratio=ratio_css style:max-width=most on:pointerdown=on_down on:pointermove=on_move
            on:pointerup=move |_| held.set(None) on:pointercancel=move |_| held.set(None)>
            <img src=url alt="" draggable="false"/>
            <span class="frame" style:left=move || percent(cut().x, width) style:top=move || percent(cut().y, height)
                style:width=move || percent(cut().width, width) style:height=move || percent(cut().height, height)></span>
        </div>
    }
}

/// A part of one, in percent.
#[component]
fn Slider(
    name: &'static str,
    least: f64,
    value: impl Fn() -> f64 + Copy + Send + Sync + 'static,
    set: impl Fn(f64) + Copy + 'static,
) -> impl IntoView {
    let on_input = move |event| {
        if let Ok(percent) = event_target_value(&event).parse::<f64>() {
            set((percent / 100.0).clamp(least, 1.0));
        }
    };
    view! {
        <label class="slider">
            <span>{name}</span>
            <input type="range" min=least * 100.0 max="100" step="1" prop:value=move || (value() * 100.0).round()
                on:input=on_input/>
        </label>
    }
}
