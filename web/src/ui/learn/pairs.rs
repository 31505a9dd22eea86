//! Pairs: the grid of pairs, what can be done with the chosen one, and what the worker said of them.
use super::icon::{self, icon};
use super::pick;
use super::thumb::thumb;
use crate::state::learning::pairs::Pair;
use crate::ui::state;
use crate::words::learn as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlElement, KeyboardEvent, MouseEvent};

/// All pairs.
#[component]
pub fn Pairs() -> impl IntoView {
    let learning = state().learning;
    let ids = move || learning.pairs.with(|pairs| pairs.iter().map(|pair| pair.id).collect::<Vec<_>>());
    let dragged = RwSignal::new(None::<u32>);
    view! {
        <div class="sides" aria-hidden="true">
            <span>{words::BEFORE}</span><span>{words::AFTER}</span><span>{words::BEFORE}</span><span>{words::AFTER}</span>
        </div>
        <div class="pairs" role="listbox" aria-label=words::PAIRS aria-describedby="pair-keys">
            <For each=ids key=|id| *id let:id>
                <Card id=id dragged=dragged/>
            </For>
        </div>
        <p id="pair-keys" class="visually-hidden">{words::PAIR_KEYS}</p>
        <Tools/>
        <Notes/>
    }
}

/// A pair.
#[component]
fn Card(id: u32, dragged: RwSignal<Option<u32>>) -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let pair = move || learning.pair(id).unwrap_or_default();
    let place = move || learning.place(id).unwrap_or_default();
    let count = move || learning.pairs.with(Vec::len);
    let is_held_out = move || place() + 1 == count() && learning.holds_out();
    let is_selected = move || learning.selected.get() == Some(id);
    // One stop for the Tab key: the chosen pair, or the first.
    let stop = move || match learning.selected.get().filter(|chosen| learning.place(*chosen).is_some()) {
        Some(chosen) => chosen == id,
        None => place() == 0,
    };
    let has_notes = move || !notes_of(&pair()).is_empty();
    let label = move || words::pair_label(place() + 1, count(), &pair().name(), is_held_out(), has_notes());
    let on_click = move |event: MouseEvent| {
        learning.selected.set(Some(id));
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|target| target.has_attribute("data-add")) {
            learning.filling.set(Some(id));
            pick();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let place = untrack(place) as isize;
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        let by = match event.key().as_str() {
            "ArrowLeft" => -1,
            "ArrowRight" => 1,
            "ArrowUp" => -2,
            "ArrowDown" => 2,
            "Home" => -place,
            "End" => untrack(count) as isize - 1 - place,
            "Delete" | "Backspace" if plain => {
                event.prevent_default();
                learning.remove(id);
                focus_soon(learning.selected.get_untracked());
                return;
            }
            "s" if plain => return learning.swap(state, id),
            "c" if plain => return learning.cropping.set(Some(id)),
            "Enter" | " " if plain => {
                event.prevent_default();
                learning.selected.set(Some(id));
                if untrack(pair).sides().count() < 2 {
                    learning.filling.set(Some(id));
                    pick();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if event.alt_key() {
            learning.shift(id, by);
            return focus_soon(Some(id));
        }
        let to = place.saturating_add(by).clamp(0, untrack(count) as isize - 1) as usize;
        let neighbour = learning.pairs.with_untracked(|pairs| pairs.get(to).map(|pair| pair.id));
        learning.selected.set(neighbour);
        focus_soon(neighbour);
    };
    let on_start = move |event: DragEvent| {
        dragged.set(Some(id));
        if let Some(data) = event.data_transfer() {
            // Firefox drags only what carries something.
            let _ = data.set_data("text/plain", "");
            data.set_effect_allowed("move");
        }
    };
    let on_over = move |event: DragEvent| {
        if let Some(other) = dragged.get_untracked() {
            event.prevent_default();
            if other != id {
                learning.move_to(other, untrack(place));
            }
        }
    };
    let on_drop = move |event: DragEvent| {
        if dragged.get_untracked().is_some() {
            event.prevent_default();
        }
    };
    view! {
        <div
            id=card_id(id)
            class="pair"
            class:held=is_held_out
            class:dragged=move || dragged.get() == Some(id)
            role="option"
            aria-selected=move || is_selected().to_string()
            aria-label=label
            tabindex=move || if stop() { "0" } else { "-1" }
            draggable="true"
            data-testid="pair"
            title=move || pair().name()
            on:click=on_click
            on:focus=move |_| learning.selected.set(Some(id))
            on:keydown=on_key
            on:dragstart=on_start
            on:dragover=on_over
            on:drop=on_drop
            on:dragend=move |_| dragged.set(None)
        >
            {move || thumb(pair().before.as_ref())}
            {move || thumb(pair().after.as_ref())}
            <span class="badge" title=words::HELD_OUT_WHY hidden=move || !is_held_out()>{words::HELD_OUT}</span>
            <span class="badge warn" hidden=move || !has_notes()>{icon(icon::WARNING)}</span>
        </div>
    }
}

fn card_id(id: u32) -> String {
    format!("pair-{id}")
}

/// Focuses a card, once the page has drawn it where it belongs.
fn focus_soon(id: Option<u32>) {
    request_animation_frame(move || {
        let card = id.and_then(|id| document().get_element_by_id(&card_id(id)));
        if let Some(card) = card.and_then(|card| card.dyn_into::<HtmlElement>().ok()) {
            // A card that is gone needs no focus.
            let _ = card.focus();
        }
    });
}

/// What can be done with the chosen pair.
#[component]
fn Tools() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let chosen = move || learning.selected.get().and_then(|id| Some((id, learning.place(id)?)));
    let none = move || chosen().is_none();
    let not_whole = move || chosen().and_then(|(id, _)| learning.pair(id)).is_none_or(|pair| pair.whole().is_none());
    let last = move || learning.pairs.with(Vec::len).saturating_sub(1);
    let at = move |place: usize| chosen().is_none_or(|(_, own)| own == place);
    let act = move |act: &dyn Fn(u32)| {
        if let Some((id, _)) = untrack(chosen) {
            act(id);
        }
    };
    let label = move || chosen().map_or(words::PAIRS.to_owned(), |(_, place)| words::pair(place + 1));
    let undo = move || learning.undo.with(|undo| undo.as_ref().map(|undo| undo.text.clone()));
    view! {
        <div class="tools" role="toolbar" aria-label=label>
            <span class="soft which">{move || if none() { words::CHOOSE_PAIR.to_owned() } else { label() }}</span>
            <span class="chosen" hidden=none>
            <button type="button" class="quiet tool" aria-label=words::EARLIER title=words::EARLIER
                disabled=move || at(0) on:click=move |_| act(&|id| learning.shift(id, -1))>{icon(icon::LEFT)}</button>
            <button type="button" class="quiet tool" aria-label=words::LATER title=words::LATER
                disabled=move || at(last()) on:click=move |_| act(&|id| learning.shift(id, 1))>{icon(icon::RIGHT)}</button>
            <button type="button" class="quiet tool" aria-label=words::SWAP title=words::SWAP data-testid="swap-pair"
                disabled=none on:click=move |_| act(&|id| learning.swap(state, id))>{icon(icon::SWAP)}</button>
            <button type="button" class="quiet tool" aria-label=words::CROP title=words::CROP data-testid="crop-pair"
                disabled=not_whole on:click=move |_| act(&|id| learning.cropping.set(Some(id)))>{icon(icon::CROP)}</button>
            <button type="button" class="quiet tool" aria-label=words::REMOVE title=words::REMOVE data-testid="remove-pair"
                disabled=none on:click=move |_| act(&|id| learning.remove(id))>{icon(icon::REMOVE)}</button>
            </span>
            <button type="button" class="quiet clear" data-testid="clear-pairs"
                disabled=move || learning.pairs.with(Vec::is_empty) on:click=move |_| learning.clear()>{words::CLEAR}</button>
        </div>
        <p class="undo soft" role="status" hidden=move || undo().is_none()>
            {move || undo().unwrap_or_default()}
            " "
            <button type="button" class="link" data-testid="undo-pairs" on:click=move |_| learning.take_back(state)>
                {words::UNDO}
            </button>
        </p>
    }
}

/// Everything that was said of a pair.
fn notes_of(pair: &Pair) -> Vec<String> {
    pair.sides().flat_map(|side| side.notes.iter()).chain(&pair.notes).cloned().collect()
}

/// What was said of the pairs, and what to do about it.
#[component]
fn Notes() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let ids = move || {
        learning.pairs.with(|pairs| {
            let noted = pairs.iter().filter(|pair| !notes_of(pair).is_empty() || pair.sides().count() < 2);
            noted.map(|pair| pair.id).collect::<Vec<_>>()
        })
    };
    view! {
        <ul class="notes" data-testid="pair-notes">
            <For each=ids key=|id| *id let:id>
                {
                    let pair = move || learning.pair(id).unwrap_or_default();
                    let place = move || words::pair(learning.place(id).unwrap_or_default() + 1);
                    let is_alone = move || pair().sides().count() < 2;
                    let missing = move || if pair().before.is_none() { words::ADD_BEFORE } else { words::ADD_AFTER };
                    let text = move || match is_alone() {
                        true => words::alone(&[pair().name()]),
                        false => notes_of(&pair()).join(" "),
                    };
                    view! {
                        <li>
                            <b>{place}</b>": "{text}" "
                            <button type="button" class="link" hidden=move || !pair().other_shape || is_alone()
                                data-testid="crop-to-match" on:click=move |_| learning.crop_to_match(state, id)>
                                {words::CROP_TO_MATCH}
                            </button>
                            <button type="button" class="link" hidden=move || !is_alone()
                                on:click=move |_| { learning.filling.set(Some(id)); pick(); }>
                                {missing}
                            </button>
                        </li>
                    }
                }
            </For>
        </ul>
    }
}
