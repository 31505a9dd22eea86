//! Convolution on the CPU, ours against burn's, at the shapes of the demo model: forwards, and the gradients of picture and weight.
//!
//! `cargo bench --bench conv`
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::tensor::ops;
use std::time::Instant;

/// Pictures, channels in and out, side, kernel.
const SHAPES: [[usize; 5]; 9] = [
    [4, 16, 16, 128, 3],
    [4, 32, 16, 128, 3],
    [8, 32, 32, 32, 3],
    [8, 64, 64, 16, 3],
    [32, 32, 32, 16, 3],
    [32, 96, 32, 16, 3],
    [32, 64, 64, 8, 3],
    [32, 128, 128, 4, 3],
    [32, 64, 64, 8, 1],
];

fn main() {
    let device = match devices::open(DeviceName::Cpu) {
        Ok(device) => device,
        Err(error) => return eprintln!("{error}"),
    };
    println!(
        "{:26} {:>22} {:>22} {:>22}",
        "ms: ours, burn's, ratio", "forwards", "gradient of x", "gradient of weight"
    );
    for shape in SHAPES {
        let [b, c_in, c_out, side, k] = shape;
        let random = |dims: [usize; 4]| Tensor::<4>::random(dims, Distribution::Default, &device);
        let (x, weight) = (random([b, c_in, side, side]), random([c_out, c_in, k, k]));
        let row = [(false, false), (true, false), (false, true)].map(|tracked| {
            let [ours, burns] = [true, false].map(|own| best(&x, &weight, tracked, own, &device));
            format!("{ours:6.2} {burns:6.2} {:5.1}×", burns / ours)
        });
        println!(
            "{:26} {:>22} {:>22} {:>22}",
            format!("{b} · {c_in}→{c_out} · {side}² · {k}×{k}"),
            row[0],
            row[1],
            row[2]
        );
    }
}

/// The fastest of seven runs, in ms, without the way forwards where a gradient is asked for.
fn best(x: &Tensor<4>, weight: &Tensor<4>, (of_x, of_weight): (bool, bool), own: bool, device: &Device) -> f64 {
    let bias = Tensor::<1>::zeros([weight.dims()[0]], device);
    let k = weight.dims()[2];
    let times = (0..7).map(|_| {
        let leaf = |tensor: &Tensor<4>, tracked: bool| {
            if tracked { tensor.clone().autodiff().require_grad() } else { tensor.clone() }
        };
        let (x, weight) = (leaf(x, of_x), leaf(weight, of_weight));
        let began = Instant::now();
        let y = match own {
            true => ops::conv2d(x.clone(), weight.clone(), bias.clone(), 1, k / 2),
            false => conv2d(x.clone(), weight.clone(), None, ConvOptions::new([1, 1], [k / 2, k / 2], [1, 1], 1)),
        };
        if !of_x && !of_weight {
            drop(y.into_data());
            return began.elapsed();
        }
        let sum = y.sum();
        drop(sum.clone().into_data());
        let began = Instant::now();
        let gradients = sum.backward();
        drop(if of_x { x.grad(&gradients) } else { weight.grad(&gradients) }.map(Tensor::into_data));
        began.elapsed()
    });
    times.map(|time| time.as_secs_f64() * 1e3).fold(f64::INFINITY, f64::min)
}
