//! EditPanel: shows the edit done: photos, what to do with them, and what came out.
mod icons;
mod lens;
mod progress;
mod settings;
mod stage;
mod strip;
mod tools;
mod what;

use crate::words::edit as words;
use lens::Lens;
use leptos::prelude::*;

/// The panel; `hovered` while files hang over the page that would be opened here.
#[component]
pub fn EditPanel(hovered: RwSignal<bool>) -> impl IntoView {
    let lens = RwSignal::new(Lens::WHOLE);
    view! {
        <section class="panel edit" tabindex="-1" class:hovered=move || hovered.get() aria-labelledby="edit-title">
            <h2><span id="edit-title">{words::TITLE}</span>" "<span class="soft">{words::INTRO}</span></h2>
            <div class="desk">
                <div class="look">
                    <stage::Stage lens=lens/>
                    <tools::Tools lens=lens/>
                    <strip::Strip/>
                </div>
                <div class="work">
                    <what::What/>
                    <progress::Progress/>
                    <div class="next">
                        <what::Examples/>
                        <tools::Downloads/>
                    </div>
                    <settings::Settings/>
                </div>
            </div>
            <p class="over" aria-hidden="true">{words::DROP_NOW}</p>
        </section>
    }
    .into_any()
}
