//! Icon: a small drawing on a button that has a name besides.
use leptos::prelude::*;

/// An arrow to the left.
pub const LEFT: &str = "M19 12H5M11 6l-6 6 6 6";
/// An arrow to the right.
pub const RIGHT: &str = "M5 12h14M13 6l6 6-6 6";
/// Two arrows.
pub const SWAP: &str = "M4 8h15M15 4l4 4-4 4M20 16H5M9 12l-4 4 4 4";
/// A frame.
pub const CROP: &str = "M7 2v15h15M2 7h15v15";
/// A cross.
pub const REMOVE: &str = "M6 6l12 12M18 6L6 18";
/// A sign.
pub const WARNING: &str = "M12 4L2.5 20h19zM12 10v4.5M12 17.2v.3";

/// Draws lines.
pub fn icon(path: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
            <path
                d=path
                fill="none"
                stroke="currentColor"
                stroke-width="2"
                stroke-linecap="round"
                stroke-linejoin="round"
            />
        </svg>
    }
}
