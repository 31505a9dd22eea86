//! EditPanel: a panel of the page.
use leptos::prelude::*;

/// The panel.
#[component]
pub fn EditPanel() -> impl IntoView {
    view! { <section class="panel edit" aria-labelledby="edit-title"><h2 id="edit-title">"See"</h2></section> }
}
