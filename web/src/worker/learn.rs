//! Learn: a run from pairs to an instruction, with its state kept beside it; also the search for phrases alone.
use super::files::{card, pairs, picture};
use super::host::{Ended, Host, Loaded, Wish, failure, failure_of_work, open_store};
use super::lock::{self, Lock};
use super::saver::Saver;
use super::wire::{event, now, say};
use crate::protocol::{Answer, Event, Failure, LearnAsk, LearnStart, PairRef, PhrasesFound, Say, Sparing};
use crate::store::{Records, Store};
use crate::words;
use instructbrush::instruction::file::Precision;
use instructbrush::service::job::{
    Course, Event as EngineEvent, InvertJob, Job, Learned, Memory, Outcome, PhrasesJob, Reply, Start,
};
use instructbrush::service::plan::Work;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

/// The state is kept this often, in ms.
const KEEP_EVERY: f64 = 3000.0;
/// The first preview comes after this time, in ms.
const FIRST_PREVIEW: f64 = 4000.0;
/// Previews take no more than about this part of the time.
const PREVIEWS: f64 = 0.1;

/// Finds phrases.
pub async fn phrases(id: u32, host: &Host, loaded: &mut Loaded, refs: &[PairRef], files: &[JsValue]) -> Ended {
    let job = PhrasesJob { pairs: pairs(files, refs).await?, settings: Default::default() };
    let on_event = &mut |engine_event| {
        if let EngineEvent::Doing(text) = engine_event {
            event(id, Event::Doing(text));
        }
        if host.wished(id) == Some(Wish::Stop) { Reply::Stop } else { Reply::Continue }
    };
    match loaded.engine.run(Job::Phrases(Box::new(job)), on_event).await.map_err(failure)? {
        Outcome::Phrases(report) => {
            let scored = |caption: &[instructbrush::instruction::phrases::Sensitivity]| {
                caption.iter().map(|found| (found.phrase.clone(), found.absolute)).collect()
            };
            let (before, after) = (scored(&report.before), scored(&report.after));
            Ok((Answer::Phrases(PhrasesFound { before, after, text: report.instruction }), Vec::new()))
        }
        _ => Err(Failure::Other("the engine answered something else than phrases".to_owned())),
    }
}

/// Learns from pairs; what was asked is kept first, so that the run can be continued.
pub async fn learn(id: u32, host: &Host, loaded: &mut Loaded, ask: LearnAsk, files: &[JsValue]) -> Ended {
    loaded.room.check(ask.size, Work::Learn { segments: ask.segments })?;
    let _lock = Lock::take(lock::LEARNING).await.ok_or_else(|| Failure::Other(words::OTHER_TAB_LEARNS.to_owned()))?;
    let store = open_store(id).await;
    if let Some(store) = &store
        && let Err(error) = keep_ask(store, &ask, files).await
    {
        event(id, Event::Warning(words::not_kept(&error)));
    }
    run(id, host, loaded, job(ask.clone(), files, None, Memory::Auto).await?, ask.run, store).await
}

/// Goes on with a run that is in the store.
pub async fn go_on(id: u32, host: &Host, loaded: &mut Loaded, run_id: &str, sparing: Sparing) -> Ended {
    let _lock = Lock::take(lock::LEARNING).await.ok_or_else(|| Failure::Other(words::OTHER_TAB_LEARNS.to_owned()))?;
    let lost = |why: String| Failure::Other(words::run_lost(&why));
    let store = Store::open().await.map_err(|error| lost(error.to_string()))?;
    let read = async |records| store.read(records, run_id).await.map_err(|error| lost(error.to_string()));
    let kept = read(Records::Runs).await?.ok_or_else(|| lost("it is not in the store".to_owned()))?;
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let ask = serde_wasm_bindgen::from_value(field(&kept, "ask"));
    let mut ask: LearnAsk = ask.map_err(|error| lost(error.to_string()))?;
    let files = Array::from(&field(&kept, "files")).to_vec();
    let smaller = loaded.room.smaller(ask.size).filter(|_| sparing == Sparing::Size);
    ask.size = smaller.or(ask.size);
    loaded.room.check(ask.size, Work::Learn { segments: ask.segments })?;
    let state = read(Records::States).await?.map(|state| field(&state, "bytes"));
    let state = state.and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec());
    let memory = if sparing == Sparing::Nothing { Memory::Auto } else { Memory::Low };
    let job = InvertJob { resized: true, ..job(ask.clone(), &files, state, memory).await? };
    if let Some(side) = smaller {
        event(id, Event::Warning(words::learn::goes_on_at(side)));
        if let Err(error) = keep_ask(&store, &ask, &files).await {
            event(id, Event::Warning(words::not_kept(&error)));
        }
    }
    run(id, host, loaded, job, ask.run, Some(store)).await
}

/// What was asked, with the files, so that the run can go on after the page was closed.
async fn keep_ask(store: &Store, ask: &LearnAsk, files: &[JsValue]) -> Result<(), String> {
    let record = Object::new();
    let value = serde_wasm_bindgen::to_value(ask).map_err(|error| error.to_string())?;
    let fields: [(&str, JsValue); 5] = [
        ("id", ask.run.as_str().into()),
        ("title", ask.title.as_str().into()),
        ("date", js_sys::Date::now().into()),
        ("ask", value),
        ("files", files.iter().collect::<Array>().into()),
    ];
    for (name, value) in fields {
        // A new object takes any field.
        let _ = Reflect::set(&record, &name.into(), &value);
    }
    store.put(Records::Runs, &ask.run, &record).await.map_err(|error| error.to_string())
}

async fn run(id: u32, host: &Host, loaded: &mut Loaded, job: InvertJob, name: String, store: Option<Store>) -> Ended {
    let resumed = job.resume.is_some();
    let saver = Saver::new(id, name, store);
    // a preview wants all parts
    let shows = if loaded.model.sparing { false } else { job.preview.is_some() };
    let mut watch = Watch::new(id, saver.clone(), shows || !job.held_out.is_empty());
    let on_event = &mut |engine_event| {
        let reply = watch.reply(engine_event);
        match (host.wished(id), reply) {
            (Some(Wish::Stop), _) => Reply::Stop,
            (Some(Wish::Finish), Some(_)) => Reply::Finish,
            (_, Some(Asked::Preview)) => Reply::Preview,
            (_, Some(Asked::State)) => Reply::SaveState,
            _ => Reply::Continue,
        }
    };
    let ended = loaded.engine.run(Job::Invert(Box::new(job)), on_event).await;
    saver.flush().await;
    match ended {
        Ok(Outcome::Learned(learned)) => learned_answer(*learned),
        Ok(_) => Err(Failure::Other("the engine answered something else than an instruction".to_owned())),
        Err(instructbrush::Error::Cancelled) => Err(Failure::Cancelled { saved: resumed || saver.has_kept() }),
        Err(error) => Err(failure_of_work(error, loaded.engine.compute())),
    }
}

fn learned_answer(learned: Learned) -> Ended {
    let Learned { instruction, losses, held_out } = learned;
    // Numbers that f16 cannot hold are kept as they are.
    let bytes = instruction.encode(Precision::F16).or_else(|_| instruction.encode(Precision::F32)).map_err(failure)?;
    let (card, thumbnails) = card(&instruction, &bytes, 1);
    Ok((Answer::Learned { card, losses, held_out }, std::iter::once(bytes).chain(thumbnails).collect()))
}

async fn job(ask: LearnAsk, files: &[JsValue], resume: Option<Vec<u8>>, memory: Memory) -> Result<InvertJob, Failure> {
    let preview = match &ask.preview {
        Some(preview) => Some(picture(files, preview).await?),
        None => None,
    };
    Ok(InvertJob {
        held_out: pairs(files, &ask.held_out).await?,
        preview,
        start: match ask.start {
            LearnStart::Phrases => Start::Auto,
            LearnStart::Nothing => Start::Nothing,
            LearnStart::Text(text) => Start::Text(text),
        },
        segments: ask.segments,
        steps_per_segment: ask.steps_per_segment,
        course: ask.paper.then_some(Course::Paper),
        learning_rate: ask.learning_rate,
        tokens: ask.tokens,
        guidance_scale: ask.guidance_scale,
        image_guidance_scale: ask.image_guidance_scale,
        seed: ask.seed,
        size: ask.size,
        resume,
        memory,
        title: ask.title,
        date: ask.date,
        ..InvertJob::new(pairs(files, &ask.pairs).await?)
    })
}

/// What would be good to have after a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Nothing in particular.
    Anything,
    Preview,
    State,
}

/// Says how far a run is, and when a preview or its state is due.
struct Watch {
    id: u32,
    saver: Saver,
    shows: bool,
    step_began: f64,
    kept: f64,
    preview_due: f64,
    preview_began: f64,
}

impl Watch {
    fn new(id: u32, saver: Saver, shows: bool) -> Self {
        let now = now();
        Self { id, saver, shows, step_began: now, kept: now, preview_due: now + FIRST_PREVIEW, preview_began: now }
    }

    /// After a learning step: what is due.
    fn reply(&mut self, engine_event: EngineEvent) -> Option<Asked> {
        let time = now();
        match engine_event {
            EngineEvent::Learned { step, steps, loss } => {
                event(self.id, Event::Learned { step, steps, loss, ms: time - self.step_began });
                self.step_began = time;
                if self.saver.can_keep() && time - self.kept >= KEEP_EVERY {
                    self.kept = time;
                    return Some(Asked::State);
                }
                if self.shows && time >= self.preview_due && step < steps {
                    self.preview_began = time;
                    return Some(Asked::Preview);
                }
                return Some(Asked::Anything);
            }
            EngineEvent::State { step, steps, bytes } => {
                self.saver.keep(step, steps, bytes);
                self.step_began = time;
            }
            EngineEvent::Preview { step, picture } => {
                if let Ok(png) = picture.encode_png(&[]) {
                    say(self.id, Say::Event(Event::Preview { step }), &[png]);
                }
                self.preview_due = time + (time - self.preview_began) / PREVIEWS;
                self.step_began = now();
            }
            EngineEvent::Started { text, caption, tokens } => {
                event(self.id, Event::Started { text, caption, tokens });
                self.step_began = time;
            }
            EngineEvent::HeldOut { step, psnr, best } => {
                event(self.id, Event::HeldOut { step, psnr, best });
                self.step_began = time;
            }
            EngineEvent::Warning(text) => event(self.id, Event::Warning(text)),
            EngineEvent::Doing(text) => event(self.id, Event::Doing(text)),
            EngineEvent::Loading { part } => event(self.id, Event::Doing(words::models::reading(&part))),
            EngineEvent::Step { .. } => {}
        }
        None
    }
}
