//! Edit: pictures in, edited pictures out.
use super::args::{self, BaseModelArgs, ComputeArgs};
use super::base_model::BaseSource;
use super::outputs::{self, Planned};
use super::progress::Progress;
use super::{Ending, base_model, print, stop};
use crate::platform::files::{expand_pictures, read_picture, write_atomically};
use crate::service::engine::Engine;
use crate::service::job::{EditJob, Heard, Job, Outcome, SamplerKind};
use crate::{Error, Result};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

const EXAMPLES: &str = "Examples:
  instructbrush edit --picture photo.jpg --instruction snow.safetensors --out snowy.png
  instructbrush edit --picture photos/ --instruction snow.safetensors --strength 0.8 --out snowy/
  instructbrush edit --picture a.jpg b.jpg --text \"make it snow\" --seed 7 --out snowy/ --json

A PNG carries its settings in the text chunk \"instructbrush\". On stdout: the name of each file as it is written.";

/// What `--sampler` may say.
pub const SAMPLERS: [(&str, SamplerKind); 3] = [
    (SamplerKind::EulerAncestral.name(), SamplerKind::EulerAncestral),
    (SamplerKind::Euler.name(), SamplerKind::Euler),
    (SamplerKind::Lcm.name(), SamplerKind::Lcm),
];

/// What may be typed after `edit`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EditArgs {
    /// Pictures, or folders of them
    #[arg(long, value_name = "IN", required = true, num_args = 1..)]
    picture: Vec<PathBuf>,
    /// A file for one picture (.png, .jpg, .webp), a folder for several or with / at its end
    #[arg(long, value_name = "OUT")]
    out: PathBuf,
    /// What to do, in words
    #[arg(long, value_name = "T", conflicts_with = "instruction")]
    text: Option<String>,
    /// What to do, as learned by `invert`
    #[arg(long, value_name = "F")]
    instruction: Option<PathBuf>,
    /// How much of it: 0 as if nothing were asked for, 1 as learned, up to 1.5 [default: the instruction's own, else 1]
    #[arg(long, value_name = "X", value_parser = args::number(0.0..=1.5), allow_negative_numbers = true)]
    strength: Option<f64>,
    /// Sampling steps [default: the instruction's, else the model's, else 20]
    #[arg(long, value_name = "N", value_parser = args::whole(1..=1000), allow_negative_numbers = true)]
    steps: Option<usize>,
    /// How strongly to follow what to do [default: the instruction's, else the model's, else 7.5]
    #[arg(long, value_name = "X", value_parser = args::scale(), allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    /// How closely to keep to the picture [default: the instruction's, else the model's, else 1.5]
    #[arg(long, value_name = "X", value_parser = args::scale(), allow_negative_numbers = true)]
    image_guidance_scale: Option<f64>,
    /// How the noise is removed [default: the model's, else euler-ancestral]
    #[arg(long, value_parser = args::choice(&SAMPLERS))]
    sampler: Option<SamplerKind>,
    /// The noise; the same seed gives the same picture, here and, by the Euler samplers, in diffusers on the CPU
    #[arg(long, value_name = "N", default_value = "0", value_parser = args::seed, allow_negative_numbers = true)]
    seed: u64,
    /// Longer side inside the model in pixels, rounded to a multiple of 64; a larger picture comes out with this side
    /// [default: the model's resolution]
    #[arg(long, value_name = "N", value_parser = args::size(), allow_negative_numbers = true)]
    size: Option<usize>,
    #[command(flatten)]
    base_model: BaseModelArgs,
    #[command(flatten)]
    compute: ComputeArgs,
    /// One JSON object per picture instead of its name
    #[arg(long)]
    json: bool,
}

/// Edits every picture; one that fails among several is reported, and the others go on.
pub fn run(args: EditArgs, quiet: bool) -> Result<Ending> {
    stop::listen()?;
    let plan = outputs::plan(&expand_pictures(&args.picture)?, &args.out)?;
    let into_folder = plan.len() > 1 || plan.iter().any(|planned| planned.out != args.out);
    for planned in plan.iter().take(1) {
        outputs::check_writable(&planned.out, into_folder)?;
    }
    if let [only] = plan.as_slice() {
        // A picture that cannot be read is better known before the model is loaded.
        read_picture(&only.picture)?;
    }
    let heard = args.heard()?;
    let mut progress = Progress::new(quiet);
    let mut engine = base_model::load_computing(&args.base_model, args.compute, None, &mut progress)?;
    let mut failed = false;
    for (index, planned) in plan.iter().enumerate() {
        stop::check()?;
        progress.begin(subject(&planned.picture, index, plan.len()));
        match edit_one(&args, &mut engine, planned, heard.clone(), &mut progress) {
            Ok(line) => progress.suspend(|| print::line(&line))?,
            Err(error) if plan.len() > 1 && is_of_one_picture(&error) => {
                failed = true;
                progress.warn(&format!("error: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(if failed { Ending::SomeFailed } else { Ending::Done })
}

/// Whether the next picture may fare better.
fn is_of_one_picture(error: &Error) -> bool {
    matches!(error, Error::Picture(_) | Error::Io { .. } | Error::Computation(_))
}

/// "photo.jpg", or "photo.jpg (3 of 20)".
fn subject(picture: &Path, index: usize, n_pictures: usize) -> String {
    let name = picture.file_name().unwrap_or_default().to_string_lossy();
    if n_pictures == 1 { name.into_owned() } else { format!("{name} ({} of {n_pictures})", index + 1) }
}

/// Edits one picture and returns what to print about it.
fn edit_one(
    args: &EditArgs,
    engine: &mut Engine<BaseSource>,
    planned: &Planned,
    heard: Heard,
    progress: &mut Progress,
) -> Result<String> {
    let began = Instant::now();
    let job = args.job(read_picture(&planned.picture)?, heard).settled(engine.recommended());
    let mut settings = settings(&job, args.instruction.as_deref(), engine);
    settings["compute"] = args.compute.word().into();
    let outcome =
        pollster::block_on(engine.run(Job::Edit(Box::new(job)), &mut |event| base_model::reply(progress, &event)))
            .map_err(|error| match error {
                Error::Computation(_) => args.compute.hint(args::in_file(&planned.picture, error)),
                Error::Instruction(_) => args::in_file(args.instruction.as_deref().unwrap_or(Path::new("")), error),
                other => other,
            })?;
    let Outcome::Picture(edited) = outcome else { return Err(base_model::other_outcome()) };
    write_atomically(&planned.out, &outputs::encode(&edited, planned.format, &settings)?)?;
    if !args.json {
        return Ok(planned.out.display().to_string());
    }
    let line = json!({
        "picture": planned.picture.to_string_lossy(),
        "out": planned.out.to_string_lossy(),
        "width": edited.width,
        "height": edited.height,
        "seed": args.seed,
        "seconds": began.elapsed().as_secs_f64(),
        "settings": settings,
    });
    Ok(line.to_string())
}

/// Everything that is needed to make the picture again.
fn settings(job: &EditJob, instruction: Option<&Path>, engine: &Engine<BaseSource>) -> Value {
    let (text, learned) = match &job.heard {
        Heard::Nothing => (None, None),
        Heard::Text(text) => (Some(text), None),
        Heard::Instruction(learned) => (None, Some(learned)),
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "base_model": engine.title(),
        "base_model_hash": engine.fingerprint(),
        "text": text,
        "instruction": learned.map(|learned| json!({
            "title": learned.about.title,
            "file": instruction.and_then(Path::file_name).map(|name| name.to_string_lossy()),
        })),
        "strength": job.strength,
        "steps": job.steps,
        "guidance_scale": job.guidance_scale,
        "image_guidance_scale": job.image_guidance_scale,
        "sampler": job.sampler.map(SamplerKind::name),
        "seed": job.seed,
        "size": job.size,
    })
}

impl EditArgs {
    fn heard(&self) -> Result<Heard> {
        if let Some(path) = &self.instruction {
            return Ok(Heard::Instruction(Box::new(args::read_instruction(path)?)));
        }
        Ok(self.text.clone().map_or(Heard::Nothing, Heard::Text))
    }

    fn job(&self, picture: crate::tensor::picture::Picture, heard: Heard) -> EditJob {
        let own = match &heard {
            Heard::Instruction(instruction) => instruction.about.strength,
            _ => 1.0,
        };
        EditJob {
            picture,
            heard,
            strength: self.strength.unwrap_or(own),
            steps: self.steps,
            guidance_scale: self.guidance_scale,
            image_guidance_scale: self.image_guidance_scale,
            sampler: self.sampler,
            seed: self.seed,
            size: self.size,
            segments: Vec::new(),
        }
    }
}
