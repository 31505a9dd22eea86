//! Cell: one result of the benchmark: made, unless it is there.
use super::args::BenchArgs;
use super::pictures;
use super::plan::Cell;
use super::store::{RECORD, SEGMENTS, Store};
use crate::bench::methods::Method;
use crate::bench::record::{Key, MeasuredWith, Record};
use crate::cli::base_model::BaseSource;
use crate::cli::progress::Progress;
use crate::cli::state_file::Saved;
use crate::cli::{base_model, date};
use crate::instruction::file::Precision;
use crate::platform::files::write_atomically;
use crate::service::bench::{BenchJob, Benched};
use crate::service::engine::Engine;
use crate::service::job::{Event, ExemplarPair, InvertJob, PhraseSettings, Reply};
use crate::{Error, Result};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the state of a learning run is saved.
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// What to do where a state is not of this run.
pub const FROM_THE_START: &str = "remove this file to learn from the start";
/// The name of the learned instruction's file.
pub const INSTRUCTION: &str = "instruction.safetensors";

/// All that the results of one command have in common.
pub struct Bench<'a> {
    pub args: &'a BenchArgs,
    pub engine: Engine<BaseSource>,
    pub store: Store,
    pub lpips: Option<Arc<Vec<u8>>>,
    pub phrases: PhraseSettings,
}

/// How a cell ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    /// It has been made: its mean PSNR, none when it was skipped.
    Made(Option<f64>),
    /// It was there.
    WasThere,
}

impl Bench<'_> {
    /// Every row of a table, each once.
    pub fn keys(&self) -> Vec<Key> {
        let recommended = self.job(Method::InstructBrush, None).settled(self.engine.recommended());
        let steps = match self.args.steps.as_slice() {
            [] => vec![recommended.learning.steps_per_segment.unwrap_or_default()],
            typed => typed.to_vec(),
        };
        let mut keys = Vec::new();
        for &method in &self.args.methods {
            for &shots in &self.args.shots {
                for &steps in &steps {
                    let key = Key::new(method, shots, steps);
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
            }
        }
        keys
    }

    /// A job with what was typed, but for pairs.
    fn job(&self, method: Method, steps: Option<usize>) -> BenchJob {
        let args = self.args;
        BenchJob {
            method,
            learning: InvertJob {
                segments: args.segments,
                steps_per_segment: steps,
                learning_rate: args.learning_rate,
                course: args.course,
                guidance_scale: args.guidance_scale,
                image_guidance_scale: args.image_guidance_scale,
                seed: args.seed,
                size: args.size,
                phrases: self.phrases.clone(),
                date: date::today(),
                ..InvertJob::new(Vec::new())
            },
            reference: Vec::new(),
            tests: Vec::new(),
            text: None,
            edit_steps: args.edit_steps,
            sampler: args.sampler,
            recipe: args.schedule,
            lpips: self.lpips.clone(),
        }
    }

    /// The settled job of a cell.
    pub fn job_of(&self, cell: &Cell<'_>, reference: &[ExemplarPair], tests: &[ExemplarPair]) -> BenchJob {
        let Cell { effect, key } = *cell;
        let mut job = self.job(key.method, Some(key.steps).filter(|_| key.method.learns()));
        job.learning.pairs = reference.iter().take(key.shots).cloned().collect();
        job.learning.title = format!("{}, {}", effect.name, key.method.title());
        (job.reference, job.tests, job.text) = (reference.to_vec(), tests.to_vec(), effect.text.clone());
        job.settled(self.engine.recommended())
    }

    /// All that decides the result of a job, and with what it is measured.
    pub fn decided_by(&mut self, job: &BenchJob, progress: &mut Progress) -> Result<(Value, MeasuredWith)> {
        let mut reply = |event| base_model::reply(progress, &event);
        let settings = pollster::block_on(self.engine.bench_settings(job, &mut reply))?;
        Ok((settings, pollster::block_on(self.engine.measured_with(job, &mut reply))?))
    }

    /// Makes a result, unless it is there; `subject` is shown while it is made.
    ///
    /// # Errors
    /// What the engine says; [`Error::Io`]. Whether a result or state that is there is of these settings was asked before.
    pub fn run(&mut self, cell: &Cell<'_>, subject: String, progress: &mut Progress) -> Result<Ended> {
        let Cell { effect, key } = *cell;
        let (reference, tests) = effect.read()?;
        let job = self.job_of(cell, &reference, &tests);
        let (settings, measured_with) = self.decided_by(&job, progress)?;
        let there = self.store.record(&effect.name, &key)?;
        let is_whole = |there: &Record| there.skipped.is_none() && self.is_whole(cell, &job.tests);
        if let Some(there) = there.filter(is_whole) {
            self.segments_row(cell, &job, progress)?;
            return match there.measured_with.lacks(&measured_with) {
                false => Ok(Ended::WasThere),
                true => self.measure_again(cell, there, measured_with, &job, progress),
            };
        }
        progress.begin(subject);
        let mut record = Record::blank(&effect.name, key, settings, measured_with);
        if let Some(why) = pollster::block_on(self.engine.bench_lacks(&job))? {
            progress.warn(&format!("{}: {} is skipped: {why}", effect.name, key.method.name()));
            record.skipped = Some(why);
            self.store.put(&effect.name, &key.folder(), &[(RECORD.to_owned(), json(&record))])?;
            return Ok(Ended::Made(None));
        }
        let benched = self.learn(cell, job.clone(), &record.settings, progress)?;
        record.text = benched.text.clone();
        record.learning_steps = benched.learning_steps;
        record.unet_evaluations = benched.unet_evaluations;
        record.losses = benched.losses.clone();
        record.tests = benched.scores.clone();
        record.scores = Some(benched.mean);
        self.keep(cell, &record, &benched)?;
        self.segments_row(cell, &job, progress)?;
        Ok(Ended::Made(Some(benched.mean.psnr)))
    }

    /// Whether nobody took the pictures of a result away.
    fn is_whole(&self, cell: &Cell<'_>, tests: &[ExemplarPair]) -> bool {
        let folder = self.store.folder(&cell.effect.name, &cell.key.folder());
        tests.iter().all(|test| folder.join(format!("{}.png", test.name)).is_file())
    }

    /// Runs the job; its learning goes on from a state that is there.
    fn learn(
        &mut self,
        cell: &Cell<'_>,
        mut job: BenchJob,
        settings: &Value,
        progress: &mut Progress,
    ) -> Result<Benched> {
        let state = self.store.state(&cell.effect.name, &cell.key);
        // A state of another version is no loss but of time.
        let saved = state.read().unwrap_or_else(|_| {
            progress.warn(&format!("{}: its state cannot be read, learning starts over", cell.effect.name));
            None
        });
        let began = saved.as_ref().map_or_else(date::today, |saved| saved.date.clone());
        let resumed = saved.is_some();
        let going_on =
            |saved: &Saved| format!("{}: going on after step {} of {}", cell.effect.name, saved.step, saved.steps);
        let mut going_on = saved.as_ref().map(going_on);
        job.learning.date = began.clone();
        job.learning.resume = saved.map(|saved| saved.bytes);
        let mut last = Instant::now();
        let mut save = |event: Event, progress: &mut Progress| {
            if let Some(sentence) = going_on.take_if(|_| matches!(event, Event::Started { .. })) {
                progress.say(&sentence);
            }
            let reply = base_model::reply(progress, &event);
            match event {
                Event::State { step, steps, bytes } => {
                    last = Instant::now();
                    // The state lies in the effect's folder, which a first result has yet to make.
                    let folder = state.path().parent().map_or(Ok(()), std::fs::create_dir_all);
                    let settings = Some(settings.clone());
                    let saved = Saved { step, steps, date: began.clone(), settings, bytes };
                    if folder.is_err() || state.save(&saved).is_err() {
                        progress.say("warning: the state cannot be saved, learning goes on");
                    }
                    reply
                }
                // at the end, too: the edits that follow may take as long
                Event::Learned { step, steps, .. }
                    if reply == Reply::Continue && (last.elapsed() >= SAVE_EVERY || step == steps) =>
                {
                    Reply::SaveState
                }
                _ => reply,
            }
        };
        match pollster::block_on(self.engine.bench(job, &mut |event| save(event, progress))) {
            // of another version
            Err(Error::Instruction(why)) if resumed => {
                let why = why.replace("learn from the start (--restart)", FROM_THE_START);
                Err(Error::Instruction(format!("{}: {why}", state.path().display())))
            }
            outcome => outcome,
        }
    }

    /// Measures a result with what it was not measured with, from its pictures.
    fn measure_again(
        &mut self,
        cell: &Cell<'_>,
        there: Record,
        measured_with: MeasuredWith,
        job: &BenchJob,
        progress: &mut Progress,
    ) -> Result<Ended> {
        let effect = &cell.effect.name;
        let (tests, results) = pictures::compared(&self.store, effect, &cell.key, &job.tests)?;
        let lpips = self.lpips.as_ref().map(|bytes| bytes.as_slice());
        let mut reply = |event| base_model::reply(progress, &event);
        let measured = self.engine.measure(&results, &tests, &job.reference, lpips, &mut reply);
        let (tests, mean) = pollster::block_on(measured)?;
        let record = there.measured(&measured_with, tests, mean);
        write_atomically(&self.store.folder(effect, &cell.key.folder()).join(RECORD), &json(&record))?;
        Ok(Ended::Made(Some(mean.psnr)))
    }

    /// Puts a result in place, then forgets its state.
    fn keep(&self, cell: &Cell<'_>, record: &Record, benched: &Benched) -> Result<()> {
        let effect = &cell.effect.name;
        pictures::keep_tests(&self.store, effect, &benched.tests)?;
        let mut files = Vec::new();
        for (test, result) in benched.tests.iter().zip(&benched.results) {
            files.push((format!("{}.png", test.name), result.encode_png(&[])?));
        }
        if let Some(instruction) = &benched.instruction {
            files.push((INSTRUCTION.to_owned(), instruction.encode(Precision::F16)?));
        }
        files.push((RECORD.to_owned(), json(record)));
        self.store.put(effect, &cell.key.folder(), &files)?;
        self.store.state(effect, &cell.key).remove()
    }

    /// The first test picture edited by InstructBrush with each segment alone, where that is asked for and not there.
    fn segments_row(&mut self, cell: &Cell<'_>, job: &BenchJob, progress: &mut Progress) -> Result<()> {
        let folder = format!("{}{SEGMENTS}", cell.key.folder());
        let several = cell.key.method == Method::InstructBrush && self.args.segments > 1;
        if !self.args.segments_row || !several || self.store.folder(&cell.effect.name, &folder).is_dir() {
            return Ok(());
        }
        let instruction = self.store.folder(&cell.effect.name, &cell.key.folder()).join(INSTRUCTION);
        let row = pictures::segments_row(&mut self.engine, &instruction, job, progress)?;
        self.store.put(&cell.effect.name, &folder, &row)
    }
}

fn json(record: &Record) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(record).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
