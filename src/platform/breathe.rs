//! Breathe: a moment between two steps in which a browser hears what it was told meanwhile (a stop, another picture).
//!
//! A worker has one thread and hears messages only when its program rests; a terminal has others to hear for it.

/// Rests until all that waited has been heard.
#[cfg(not(target_arch = "wasm32"))]
pub async fn breathe() {}

/// Rests until all that waited has been heard.
#[cfg(target_arch = "wasm32")]
pub async fn breathe() {
    use wasm_bindgen::prelude::*;
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = setTimeout)]
        fn set_timeout(then: &js_sys::Function, ms: i32);
    }
    let rest = js_sys::Promise::new(&mut |resolve, _| set_timeout(&resolve, 0));
    // A timer does not fail.
    let _ = wasm_bindgen_futures::JsFuture::from(rest).await;
}
