//! Tabs: what one tab does to the shelf, the others show.
use super::{Shelf, records};
use crate::state::State;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

/// The name of the channel.
const NAME: &str = "instructbrush-shelf";

impl Shelf {
    /// Hears what other tabs do.
    pub(super) fn listen(self, state: State) {
        // Without it, a tab shows what others do after it is loaded again.
        let Ok(channel) = BroadcastChannel::new(NAME) else { return };
        let hears = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let both = Array::from(&message.data());
            self.follow(state, both.get(0).as_string(), both.get(1).as_string());
        });
        channel.set_onmessage(Some(hears.as_ref().unchecked_ref()));
        // Listens as long as the page lives.
        hears.forget();
        self.channel.set_value(Some(channel));
    }

    /// Tells other tabs what went off the shelf and what came onto it; both: one took the other's place.
    pub(super) fn tell(self, old: Option<&str>, new: Option<&str>) {
        self.channel.with_value(|channel| {
            let Some(channel) = channel else { return };
            // Nobody may be there to hear it.
            let _ = channel.post_message(&Array::of2(&old.into(), &new.into()));
        });
    }

    fn follow(self, state: State, old: Option<String>, new: Option<String>) {
        spawn_local(async move {
            if let Some(id) = &new
                && let Ok(Some(entry)) = records::one(id).await
            {
                self.place(entry);
            }
            let Some(old) = old else { return };
            self.take(&old);
            if state.editing.chosen.get_untracked().as_ref() == Some(&old) {
                state.editing.chosen.set(new);
            }
        });
    }
}
