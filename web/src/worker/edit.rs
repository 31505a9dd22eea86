//! Edit: one picture, by one thing after another.
use super::files::{instruction, picture};
use super::host::{Ended, Host, Loaded, Wish, failure, failure_of_work};
use super::look::SETTINGS;
use super::wire::{event, now, say};
use crate::protocol::{Answer, EditAsk, Event, Failure, Heard, Sampler, Say};
use crate::recall::note;
use crate::words;
use instructbrush::service::job::{self, EditJob, Event as EngineEvent, Job, Outcome, Reply, SamplerKind};
use instructbrush::service::plan::Work;
use instructbrush::tensor::ops::Compute;
use instructbrush::tensor::picture::Picture;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

/// Previews take no more than about this part of the time.
const PREVIEWS: f64 = 0.15;

/// Edits a picture.
pub async fn edit(id: u32, host: &Host, loaded: &mut Loaded, ask: EditAsk, files: &[JsValue]) -> Ended {
    let began = now();
    let mut picture = picture(files, &ask.picture).await?;
    if ask.heard.is_empty() {
        return Err(Failure::Other("there is nothing to do: choose an instruction or write a text".to_owned()));
    }
    loaded.room.check(ask.plan.size, Work::Edit)?;
    let mut settings = Vec::new();
    for (idx, heard) in ask.heard.iter().enumerate() {
        let job = job(&ask, heard, picture, loaded, files).await?;
        settings.push(described(&job, loaded));
        let mut previews = Previews { id, wanted: ask.previews, last: now(), cost: 0.0 };
        let done = (idx, ask.heard.len());
        let on_event = &mut |engine_event| {
            let reply = previews.reply(engine_event, done);
            if host.wished(id) == Some(Wish::Stop) { Reply::Stop } else { reply }
        };
        let outcome = loaded.engine.run(Job::Edit(Box::new(job)), on_event).await;
        picture = match outcome.map_err(|error| failure_of_work(error, loaded.engine.compute()))? {
            Outcome::Picture(picture) => picture,
            _ => return Err(Failure::Other("the engine answered something else than a picture".to_owned())),
        };
    }
    let settings = written(settings, &note(&ask.plan)).to_string();
    let png = picture.encode_png(&[(SETTINGS.to_owned(), settings)]).map_err(failure)?;
    let Picture { width, height, .. } = picture;
    Ok((Answer::Edited { width, height, ms: now() - began }, vec![png]))
}

async fn job(
    ask: &EditAsk,
    heard: &Heard,
    picture: Picture,
    loaded: &Loaded,
    files: &[JsValue],
) -> Result<EditJob, Failure> {
    let (heard, own) = match heard {
        Heard::Text(text) => (job::Heard::Text(text.clone()), 1.0),
        Heard::Instruction(file) => {
            let (_, instruction) = instruction(files, *file).await?;
            let model = &loaded.model;
            let fits = instruction.check_base(&model.fingerprint, &model.title);
            fits.map_err(|error| Failure::OtherModel(error.to_string()))?;
            let strength = instruction.about.strength;
            (job::Heard::Instruction(Box::new(instruction)), strength)
        }
    };
    let plan = &ask.plan;
    let segments = match &heard {
        // A text is heard in all segments alike.
        job::Heard::Instruction(_) => plan.segments.clone(),
        _ => Vec::new(),
    };
    let job = EditJob {
        strength: plan.amount.map_or(own, |percent| percent / 100.0),
        steps: plan.steps,
        guidance_scale: plan.guidance_scale,
        image_guidance_scale: plan.image_guidance_scale,
        sampler: plan.sampler.map(|sampler| match sampler {
            Sampler::EulerAncestral => SamplerKind::EulerAncestral,
            Sampler::Euler => SamplerKind::Euler,
            Sampler::Lcm => SamplerKind::Lcm,
        }),
        seed: plan.seed,
        size: plan.size,
        segments,
        ..EditJob::new(picture, heard)
    };
    Ok(job.settled(loaded.engine.recommended()))
}

/// Says how far an edit is, and asks for a preview when one is due.
struct Previews {
    id: u32,
    wanted: bool,
    last: f64,
    /// What the last one took, in ms.
    cost: f64,
}

impl Previews {
    fn reply(&mut self, engine_event: EngineEvent, (idx, n): (usize, usize)) -> Reply {
        match engine_event {
            EngineEvent::Step { step, steps } => {
                event(self.id, Event::Step { step: idx * steps + step, steps: n * steps });
                let due = self.cost / PREVIEWS;
                if self.wanted && step < steps && now() - self.last >= due {
                    self.last = now();
                    return Reply::Preview;
                }
            }
            EngineEvent::Preview { step, picture } => {
                if let Ok(png) = picture.encode_png(&[]) {
                    say(self.id, Say::Event(Event::Preview { step }), &[png]);
                }
                self.cost = now() - self.last;
                self.last = now();
            }
            EngineEvent::Warning(text) => event(self.id, Event::Warning(text)),
            EngineEvent::Doing(text) => event(self.id, Event::Doing(text)),
            EngineEvent::Loading { part } => event(self.id, Event::Doing(words::models::reading(&part))),
            _ => {}
        }
        Reply::Continue
    }
}

/// Everything that is needed to make the picture again, as the program writes it.
fn described(job: &EditJob, loaded: &Loaded) -> Value {
    let (text, learned) = match &job.heard {
        job::Heard::Text(text) => (Some(text), None),
        job::Heard::Instruction(learned) => (None, Some(learned)),
        job::Heard::Nothing => (None, None),
    };
    let segments = (!job.segments.is_empty()).then_some(&job.segments);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "base_model": loaded.model.title,
        "base_model_hash": loaded.model.fingerprint,
        "text": text,
        "instruction": learned.map(|learned| json!({ "title": learned.about.title })),
        "strength": job.strength,
        "steps": job.steps,
        "guidance_scale": job.guidance_scale,
        "image_guidance_scale": job.image_guidance_scale,
        "sampler": job.sampler,
        "seed": job.seed,
        "size": job.size,
        "segments": segments,
        "compute": if loaded.engine.compute() == Compute::F16 { "f16" } else { "f32" },
    })
}

/// The last edit's settings, those before it under `before`, and the page's own words.
fn written(mut all: Vec<Value>, note: &str) -> Value {
    let mut last = all.pop().unwrap_or_default();
    if !all.is_empty() {
        last["before"] = Value::Array(all);
    }
    if !note.is_empty() {
        last["page"] = note.into();
    }
    last
}
