//! Run: edits, one after another; each waits for its turn, says how far it is, and can be ended.
use super::Editing;
use super::photo::{Edited, Phase, Photo};
use crate::bridge::blob_of;
use crate::protocol::{Answer, Ask, EditAsk, Event, Failure, Heard, PictureRef};
use crate::protocol::{Order, Plan};
use crate::state::learning::pairs::View;
use crate::state::{Readiness, State};
use crate::words::edit as words;
use js_sys::{Date, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// Screen readers hear of progress no more often than this, in ms.
const SAY_EVERY: f64 = 5000.0;

/// What is to be done, with the instruction's file: it may be gone from the shelf when the turn comes.
#[derive(Clone)]
pub struct Work {
    plan: Plan,
    instruction: Option<Blob>,
}

/// How far the edit in hand is.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Of which photo.
    pub photo: u32,
    /// Whether its turn has come.
    pub began: bool,
    /// Whether the user wants it to end.
    pub is_ending: bool,
    /// Done steps.
    pub step: usize,
    /// In all; 0 before the first is done.
    pub steps: usize,
    /// Milliseconds that are left.
    pub left: Option<f64>,
    /// What is done besides steps now.
    pub doing: Option<String>,
    request: Option<u32>,
    /// When the first step was done, and when progress was last said.
    since: Option<(f64, usize)>,
    said: f64,
}

impl Job {
    fn new(photo: u32) -> Self {
        Self {
            photo,
            began: false,
            is_ending: false,
            step: 0,
            steps: 0,
            left: None,
            doing: None,
            request: None,
            since: None,
            said: 0.0,
        }
    }

    fn stepped(&mut self, step: usize, steps: usize, now: f64) {
        (self.step, self.steps, self.doing) = (step, steps, None);
        let (since, first) = *self.since.get_or_insert((now, step));
        // The first step also compiles and warms up.
        if step > first {
            self.left = Some((now - since) / (step - first) as f64 * steps.saturating_sub(step) as f64);
        }
    }
}

impl Editing {
    /// Goes on with what waits whenever the worker can.
    pub fn start(self, state: State) {
        Effect::new(move |_| {
            if matches!(state.readiness.get(), Readiness::Ready(_)) {
                untrack(|| self.go_on(state));
            }
        });
    }

    /// Why nothing can be edited now.
    pub fn obstacle(self, state: State) -> Option<String> {
        match state.readiness.get() {
            Readiness::Starting | Readiness::Loading(_) => return Some(words::MODEL_LOADS.to_owned()),
            Readiness::Fallen(why) => return Some(why),
            Readiness::Ready(_) => {}
        }
        if self.shown.get().is_none() {
            return Some(words::NO_PHOTO.to_owned());
        }
        let has_words = self.wishes.text.with(|text| !text.trim().is_empty());
        (!has_words && self.card(state).is_none()).then(|| words::NOTHING_TO_DO.to_owned())
    }

    /// Edits the photo on the stage.
    pub fn run(self, state: State) {
        let shown = self.shown.get_untracked();
        self.ask_for(state, shown.into_iter().collect());
    }

    /// Edits every photo.
    pub fn run_all(self, state: State) {
        let all = self.photos.with_untracked(|photos| photos.iter().map(|photo| photo.id).collect());
        self.ask_for(state, all);
    }

    fn ask_for(self, state: State, photos: Vec<u32>) {
        if let Some(why) = untrack(|| self.obstacle(state)) {
            return state.tell(why);
        }
        let entry = self.chosen.get_untracked().and_then(|id| state.shelf.entry(&id));
        let plan = untrack(|| self.wishes.plan(entry.as_ref().map(|entry| (entry.id.clone(), &entry.card))));
        let work = Work { plan, instruction: entry.map(|entry| entry.file) };
        for id in photos {
            if untrack(|| self.of(id, |photo| photo.phase.is_pending())) == Some(false) {
                self.change(id, |photo| photo.phase = Phase::Queued);
                self.queue.update_value(|queue| queue.push_back((id, work.clone())));
            }
        }
        self.go_on(state);
    }

    /// Begins the next edit, if none is in hand.
    fn go_on(self, state: State) {
        let is_ready = matches!(state.readiness.get_untracked(), Readiness::Ready(_));
        if !is_ready || self.job.with_untracked(Option::is_some) {
            return;
        }
        let Some((id, work)) = self.queue.try_update_value(|queue| queue.pop_front()).flatten() else { return };
        let Some(photo) = untrack(|| self.of(id, Photo::clone)) else { return self.go_on(state) };
        self.job.set(Some(Job::new(id)));
        spawn_local(async move {
            let phase = match self.edit(state, photo, work).await {
                Ok(edited) => {
                    self.change(id, |photo| photo.results.push(edited));
                    state.progress.set(words::DONE.to_owned());
                    Phase::Done
                }
                Err(Failure::Cancelled { .. }) => {
                    state.progress.set(words::CANCELLED.to_owned());
                    Phase::Cancelled
                }
                Err(failure) => {
                    state.fail_with(&failure);
                    Phase::Failed
                }
            };
            self.job.set(None);
            self.change(id, |photo| photo.phase = phase);
            self.preview.set(None);
            self.go_on(state);
        });
    }

    async fn edit(self, state: State, photo: Photo, work: Work) -> Result<Edited, Failure> {
        let gone = || Failure::Device(crate::words::WORKER_GONE.to_owned());
        let bridge = state.bridge().ok_or_else(gone)?;
        let Work { plan, instruction } = work;
        let mut files: Vec<JsValue> = vec![photo.origin.blob().await.map_err(Failure::Other)?.into()];
        let mut heard = Vec::new();
        if let Some(instruction) = instruction {
            heard.push(Heard::Instruction(files.len()));
            files.push(instruction.into());
        }
        if !plan.text.is_empty() {
            heard.push(Heard::Text(plan.text.clone()));
        }
        if plan.order == Order::WordsFirst {
            heard.reverse();
        }
        let ask = EditAsk {
            picture: PictureRef { file: 0, name: photo.name, crop: None },
            heard,
            plan: plan.clone(),
            previews: true,
        };
        // Ended before there was anything to end.
        if self.job.with_untracked(|job| job.as_ref().is_some_and(|job| job.is_ending)) {
            return Err(Failure::Cancelled { saved: false });
        }
        let (request, ending) =
            bridge.ask(Ask::Edit(Box::new(ask)), &files, move |event, files| self.hear(state, photo.id, event, files));
        self.in_hand(photo.id, |job| job.request = Some(request));
        match ending.await? {
            (Answer::Edited { width, height, ms }, files) => {
                let png = files.first().ok_or_else(|| Failure::Other(words::NO_PICTURE.to_owned()))?;
                let file = blob_of(png, "image/png");
                Ok(Edited { view: View::of_blob(&file), file, width, height, ms, plan })
            }
            _ => Err(Failure::Other(words::NO_PICTURE.to_owned())),
        }
    }

    fn in_hand(self, photo: u32, change: impl FnOnce(&mut Job)) {
        self.job.update(|job| {
            if let Some(job) = job.as_mut().filter(|job| job.photo == photo) {
                change(job);
            }
        });
    }

    fn hear(self, state: State, photo: u32, event: Event, files: Vec<Uint8Array>) {
        match event {
            Event::Began => {
                self.in_hand(photo, |job| job.began = true);
                self.change(photo, |photo| photo.phase = Phase::Running);
                state.progress.set(words::BEGAN.to_owned());
            }
            Event::Step { step, steps } => {
                let now = Date::now();
                let mut said = None;
                self.in_hand(photo, |job| {
                    job.stepped(step, steps, now);
                    if now - job.said >= SAY_EVERY {
                        job.said = now;
                        said = Some(words::step(step, steps, job.left));
                    }
                });
                said.into_iter().for_each(|said| state.progress.set(said));
            }
            Event::Preview { .. } => self.preview.set(files.first().map(|png| View::of_bytes(png, "image/png"))),
            Event::Doing(text) => self.in_hand(photo, |job| job.doing = Some(text)),
            Event::Warning(text) => state.tell(text),
            _ => {}
        }
    }

    /// Ends a photo's edit, within one step.
    pub fn cancel(self, state: State, id: u32) {
        let mut was_queued = false;
        self.queue.update_value(|queue| {
            let before = queue.len();
            queue.retain(|(photo, _)| *photo != id);
            was_queued = queue.len() < before;
        });
        if was_queued {
            self.change(id, |photo| photo.phase = Phase::Cancelled);
        }
        self.in_hand(id, |job| {
            job.is_ending = true;
            if let (Some(bridge), Some(request)) = (state.bridge(), job.request) {
                bridge.say(Ask::Stop(request));
            }
        });
    }

    /// Ends the shown photo's edit, else the one in hand.
    pub fn cancel_shown(self, state: State) {
        let shown = untrack(|| self.of_shown(|photo| photo.phase.is_pending().then_some(photo.id))).flatten();
        let in_hand = self.job.with_untracked(|job| job.as_ref().map(|job| job.photo));
        if let Some(id) = shown.or(in_hand) {
            self.cancel(state, id);
        }
    }

    /// Ends every edit.
    pub fn cancel_all(self, state: State) {
        let all: Vec<u32> = self.photos.with_untracked(|photos| {
            photos.iter().filter(|photo| photo.phase.is_pending()).map(|photo| photo.id).collect()
        });
        all.into_iter().for_each(|id| self.cancel(state, id));
    }
}
