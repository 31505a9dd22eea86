//! Downloading: results as files, in the kinds that the browser can write.
use super::photo::Photo;
use super::{Editing, names};
use crate::bridge::blob_of;
use crate::protocol::{Answer, Ask};
use crate::state::State;
use crate::state::learning::pairs::View;
use crate::state::opening::{encoded, painted};
use crate::words::edit as words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, HtmlCanvasElement};

/// As good as it needs to be to look the same.
const QUALITY: f64 = 0.92;
/// A download has begun after this long, in ms: its address may go.
const KEPT: u64 = 60_000;

/// A kind of file with losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Known everywhere.
    Jpeg,
    /// Smaller.
    WebP,
}

impl Kind {
    fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// Whether this browser can write it.
    pub fn is_known(self) -> bool {
        let canvas =
            document().create_element("canvas").ok().and_then(|made| made.dyn_into::<HtmlCanvasElement>().ok());
        let Some(canvas) = canvas else { return false };
        canvas.set_width(1);
        canvas.set_height(1);
        canvas.to_data_url_with_type(self.mime()).is_ok_and(|url| url.starts_with(&format!("data:{}", self.mime())))
    }
}

fn file_name(photo: &Photo, ending: &str) -> String {
    let done = photo.results.shown().map(|edited| edited.plan.title()).unwrap_or_default();
    names::download(&photo.name, &done, ending)
}

impl Editing {
    /// What the shown result is called as a PNG.
    pub fn png_name(self) -> Option<String> {
        self.of_shown(|photo| file_name(photo, "png"))
    }

    /// Downloads the shown result as another kind of file.
    pub fn download_as(self, state: State, kind: Kind) {
        let wanted = untrack(|| {
            self.of_shown(|photo| Some((photo.results.shown()?.file.clone(), file_name(photo, kind.ending()))))
        });
        let Some((file, name)) = wanted.flatten() else { return };
        spawn_local(async move {
            let written = match painted(&file).await {
                Some(canvas) => encoded(&canvas, kind.mime(), QUALITY).await,
                None => None,
            };
            match written {
                Some(blob) => save(&blob, &name),
                None => state.fail(words::not_written(&name)),
            }
        });
    }

    /// How many photos have a result to download.
    pub fn count_results(self) -> usize {
        self.photos.with(|photos| photos.iter().filter(|photo| photo.results.shown().is_some()).count())
    }

    /// Downloads the result of every photo, as one archive where there are several.
    pub fn download_all(self, state: State) {
        let results: Vec<(String, Blob)> = self.photos.with_untracked(|photos| {
            let result = |photo: &Photo| Some((file_name(photo, "png"), photo.results.shown()?.file.clone()));
            photos.iter().filter_map(result).collect()
        });
        let (names, files): (Vec<_>, Vec<_>) = results.into_iter().unzip();
        let names = names::distinct(names);
        if let ([name], [file]) = (names.as_slice(), files.as_slice()) {
            return save(file, name);
        }
        let Some(bridge) = state.bridge().filter(|_| !files.is_empty()) else { return };
        spawn_local(async move {
            let files: Vec<JsValue> = files.into_iter().map(JsValue::from).collect();
            match bridge.answer(Ask::Pack(names), &files).await {
                Ok((Answer::Packed, files)) => {
                    files.first().into_iter().for_each(|zip| save(&blob_of(zip, "application/zip"), words::ARCHIVE));
                }
                Ok(_) => {}
                Err(failure) => state.fail_with(&failure),
            }
        });
    }
}

/// Hands a file to the browser's downloads.
fn save(file: &Blob, name: &str) {
    let view = View::of_blob(file);
    let anchor = document().create_element("a").ok().and_then(|made| made.dyn_into::<HtmlAnchorElement>().ok());
    let Some(anchor) = anchor else { return };
    anchor.set_href(&view.url());
    anchor.set_download(name);
    anchor.click();
    set_timeout(move || drop(view), std::time::Duration::from_millis(KEPT));
}
