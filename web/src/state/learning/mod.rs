//! Learning: pairs, settings of a run, and how far it is.
mod matching;
pub mod offer;
pub mod opening;
pub mod pace;
pub mod pairs;
pub mod run;
mod title;
pub mod wishes;

use super::{Readiness, State};
use crate::protocol::{Answer, Ask, Crop};
use crate::samples;
use crate::words::learn as words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use pairs::{Origin, Pair, Side};
use run::{Phase, Run};
use wishes::{Quality, Wishes};

/// From this many pairs on, one is held out unless the user says otherwise.
const HOLD_OUT_FROM: usize = 4;

/// The engine tries a held-out pair so often in a run.
const TRIALS: usize = 5;
/// Previews and saving take some of the time.
const PREVIEWS: f64 = 1.15;

/// What can be taken back.
#[derive(Clone)]
pub struct Undo {
    /// What was done.
    pub text: String,
    pairs: Vec<Pair>,
    sample: Option<&'static str>,
}

/// Signals of pairs, settings of a run, and how far it is.
#[derive(Clone, Copy)]
pub struct Learning {
    /// In the order in which they are shown.
    pub pairs: RwSignal<Vec<Pair>, LocalStorage>,
    /// The pair that the buttons are about.
    pub selected: RwSignal<Option<u32>>,
    /// The pair whose missing side is picked.
    pub filling: RwSignal<Option<u32>>,
    /// The pair that is cropped.
    pub cropping: RwSignal<Option<u32>>,
    /// The sample that is shown.
    pub sample: RwSignal<Option<&'static str>>,
    /// A run of an earlier visit that can be continued.
    pub offer: RwSignal<Option<offer::Offer>, LocalStorage>,
    /// What can be taken back.
    pub undo: RwSignal<Option<Undo>, LocalStorage>,
    /// Whether phrases are looked for.
    pub finding: RwSignal<bool>,
    /// What the user wants.
    pub wishes: Wishes,
    /// What the panel shows.
    pub phase: RwSignal<Phase>,
    /// The run.
    pub run: Run,
    /// Whether the pairs changed since an instruction was learned from them.
    unsaved: StoredValue<bool>,
    next: StoredValue<u32>,
}

impl Learning {
    /// The first sample's pairs, to start with.
    pub fn new() -> Self {
        let learning = Self {
            pairs: RwSignal::new_local(Vec::new()),
            selected: RwSignal::new(None),
            filling: RwSignal::new(None),
            cropping: RwSignal::new(None),
            sample: RwSignal::new(None),
            offer: RwSignal::new_local(None),
            undo: RwSignal::new_local(None),
            finding: RwSignal::new(false),
            wishes: Wishes::new(),
            phase: RwSignal::new(Phase::Setup),
            run: Run::new(),
            unsaved: StoredValue::new(false),
            next: StoredValue::new(1),
        };
        learning.show_sample(samples::EFFECTS[0]);
        learning
    }

    /// A number that was never used.
    fn next(self) -> u32 {
        self.next.update_value(|next| *next += 1);
        self.next.get_value()
    }

    fn show_sample(self, effect: &'static str) {
        self.changed();
        let mut next = || self.next();
        self.pairs.set((0..samples::PAIRS).map(|idx| Pair::sample(&mut next, effect, idx)).collect());
        self.sample.set(Some(effect));
        self.selected.set(None);
        self.wishes.forget_words();
    }

    /// Shows the pairs of a sample in place of what is there, and its test picture to edit.
    pub fn choose_sample(self, state: State, effect: &'static str) {
        // a second sample takes nothing of the user's away
        let undo = if self.has_own() { Some(self.as_is(words::REPLACED)) } else { self.undo.get_untracked() };
        self.show_sample(effect);
        self.undo.set(undo);
        state.editing.open_url(state, samples::test_picture(effect));
    }

    /// Whether the pairs are the user's.
    fn has_own(self) -> bool {
        self.sample.get_untracked().is_none() && !self.pairs.with_untracked(Vec::is_empty)
    }

    /// Whether leaving the page would lose the user's pairs: a run keeps them while it is there.
    pub fn is_unsaved(self) -> bool {
        let can_be_back =
            |undo: &Option<Undo>| undo.as_ref().is_some_and(|undo| undo.sample.is_none() && !undo.pairs.is_empty());
        let is_there = self.has_own() || self.undo.with_untracked(can_be_back);
        self.unsaved.get_value() && is_there && self.phase.get_untracked() == Phase::Setup
    }

    /// A pair as it is now.
    pub fn pair(self, id: u32) -> Option<Pair> {
        self.pairs.with(|pairs| pairs.iter().find(|pair| pair.id == id).cloned())
    }

    /// Where a pair stands, from 0.
    pub fn place(self, id: u32) -> Option<usize> {
        self.pairs.with(|pairs| pairs.iter().position(|pair| pair.id == id))
    }

    /// Whether the last pair is held out.
    pub fn holds_out(self) -> bool {
        let count = self.pairs.with(Vec::len);
        count >= 2 && self.wishes.hold_out.get().unwrap_or(count >= HOLD_OUT_FROM)
    }

    /// What is there, to be brought back after a change, until the next one.
    fn as_is(self, what: &str) -> Undo {
        let (pairs, sample) = (self.pairs.get_untracked(), self.sample.get_untracked());
        Undo { text: what.to_owned(), pairs, sample }
    }

    /// Takes the last change of the list back. What was not read by then is read again: nobody kept it meanwhile.
    pub fn take_back(self, state: State) {
        let Some(Undo { pairs, sample, .. }) = self.undo.get_untracked() else { return };
        for Side { id, name, origin, .. } in pairs.iter().flat_map(Pair::sides).filter(|side| side.view.is_none()) {
            if let (id, name, Origin::File(file)) = (*id, name.clone(), origin.clone()) {
                self.read(state, id, name, file);
            }
        }
        self.pairs.set(pairs);
        self.sample.set(sample);
        self.changed();
    }

    /// Takes all pairs off the page.
    pub fn clear(self) {
        let undo = self.as_is(words::CLEARED);
        self.pairs.set(Vec::new());
        self.changed();
        self.undo.set(Some(undo));
    }

    /// Takes a pair off the page.
    pub fn remove(self, id: u32) {
        let Some(place) = self.pairs.with_untracked(|pairs| pairs.iter().position(|pair| pair.id == id)) else {
            return;
        };
        let undo = self.as_is(&words::removed(place + 1));
        self.pairs.update(|pairs| drop(pairs.remove(place)));
        let neighbour = self.pairs.with_untracked(|pairs| pairs.get(place).or(pairs.last()).map(|pair| pair.id));
        self.selected.set(neighbour);
        self.changed();
        self.undo.set(Some(undo));
    }

    /// Moves a pair to another place.
    pub fn move_to(self, id: u32, place: usize) {
        self.undo.set(None);
        self.pairs.update(|pairs| {
            if let Some(from) = pairs.iter().position(|pair| pair.id == id) {
                let pair = pairs.remove(from);
                pairs.insert(place.min(pairs.len()), pair);
            }
        });
    }

    /// Moves a pair by some places.
    pub fn shift(self, id: u32, by: isize) {
        if let Some(place) = self.pairs.with_untracked(|pairs| pairs.iter().position(|pair| pair.id == id)) {
            self.move_to(id, place.saturating_add_signed(by));
        }
    }

    /// Swaps the two sides of a pair.
    pub fn swap(self, state: State, id: u32) {
        self.change(id, |pair| std::mem::swap(&mut pair.before, &mut pair.after));
        self.changed();
        self.compare(state, id);
    }

    /// Crops one side of a pair.
    pub fn crop(self, state: State, id: u32, is_after: bool, crop: Option<Crop>) {
        self.change(id, |pair| {
            let side = if is_after { &mut pair.after } else { &mut pair.before };
            side.iter_mut().for_each(|side| side.crop = crop.filter(|part| !is_all(side, part)));
        });
        self.changed();
        self.compare(state, id);
    }

    /// Crops the larger side of a pair to the other's aspect ratio, from the middle.
    pub fn crop_to_match(self, state: State, id: u32) {
        let Some(pair) = self.pairs.with_untracked(|pairs| pairs.iter().find(|pair| pair.id == id).cloned()) else {
            return;
        };
        let Some((before, after)) = pair.whole() else { return };
        let ratio = |side: &Side| side.part().width as f64 / side.part().height.max(1) as f64;
        if before.width * before.height > after.width * after.height {
            self.crop(state, id, false, Some(before.centre(ratio(after))));
        } else {
            self.crop(state, id, true, Some(after.centre(ratio(before))));
        }
    }

    fn change(self, id: u32, change: impl FnOnce(&mut Pair)) {
        self.pairs.update(|pairs| {
            if let Some(pair) = pairs.iter_mut().find(|pair| pair.id == id) {
                change(pair);
            }
        });
    }

    /// What was found in the pairs, learned from them or taken back is no longer about them.
    fn changed(self) {
        self.undo.set(None);
        self.run.last.set(None);
        self.unsaved.set_value(true);
        if self.pairs.with_untracked(Vec::is_empty) {
            self.sample.set(None);
        }
        self.wishes.forget_found();
    }

    /// Asks the worker what it thinks of a pair.
    fn compare(self, state: State, id: u32) {
        let pair = self.pairs.with_untracked(|pairs| pairs.iter().find(|pair| pair.id == id).cloned());
        let Some((bridge, pair)) = state.bridge().zip(pair) else { return };
        spawn_local(async move {
            let mut files = Vec::new();
            let Ok(Some(pair)) = pair.to_ref(&mut files).await else { return };
            match bridge.answer(Ask::Compare(pair), &files).await {
                Ok((Answer::Compared(comparison), _)) => self.change(id, |pair| {
                    pair.other_shape = !comparison.same_shape;
                    pair.notes = comparison.notes;
                }),
                Ok(_) => {}
                Err(failure) => state.fail_with(&failure),
            }
        });
    }

    /// Looks for phrases that tell before from after; learning may start from them.
    pub fn find_phrases(self, state: State) {
        let Some(bridge) = state.bridge() else { return };
        self.finding.set(true);
        // A pair that is held out says nothing here either.
        let most = self.pairs.with_untracked(Vec::len) - usize::from(untrack(|| self.holds_out()));
        spawn_local(async move {
            match self.refs(most).await {
                Ok((refs, files)) => match bridge.answer(Ask::Phrases(refs), &files).await {
                    Ok((Answer::Phrases(found), _)) => {
                        self.wishes.text.set(found.text.clone());
                        self.wishes.found.set(Some(found));
                    }
                    Ok(_) => {}
                    Err(failure) => state.fail_with(&failure),
                },
                Err(why) => state.fail(why),
            }
            self.finding.set(false);
        });
    }

    /// The first whole pairs as the worker hears of them, with the files.
    async fn refs(self, most: usize) -> Result<(Vec<crate::protocol::PairRef>, Vec<wasm_bindgen::JsValue>), String> {
        let (mut refs, mut files) = (Vec::new(), Vec::new());
        for pair in self.pairs.get_untracked().iter().take(most) {
            refs.extend(pair.to_ref(&mut files).await?);
        }
        Ok((refs, files))
    }

    /// Why learning cannot begin now.
    pub fn obstacle(self, state: State) -> Option<String> {
        match state.readiness.get() {
            Readiness::Starting | Readiness::Loading(_) => return Some(words::MODEL_LOADS.to_owned()),
            Readiness::Fallen(why) => return Some(why),
            Readiness::Ready(_) => {}
        }
        self.pairs.with(|pairs| {
            if pairs.is_empty() {
                return Some(words::NO_PAIRS.to_owned());
            }
            if pairs.iter().any(|pair| pair.sides().any(|side| side.view.is_none())) {
                return Some(words::STILL_READING.to_owned());
            }
            let alone: Vec<_> = pairs.iter().filter(|pair| pair.whole().is_none()).map(Pair::name).collect();
            (!alone.is_empty()).then(|| words::alone(&alone))
        })
    }

    /// About how long learning will take, in ms.
    pub fn forecast(self, state: State, quality: Quality) -> Option<f64> {
        let model = state.model()?;
        let size = self.wishes.size.get().unwrap_or(model.resolution);
        let steps = self.wishes.steps(&model, quality);
        // An edit for every trial of the held-out pair, each of whose steps takes as long as one of one segment.
        let trials = if self.holds_out() { steps.min(TRIALS) } else { 0 };
        let work = self.wishes.segments.get() * steps + trials * model.steps;
        Some(pace::known(&model) * run::area(size, &model) * work as f64 * PREVIEWS)
    }
}

impl Default for Learning {
    fn default() -> Self {
        Self::new()
    }
}

fn is_all(side: &Side, part: &Crop) -> bool {
    *part == Crop { x: 0, y: 0, width: side.width, height: side.height }
}
