//! Recall: settings come back from a picture that was made with them.
use super::Editing;
use crate::protocol::Plan;
use crate::state::State;
use crate::state::shelf::Entry;
use crate::words::edit as words;
use leptos::prelude::*;

impl Editing {
    /// Takes the settings that a picture was made with, and says so.
    pub fn recall(self, state: State, name: &str, plan: Plan) {
        if plan.is_empty() {
            return state.tell(words::not_recalled(name));
        }
        let title = plan.title();
        match self.use_plan(state, plan) {
            Ok(()) => state.tell(words::recalled(name, &title)),
            Err(missing) => state.tell(words::recalled_but(name, &missing)),
        }
    }

    /// Sets everything as in a plan.
    ///
    /// # Errors
    /// The name of its instruction, where that is not on the shelf: none is chosen then.
    pub fn use_plan(self, state: State, plan: Plan) -> Result<(), String> {
        let named = plan.instruction.clone();
        self.wishes.set(plan);
        let Some(named) = named else {
            self.chosen.set(None);
            return Ok(());
        };
        let found = state.shelf.entries.with_untracked(|entries| {
            let same_file = || {
                let is_it = |entry: &&Entry| [&entry.card.numbers, &entry.card.hash].contains(&&named.hash);
                entries.iter().find(is_it).filter(|_| !named.hash.is_empty())
            };
            let same_place = entries.iter().find(|entry| !named.id.is_empty() && entry.id == named.id);
            same_place.or_else(same_file).map(|entry| entry.id.clone())
        });
        self.chosen.set(found.clone());
        found.map(|_| ()).ok_or(named.title)
    }

    /// Sets everything as it was for the result on the stage.
    pub fn use_shown(self, state: State) {
        let plan = untrack(|| self.of_shown(|photo| photo.results.shown().map(|edited| edited.plan.clone())));
        if let Some(plan) = plan.flatten()
            && let Err(missing) = self.use_plan(state, plan)
        {
            state.tell(words::instruction_missing(&missing));
        }
    }
}
