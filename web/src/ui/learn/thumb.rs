//! Thumb: a picture in a small square, or the part of it that is meant.
use crate::state::learning::pairs::Side;
use crate::words::learn as words;
use leptos::prelude::*;

/// How the part that is meant fills a square: width, height, left and top, in percent of it.
fn placed(side: &Side) -> [String; 4] {
    let part = side.part();
    let least = part.width.min(part.height).max(1) as f64;
    let percent = |of: f64| format!("{:.3}%", of / least * 100.0);
    let left = part.x as f64 + (part.width as f64 - least) / 2.0;
    let top = part.y as f64 + (part.height as f64 - least) / 2.0;
    [percent(side.width as f64), percent(side.height as f64), percent(-left), percent(-top)]
}

/// A side of a pair; what it shows is said elsewhere.
pub fn thumb(side: Option<&Side>) -> AnyView {
    match side.map(|side| (side, &side.view)) {
        Some((side, Some(view))) => {
            let [width, height, left, top] = placed(side);
            view! {
                <span class="thumb">
                    <img src=view.url() alt="" draggable="false" decoding="async" style:width=width
                        style:height=height style:left=left style:top=top/>
                </span>
            }
            .into_any()
        }
        Some((_, None)) => {
            view! { <span class="thumb reading"><span class="visually-hidden">{words::READING}</span></span> }
                .into_any()
        }
        None => view! { <span class="thumb empty" data-add>{words::ADD}</span> }.into_any(),
    }
}
