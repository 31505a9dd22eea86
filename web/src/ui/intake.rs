//! Intake: what is dropped, pasted or typed anywhere on the page goes where it belongs.
use crate::state::State;
use crate::words::edit as words;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, EventTarget, File, FileList, KeyboardEvent};

/// Endings of picture files whose kind the system may not know.
const PICTURES: [&str; 13] =
    ["png", "jpg", "jpeg", "jfif", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jxl"];

/// Where a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Among the photos.
    Photos,
    /// On the shelf.
    Shelf,
    /// Nowhere.
    Nowhere,
}

/// Where a file of that name and kind belongs; what says nothing of itself may be a picture.
fn place(name: &str, mime: &str) -> Place {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "safetensors" | "zip" => Place::Shelf,
        ending if PICTURES.contains(&ending) || mime.starts_with("image/") => Place::Photos,
        "" if mime.is_empty() => Place::Photos,
        _ => Place::Nowhere,
    }
}

/// Whether a file belongs on the shelf, wherever it is dropped.
pub fn is_for_shelf(file: &File) -> bool {
    place(&file.name(), &file.type_()) == Place::Shelf
}

/// Takes files in: pictures as photos, instructions and archives onto the shelf.
pub fn take(state: State, files: Vec<File>) {
    let (mut photos, mut instructions) = (Vec::new(), Vec::new());
    for file in files {
        match place(&file.name(), &file.type_()) {
            Place::Photos => photos.push(file),
            Place::Shelf => instructions.push(file),
            Place::Nowhere => state.fail(words::no_picture_file(&file.name())),
        }
    }
    if !photos.is_empty() {
        state.editing.add(state, photos);
    }
    if !instructions.is_empty() {
        state.shelf.import(state, instructions);
    }
}

/// Hears what happens anywhere on the page, as long as it lives; true while files hang over it.
pub fn listen(state: State) -> RwSignal<bool> {
    let hovered = RwSignal::new(false);
    window_event_listener(leptos::ev::dragover, move |event: DragEvent| {
        if event.data_transfer().is_some_and(|data| has_files(&data)) {
            event.prevent_default();
            // The learning panel shows itself that it takes files.
            let is_here = !is_within(event.target(), ".learn");
            if hovered.get_untracked() != is_here {
                hovered.set(is_here);
            }
        }
    });
    window_event_listener(leptos::ev::dragleave, move |event: DragEvent| {
        // Into a part of the page is no leaving.
        if event.related_target().is_none() {
            hovered.set(false);
        }
    });
    window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        hovered.set(false);
        if let Some(data) = event.data_transfer().filter(has_files)
            && !event.default_prevented()
            && !is_within(event.target(), "input[type=file]:enabled")
        {
            event.prevent_default();
            take(state, listed(data.files()));
        }
    });
    window_event_listener(leptos::ev::paste, move |event: ClipboardEvent| {
        let Some(data) = event.clipboard_data().filter(|_| !event.default_prevented()) else { return };
        let has_text = data.types().iter().any(|kind| kind == "text/plain");
        let files = listed(data.files());
        if files.is_empty() || has_text && is_field(event.target()) {
            return;
        }
        event.prevent_default();
        take(state, files);
    });
    window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| on_key(state, &event));
    window_event_listener(leptos::ev::keyup, move |event: KeyboardEvent| {
        if event.key() == "\\" {
            state.editing.peeks.set(false);
        }
    });
    window_event_listener(leptos::ev::blur, move |_| state.editing.peeks.set(false));
    hovered
}

fn on_key(state: State, event: &KeyboardEvent) {
    let editing = state.editing;
    if event.default_prevented() || is_within(event.target(), ".learn, dialog") {
        return;
    }
    let with = event.ctrl_key() || event.meta_key();
    let in_field = is_field(event.target());
    match event.key().as_str() {
        "Enter" if with && !event.repeat() => editing.run(state),
        "Escape" if !in_field || is_within(event.target(), ".edit") => editing.cancel_shown(state),
        "z" if with && !in_field && !event.shift_key() => editing.undo(state),
        "z" | "Z" if with && !in_field => editing.redo(state),
        "y" if with && !in_field => editing.redo(state),
        // Many keyboards have it on AltGr, which some systems report as Ctrl and Alt.
        "\\" if (!with || event.alt_key()) && !in_field => editing.peeks.set(true),
        _ => return,
    }
    event.prevent_default();
}

fn is_within(target: Option<EventTarget>, selector: &str) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Whether keys and text go into a field there.
fn is_field(target: Option<EventTarget>) -> bool {
    let fields = "input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, [contenteditable]";
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.matches(fields).unwrap_or(false))
}

fn has_files(data: &DataTransfer) -> bool {
    data.types().iter().any(|kind| kind == "Files")
}

/// The files of a list.
pub fn listed(files: Option<FileList>) -> Vec<File> {
    files.map(|files| (0..files.length()).filter_map(|idx| files.item(idx)).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Place, place};

    #[test]
    fn files_go_where_they_belong() {
        for (name, mime) in
            [("a.PNG", ""), ("a", "image/avif"), ("a.b.heic", ""), ("image", ""), ("a.txt", "image/png")]
        {
            assert_eq!(place(name, mime), Place::Photos, "{name}");
        }
        for (name, mime) in [("a.SafeTensors", "application/octet-stream"), ("a.zip", "application/zip")] {
            assert_eq!(place(name, mime), Place::Shelf, "{name}");
        }
        for (name, mime) in [("a.txt", "text/plain"), ("a.pdf", "application/pdf"), ("a", "text/html"), ("a.exe", "")] {
            assert_eq!(place(name, mime), Place::Nowhere, "{name}");
        }
    }
}
