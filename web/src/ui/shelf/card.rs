//! Card: one instruction, what it is, and what can be done with it.
use super::field::Field;
use crate::state::shelf::Entry;
use crate::ui::learn::icon::icon;
use crate::ui::state;
use crate::words::shelf as words;
use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, Url};

/// An arrow onto a line.
const DOWN: &str = "M12 4v11M7 10l5 5 5-5M5 20h14";
/// A pencil.
const PENCIL: &str = "M4 20h4L19 9l-4-4L4 16zM13 7l4 4";
/// A label.
const LABEL: &str = "M3 12V4h8l10 10-8 8zM7.5 8.5v.01";
/// Two sheets.
const SHEETS: &str = "M9 9h11v11H9zM5 15H4V4h11v1";
/// A bin.
const BIN: &str = "M4 7h16M10 4h4M6 7l1 13h10l1-13M10 11v5M14 11v5";

/// What of a card is being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changing {
    Name,
    Tags,
}

/// One instruction.
#[component]
pub fn InstructionCard(entry: Entry) -> impl IntoView {
    let state = state();
    let shelf = state.shelf;
    let title = entry.title();
    let Entry { id, card, file, thumbnails, .. } = entry;
    let id = StoredValue::new(id);
    let changing = RwSignal::new(None::<Changing>);
    let is_chosen = Memo::new(move |_| state.editing.chosen.with(|chosen| chosen.as_ref() == Some(&id.get_value())));
    let only_here = move || shelf.only_here.with(|ids| ids.contains(&id.get_value()));
    let base_model = card.base_model.clone();
    let is_other = Memo::new(move |_| state.model().is_some_and(|model| model.fingerprint != base_model));
    let url = Url::create_object_url_with_blob(&file).unwrap_or_default();
    on_cleanup({
        let url = url.clone();
        // An address that is none is nothing to free.
        move || drop(Url::revoke_object_url(&url))
    });
    let steps = (card.steps_per_segment, card.segments);
    let facts = words::facts(day(&card.date), &card.base_model_title, card.pairs, steps);
    let other_model = words::other_model(&card.base_model_title);
    let (name, tags) = (StoredValue::new(card.title), StoredValue::new(card.tags));
    // A card that took another's place while the focus was in that one.
    if shelf.focused.get_untracked().is_some_and(|focused| focused == id.get_value()) {
        shelf.focused.set(None);
        focus_on(&id.get_value(), "export");
    }
    let cancel = move || {
        changing.set(None);
        focus_on(&id.get_value(), "export");
    };
    let save = move |text: String| {
        let wanted = changing.get_untracked();
        cancel();
        match wanted {
            Some(Changing::Name) => shelf.rename(state, id.get_value(), &text),
            Some(Changing::Tags) => shelf.tag(state, id.get_value(), &text),
            None => {}
        }
    };
    let shown = StoredValue::new(title.clone());
    let no_thumbnails = thumbnails.is_none();
    view! {
        <li class="card" class:chosen=is_chosen data-testid="shelf-card" data-id=id.get_value()>
            <span class="thumbnails" class:none=no_thumbnails>
                {thumbnails.map(|(before, after)| view! {
                    <img src=before alt=words::BEFORE width="48" height="48"/>
                    <img src=after alt=words::AFTER width="48" height="48"/>
                })}
            </span>
            <div class="what">
                <Show when=move || changing.get() == Some(Changing::Name) fallback=move || view! {
                    <h3 class="name">{shown.get_value()}</h3>
                }>
                    <Field label=words::NAME test_id="rename-field" value=name.get_value() save=save
                        cancel=cancel/>
                </Show>
                <p class="soft facts">{facts}</p>
            </div>
            <Show when=move || changing.get() == Some(Changing::Tags) fallback=move || view! { <Tags tags=tags.get_value()/> }>
                <div class="tags">
                    <Field label=words::TAGS_FIELD test_id="tags-field" value=tags.get_value().join(", ") save=save
                        cancel=cancel/>
                </div>
            </Show>
            <Show when=move || is_other.get()><p class="warning">{other_model.clone()}</p></Show>
            <Show when=only_here><p class="warning">{words::ONLY_HERE}</p></Show>
            <Actions id=id title=title is_chosen=is_chosen is_other=is_other url=url changing=changing/>
        </li>
    }
}

#[component]
fn Tags(tags: Vec<String>) -> impl IntoView {
    let has_any = !tags.is_empty();
    has_any.then(|| {
        view! {
            <ul class="tags">{tags.into_iter().map(|tag| view! { <li>{tag}</li> }).collect_view()}</ul>
        }
    })
}

/// Its buttons.
#[component]
fn Actions(
    id: StoredValue<String>,
    title: String,
    is_chosen: Memo<bool>,
    is_other: Memo<bool>,
    url: String,
    changing: RwSignal<Option<Changing>>,
) -> impl IntoView {
    let state = state();
    let shelf = state.shelf;
    let is_busy = Signal::derive(move || shelf.doing.get().is_some());
    let named = |action: &str| words::of(action, &title);
    let turn = move |what: Changing| changing.update(|now| *now = if *now == Some(what) { None } else { Some(what) });
    let delete = move |_| {
        let next = shelf.neighbour(&id.get_value());
        shelf.delete(state, id.get_value());
        if let Some(next) = next {
            focus_on(&next, "export");
        }
    };
    view! {
        <div class="actions">
            <button type="button" class="choose" data-testid="choose" disabled=is_other
                aria-label=named(words::CHOOSE)
                aria-pressed=move || is_chosen.get().to_string()
                on:click=move |_| state.editing.choose(id.get_value())>{words::CHOOSE}</button>
            <a class="tool" href=url download=words::file_name(&title) title=words::EXPORT aria-label=named(words::EXPORT)
                data-testid="export">{icon(DOWN)}</a>
            <button type="button" class="tool quiet" title=words::RENAME aria-label=named(words::RENAME)
                data-testid="rename" disabled=is_busy on:click=move |_| turn(Changing::Name)>{icon(PENCIL)}</button>
            <button type="button" class="tool quiet" title=words::TAGS aria-label=named(words::TAGS)
                data-testid="tags" disabled=is_busy on:click=move |_| turn(Changing::Tags)>{icon(LABEL)}</button>
            <button type="button" class="tool quiet" title=words::DUPLICATE aria-label=named(words::DUPLICATE)
                data-testid="duplicate" disabled=is_busy
                on:click=move |_| shelf.duplicate(state, id.get_value())>{icon(SHEETS)}</button>
            <button type="button" class="tool quiet" title=words::DELETE aria-label=named(words::DELETE)
                data-testid="delete" disabled=is_busy on:click=delete>{icon(BIN)}</button>
        </div>
    }
}

/// The day of a date, for people; nothing where it is none.
fn day(date: &str) -> Option<String> {
    let date = Some(Date::new(&date.into())).filter(|parsed| !date.is_empty() && !parsed.get_time().is_nan())?;
    let options = Object::new();
    for (name, value) in [("day", "numeric"), ("month", "short"), ("year", "numeric")] {
        // A new object takes any field.
        let _ = Reflect::set(&options, &name.into(), &JsValue::from(value));
    }
    Some(String::from(date.to_locale_date_string("en-GB", &options)))
}

/// Gives the focus to a part of a card, once it is shown; ids are hashes, and mean nothing else to a selector.
fn focus_on(id: &str, part: &'static str) {
    let selector = format!(".shelf [data-id=\"{id}\"] [data-testid={part}]");
    request_animation_frame(move || {
        let found = document().query_selector(&selector).ok().flatten();
        if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            // What cannot have the focus leaves it where it is.
            let _ = element.focus();
        }
    });
}
