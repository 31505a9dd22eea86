//! Offer: a run that an earlier visit left in the store, to be continued or thrown away.
use super::Learning;
use super::pairs::{Pair, Side};
use super::run::Phase;
use crate::protocol::{LearnAsk, PairRef, PictureRef};
use crate::state::State;
use crate::store::{Records, Store, StoreError};
use crate::words::learn as words;
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Held by the tab that learns; see the worker's lock.
const LOCK: &str = "instructbrush-learn";
/// After a run elsewhere.
const SETTLE: Duration = Duration::from_millis(1500);

/// A run in the store.
#[derive(Clone)]
pub struct Offer {
    /// Done steps per segment; 0 when it ended before its first state was written.
    pub step: usize,
    /// What was asked.
    pub ask: LearnAsk,
    /// The files that `ask` names.
    files: Vec<JsValue>,
    /// It is being thrown away.
    declined: bool,
}

impl Offer {
    /// Steps per segment, in all.
    pub fn steps(&self) -> usize {
        self.ask.steps_per_segment.unwrap_or_default()
    }
}

impl Learning {
    /// Looks for a run that can be continued: at once, or when no other tab learns any more. A tab that was just closed
    /// or reloaded learns until the browser has ended its worker.
    pub fn look_for_run(self) {
        spawn_local(async move {
            if is_learning_elsewhere().await.unwrap_or(false) {
                // A browser that refuses to wait has nobody to wait for.
                let _ = nobody_learns().await;
                // A run that came to its end there is taken out of the store in a moment.
                set_timeout(move || spawn_local(self.show_newest()), SETTLE);
            } else {
                self.show_newest().await;
            }
        });
    }

    async fn show_newest(self) {
        // The shelf says so where there is no store.
        let offer = newest().await.unwrap_or_default();
        if self.phase.get_untracked() == Phase::Setup {
            self.offer.set(offer);
        }
    }

    /// Goes on with the run that is offered, and shows its pairs.
    pub fn accept(self, state: State) {
        let Some(offer) = self.offer.get_untracked().filter(|offer| !offer.declined) else { return };
        self.offer.set(None);
        let sides = self.show_pairs(&offer);
        let holds_out = !offer.ask.held_out.is_empty();
        self.wishes.hold_out.set(Some(holds_out));
        let steps = offer.steps();
        self.continue_run(state, offer.ask, offer.step, steps);
        spawn_local(async move {
            for (id, name, file) in sides {
                self.open(state, id, name, file).await;
            }
            self.show_truth(holds_out);
        });
    }

    /// Throws the run that is offered away, and offers the one before it, if there is one. The offer stays until the
    /// store has forgotten the run: a page that is left before that will offer it again.
    pub fn decline(self, state: State) {
        let Some(offer) = self.offer.get_untracked().filter(|offer| !offer.declined) else { return };
        self.offer.set(Some(Offer { declined: true, ..offer.clone() }));
        spawn_local(async move {
            state.shelf.forget_run(offer.ask.run).await;
            self.offer.set(None);
            self.look_for_run();
        });
    }

    /// Puts the run's pairs on the page; the sides that are still to be read.
    fn show_pairs(self, offer: &Offer) -> Vec<(u32, String, Blob)> {
        let mut sides = Vec::new();
        let mut side = |of: &PictureRef| {
            let file: Blob = offer.files.get(of.file)?.clone().dyn_into().ok()?;
            let id = self.next();
            sides.push((id, of.name.clone(), file.clone()));
            Some(Side { crop: of.crop, ..Side::unread(id, of.name.clone(), file) })
        };
        let mut pair = |of: &PairRef| {
            let (before, after) = (side(&of.before), side(&of.after));
            Pair { id: self.next(), before, after, ..Pair::default() }
        };
        let pairs = offer.ask.pairs.iter().chain(&offer.ask.held_out).map(&mut pair).collect();
        let undo = self.has_own().then(|| self.as_is(words::REPLACED));
        self.pairs.set(pairs);
        self.sample.set(None);
        self.undo.set(undo);
        sides
    }
}

/// The newest run in the store.
async fn newest() -> Result<Option<Offer>, StoreError> {
    let store = Store::open().await?;
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let date = |record: &JsValue| field(record, "date").and_then(|date| date.as_f64()).unwrap_or_default();
    let runs = store.all(Records::Runs).await?;
    let Some((id, record)) = runs.into_iter().max_by(|(_, a), (_, b)| date(a).total_cmp(&date(b))) else {
        return Ok(None);
    };
    let state = store.read(Records::States, &id).await?;
    let step = state.and_then(|state| field(&state, "step")?.as_f64()).unwrap_or_default();
    // What an older version of this page left may be of another shape: it is no offer then.
    let ask = field(&record, "ask").and_then(|ask| serde_wasm_bindgen::from_value::<LearnAsk>(ask).ok());
    let files = field(&record, "files").map(|files| Array::from(&files).to_vec()).unwrap_or_default();
    Ok(ask.map(|ask| Offer { step: step as usize, ask, files, declined: false }))
}

/// A method of the browser's locks, where it has them.
fn of_locks(name: &str) -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let method = Reflect::get(&locks, &name.into()).ok()?.dyn_into().ok()?;
    Some((locks, method))
}

/// Whether a worker of this page is learning now. Where the browser has no locks, nobody can tell.
async fn is_learning_elsewhere() -> Option<bool> {
    let (locks, query) = of_locks("query")?;
    let asked: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
    let found = JsFuture::from(asked).await.ok()?;
    let held = Array::from(&Reflect::get(&found, &"held".into()).ok()?);
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().any(|lock| name(lock).as_deref() == Some(LOCK)))
}

/// Waits until nobody holds the lock.
async fn nobody_learns() -> Option<()> {
    let (locks, request) = of_locks("request")?;
    let at_once = Closure::once_into_js(|_: JsValue| {});
    let asked: Promise = request.call2(&locks, &LOCK.into(), &at_once).ok()?.dyn_into().ok()?;
    JsFuture::from(asked).await.ok().map(drop)
}

/// How an offer is put.
pub fn sentence(offer: &Offer) -> String {
    words::offer(&offer.ask.title, offer.step, offer.steps())
}
