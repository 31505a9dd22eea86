//! Invert: before/after pairs in, an instruction file out; a run that is cut off can be continued.
use super::alone::Alone;
use super::args::{self, BaseModelArgs, ComputeArgs, PhraseArgs};
use super::progress::{Progress, counted, in_words};
use super::state_file::{Saved, StateFile};
use super::{Ending, base_model, date, outputs, print, stop};
use crate::instruction::course::Course;
use crate::instruction::file::Precision;
use crate::instruction::{Objective, Rows, Space};
use crate::platform::files::write_atomically;
use crate::platform::pairs::read_pairs;
use crate::service::job::{Event, InvertJob, Job, Learned, Outcome, Reply, Start};
use crate::{Error, Result};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const EXAMPLES: &str = "Examples:
  instructbrush invert --pairs pairs/ --out snow.safetensors
  instructbrush invert --pairs pairs/ --held-out test/ --out snow.safetensors --losses losses.csv
  instructbrush invert --pairs pairs/ --start \"make it snow\" --segments 1 --out snow.safetensors
  instructbrush invert --pairs pairs/ --out snow.safetensors --resume

Every few seconds the state of the run is saved beside the output (OUT.state); Ctrl-C saves it too, and --resume goes on. \
On stdout: the name of the instruction file when it is done.
What is not typed is the base model's recommendation (instructbrush.json), else the paper's value.";

const SPACES: [(&str, Space); 2] = [("attention", Space::Attention), ("text", Space::Text)];
pub const COURSES: [(&str, Course); 2] = [("paper", Course::Paper), ("quick", Course::Quick)];
const ROWS: [(&str, Rows); 2] = [("after-bos", Rows::AfterBos), ("first", Rows::First)];
const PRECISIONS: [(&str, Precision); 2] = [("f16", Precision::F16), ("f32", Precision::F32)];

/// What may be typed after `invert`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InvertArgs {
    /// Exemplar pairs: a folder with 0_0.png (before), 0_1.png (after), …, or with before/ and after/
    #[arg(long, value_name = "DIR")]
    pairs: PathBuf,
    /// The instruction file to write
    #[arg(long, value_name = "F")]
    out: PathBuf,
    /// Pairs that are never learned from; the instruction that is best on them is kept
    #[arg(long, value_name = "DIR")]
    held_out: Option<PathBuf>,
    #[command(flatten)]
    base_model: BaseModelArgs,
    #[command(flatten)]
    compute: ComputeArgs,
    /// Go on where an interrupted run was
    #[arg(long, conflicts_with = "restart")]
    resume: bool,
    /// Start over, and forget an interrupted run
    #[arg(long)]
    restart: bool,
    /// One JSON object at the end instead of the file's name
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    learning: LearningArgs,
    #[command(flatten)]
    phrases: PhraseArgs,
    #[command(flatten)]
    written: WrittenArgs,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Learning")]
struct LearningArgs {
    /// Parts of the timestep range, each with its own keys and values
    #[arg(long, value_name = "N", default_value = "5", value_parser = args::whole(1..=1000), allow_negative_numbers = true)]
    segments: usize,
    /// Learning steps in each segment [default: the model's, else 1000]
    #[arg(long, value_name = "N", value_parser = args::whole(1..=1_000_000), allow_negative_numbers = true)]
    steps_per_segment: Option<usize>,
    /// AdamW's learning rate [default: the model's, else 0.001]
    #[arg(long, value_name = "X", value_parser = args::positive, allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// How learning draws and how fast it goes: quick is for a tenth of the paper's steps [default: the model's, else paper]
    #[arg(long, value_parser = args::choice(&COURSES))]
    course: Option<Course>,
    /// AdamW's first moment
    #[arg(long, value_name = "X", default_value = "0.9", value_parser = args::number(0.0..=0.999_999), allow_negative_numbers = true)]
    beta1: f64,
    /// AdamW's second moment
    #[arg(long, value_name = "X", default_value = "0.999", value_parser = args::number(0.0..=0.999_999), allow_negative_numbers = true)]
    beta2: f64,
    /// AdamW's weight decay
    #[arg(long, value_name = "X", default_value = "0", value_parser = args::number(0.0..=100.0), allow_negative_numbers = true)]
    weight_decay: f64,
    /// What learning starts from: auto (the phrases that CLIP finds), none (the empty prompt), or your own words
    #[arg(long, value_name = "auto|none|TEXT", default_value = "auto")]
    start: String,
    /// Rows to learn when the start is the empty prompt; else the start's own tokens are. A quick course learns more
    #[arg(long, value_name = "N", default_value = "10", value_parser = args::whole(1..=77), allow_negative_numbers = true)]
    tokens: usize,
    /// Learn keys and values, or the text embedding
    #[arg(long, default_value = "attention", value_parser = args::choice(&SPACES))]
    space: Space,
    /// Which rows of the context are learned
    #[arg(long, default_value = "after-bos", value_parser = args::choice(&ROWS))]
    rows: Rows,
    /// How strongly to follow the instruction, now and when it is used [default: the model's, else 7.5]
    #[arg(long, value_name = "X", value_parser = args::scale_above_zero, allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    /// How closely to keep to the picture, now and when it is used [default: the model's, else 1.5]
    #[arg(long, value_name = "X", value_parser = args::scale(), allow_negative_numbers = true)]
    image_guidance_scale: Option<f64>,
    /// Everything random follows from it
    #[arg(long, value_name = "N", default_value = "0", value_parser = args::seed, allow_negative_numbers = true)]
    seed: u64,
    /// Longer side inside the model in pixels, rounded to a multiple of 64 [default: the model's resolution]
    #[arg(long, value_name = "N", value_parser = args::size(), allow_negative_numbers = true)]
    size: Option<usize>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "What is written")]
struct WrittenArgs {
    /// Precision of the file's numbers
    #[arg(long, default_value = "f16", value_parser = args::choice(&PRECISIONS))]
    precision: Precision,
    /// A name for people [default: the file's]
    #[arg(long, value_name = "T")]
    title: Option<String>,
    /// Who made it
    #[arg(long, value_name = "T", default_value = "", hide_default_value = true)]
    author: String,
    /// Under which licence others may use it
    #[arg(long, value_name = "T", default_value = "", hide_default_value = true)]
    license: String,
    /// What it does
    #[arg(long, value_name = "T", default_value = "", hide_default_value = true)]
    description: String,
    /// Comma-separated
    #[arg(long, value_name = "T", default_value = "", hide_default_value = true)]
    tags: String,
    /// Write the learning curve as CSV: step, loss, and PSNR on the held-out pairs where it was measured
    #[arg(long, value_name = "FILE")]
    losses: Option<PathBuf>,
    /// How often the state is saved
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = args::number(0.0..=86_400.0), allow_negative_numbers = true)]
    save_every: f64,
}

/// Learns the instruction and writes it.
pub fn run(args: InvertArgs, quiet: bool) -> Result<Ending> {
    stop::listen()?;
    let began = Instant::now();
    let file = StateFile::beside(&args.out);
    args.check_outputs(&file)?;
    let _alone = Alone::at(&args.out)?;
    let mut progress = Progress::new(quiet);
    let saved = args.saved(&file, &progress)?;
    let every = Duration::from_secs_f64(args.written.save_every);
    let mut saver = Saver { forget: args.restart, ..Saver::new(file, saved.as_ref(), every) };
    let job = args.job(saved, saver.date.clone())?;
    let clip = args.phrases.clip.as_deref();
    let mut engine = base_model::load_computing(&args.base_model, args.compute, clip, &mut progress)?;
    let outcome =
        pollster::block_on(engine.run(Job::Invert(Box::new(job)), &mut |event| saver.reply(event, &mut progress)));
    drop(engine);
    let learned = match outcome {
        Ok(Outcome::Learned(learned)) => args.describe(*learned),
        Ok(_) => return Err(base_model::other_outcome()),
        Err(Error::Cancelled) => {
            drop(progress);
            saver.say_how_to_continue();
            return Err(Error::Cancelled);
        }
        // What engine and state disagree on is said of the file.
        Err(error @ Error::Instruction(_)) if args.resume => return Err(args::in_file(saver.file.path(), error)),
        Err(error) => return Err(args.compute.hint(error)),
    };
    drop(progress);
    let bytes = learned.instruction.encode(args.written.precision)?;
    write_atomically(&args.out, &bytes).inspect_err(|_| saver.rescue(&args.out, &bytes))?;
    if let Some(losses) = &args.written.losses {
        write_atomically(losses, curve(&learned).as_bytes())?;
    }
    saver.file.remove()?;
    args.report(&learned, bytes.len(), began.elapsed(), quiet)?;
    Ok(Ending::Done)
}

impl InvertArgs {
    /// Finds out before the work that its results can be written, and that nothing else is lost by it.
    fn check_outputs(&self, state: &StateFile) -> Result<()> {
        outputs::check_writable(&self.out, false)?;
        let is_empty = std::fs::metadata(&self.out).is_ok_and(|old| old.len() == 0);
        if self.out.is_file() && !is_empty && args::read_instruction(&self.out).is_err() {
            return Err(Error::Usage(format!(
                "--out {} is there already and is no instruction file; name another file, or remove it",
                self.out.display()
            )));
        }
        let Some(losses) = &self.written.losses else { return Ok(()) };
        if losses == &self.out || losses == state.path() {
            return Err(Error::Usage(format!(
                "--losses {} is where the instruction or the state of the run goes; name another file",
                losses.display()
            )));
        }
        outputs::check_writable(losses, false)
    }

    /// The state to continue from, if there is one and the user wants it.
    fn saved(&self, file: &StateFile, progress: &Progress) -> Result<Option<Saved>> {
        if self.restart {
            return Ok(None);
        }
        let saved = file.read()?;
        match &saved {
            Some(saved) if !self.resume => {
                return Err(Error::Instruction(format!(
                    "a run for {} was interrupted after step {} of {}; add --resume to continue it or --restart to start over",
                    self.out.display(),
                    saved.step,
                    saved.steps
                )));
            }
            Some(saved) => progress.say(&format!("going on after step {} of {}", saved.step, saved.steps)),
            None if self.resume => progress.say("there is no interrupted run to resume; starting from the beginning"),
            None => {}
        }
        Ok(saved)
    }

    fn job(&self, saved: Option<Saved>, date: String) -> Result<InvertJob> {
        let learning = &self.learning;
        Ok(InvertJob {
            pairs: read_pairs(&self.pairs)?,
            held_out: self.held_out.as_deref().map(read_pairs).transpose()?.unwrap_or_default(),
            preview: None,
            start: match learning.start.as_str() {
                "auto" => Start::Auto,
                "none" | "" => Start::Nothing,
                text => Start::Text(text.to_owned()),
            },
            segments: learning.segments,
            steps_per_segment: learning.steps_per_segment,
            learning_rate: learning.learning_rate,
            course: learning.course,
            memory: self.compute.memory,
            betas: (learning.beta1, learning.beta2),
            weight_decay: learning.weight_decay,
            tokens: learning.tokens,
            space: learning.space,
            objective: Objective::Noise,
            rows: learning.rows,
            guidance_scale: learning.guidance_scale,
            image_guidance_scale: learning.image_guidance_scale,
            seed: learning.seed,
            size: learning.size,
            phrases: self.phrases.read()?,
            resume: saved.map(|saved| saved.bytes),
            resized: false,
            title: self.written.title.clone().unwrap_or_else(|| stem(&self.out)),
            date,
        })
    }

    /// Adds what only people know.
    fn describe(&self, mut learned: Learned) -> Learned {
        let about = &mut learned.instruction.about;
        about.author = self.written.author.clone();
        about.license = self.written.license.clone();
        about.description = self.written.description.clone();
        about.tags = self.written.tags.clone();
        learned
    }

    fn report(&self, learned: &Learned, n_bytes: usize, spent: Duration, quiet: bool) -> Result<()> {
        let about = &learned.instruction.about;
        let psnr = learned.held_out.iter().map(|(_, psnr)| *psnr).reduce(f64::max);
        if self.json {
            let line = serde_json::json!({
                "out": self.out.to_string_lossy(),
                "bytes": n_bytes,
                "start": about.start,
                "tokens": about.tokens,
                "segments": learned.instruction.segments.len(),
                "steps_per_segment": about.steps_per_segment,
                "loss": learned.losses.last(),
                "held_out_psnr": psnr,
                "seconds": spent.as_secs_f64(),
            });
            return print::line(&line.to_string());
        }
        if !quiet {
            let psnr = psnr.map(|psnr| format!(", {psnr:.2} dB on the held-out pairs")).unwrap_or_default();
            print::note(&format!(
                "learned {} in {} from \"{}\" in {}{psnr}",
                counted(about.tokens, "token"),
                counted(learned.instruction.segments.len(), "segment"),
                about.start,
                in_words(spent)
            ));
        }
        print::line(&self.out.display().to_string())
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The learning curve: one line per step.
fn curve(learned: &Learned) -> String {
    let mut csv = "step,loss,held_out_psnr\n".to_owned();
    for (index, loss) in learned.losses.iter().enumerate() {
        let step = index + 1;
        let psnr = learned.held_out.iter().find(|(at, _)| *at == step).map(|(_, psnr)| psnr.to_string());
        // Writing into a string cannot fail.
        let _ = writeln!(csv, "{step},{loss},{}", psnr.unwrap_or_default());
    }
    csv
}

/// Keeps the state on the disk while a run goes on.
struct Saver {
    file: StateFile,
    every: Duration,
    last: Instant,
    date: String,
    /// (step, steps) of the state on the disk.
    on_disk: Option<(usize, usize)>,
    warned: bool,
    /// An earlier run's state is removed when this run has learned something: then its command could be meant.
    forget: bool,
}

impl Saver {
    fn new(file: StateFile, saved: Option<&Saved>, every: Duration) -> Self {
        let date = saved.map_or_else(date::today, |saved| saved.date.clone());
        let on_disk = saved.map(|saved| (saved.step, saved.steps));
        Self { file, every, last: Instant::now(), date, on_disk, warned: false, forget: false }
    }

    /// Shows the event, keeps a state, and asks for one when it is time.
    fn reply(&mut self, event: Event, progress: &mut Progress) -> Reply {
        let reply = base_model::reply(progress, &event);
        if matches!(event, Event::Learned { .. }) && std::mem::take(&mut self.forget) {
            // What cannot be removed is replaced by the next state, or says so then.
            let _ = self.file.remove();
        }
        match event {
            Event::State { step, steps, bytes } => {
                self.save(Saved { step, steps, date: self.date.clone(), settings: None, bytes }, progress);
                reply
            }
            Event::Learned { .. } if reply == Reply::Continue && self.last.elapsed() >= self.every => Reply::SaveState,
            _ => reply,
        }
    }

    /// A disk that is full for a while must not end a long run: it is said once and tried again.
    fn save(&mut self, state: Saved, progress: &Progress) {
        self.last = Instant::now();
        match self.file.save(&state) {
            Ok(()) => {
                self.on_disk = Some((state.step, state.steps));
                self.warned = false;
            }
            Err(error) if !self.warned => {
                self.warned = true;
                progress.warn(&format!("warning: the state cannot be saved, learning goes on: {error}"));
            }
            Err(_) => {}
        }
    }

    /// What to do about an instruction that is learned and cannot be written: the state has it, else a file elsewhere.
    fn rescue(&self, out: &Path, bytes: &[u8]) {
        let name = |n: usize| match n {
            0 => out.file_name().unwrap_or_default().into(),
            n => format!("{}-{n}.safetensors", stem(out)).into(),
        };
        let names: [std::ffi::OsString; 100] = std::array::from_fn(name);
        let elsewhere = names.iter().map(|name| std::env::temp_dir().join(name)).find(|path| !path.exists());
        if let Some(elsewhere) =
            elsewhere.filter(|path| self.on_disk.is_none() && write_atomically(path, bytes).is_ok())
        {
            return print::note(&format!("the learned instruction is kept in {}; move it", elsewhere.display()));
        }
        self.say_how_to_continue();
    }

    fn say_how_to_continue(&self) {
        match self.on_disk {
            Some((step, steps)) => print::note(&format!(
                "the state after step {step} of {steps} is saved; to go on:\n  {}",
                command_to_continue(std::env::args_os().map(|word| word.to_string_lossy().into_owned()))
            )),
            None => print::note("no state of this run is saved; it has to start over"),
        }
    }
}

/// The command that was typed, with `--resume`, to be pasted into a shell.
fn command_to_continue(typed: impl Iterator<Item = String>) -> String {
    let mut words = typed.filter(|word| word != "--resume" && word != "--restart").map(quoted).collect::<Vec<_>>();
    words.push("--resume".to_owned());
    words.join(" ")
}

fn quoted(word: String) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_continue_can_be_pasted() {
        let typed = ["instructbrush", "invert", "--restart", "--start", "it's snow", "--out", "a.b", "--title", ""];
        assert_eq!(
            command_to_continue(typed.into_iter().map(str::to_owned)),
            r"instructbrush invert --start 'it'\''s snow' --out a.b --title '' --resume"
        );
    }
}
