//! GPU: own kernels against burn's at the UNet's shapes, then InstructPix2Pix's whole UNet with random weights at 512×512: the
//! time of an edit's and a learning step's pass.
//!
//! `cargo bench --features wgpu --bench gpu -- wgpu [ops|unet]`; `tests/golden/gpu.py` times the same UNet in diffusers.
#![allow(clippy::unwrap_used, missing_docs)]
use burn::tensor::activation::softmax;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};
use instructbrush::models::config::UNetConfig;
use instructbrush::models::unet::{KeyValue, UNet};
use instructbrush::models::weights::Weights;
use instructbrush::platform::devices;
use instructbrush::tensor::ops;
use std::time::Instant;

/// Channels in and out, and side, of InstructPix2Pix's 3×3 convolutions at 512×512.
const CONVS: [[usize; 3]; 5] = [[320, 320, 64], [640, 640, 32], [1280, 1280, 16], [2560, 1280, 8], [960, 320, 64]];
/// Tokens, tokens that are heard, numbers per head; eight heads.
const ATTENTIONS: [[usize; 3]; 4] = [[4096, 4096, 40], [1024, 1024, 80], [4096, 77, 40], [256, 256, 160]];
/// Multiply-adds of one row of the UNet at 64×64 latents, times two.
const UNET_FLOP: f64 = 0.803e12;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(name) = words.first() else {
        return println!("gpu: name a device (wgpu, vulkan, cuda); nothing to do");
    };
    let device = devices::open(name.parse().unwrap()).unwrap();
    let only = words.get(1).map(String::as_str);
    let quick = words.get(2).is_some();
    if only.is_none_or(|only| only == "ops") {
        convolutions(&device, quick);
        attentions(&device, quick);
    }
    if only.is_none_or(|only| only == "unet") {
        unet(&device);
    }
}

fn random<const D: usize>(dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(dims, Distribution::Normal(0.0, 1.0), device)
}

/// Waits until all that was asked for is done.
fn wait<const D: usize>(tensor: Tensor<D>) {
    drop(tensor.sum().into_data());
}

/// The fastest of some runs, in ms, after one that compiles.
fn best(times: usize, mut run: impl FnMut() -> Tensor<1>) -> f64 {
    drop(run().into_data());
    let all = (0..times).map(|_| {
        let began = Instant::now();
        drop(run().into_data());
        began.elapsed().as_secs_f64() * 1e3
    });
    all.fold(f64::INFINITY, f64::min)
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
        let times = if quick { 1 } else { 5 };
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
        let times = if quick { 1 } else { 5 };
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

fn unet(device: &Device) {
    let config = UNetConfig::parse(include_bytes!("full_size_unet.json")).unwrap();
    let mut shapes = Weights::new("unet", device);
    drop(UNet::take(&mut shapes, &config));
    let mut weights = Weights::new("unet", device);
    let mut numbers = 0;
    for (name, shape) in shapes.missing() {
        let n: usize = shape.iter().product();
        let inputs: usize = shape.iter().skip(1).product();
        let values = match shape.len() {
            1 if name.ends_with("weight") => Tensor::<1>::ones([n], device),
            1 => Tensor::zeros([n], device),
            _ => random([n], device).mul_scalar((inputs as f64).powf(-0.5)),
        };
        weights.add(name, shape, values);
        numbers += n;
    }
    let unet = UNet::take(&mut weights, &config);
    println!("unet: {:.0} M numbers", numbers as f64 / 1e6);
    let latents = random([1, 8, 64, 64], device);
    let layers = unet.project(random([1, 77, 768], device));
    let noise = random([1, 4, 64, 64], device);
    for rows in [1, 3] {
        let latents = latents.clone().repeat_dim(0, rows);
        let layers: Vec<KeyValue> = layers.iter().map(|heard| heard.repeat(rows)).collect();
        let timesteps = vec![500.0; rows];
        let ms =
            best(5, || unet.forward(latents.clone(), &timesteps, &layers).slice([0..1, 0..1, 0..1, 0..1]).reshape([1]));
        println!("edit pass, {rows} rows: {ms:.1} ms, {:.2} TFLOP/s", UNET_FLOP * rows as f64 / ms / 1e9);
    }
    let ms = best(5, || {
        let leaf = |x: &Tensor<3>| x.clone().autodiff().require_grad();
        let tracked: Vec<KeyValue> =
            layers.iter().map(|kv| KeyValue { key: leaf(&kv.key), value: leaf(&kv.value) }).collect();
        let guess = unet.forward(latents.clone(), &[500.0], &tracked);
        let gradients = (guess - noise.clone()).square().mean().backward();
        let found = tracked.iter().flat_map(|kv| [kv.key.grad(&gradients), kv.value.grad(&gradients)]);
        Tensor::cat(found.map(|gradient| gradient.unwrap().square().sum()).collect(), 0).sum()
    });
    println!("learning pass, 1 row: {ms:.1} ms, {:.2} TFLOP/s at twice an edit's work", 2.0 * UNET_FLOP / ms / 1e9);
    wait(latents);
}
