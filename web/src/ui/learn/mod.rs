//! LearnPanel: shows the edit: pairs, how to learn from them, and how far learning is.
mod crop;
mod curve;
pub mod icon;
mod offer;
mod pairs;
mod progress;
mod samples;
mod settings;
mod setup;
mod thumb;

use super::{intake, state};
use crate::state::learning::run::Phase;
use crate::words::learn as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, File, FileList, HtmlElement, HtmlInputElement, KeyboardEvent};

/// The panel.
#[component]
pub fn LearnPanel() -> impl IntoView {
    let state = state();
    let learning = state.learning;
    let hovered = RwSignal::new(false);
    let is_setup = move || learning.phase.get() == Phase::Setup;
    learning.look_for_run();
    let take = move |files: Vec<File>| {
        let (instructions, files): (Vec<_>, Vec<_>) = files.into_iter().partition(intake::is_for_shelf);
        if !instructions.is_empty() {
            state.shelf.import(state, instructions);
        }
        if files.is_empty() {
        } else if learning.phase.get_untracked() == Phase::Setup {
            learning.add(state, files);
        } else {
            state.tell(words::NOT_NOW);
        }
    };
    let on_over = move |event: DragEvent| {
        if event.data_transfer().is_some_and(|data| has_files(&data)) {
            event.prevent_default();
            hovered.set(true);
        }
    };
    let on_leave = move |event: DragEvent| {
        // Into a child is no leaving.
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let panel = event.current_target().and_then(|panel| panel.dyn_into::<web_sys::Node>().ok());
        if !panel.is_some_and(|panel| panel.contains(to.as_ref())) {
            hovered.set(false);
        }
    };
    let on_drop = move |event: DragEvent| {
        hovered.set(false);
        let Some(data) = event.data_transfer().filter(has_files) else { return };
        event.prevent_default();
        event.stop_propagation();
        take(listed(data.files()));
    };
    let on_paste = move |event: ClipboardEvent| {
        let files = listed(event.clipboard_data().and_then(|data| data.files()));
        if !files.is_empty() {
            event.prevent_default();
            event.stop_propagation();
            take(files);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let with = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "Enter" if with => {
                event.prevent_default();
                match learning.phase.get_untracked() {
                    Phase::Setup => learning.learn(state),
                    Phase::Paused => learning.resume(state),
                    Phase::Running => {}
                }
            }
            "z" if with && !event.shift_key() && !is_field(&event) && is_setup() => {
                event.prevent_default();
                event.stop_propagation();
                learning.take_back(state);
            }
            _ => {}
        }
    };
    view! {
        <section
            class="panel learn"
            class:hovered=move || hovered.get()
            aria-labelledby="learn-title"
            tabindex="-1"
            on:dragover=on_over
            on:dragleave=on_leave
            on:drop=on_drop
            on:paste=on_paste
            on:keydown=on_key
        >
            <h2><span id="learn-title">{words::TITLE}</span>" "<span class="soft">{words::INTRO}</span></h2>
            <div class="shown" hidden=move || !is_setup()>
                <offer::Offer/>
                <pairs::Pairs/>
                <DropZone take=take/>
                <samples::Samples/>
            </div>
            <Show when=is_setup fallback=|| view! { <progress::Progress/> }>
                <setup::Setup/>
            </Show>
            <crop::CropDialog/>
        </section>
    }
}

/// Where files are dropped, and the button that picks them.
#[component]
fn DropZone(take: impl Fn(Vec<File>) + Copy + 'static) -> impl IntoView {
    let on_change = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        take(listed(input.files()));
        // The same files can be picked again.
        input.set_value("");
    };
    view! {
        <div class="drop" data-testid="drop-pairs">
            <span class="soft">{words::DROP}</span>
            " "
            <button type="button" class="link" on:click=|_| pick()>{words::PICK}</button>
            <input
                id=PICKER
                class="visually-hidden"
                type="file"
                accept="image/*,.heic,.heif"
                multiple
                tabindex="-1"
                aria-label=words::PICK
                data-testid="pick-pairs"
                on:change=on_change
            />
            <span class="over" aria-hidden="true">{words::DROP_NOW}</span>
        </div>
    }
}

/// The file input.
const PICKER: &str = "pick-pairs";

/// Opens the browser's file dialog.
fn pick() {
    let input = document().get_element_by_id(PICKER).and_then(|input| input.dyn_into::<HtmlElement>().ok());
    if let Some(input) = input {
        input.click();
    }
}

fn has_files(data: &DataTransfer) -> bool {
    data.types().iter().any(|kind| kind == "Files")
}

fn listed(files: Option<FileList>) -> Vec<File> {
    files.map(|files| (0..files.length()).filter_map(|idx| files.item(idx)).collect()).unwrap_or_default()
}

/// Whether keys go into a field there.
fn is_field(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target
        .is_some_and(|target| target.matches("input:not([type=radio]):not([type=checkbox]), textarea").unwrap_or(false))
}
