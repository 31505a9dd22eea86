//! Opening: a picture file of any kind, read by the worker, with the browser's help for kinds that only it knows.
use crate::bridge::Bridge;
use crate::protocol::{Answer, Ask, OpenAsk, PictureInfo};
use crate::words::learn as words;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlCanvasElement, ImageBitmap};

/// Larger files are refused before they are read.
pub const MOST_BYTES: f64 = 256.0 * 1024.0 * 1024.0;
/// What the worker reads itself; the browser may know more.
const KNOWN: [&str; 8] = ["png", "jpeg", "jpg", "webp", "gif", "bmp", "tiff", "tif"];

/// A picture that was read.
pub struct Opened {
    /// What the worker said of it.
    pub info: PictureInfo,
    /// What is shown of it.
    pub view: Uint8Array,
    /// A file that the worker can read.
    pub file: Blob,
}

/// Reads a picture; the longer side of its view has no more pixels than `longer`.
///
/// # Errors
/// A sentence with the file's name.
pub async fn open(bridge: &Bridge, file: Blob, name: &str, longer: usize) -> Result<Opened, String> {
    if file.size() > MOST_BYTES {
        return Err(words::too_large(name, file.size()));
    }
    let read = ask(bridge, file.clone(), name, longer).await;
    if read.is_err()
        && !is_known(&file, name)
        && let Some(png) = as_png(&file).await
    {
        return ask(bridge, png, name, longer).await;
    }
    read
}

async fn ask(bridge: &Bridge, file: Blob, name: &str, longer: usize) -> Result<Opened, String> {
    let ask = Ask::Open(OpenAsk { file: 0, name: name.to_owned(), longer });
    match bridge.answer(ask, &[file.clone().into()]).await {
        Ok((Answer::Opened(info), files)) => {
            let view = files.into_iter().next().ok_or_else(|| words::no_view(name))?;
            Ok(Opened { info, view, file })
        }
        Ok(_) => Err(words::no_view(name)),
        Err(failure) if failure.sentence().contains(name) => Err(failure.sentence().to_owned()),
        Err(failure) => Err(format!("{name}: {}", failure.sentence())),
    }
}

/// Whether the worker knows this kind of file: then its refusal is final.
fn is_known(blob: &Blob, name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let mime = blob.type_();
    KNOWN.iter().any(|known| ending == *known || mime == format!("image/{known}"))
}

/// What the browser can show of a file, as a PNG: HEIC on some, AVIF on others.
async fn as_png(blob: &Blob) -> Option<Blob> {
    encoded(&painted(blob).await?, "image/png", 1.0).await
}

/// A picture file on a canvas.
pub async fn painted(blob: &Blob) -> Option<HtmlCanvasElement> {
    let window = web_sys::window()?;
    let decoded = JsFuture::from(window.create_image_bitmap_with_blob(blob).ok()?).await.ok()?;
    let decoded: ImageBitmap = decoded.dyn_into().ok()?;
    let canvas: HtmlCanvasElement = window.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(decoded.width());
    canvas.set_height(decoded.height());
    let brush = canvas.get_context("2d").ok()??;
    let draw: Function = Reflect::get(&brush, &"drawImage".into()).ok()?.dyn_into().ok()?;
    draw.call3(&brush, &decoded, &0.into(), &0.into()).ok()?;
    decoded.close();
    Some(canvas)
}

/// A canvas as a file of that kind, if the browser can write such files.
pub async fn encoded(canvas: &HtmlCanvasElement, mime: &str, quality: f64) -> Option<Blob> {
    let promise = Promise::new(&mut |resolve, reject| {
        if canvas.to_blob_with_type_and_encoder_options(&resolve, mime, &quality.into()).is_err() {
            // The answer to a promise that waits below.
            let _ = reject.call0(&JsValue::UNDEFINED);
        }
    });
    let blob: Blob = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    // A browser that cannot write the kind writes a PNG.
    (blob.type_() == mime).then_some(blob)
}
