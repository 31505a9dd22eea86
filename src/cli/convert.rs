//! Convert: makes a base model small, and says what it cost.
use super::args::{BaseModelArgs, choice};
use super::base_model::{BaseSource, reply};
use super::print;
use super::progress::Progress;
use crate::models::packed::index::Index;
use crate::models::packed::pack::{Packed, Precision};
use crate::models::packed::scheme::Scheme;
use crate::models::weights::Part;
use crate::platform::container::{self, Place};
use crate::platform::devices;
use crate::service::convert::{convert, decibels};
use crate::service::engine::Engine;
use crate::service::job::Event;
use crate::{Error, Result};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  A checkpoint for the browser, with about a quarter of the bytes that f32 takes:
    instructbrush convert --model instruct-pix2pix/ --weights q8 --out small/
  Edit with it:
    instructbrush edit --model small/ --text \"make it snow\" --picture photo.jpg --out snowy.png

DIR is a folder that any web server can offer: index.json, shards of 32 MB at most, configs. Instructions that were learned with
the checkpoint apply with it, and the other way round.";

/// What may be typed after `convert`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ConvertArgs {
    #[command(flatten)]
    base: BaseModelArgs,
    /// How most weights are kept: as floats of 32 or 16 bits; as whole numbers of 8, 6 or 4 bits with a scale for every 32; or,
    /// with auto, in the fewest bits with which the UNet says the same to 40 dB
    #[arg(long, value_name = "W", default_value = "auto", value_parser = choice(&PRECISIONS))]
    weights: Tried,
    /// The folder to write; it must be empty or not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// List every tensor
    #[arg(long)]
    layers: bool,
}

/// Precisions of which the first that is exact enough is taken, or else the last.
type Tried = &'static [Precision];

const PRECISIONS: [(&str, Tried); 6] = [
    ("auto", &[Precision::Q4, Precision::Q6, Precision::Q8, Precision::F16]),
    ("f32", &[Precision::F32]),
    ("f16", &[Precision::F16]),
    ("q8", &[Precision::Q8]),
    ("q6", &[Precision::Q6]),
    ("q4", &[Precision::Q4]),
];
/// What is exact enough, in dB.
const ENOUGH: f64 = 40.0;

/// Converts, looks at the UNet before and after, and prints a report.
pub fn run(args: &ConvertArgs, quiet: bool) -> Result<()> {
    let place = Place::check(&args.out)?;
    let source = BaseSource::find(args.base.model.as_deref(), None)?;
    let device = devices::open(args.base.device)?;
    let mut progress = Progress::new(quiet);
    let mut on_event = |event: Event| reply(&mut progress, &event);
    let (new, converted, distance) = pollster::block_on(async {
        let mut engine = Engine::load(device.clone(), source, &mut on_event).await?;
        let before = engine.probe().await?;
        let mut source = engine.into_source();
        for (idx, &precision) in args.weights.iter().enumerate() {
            let new = place.begin()?;
            let mut put = |path: &str, bytes: &[u8]| new.put(path, bytes);
            let converted = convert(&mut source, precision, &device, &mut put, &mut on_event).await?;
            let mut engine = Engine::load(device.clone(), container::open(new.path())?, &mut on_event).await?;
            let distance = decibels(&before, &engine.probe().await?);
            if distance >= ENOUGH || idx + 1 == args.weights.len() {
                return Ok((new, converted, distance));
            }
        }
        Err(Error::Usage("there is no precision to try".into()))
    })?;
    new.finish()?;
    drop(progress);
    print::text(&report(&converted.index, &converted.parts, distance, args.layers))
}

/// Tables of schemes and of the tensors that lost most.
fn report(index: &Index, parts: &[(Part, Vec<Packed>)], distance: f64, all: bool) -> String {
    let mut text =
        format!("{:<14}{:<6}{:>8}{:>12}{:>12}{:>9}\n", "part", "as", "tensors", "numbers", "bytes", "exact to");
    for (part, tensors) in parts {
        for scheme in [Scheme::F32, Scheme::F16, Scheme::Q8, Scheme::Q6, Scheme::Q4] {
            let mut sum = Packed { name: String::new(), scheme, n: 0, energy: 0.0, error: 0.0 };
            let kept: Vec<&Packed> = tensors.iter().filter(|tensor| tensor.scheme == scheme).collect();
            for tensor in &kept {
                sum.n += tensor.n;
                sum.energy += tensor.energy;
                sum.error += tensor.error;
            }
            if !kept.is_empty() {
                let (part, name, bytes) = (part.folder(), scheme.name(), scheme.bytes(sum.n));
                let (n_tensors, n) = (kept.len(), sum.n);
                text +=
                    &format!("{part:<14}{name:<6}{n_tensors:>8}{n:>12}{bytes:>12}{:>9}\n", exactness(sum.decibels()));
            }
        }
    }
    let mut tensors: Vec<(&str, &Packed)> =
        parts.iter().flat_map(|(part, tensors)| tensors.iter().map(|tensor| (part.folder(), tensor))).collect();
    tensors.sort_by(|(_, a), (_, b)| a.decibels().total_cmp(&b.decibels()));
    text += if all { "\nEvery tensor, the least exact first\n" } else { "\nThe least exact tensors\n" };
    for (part, tensor) in tensors.iter().take(if all { usize::MAX } else { 5 }) {
        let exact = exactness(tensor.decibels());
        text += &format!("{:<6}{exact:>9}  {part}: {}\n", tensor.scheme.name(), tensor.name);
    }
    text + &format!("\n{:.1} MB. The UNet says the same to {}.\n", index.total() as f64 / 1e6, exactness(distance))
}

fn exactness(decibels: f64) -> String {
    if decibels.is_infinite() { "the bit".into() } else { format!("{decibels:.1} dB") }
}
