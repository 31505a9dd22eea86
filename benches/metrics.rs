//! Metrics: milliseconds of PSNR, SSIM and LPIPS (random weights) on pictures of 512×512 (noise), the best of 20.
//!
//! `cargo bench --bench metrics`; `python tests/golden/metrics.py --time` runs it beside scikit-image and
//! lpips and prints ratios.
#![allow(clippy::unwrap_used, missing_docs)]
use burn::tensor::Device;
use instructbrush::bench::metrics::lpips::{Lpips, PART};
use instructbrush::bench::metrics::{psnr, ssim::ssim};
use instructbrush::models::weights::Weights;
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::picture::Picture;
use instructbrush::tensor::readback::read;
use safetensors::tensor::{Dtype, TensorView, serialize};
use std::hint::black_box;
use std::time::Instant;

const SIDE: usize = 512;

/// Zeros where weights are missing would be as fast; noise is nearer to the real thing.
fn lpips(device: &Device) -> Lpips {
    let shapes = [
        (0, [64, 3, 11, 11]),
        (3, [192, 64, 5, 5]),
        (6, [384, 192, 3, 3]),
        (8, [256, 384, 3, 3]),
        (10, [256, 256, 3, 3]),
    ];
    let mut tensors: Vec<(String, Vec<usize>)> = Vec::new();
    for (k, (index, shape)) in shapes.into_iter().enumerate() {
        tensors.push((format!("features.{index}.weight"), shape.to_vec()));
        tensors.push((format!("features.{index}.bias"), vec![shape[0]]));
        tensors.push((format!("lin{k}.weight"), vec![1, shape[0], 1, 1]));
    }
    let mut noise = Noise::new(0);
    let bytes = tensors.into_iter().map(|(name, shape)| {
        let numbers = noise.draw(shape.iter().product()).into_iter().map(|number| 0.03 * number);
        (name, shape, numbers.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
    });
    let bytes: Vec<_> = bytes.collect();
    let views =
        bytes.iter().map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    let mut weights = Weights::new(PART, device);
    weights.add_shard(&serialize(views, None).unwrap(), "random").unwrap();
    let lpips = Lpips::take(&mut weights);
    weights.finish().unwrap();
    lpips
}

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
    let device = devices::open(DeviceName::Cpu).unwrap();
    let lpips = lpips(&device);
    let distance = || {
        let distance = lpips.distance(a.to_tensor(&device), b.to_tensor(&device));
        f64::from(pollster::block_on(read(distance)).unwrap()[0])
    };
    println!("LPIPS {:.3} ms", best(&distance));
}
