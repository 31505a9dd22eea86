//! Theme: whether the page is light or dark. `first.js` sets it before the first paint, so it is in localStorage.
use leptos::prelude::*;

/// Under this key it is kept; `first.js` knows it too.
const KEY: &str = "instructbrush.theme";

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has them.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// What `first.js` has set.
    pub fn of_page() -> Self {
        let set = document().document_element().and_then(|root| root.get_attribute("data-theme"));
        match set.as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The next one in turn.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Shows it, now and at the next visit.
    pub fn show(self) {
        let name = match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        };
        // Where nothing can be kept, the next visit is the system's; a page always has a root.
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        let root = document().document_element();
        let _ = match name {
            Some(name) => storage.map(|storage| storage.set_item(KEY, name)),
            None => storage.map(|storage| storage.remove_item(KEY)),
        };
        let _ = match name {
            Some(name) => root.map(|root| root.set_attribute("data-theme", name)),
            None => root.map(|root| root.remove_attribute("data-theme")),
        };
    }
}
