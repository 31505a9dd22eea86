//! LearnPanel: a panel of the page.
use leptos::prelude::*;

/// The panel.
#[component]
pub fn LearnPanel() -> impl IntoView {
    view! { <section class="panel learn" aria-labelledby="learn-title"><h2 id="learn-title">"Show"</h2></section> }
}
