//! The terminal's door: arguments in, files and sentences out.
//!
//! Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 failed, 2 wrong use, 130 stopped.
mod alone;
mod args;
mod base_model;
mod bench;
mod completions;
mod convert;
mod date;
mod demo;
mod devices;
mod edit;
pub mod inspect;
mod invert;
mod outputs;
mod phrases;
pub mod phrases_report;
mod print;
mod progress;
mod scenes;
mod state_file;
mod stop;

use crate::{Error, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit code of a run that the user stopped, as shells count it: 128 + SIGINT.
const STOPPED: u8 = 130;

const EXAMPLES: &str = "Examples:
  Learn an edit from the pairs in a folder (0_0.png is before, 0_1.png is after, 1_0.png, …):
    instructbrush invert --pairs pairs/ --out snow.safetensors
  Apply it to a folder of photos:
    instructbrush edit --instruction snow.safetensors --picture photos/ --out snowy/
  Edit with words instead:
    instructbrush edit --text \"make it snow\" --picture photo.jpg --out snowy.png

The base model is a folder in diffusers' layout: --model, else the environment variable INSTRUCTBRUSH_MODEL, else the demo model.
Exit codes: 0 done, 1 failed, 2 wrong use, 130 stopped.";

/// Learn a picture edit from before/after pairs, and apply it to other pictures.
#[derive(Debug, Parser)]
#[command(name = "instructbrush", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// No progress on stderr, only errors
    #[arg(long, short, global = true, display_order = 900)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // there is one, parsed once
enum Command {
    /// Edit pictures with a text, a learned instruction, or neither
    Edit(edit::EditArgs),
    /// Learn an instruction from before/after pairs
    Invert(Box<invert::InvertArgs>),
    /// Compare methods on a folder of effects: tables, figures, a page
    Bench(Box<bench::BenchArgs>),
    /// Make a base model small: fewer bits a weight, for browsers and small GPUs
    Convert(convert::ConvertArgs),
    /// Show the phrases that tell the before pictures from the after pictures
    Phrases(phrases::PhrasesArgs),
    /// Show what is in an instruction file
    #[command(after_help = "Example:\n  instructbrush inspect snow.safetensors")]
    Inspect {
        /// The instruction file
        #[arg(value_name = "F")]
        path: PathBuf,
        /// One JSON object instead of a text
        #[arg(long)]
        json: bool,
    },
    /// Draw pairs of an effect to learn from, or a benchmark of 25 effects
    Scenes(scenes::ScenesArgs),
    /// List the devices that this build and machine offer
    Devices {
        /// One JSON array instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  instructbrush completions bash > ~/.local/share/bash-completion/completions/instructbrush"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// How a command that did not fail as a whole ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// All of it is done.
    Done,
    /// Some pictures failed; each was reported when it did.
    SomeFailed,
}

/// Runs the program; the only place that turns errors into sentences and exit codes.
pub fn main() -> ExitCode {
    print::sentence_for_panics();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match std::panic::catch_unwind(|| run(cli)) {
        Ok(Ok(Ending::Done)) => ExitCode::SUCCESS,
        Ok(Ok(Ending::SomeFailed)) => ExitCode::from(1),
        Ok(Err(Error::Cancelled)) => ExitCode::from(STOPPED),
        Ok(Err(error)) => {
            print::error(&error);
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
        // The hook has printed its sentence.
        Err(_) => ExitCode::from(1),
    }
}

fn run(cli: Cli) -> Result<Ending> {
    let quiet = cli.quiet;
    match cli.command {
        Command::Edit(args) => edit::run(args, quiet),
        Command::Invert(args) => invert::run(*args, quiet),
        Command::Bench(args) => bench::run(*args, quiet),
        Command::Convert(args) => convert::run(&args, quiet).map(|()| Ending::Done),
        Command::Phrases(args) => phrases::run(args, quiet),
        Command::Inspect { path, json } => inspect::run(&path, json).map(|()| Ending::Done),
        Command::Scenes(args) => scenes::run(&args),
        Command::Devices { json } => devices::run(json).map(|()| Ending::Done),
        Command::Completions { shell } => completions::run(shell).map(|()| Ending::Done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
