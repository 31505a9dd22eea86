//! Inversion: what text edits and learned instructions reach on the demo pairs, PSNR in dB over the test pairs.
//!
//! `cargo bench --bench inversion -- [SEED] [EFFECT..]`; `tests/golden/twin.py` prints the same for PyTorch.
#![allow(clippy::unwrap_used, missing_docs)]
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::platform::folder::FolderSource;
use instructbrush::platform::pairs::read_pairs;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{EditJob, ExemplarPair, Heard, InvertJob, Job, Outcome, Reply};
use std::path::Path;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EFFECTS: [&str; 10] =
    ["midnight", "purple", "pencil", "dog2cat", "hair_blonde", "teal", "lava", "sepia", "snow", "watercolor"];

/// Mean PSNR of edits of the test pictures.
fn score(engine: &mut Engine<FolderSource>, tests: &[ExemplarPair], heard: &Heard) -> f64 {
    let psnr = tests.iter().map(|pair| {
        let job = EditJob::new(pair.before.clone(), heard.clone());
        match pollster::block_on(engine.run(Job::Edit(Box::new(job)), &mut |_| Reply::Continue)).unwrap() {
            Outcome::Picture(picture) => picture.psnr(&pair.after).unwrap(),
            _ => f64::NAN,
        }
    });
    psnr.sum::<f64>() / tests.len() as f64
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let seed = args.first().map_or(0, |seed| seed.parse().unwrap());
    let effects: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    let effects = if effects.is_empty() { EFFECTS.to_vec() } else { effects };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let source = FolderSource::open(root.join("demo")).unwrap();
    let device = devices::open(DeviceName::Cpu).unwrap();
    let mut engine = pollster::block_on(Engine::load(device, source, &mut |_| Reply::Continue)).unwrap();
    let mut sums = [0.0; 3];
    println!("{:12} {:>8} {:>8} {:>8}  start", "effect", "nothing", "text", "learned");
    for effect in &effects {
        let folder = root.join("pairs").join(effect);
        let tests = read_pairs(&folder.join("test")).unwrap();
        let texts = std::fs::read_to_string(folder.join("instruction.txt")).unwrap();
        let nothing = tests.iter().map(|pair| pair.before.psnr(&pair.after).unwrap()).sum::<f64>() / tests.len() as f64;
        let text = score(&mut engine, &tests, &Heard::Text(texts.lines().next().unwrap().into()));
        let job = InvertJob { seed, ..InvertJob::new(read_pairs(&folder).unwrap()) };
        let outcome = pollster::block_on(engine.run(Job::Invert(Box::new(job)), &mut |_| Reply::Continue)).unwrap();
        let Outcome::Learned(learned) = outcome else { continue };
        let start = learned.instruction.about.start.clone();
        let learned = score(&mut engine, &tests, &Heard::Instruction(Box::new(learned.instruction)));
        println!("{effect:12} {nothing:8.2} {text:8.2} {learned:8.2}  {start}");
        for (sum, psnr) in sums.iter_mut().zip([nothing, text, learned]) {
            *sum += psnr / effects.len() as f64;
        }
    }
    println!("{:12} {:8.2} {:8.2} {:8.2}", "mean", sums[0], sums[1], sums[2]);
}
