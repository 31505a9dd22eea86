//! Learning: milliseconds per step of five segments on the demo model, to be compared with `tests/golden/twin.py --time`.
//!
//! `cargo bench --bench learning -- [DEVICE]`
#![allow(clippy::unwrap_used, missing_docs)]
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::platform::folder::FolderSource;
use instructbrush::platform::pairs::read_pairs;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{Event, InvertJob, Job, Reply, Start};
use std::path::Path;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // inside the pool, as the program
    rayon::scope(|_| measure());
}

fn measure() {
    let name = std::env::args().skip(1).find(|arg| arg != "--bench");
    let device = devices::open(name.map_or(DeviceName::Cpu, |name| name.parse().unwrap())).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = FolderSource::open(root.join("tests/golden/demo")).unwrap();
    let mut engine = pollster::block_on(Engine::load(device, source, &mut |_| Reply::Continue)).unwrap();
    let job = InvertJob {
        start: Start::Text("turn mountains into a yellow lamp".into()),
        steps_per_segment: Some(40),
        ..InvertJob::new(read_pairs(&root.join("tests/golden/pairs/teal")).unwrap())
    };
    let mut began = Instant::now();
    let mut times = Vec::new();
    pollster::block_on(engine.run(Job::Invert(Box::new(job)), &mut |event| {
        if let Event::Learned { .. } = event {
            times.push(began.elapsed().as_secs_f64() * 1e3);
            began = Instant::now();
        }
        Reply::Continue
    }))
    .unwrap();
    let mut times = times.split_off(10); // after the warm-up
    times.sort_by(f64::total_cmp);
    println!("step of five segments: best {:.0} ms, median {:.0} ms", times[0], times[times.len() / 2]);
}
