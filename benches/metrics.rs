//! Metrics: milliseconds of PSNR and SSIM on pictures of 512×512 (noise), the best of 20.
//!
//! `cargo bench --bench metrics`; `python tests/golden/metrics.py --time` runs it beside scikit-image and prints ratios.
#![allow(clippy::unwrap_used, missing_docs)]
use instructbrush::bench::metrics::{psnr, ssim::ssim};
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::picture::Picture;
use std::hint::black_box;
use std::time::Instant;

const SIDE: usize = 512;

fn main() {
    let [a, b] = [0, 1].map(|seed| {
        let mut noise = Noise::new(seed);
        Picture { width: SIDE, height: SIDE, rgb: (0..3 * SIDE * SIDE).map(|_| noise.below(256) as u8).collect() }
    });
    let best = |metric: &dyn Fn() -> f64| {
        let timed = (0..20).map(|_| {
            let began = Instant::now();
            black_box(metric());
            began.elapsed().as_secs_f64()
        });
        1e3 * timed.fold(f64::INFINITY, f64::min)
    };
    println!("PSNR {:.3} ms", best(&|| psnr(black_box(&a), black_box(&b)).unwrap()));
    println!("SSIM {:.3} ms", best(&|| ssim(black_box(&a), black_box(&b)).unwrap()));
}
