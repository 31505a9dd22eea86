//! Scenes: milliseconds per pair of 128² pixels on one core, for every effect.
//!
//! `cargo bench --bench scenes -- [SIZE]`
#![allow(clippy::unwrap_used, missing_docs)]
use instructbrush::scenes::effects;
use std::hint::black_box;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pairs per effect and round; the best of the rounds counts, since others use the machine too.
const PAIRS: u64 = 12;
const ROUNDS: usize = 5;

fn main() {
    let size = std::env::args().skip(1).find(|arg| arg != "--bench").map_or(128, |size| size.parse().unwrap());
    let mut sum = 0.0;
    for effect in effects() {
        let round = |_| {
            let began = Instant::now();
            (0..PAIRS).for_each(|seed| drop(black_box(effect.pair(seed, size))));
            1e3 * began.elapsed().as_secs_f64() / PAIRS as f64
        };
        let best = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
        println!("{:18} {best:.2} ms", effect.name);
        sum += best;
    }
    println!("{:18} {:.2} ms", "mean", sum / effects().count() as f64);
}
