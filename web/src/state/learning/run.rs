//! Run: one learning from its first step to the shelf; paused, continued, ended early or thrown away.
use super::pairs::{Pair, Side, View};
use super::title::{edit_on, rename};
use super::wishes::Quality;
use super::{Learning, pace};
use crate::protocol::{Answer, Ask, Card, Event, Failure, LearnAsk, ModelInfo, Sparing};
use crate::state::{Readiness, State};
use crate::words::learn as words;
use js_sys::{Date, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

/// Screen readers hear of progress no more often than this, in ms.
const SAY_EVERY: f64 = 5000.0;
/// Throwing away more work than this is asked about first, in ms.
const ASK_FROM: f64 = 60_000.0;
/// The pace is kept every so many steps.
const KEEP_PACE: usize = 10;

/// What the panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Pairs and settings.
    Setup,
    /// A run that goes on.
    Running,
    /// A run that waits in the store.
    Paused,
}

/// How the user ended a run that has not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To go on later.
    Pause,
    /// To be forgotten.
    Cancel,
    /// To be used as it is.
    Finish,
}

/// Signals of a run.
#[derive(Clone, Copy)]
pub struct Run {
    /// Names it in the store.
    pub id: RwSignal<String>,
    /// For people.
    pub title: RwSignal<String>,
    /// What is being done besides learning.
    pub doing: RwSignal<String>,
    /// What learning started from.
    pub start: RwSignal<Option<(String, String)>>,
    /// Done, per segment.
    pub step: RwSignal<usize>,
    /// In all, per segment.
    pub steps: RwSignal<usize>,
    /// j.
    pub segments: RwSignal<Option<usize>>,
    /// One per step that was seen, with its step.
    pub losses: RwSignal<Vec<(usize, f64)>>,
    /// Step, PSNR in dB, whether it was the best then.
    pub held_out: RwSignal<Vec<(usize, f64, bool)>>,
    /// Milliseconds that are left.
    pub left: RwSignal<Option<f64>>,
    /// The latest preview, and its step.
    pub preview: RwSignal<Option<(usize, View)>, LocalStorage>,
    /// The picture that the preview is made from, and how it should look.
    pub shown: RwSignal<Option<(Side, Side)>, LocalStorage>,
    /// Whether nothing is learned from the picture that is shown.
    pub shown_is_held_out: RwSignal<bool>,
    /// What the user asked for.
    pub wish: RwSignal<Option<Wish>>,
    /// Whether a state is in the store.
    pub saved: RwSignal<bool>,
    /// What it goes on without.
    pub sparing: RwSignal<Sparing>,
    /// How the last one ended.
    pub last: RwSignal<Option<String>>,
    clock: StoredValue<Clock>,
}

/// Times of a run.
#[derive(Clone, Copy, Default)]
struct Clock {
    request: Option<u32>,
    // Of this session, in ms: when the first step was done, and which it was.
    since: f64,
    first: usize,
    // Of earlier sessions.
    worked: f64,
    said: f64,
    // Of a step of one segment at the model's own size, in ms.
    pace: Option<f64>,
    // Of the pictures inside the model, as a part of the model's own size, where it is known.
    area: Option<f64>,
    has_own_title: bool,
}

impl Run {
    /// None yet.
    pub fn new() -> Self {
        Self {
            id: RwSignal::new(String::new()),
            title: RwSignal::new(String::new()),
            doing: RwSignal::new(String::new()),
            start: RwSignal::new(None),
            step: RwSignal::new(0),
            steps: RwSignal::new(0),
            segments: RwSignal::new(None),
            losses: RwSignal::new(Vec::new()),
            held_out: RwSignal::new(Vec::new()),
            left: RwSignal::new(None),
            preview: RwSignal::new_local(None),
            shown: RwSignal::new_local(None),
            shown_is_held_out: RwSignal::new(false),
            wish: RwSignal::new(None),
            saved: RwSignal::new(false),
            sparing: RwSignal::new(Sparing::Nothing),
            last: RwSignal::new(None),
            clock: StoredValue::new(Clock::default()),
        }
    }

    /// How it is while it waits.
    pub fn paused(self) -> &'static str {
        match self.sparing.get_untracked() {
            Sparing::Nothing => words::PAUSED,
            Sparing::Memory => words::PAUSED_LOW,
            Sparing::Size => words::PAUSED_SMALLER,
        }
    }

    fn begin(self, id: String, title: String, step: usize, steps: usize) {
        self.id.set(id);
        self.title.set(title);
        self.doing.set(String::new());
        self.start.set(None);
        self.step.set(step);
        self.steps.set(steps);
        self.segments.set(None);
        self.sparing.set(Sparing::Nothing);
        self.losses.set(Vec::new());
        self.held_out.set(Vec::new());
        self.left.set(None);
        self.preview.set(None);
        self.shown.set(None);
        self.wish.set(None);
        self.saved.set(false);
        self.last.set(None);
        self.clock.set_value(Clock { has_own_title: true, area: None, ..Clock::default() });
    }

    /// Whether throwing it away is to be asked about first.
    pub fn is_precious(self) -> bool {
        self.worked() > ASK_FROM
    }

    /// Time that was spent on it, in ms.
    pub fn worked(self) -> f64 {
        let clock = self.clock.get_value();
        let now = if clock.since > 0.0 { pace::now() - clock.since } else { 0.0 };
        clock.worked + now.max(0.0)
    }

    fn learned(self, state: State, step: usize, steps: usize, loss: f64, ms: f64) {
        self.step.set(step);
        self.steps.set(steps);
        self.doing.set(String::new());
        self.losses.update(|losses| losses.push((step, loss)));
        let now = pace::now();
        let segments = self.segments.get_untracked();
        self.clock.update_value(|clock| {
            if clock.since <= 0.0 {
                (clock.since, clock.first) = (now, step);
                return;
            }
            // The first step also compiles and warms up.
            if let Some((segments, area)) = segments.zip(clock.area) {
                let own = ms / segments as f64 / area.max(f64::MIN_POSITIVE);
                clock.pace = Some(clock.pace.map_or(own, |pace| pace + (own - pace) * 0.2));
            }
        });
        let clock = self.clock.get_value();
        let done = step.saturating_sub(clock.first);
        if done > 0 {
            self.left.set(Some((now - clock.since) / done as f64 * steps.saturating_sub(step) as f64));
        }
        if let (true, Some(pace), Readiness::Ready(model)) =
            (done.is_multiple_of(KEEP_PACE), clock.pace, state.readiness.get_untracked())
        {
            pace::keep(&model, pace);
        }
        if now - clock.said >= SAY_EVERY {
            self.clock.update_value(|clock| clock.said = now);
            state.progress.set(words::progress(step, steps, self.left.get_untracked()));
        }
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::new()
    }
}

impl Learning {
    /// Learns from the pairs as they are.
    pub fn learn(self, state: State) {
        let Readiness::Ready(model) = state.readiness.get_untracked() else { return };
        if self.phase.get_untracked() == Phase::Running || untrack(|| self.obstacle(state)).is_some() {
            return;
        }
        let wishes = self.wishes;
        let now = Date::new_0();
        let date = now.to_iso_string().as_string().unwrap_or_default();
        let (title, has_own_title) = self.title(&now);
        let id = format!("{:.0}-{:.0}", now.get_time(), js_sys::Math::random() * 1e9);
        self.run.begin(id.clone(), title.clone(), 0, untrack(|| wishes.steps(&model, wishes.quality.get())));
        let size = wishes.size.get_untracked().unwrap_or(model.resolution);
        self.run.clock.update_value(|clock| {
            clock.has_own_title = has_own_title;
            clock.area = Some(area(size, &model));
        });
        self.run.segments.set(Some(wishes.segments.get_untracked()));
        self.run.doing.set(words::PREPARING.to_owned());
        self.phase.set(Phase::Running);
        self.undo.set(None);
        self.offer.set(None);
        let holds_out = untrack(|| self.holds_out());
        self.show_truth(holds_out);
        spawn_local(async move {
            let (mut pairs, files) = match self.refs(usize::MAX).await {
                Ok(found) => found,
                Err(why) => {
                    state.fail(why);
                    return self.phase.set(Phase::Setup);
                }
            };
            let held_out: Vec<_> = if holds_out { pairs.pop().into_iter().collect() } else { Vec::new() };
            let preview = pairs.first().filter(|_| held_out.is_empty()).map(|pair| pair.before.clone());
            let ask = LearnAsk {
                run: id,
                pairs,
                held_out,
                preview,
                start: wishes.start(),
                segments: wishes.segments.get_untracked(),
                steps_per_segment: Some(self.run.steps.get_untracked()),
                paper: wishes.quality.get_untracked() == Quality::Paper,
                learning_rate: wishes.learning_rate.get_untracked(),
                tokens: wishes.tokens.get_untracked(),
                guidance_scale: wishes.guidance_scale.get_untracked(),
                image_guidance_scale: wishes.image_guidance_scale.get_untracked(),
                seed: wishes.seed.get_untracked() as u64,
                size: wishes.size.get_untracked(),
                title,
                date,
            };
            self.ask(state, Ask::Learn(Box::new(ask)), &files).await;
        });
    }

    pub(super) fn show_truth(self, holds_out: bool) {
        let pair = self.pairs.with_untracked(|pairs| if holds_out { pairs.last() } else { pairs.first() }.cloned());
        self.run.shown.set(pair.as_ref().and_then(Pair::whole).map(|(before, after)| (before.clone(), after.clone())));
        self.run.shown_is_held_out.set(holds_out);
    }

    /// Goes on with a run that is in the store, where nothing was shown of it yet.
    pub fn continue_run(self, state: State, ask: LearnAsk, step: usize, steps: usize) {
        if self.phase.get_untracked() == Phase::Running {
            return;
        }
        // as it was named when it was begun
        let has_own_title = ask.title != edit_on(&Date::new(&ask.date.into()));
        self.run.begin(ask.run, ask.title, step, steps);
        let area = state.model().map(|model| area(ask.size.unwrap_or(model.resolution), &model));
        self.run.clock.update_value(|clock| *clock = Clock { has_own_title, area, ..*clock });
        self.run.segments.set(Some(ask.segments));
        self.phase.set(Phase::Paused);
        self.resume(state);
    }

    /// Goes on with the run that is paused.
    pub fn resume(self, state: State) {
        if self.phase.get_untracked() != Phase::Paused {
            return;
        }
        self.run.wish.set(None);
        self.run.saved.set(true);
        self.run.doing.set(words::PREPARING.to_owned());
        if state.model().is_some_and(|model| model.sparing) {
            // it would stay
            self.run.preview.set(None);
        }
        self.run.clock.update_value(|clock| {
            *clock = Clock { since: 0.0, request: None, ..*clock };
        });
        self.phase.set(Phase::Running);
        let sparing = match self.run.sparing.get_untracked() {
            // a CPU has room
            Sparing::Size if !state.is_on_gpu() => Sparing::Memory,
            sparing => sparing,
        };
        if sparing == Sparing::Size {
            self.run.clock.update_value(|clock| clock.area = None);
        }
        let ask = Ask::Continue { run: self.run.id.get_untracked(), sparing };
        spawn_local(async move { self.ask(state, ask, &[]).await });
    }

    /// Ends the run after its present step; it can be continued.
    pub fn pause(self, state: State) {
        self.end(state, Wish::Pause);
    }

    /// Ends the run after its present step with what it has learned.
    pub fn finish(self, state: State) {
        self.end(state, Wish::Finish);
    }

    /// Throws the run away.
    pub fn cancel(self, state: State) {
        match self.phase.get_untracked() {
            Phase::Running => self.end(state, Wish::Cancel),
            Phase::Paused => self.forget(state),
            Phase::Setup => {}
        }
    }

    fn end(self, state: State, wish: Wish) {
        self.run.wish.set(Some(wish));
        let request = self.run.clock.with_value(|clock| clock.request);
        if let (Some(bridge), Some(id)) = (state.bridge(), request) {
            bridge.say(if wish == Wish::Finish { Ask::Finish(id) } else { Ask::Stop(id) });
        }
    }

    fn forget(self, state: State) {
        self.phase.set(Phase::Setup);
        let run = self.run.id.get_untracked();
        spawn_local(async move {
            state.shelf.forget_run(run).await;
            self.look_for_run();
        });
    }

    async fn ask(self, state: State, ask: Ask, files: &[JsValue]) {
        let Some(bridge) = state.bridge() else { return self.phase.set(Phase::Setup) };
        let (id, ending) = bridge.ask(ask, files, move |event, files| self.hear(state, event, files));
        self.run.clock.update_value(|clock| clock.request = Some(id));
        // Asked for before there was anything to end.
        if let Some(wish) = self.run.wish.get_untracked() {
            self.end(state, wish);
        }
        let ended = ending.await;
        let worked = self.run.worked();
        self.run.clock.update_value(|clock| *clock = Clock { request: None, since: 0.0, worked, ..*clock });
        self.run.doing.set(String::new());
        match ended {
            Ok((Answer::Learned { card, held_out, .. }, files)) => self.keep(state, card, &held_out, files).await,
            Ok(_) => self.phase.set(Phase::Setup),
            Err(failure) => self.stopped(state, &failure),
        }
    }

    fn hear(self, state: State, event: Event, files: Vec<Uint8Array>) {
        let run = self.run;
        match event {
            Event::Doing(text) => run.doing.set(text),
            Event::Warning(text) => state.tell(text),
            Event::Started { text, caption, .. } => {
                run.start.set(Some((text, caption)));
                if run.sparing.get_untracked() == Sparing::Size {
                    // smaller once, until another is lost
                    run.sparing.set(Sparing::Memory);
                }
            }
            Event::Learned { step, steps, loss, ms } => run.learned(state, step, steps, loss, ms),
            Event::HeldOut { step, psnr, best } => run.held_out.update(|tried| tried.push((step, psnr, best))),
            Event::Preview { step } => {
                run.preview.set(files.first().map(|png| (step, View::of_bytes(png, "image/png"))));
            }
            Event::Saved { .. } => run.saved.set(true),
            _ => {}
        }
    }

    fn stopped(self, state: State, failure: &Failure) {
        let is_kept = match failure {
            Failure::Cancelled { saved } => *saved,
            // what was asked is kept before anything is learned
            Failure::Device(_) => true,
            _ => self.run.saved.get_untracked(),
        };
        state.fail_with(failure);
        if self.run.wish.get_untracked() == Some(Wish::Cancel) || !is_kept {
            if self.run.wish.get_untracked() == Some(Wish::Pause) {
                state.fail(words::NOT_PAUSED);
            }
            return self.forget(state);
        }
        self.run.wish.set(None);
        self.phase.set(Phase::Paused);
        state.progress.set(self.run.paused().to_owned());
    }

    async fn keep(self, state: State, mut card: Card, held_out: &[(usize, f64)], mut files: Vec<Uint8Array>) {
        let run = self.run.id.get_untracked();
        let best = held_out.iter().map(|(_, psnr)| *psnr).reduce(f64::max);
        if !self.run.clock.with_value(|clock| clock.has_own_title) && !card.start.trim().is_empty() {
            (card, files) = rename(state, card, files).await;
        }
        let title = card.title.clone();
        let thumbnail = |idx: usize| files.get(idx).cloned();
        let thumbnails = card.thumbnails.and_then(|(before, after)| thumbnail(before).zip(thumbnail(after)));
        self.run.last.set(Some(words::learned(&title, best)));
        state.progress.set(words::learned(&title, best));
        self.phase.set(Phase::Setup);
        self.unsaved.set_value(false);
        let Some(file) = files.first().cloned() else { return };
        if let Some(id) = state.shelf.keep(state, card, file, thumbnails).await {
            state.editing.choose(id);
            state.shelf.forget_run(run).await;
            // one that was begun before waits still
            self.look_for_run();
        }
    }
}

/// Of pictures with that longer side, as a part of the model's own.
pub(super) fn area(size: usize, model: &ModelInfo) -> f64 {
    (size as f64 / model.resolution.max(1) as f64).powi(2)
}
