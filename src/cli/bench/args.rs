//! Args: what may be typed after `bench`.
use super::plan::Shard;
use crate::bench::methods::Method;
use crate::cli::args::{self, BaseModelArgs, PhraseArgs};
use crate::cli::edit::SAMPLERS;
use crate::cli::invert::COURSES;
use crate::instruction::course::Course;
use crate::service::bench::Recipe;
use crate::service::job::SamplerKind;
use crate::{Error, Result};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "Examples:
  instructbrush bench --root web/samples --out figures/ --effects snow,dog2cat --methods ip2p,instructbrush --shots 10
  instructbrush bench --root TOP-Bench/ --out figures/ --model instruct-pix2pix/ --clip clip-vit-large-patch14/ --schedule paper --lpips lpips_alex.safetensors
  instructbrush bench --root TOP-Bench/ --out part3/ --shard 3/25
  instructbrush bench merge --out figures/ part*/

Root: one folder per effect with 0_0.png (before), 0_1.png (after), …; tests in test/, else its last five pairs; the first \
line of instruction.txt is the effect in words (without the file, TOP-Bench's where it has an effect of that name). Methods: nothing, vae (bounds), ip2p, visii, instructbrush, no-attn, no-time, no-init.
Out: one folder per result, results.json and report.html; the table goes to stdout. The same command goes on where it was stopped.";

const RECIPES: [(&str, Recipe); 2] = [("model", Recipe::Model), ("paper", Recipe::Paper)];
const METHODS: &str = "ip2p,visii,instructbrush,no-attn,no-time,no-init";

/// What may be typed after `bench`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BenchArgs {
    #[command(subcommand)]
    part: Option<Part>,
    /// The effects: a folder with one folder of pairs each
    #[arg(long, value_name = "DIR", required = true)]
    root: Option<PathBuf>,
    /// Where results, tables and the page go
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    /// Which methods, ablations and bounds
    #[arg(long, value_name = "M,…", value_delimiter = ',', default_value = METHODS, value_parser = method)]
    pub methods: Vec<Method>,
    /// How many pairs to learn from, the first ones; several numbers are several results
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "10,1", value_parser = args::whole(1..=10_000), allow_negative_numbers = true)]
    pub shots: Vec<usize>,
    /// Only these effects
    #[arg(long, value_name = "E,…", value_delimiter = ',')]
    pub effects: Vec<String>,
    /// Only a part of the results, such as 3/25: for job arrays; merge puts the parts together
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Weights of LPIPS, written by examples/lpips/convert.py
    #[arg(long, value_name = "FILE")]
    pub lpips: Option<PathBuf>,
    /// Also apply InstructBrush's instructions in single segments only, to the first test picture (the paper's Fig. 3)
    #[arg(long)]
    pub segments_row: bool,
    #[command(flatten)]
    pub base_model: BaseModelArgs,
    /// Where settings come from that are not typed: the model's recommendations, or the paper
    #[arg(long, default_value = "model", value_parser = args::choice(&RECIPES))]
    pub schedule: Recipe,
    /// Learning steps per segment; several numbers are several results [default: the schedule's]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = args::whole(1..=1_000_000), allow_negative_numbers = true)]
    pub steps: Vec<usize>,
    /// Parts of the timestep range
    #[arg(long, value_name = "N", default_value = "5", value_parser = args::whole(1..=1000), allow_negative_numbers = true)]
    pub segments: usize,
    /// AdamW's learning rate [default: the schedule's]
    #[arg(long, value_name = "X", value_parser = args::positive, allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// How learning draws and how fast it goes [default: the schedule's]
    #[arg(long, value_parser = args::choice(&COURSES))]
    pub course: Option<Course>,
    /// Sampling steps of the edits [default: the schedule's]
    #[arg(long, value_name = "N", value_parser = args::whole(1..=1000), allow_negative_numbers = true)]
    pub edit_steps: Option<usize>,
    /// How noise is removed in the edits [default: the schedule's]
    #[arg(long, value_parser = args::choice(&SAMPLERS))]
    pub sampler: Option<SamplerKind>,
    /// s_T of learning and editing [default: the schedule's]
    #[arg(long, value_name = "X", value_parser = args::scale_above_zero, allow_negative_numbers = true)]
    pub guidance_scale: Option<f64>,
    /// s_I of learning and editing [default: the schedule's]
    #[arg(long, value_name = "X", value_parser = args::scale(), allow_negative_numbers = true)]
    pub image_guidance_scale: Option<f64>,
    /// Everything random follows from it
    #[arg(long, value_name = "N", default_value = "0", value_parser = args::seed, allow_negative_numbers = true)]
    pub seed: u64,
    /// Longer side inside the model in pixels, rounded to a multiple of 64 [default: the model's resolution]
    #[arg(long, value_name = "N", value_parser = args::size(), allow_negative_numbers = true)]
    pub size: Option<usize>,
    #[command(flatten)]
    pub phrases: PhraseArgs,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Put the results of shards together and write the tables and the page of all
    #[command(after_help = "Example:\n  instructbrush bench merge --out figures/ part1/ part2/ part3/")]
    Merge {
        /// Where the results of all go
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The --out folders of the shards
        #[arg(value_name = "SHARD", required = true)]
        shards: Vec<PathBuf>,
    },
}

impl BenchArgs {
    /// What to merge, if that is asked.
    pub fn merge(&self) -> Option<(&Path, &[PathBuf])> {
        match &self.part {
            Some(Part::Merge { out, shards }) => Some((out, shards)),
            None => None,
        }
    }

    /// Root and out.
    pub fn folders(&self) -> Result<(&Path, &Path)> {
        match (&self.root, &self.out) {
            (Some(root), Some(out)) => Ok((root, out)),
            _ => Err(Error::Usage("name the effects with --root and the results' folder with --out".into())),
        }
    }
}

fn method(name: &str) -> Result<Method> {
    name.parse()
}
