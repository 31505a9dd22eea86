//! ShelfPanel: a panel of the page.
use leptos::prelude::*;

/// The panel.
#[component]
pub fn ShelfPanel() -> impl IntoView {
    view! { <section class="panel shelf" aria-labelledby="shelf-title"><h2 id="shelf-title">"Choose"</h2></section> }
}
