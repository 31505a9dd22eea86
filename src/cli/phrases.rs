//! Phrases: what CLIP sees in the before pictures and not in the after pictures, and the other way round.
use super::args::{BaseModelArgs, PhraseArgs};
use super::progress::Progress;
use super::{Ending, base_model, phrases_report, print, stop};
use crate::Result;
use crate::platform::pairs::read_pairs;
use crate::service::job::{Job, Outcome, PhrasesJob};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  instructbrush phrases --pairs pairs/
  instructbrush phrases --pairs pairs/ --vocabulary flavors.txt mediums.txt --mode absolute --threshold 0.02 --json";

/// What may be typed after `phrases`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PhrasesArgs {
    /// Exemplar pairs: a folder with 0_0.png (before), 0_1.png (after), …, or with before/ and after/
    #[arg(long, value_name = "DIR")]
    pairs: PathBuf,
    #[command(flatten)]
    base_model: BaseModelArgs,
    #[command(flatten)]
    phrases: PhraseArgs,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// Searches and prints.
pub fn run(args: PhrasesArgs, quiet: bool) -> Result<Ending> {
    stop::listen()?;
    let job = PhrasesJob { settings: args.phrases.read()?, pairs: read_pairs(&args.pairs)? };
    let mut progress = Progress::new(quiet);
    let mut engine = base_model::load(&args.base_model, args.phrases.clip.as_deref(), &mut progress)?;
    let outcome = pollster::block_on(
        engine.run(Job::Phrases(Box::new(job)), &mut |event| base_model::reply(&mut progress, &event)),
    )?;
    drop(progress);
    let Outcome::Phrases(report) = outcome else { return Err(base_model::other_outcome()) };
    if args.json {
        print::line(&serde_json::json!(report).to_string())?;
    } else {
        print::text(&phrases_report::table(&report))?;
    }
    Ok(Ending::Done)
}
