//! GPU: own kernels against burn's at the UNet's shapes, then InstructPix2Pix's whole UNet with random weights: time and memory
//! of an edit's and a learning step's pass.
//!
//! `cargo bench --features wgpu --bench gpu -- wgpu [conv|attention|unet] [SMALLEST]`; `tests/golden/gpu.py` times the same UNet in
//! diffusers. SMALLEST is the latents' side in place of 64, for a software renderer. `memory` in place of `unet` asks the allocator
//! what all of it would take at 512×512, and computes nothing: every launch is compiled and dropped; with `--features
//! browser-memory` in place of `wgpu`, the allocator that a browser has, which cannot share a buffer among tensors.
#![allow(clippy::unwrap_used, missing_docs)]
#[cfg(any(feature = "wgpu", feature = "cuda"))]
#[path = "gpu/dry.rs"]
mod dry;

use burn::tensor::activation::softmax;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};
use instructbrush::models::config::UNetConfig;
use instructbrush::models::packed::scheme::Scheme;
use instructbrush::models::unet::{KeyValue, UNet};
use instructbrush::models::weights::Weights;
use instructbrush::platform::devices;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
use instructbrush::tensor::ops::Kernels;
use instructbrush::tensor::ops::{self, Compute, Packed};
use instructbrush::tensor::readback::read;
use std::time::Instant;

/// Channels in and out, and side, of InstructPix2Pix's 3×3 convolutions at 512×512.
const CONVS: [[usize; 3]; 5] = [[320, 320, 64], [640, 640, 32], [1280, 1280, 16], [2560, 1280, 8], [960, 320, 64]];
/// Tokens, tokens that are heard, numbers per head; eight heads.
const ATTENTIONS: [[usize; 3]; 4] = [[4096, 4096, 40], [1024, 1024, 80], [4096, 77, 40], [256, 256, 160]];
const UNET: &[u8] = include_bytes!("full_size_unet.json");
/// Multiply-adds of one row of the UNet at 64×64 latents, times two.
const UNET_FLOP: f64 = 0.803e12;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(name) = words.first() else {
        return println!("gpu: name a device (wgpu, vulkan, cuda); nothing to do");
    };
    let device = devices::open(name.parse().unwrap()).unwrap();
    let only = words.get(1).map(String::as_str);
    let small = words.get(2).and_then(|side| side.parse().ok());
    if only.is_none_or(|only| only == "conv") {
        convolutions(&device, small.is_some());
    }
    if only.is_none_or(|only| only == "attention") {
        attentions(&device, small.is_some());
    }
    #[cfg(any(feature = "wgpu", feature = "cuda"))]
    if only == Some("memory") {
        Kernels::Tiles.over(|| dry::dry(&device, small.unwrap_or(64))); // as on a GPU
    }
    if only.is_none_or(|only| only == "unet") {
        unet(&device, small.unwrap_or(64));
    }
}

fn random<const D: usize>(dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(dims, Distribution::Normal(0.0, 1.0), device)
}

/// The fastest of some runs, in ms, after one that compiles.
fn best(times: usize, mut run: impl FnMut() -> Tensor<1>) -> f64 {
    let mut timed = || {
        let began = Instant::now();
        let number = pollster::block_on(read(run())).unwrap()[0];
        assert!(number.is_finite() && number != 0.0, "the answer is {number}: nothing was computed");
        began.elapsed().as_secs_f64() * 1e3
    };
    timed();
    (0..times).map(|_| timed()).fold(f64::INFINITY, f64::min)
}

fn line(what: String, values: [[f64; 2]; 2], flop: f64) {
    let cells = values
        .map(|[ours, burns]| format!("{ours:9.2} {burns:9.2} {:5.1}× {:6.2} TFLOP/s", burns / ours, flop / ours / 1e9));
    println!("{what:26} {} {}", cells[0], cells[1]);
}

fn convolutions(device: &Device, quick: bool) {
    println!("{:26} {:>43} {:>43}", "ms: ours, burn's, ratio", "forwards", "gradient of x, with the way forwards");
    for [c_in, c_out, side] in CONVS {
        if quick && side > 32 {
            continue;
        }
        let x = random([1, c_in, side, side], device);
        let weight = random([c_out, c_in, 3, 3], device).mul_scalar(0.02);
        let bias = Tensor::<1>::zeros([c_out], device);
        let run = |own: bool, back: bool| {
            let x = if back { x.clone().autodiff().require_grad() } else { x.clone() };
            let y = match own {
                true => ops::conv2d(x.clone(), weight.clone(), bias.clone(), 1, 1),
                false => conv2d(x.clone(), weight.clone(), None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1)),
            };
            if !back {
                return y.slice([0..1, 0..1, 0..1, 0..1]).reshape([1]);
            }
            let gradients = y.sum().backward();
            x.grad(&gradients).unwrap().slice([0..1, 0..1, 0..1, 0..1]).reshape([1])
        };
        let times = if quick { 3 } else { 5 };
        let values = [false, true].map(|back| [true, false].map(|own| best(times, || run(own, back))));
        let flop = 18.0 * (c_in * c_out * side * side) as f64;
        line(format!("conv {c_in}→{c_out} · {side}²"), values, flop);
    }
}

fn attentions(device: &Device, quick: bool) {
    for [n, m, d] in ATTENTIONS {
        if quick && n > 1024 {
            continue;
        }
        let [query, key, value] = [n, m, m].map(|tokens| random([1, tokens, 8 * d], device));
        let run = |own: bool, back: bool| {
            let query = if back { query.clone().autodiff().require_grad() } else { query.clone() };
            let y = match own {
                true => ops::attention(query.clone(), key.clone(), value.clone(), 8, false),
                false => stock(query.clone(), key.clone(), value.clone(), d),
            };
            if !back {
                return y.slice([0..1, 0..1, 0..1]).reshape([1]);
            }
            let gradients = y.sum().backward();
            query.grad(&gradients).unwrap().slice([0..1, 0..1, 0..1]).reshape([1])
        };
        let times = if quick { 3 } else { 5 };
        let values = [false, true].map(|back| [true, false].map(|own| best(times, || run(own, back))));
        line(format!("attention {n}×{m} · 8×{d}"), values, 32.0 * (n * m * d) as f64);
    }
}

/// Attention in burn's own operations.
fn stock(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, d: usize) -> Tensor<3> {
    let split = |x: Tensor<3>| {
        let [b, tokens, width] = x.dims();
        x.reshape([b, tokens, width / d, d]).swap_dims(1, 2)
    };
    let [b, n, width] = query.dims();
    let scores = split(query).matmul(split(key).transpose()).mul_scalar(1.0 / (d as f64).sqrt());
    softmax(scores, 3).matmul(split(value)).swap_dims(1, 2).reshape([b, n, width])
}

/// Random weights in 8 bits as a converted model has them, all that would be in 16 or 32 bits in 16.
fn weights(part: &str, device: &Device, take: impl FnOnce(&mut Weights), bits: usize) -> Weights {
    let mut shapes = Weights::new(part, device);
    take(&mut shapes);
    let mut weights = Weights::new(part, device);
    let mut state = 1u64;
    for (name, shape) in shapes.missing() {
        let (n, row): (usize, usize) = (shape.iter().product(), shape.iter().skip(1).product());
        if shape.len() == 1 {
            let values =
                if name.ends_with("weight") { Tensor::<1>::ones([n], device) } else { Tensor::zeros([n], device) };
            weights.add(name, shape, values);
            continue;
        }
        let scheme = if row.is_multiple_of(32) && bits == 8 { Scheme::Q8 } else { Scheme::F16 };
        let scale = half::f16::from_f32((row as f32).powf(-0.5) / 74.0).to_le_bytes();
        let mut bytes: Vec<u8> = (0..n * if scheme == Scheme::Q8 { 1 } else { 2 })
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        match scheme {
            Scheme::Q8 => bytes.extend(scale.repeat(n / 32)),
            _ => bytes.chunks_exact_mut(2).for_each(|half| half[1] = (half[1] & 0x80) | 0x20), // ±0.008…0.016
        }
        let mut packed = Packed::new(row, if scheme == Scheme::Q8 { 8 } else { 16 });
        packed.push(bytes, shape[0], device);
        weights.add_packed(name.clone(), shape, packed).unwrap();
    }
    weights
}

fn memory(what: &str, device: &Device) {
    if let Some([used, held]) = pollster::block_on(ops::memory(device)).unwrap() {
        println!("{what}: {:.2} GB in use, {:.2} GB held", used as f64 / 1e9, held as f64 / 1e9);
    }
}

fn unet(device: &Device, side: usize) {
    let config = UNetConfig::parse(UNET).unwrap();
    let unet = UNet::take(&mut weights("unet", device, |w| drop(UNet::take(w, &config)), 8), &config);
    memory("weights in 8 bits", device);
    let latents = random([1, 8, side, side], device);
    let layers = unet.project(random([1, 77, 768], device));
    let noise = random([1, 4, side, side], device);
    let flop = UNET_FLOP * (side * side) as f64 / 4096.0;
    let times = if side == 64 { 3 } else { 1 };
    for rows in [1, 3] {
        let latents = latents.clone().repeat_dim(0, rows);
        let layers: Vec<KeyValue> = layers.iter().map(|heard| heard.repeat(rows)).collect();
        let timesteps = vec![500.0; rows];
        for compute in [Compute::F32, Compute::F16].into_iter().filter(|compute| compute.check(device).is_ok()) {
            let pass = || unet.forward(latents.clone(), &timesteps, &layers).mean().reshape([1]);
            let ms = best(times, || compute.over(pass));
            println!("edit pass, {rows} rows, {compute:?}: {ms:.1} ms, {:.3} TFLOP/s", flop * rows as f64 / ms / 1e9);
            memory("after it", device);
        }
    }
    for compute in [Compute::F32, Compute::F16].into_iter().filter(|compute| compute.check(device).is_ok()) {
        let ms = best(times, || {
            let upstream = |answer: Tensor<4>| {
                (answer - noise.clone()).mul_scalar(2.0 / noise.dims().iter().product::<usize>() as f64)
            };
            let gradients = compute.over(|| unet.gradients(latents.clone(), &[500.0], &layers, upstream));
            Tensor::cat(gradients.into_iter().map(|kv| kv.key.square().sum() + kv.value.square().sum()).collect(), 0)
                .sum()
        });
        println!("learning pass, 1 row, recomputed, {compute:?}: {ms:.1} ms");
        memory("after it", device);
        let ms = best(times, || {
            let leaf = |x: &Tensor<3>| x.clone().autodiff().require_grad();
            let tracked: Vec<KeyValue> =
                layers.iter().map(|kv| KeyValue { key: leaf(&kv.key), value: leaf(&kv.value) }).collect();
            let guess = compute.over(|| unet.forward(latents.clone(), &[500.0], &tracked));
            let gradients = (guess - noise.clone()).square().mean().backward();
            let found = tracked.iter().flat_map(|kv| [kv.key.grad(&gradients), kv.value.grad(&gradients)]);
            Tensor::cat(found.map(|gradient| gradient.unwrap().square().sum()).collect(), 0).sum()
        });
        println!("learning pass, 1 row, all on the tape, {compute:?}: {ms:.1} ms");
        memory("after it", device);
    }
}
