//! Stage: the photo and what came of it on top of one another, with a divider between them, near or as a whole.
use super::lens::{Lens, STEP};
use crate::ui::state;
use crate::words::edit as words;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

/// A movement shorter than this is a click, in pixels of the screen.
const STILL: f64 = 4.0;
/// How near a double click goes.
const NEAR: f64 = 4.0;
/// Pixels of the picture are shown as squares when they are larger than this on the screen.
const SQUARES_FROM: f64 = 6.0;
/// What the pointer must have turned the wheel by to go twice as near.
const WHEEL: f64 = 400.0;

/// A pointer that is down: its number, where it is now and where it was put down.
#[derive(Clone, Copy)]
struct Held {
    id: i32,
    now: (f64, f64),
    first: (f64, f64),
    moves_divider: bool,
    is_drag: bool,
}

/// The photo on the stage and its results.
#[component]
pub fn Stage(lens: RwSignal<Lens>) -> impl IntoView {
    let editing = state().editing;
    let divider = RwSignal::new(50.0_f64);
    let held = StoredValue::new(Vec::<Held>::new());
    let frame = NodeRef::<Div>::new();
    let photo =
        Memo::new(move |_| editing.of_shown(|photo| (photo.view.url(), photo.width.max(1), photo.height.max(1))));
    let ratio = move || photo.get().map_or(1.0, |(_, width, height)| width as f64 / height as f64);
    // Another photo is another place to look at.
    Effect::new(move |_| {
        editing.shown.track();
        lens.set(Lens::WHOLE);
    });
    let is_pending = Memo::new(move |_| editing.of_shown(|photo| photo.phase.is_pending()).unwrap_or_default());
    let result = Memo::new(move |_| {
        let shown = |edited: &crate::state::editing::photo::Edited| (edited.view.url(), edited.width, edited.height);
        editing.of_shown(|photo| photo.results.shown().map(shown)).flatten().filter(|_| !is_pending.get())
    });
    let on_the_way = move || {
        let in_hand = editing.job.with(|job| job.as_ref().map(|job| job.photo));
        let is_shown = in_hand.is_some() && in_hand == editing.shown.get();
        editing.preview.with(|preview| preview.as_ref().filter(|_| is_shown).map(|view| view.url()))
    };
    let after = Memo::new(move |_| on_the_way().or_else(|| result.get().map(|(url, ..)| url)));
    let has_after = move || after.with(Option::is_some);
    // Where the divider is; out of sight while there is nothing to divide or the photo is looked at as it was.
    let at = move || if editing.peeks.get() || !has_after() { 100.0 } else { divider.get() };
    let cut = move || format!("inset(0 0 0 {:.4}%)", lens.get().left_of(at() / 100.0) * 100.0);
    let placed = move || {
        let Lens { scale, x, y } = lens.get();
        format!("translate({:.4}%, {:.4}%) scale({scale:.5})", x * 100.0, y * 100.0)
    };
    let squares = move |width: usize| {
        let seen = frame.get().map_or(0.0, |frame| frame.get_bounding_client_rect().width());
        !lens.get().is_whole() && lens.get().scale * seen / width.max(1) as f64 >= SQUARES_FROM
    };
    let before_squares = move || photo.get().is_some_and(|(_, width, _)| squares(width));
    let after_squares = move || result.get().is_some_and(|(_, width, _)| squares(width));
    let place = move |event: &MouseEvent| {
        let seen = frame.get_untracked().map(|frame| frame.get_bounding_client_rect())?;
        let part = |at: i32, start: f64, length: f64| (f64::from(at) - start) / length.max(1.0);
        Some((part(event.client_x(), seen.left(), seen.width()), part(event.client_y(), seen.top(), seen.height())))
    };
    let set_divider = move |to: f64| divider.set((to * 100.0).clamp(0.0, 100.0).round());
    let on_down = move |event: PointerEvent| {
        let Some(now) = place(&event) else { return };
        if event.button() != 0 {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_divider = target.is_some_and(|target| target.closest(".divider").is_ok_and(|found| found.is_some()));
        if let Some(frame) = frame.get_untracked() {
            // Moves that leave the stage are not heard then, that is all.
            let _ = frame.set_pointer_capture(event.pointer_id());
        }
        let moves_divider = is_divider || lens.get_untracked().is_whole();
        held.update_value(|held| {
            held.push(Held { id: event.pointer_id(), now, first: now, moves_divider, is_drag: is_divider });
        });
    };
    let on_move = move |event: PointerEvent| {
        let Some(now) = place(&event) else { return };
        let mut all = held.get_value();
        let Some(own) = all.iter().position(|held| held.id == event.pointer_id()) else { return };
        let was = all[own];
        all[own].now = now;
        if let [a, b] = all.as_slice() {
            let other = if own == 0 { b.now } else { a.now };
            pinch(lens, was.now, now, other);
        } else {
            let seen = frame.get_untracked().map(|frame| frame.get_bounding_client_rect());
            let (width, height) = seen.map_or((1.0, 1.0), |seen| (seen.width(), seen.height()));
            let moved = ((now.0 - was.first.0) * width).hypot((now.1 - was.first.1) * height);
            all[own].is_drag |= moved > STILL;
            match (all[own].is_drag, was.moves_divider) {
                (true, true) => set_divider(now.0),
                (true, false) => lens.update(|lens| *lens = lens.moved(now.0 - was.now.0, now.1 - was.now.1)),
                _ => {}
            }
        }
        held.set_value(all);
    };
    let on_up = move |event: PointerEvent| {
        held.update_value(|held| {
            held.retain(|held| held.id != event.pointer_id());
            // The finger that is left after a pinch moves the picture only when it is put down again.
            held.iter_mut().for_each(|left| left.moves_divider = false);
        });
    };
    let on_wheel = move |event: WheelEvent| {
        // At the end of the way out the page may scroll.
        if event.delta_y() > 0.0 && lens.get_untracked().is_whole() && !event.ctrl_key() {
            return;
        }
        event.prevent_default();
        let Some(at) = place(&event) else { return };
        let lines = if event.delta_mode() == 0 { 1.0 } else { 33.0 };
        // A pinch on a touchpad comes as a small turn with the Ctrl key.
        let finer = if event.ctrl_key() { 4.0 } else { 1.0 };
        lens.update(|lens| *lens = lens.zoomed(2.0_f64.powf(-event.delta_y() * lines * finer / WHEEL), at));
    };
    let on_double = move |event: MouseEvent| {
        let Some(at) = place(&event) else { return };
        lens.update(|lens| *lens = if lens.is_whole() { lens.zoomed(NEAR, at) } else { Lens::WHOLE });
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let now = divider.get_untracked();
        match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => set_divider((now - 2.0) / 100.0),
            "ArrowRight" | "ArrowUp" => set_divider((now + 2.0) / 100.0),
            "PageDown" => set_divider((now - 10.0) / 100.0),
            "PageUp" => set_divider((now + 10.0) / 100.0),
            "Home" => set_divider(0.0),
            "End" => set_divider(1.0),
            "+" | "=" => lens.update(|lens| *lens = lens.zoomed(STEP, (0.5, 0.5))),
            "-" | "_" => lens.update(|lens| *lens = lens.zoomed(1.0 / STEP, (0.5, 0.5))),
            "0" => lens.set(Lens::WHOLE),
            _ => return,
        }
        event.prevent_default();
    };
    let is_on_the_way = move || is_pending.get();
    view! {
        <div class="frame" style=("--ratio", move || format!("{:.5}", ratio()))>
            <div
                class="stage"
                class:near=move || !lens.get().is_whole()
                class:busy=is_on_the_way
                node_ref=frame
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=on_up
                on:wheel=on_wheel
                on:dblclick=on_double
            >
                <div class="layer" style=("transform", placed)>
                    <Show when=move || photo.with(Option::is_some)>
                        <img class="before" class:squares=before_squares alt=words::BEFORE draggable="false"
                            data-testid="before" src=move || photo.get().map(|(url, ..)| url)/>
                    </Show>
                    <Show when=has_after>
                        <img
                            class="after"
                            class:squares=after_squares
                            draggable="false"
                            src=move || after.get()
                            alt=move || if is_pending.get() { words::ON_THE_WAY } else { words::AFTER }
                            data-testid=move || if is_pending.get() { "on-the-way" } else { "result" }
                            data-width=move || result.get().map(|(_, width, _)| width.to_string())
                            data-height=move || result.get().map(|(.., height)| height.to_string())
                            style=("clip-path", cut)
                        />
                    </Show>
                </div>
                <span class="side left" aria-hidden="true" hidden=move || at() < 12.0>{words::BEFORE}</span>
                <span class="side right" aria-hidden="true" hidden=move || { at() > 88.0 }>
                    {move || if is_pending.get() { words::ON_THE_WAY } else { words::AFTER }}
                </span>
                <div
                    class="divider"
                    class:unseen=move || editing.peeks.get()
                    role="slider"
                    tabindex="0"
                    aria-label=words::COMPARE
                    aria-orientation="horizontal"
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || format!("{:.0}", divider.get())
                    aria-valuetext=move || words::split(divider.get())
                    data-testid="compare"
                    hidden=move || !has_after()
                    style=("left", move || format!("{}%", divider.get()))
                    on:keydown=on_key
                >
                    <span class="grip"></span>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// One of two fingers moved: nearer by as much as they parted, and along with the middle between them.
fn pinch(lens: RwSignal<Lens>, was: (f64, f64), now: (f64, f64), other: (f64, f64)) {
    let apart = |a: (f64, f64)| (a.0 - other.0).hypot(a.1 - other.1).max(0.01);
    let middle = |a: (f64, f64)| ((a.0 + other.0) / 2.0, (a.1 + other.1) / 2.0);
    let (from, to) = (middle(was), middle(now));
    lens.update(|lens| *lens = lens.zoomed(apart(now) / apart(was), from).moved(to.0 - from.0, to.1 - from.1));
}
