//! Own operations against their definitions in f64, forwards and backwards, on views and rows of any length.
use crate::reference::device;
use burn::tensor::{Tensor, TensorData};
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::ops;

/// A tensor of noise times `scale`, and its numbers; `view` makes it a part of a larger buffer, transposed.
fn noise(shape: [usize; 2], seed: u64, scale: f64, view: bool) -> (Tensor<2>, Vec<f64>) {
    let [rows, columns] = shape;
    let draw = Noise::new(seed).draw(rows * columns).iter().map(|x| x * scale as f32).collect::<Vec<_>>();
    let numbers = draw.iter().map(|&x| f64::from(x)).collect();
    let plain = Tensor::<2>::from_data(TensorData::new(draw, shape), &device());
    if !view {
        return (plain, numbers);
    }
    let padded = Tensor::cat(vec![plain.clone(), plain], 0).transpose().mul_scalar(1.0);
    (padded.narrow(1, rows, rows).transpose(), numbers)
}

/// Checks f and the gradient of Σ f(x)·g against a definition, whose gradient is taken by central differences in f64.
#[track_caller]
fn check(name: &str, ours: impl Fn(Tensor<2>) -> Tensor<2>, definition: impl Fn(&[f64]) -> Vec<f64>, scale: f64) {
    for (case, shape) in [[3, 1], [2, 7], [4, 16], [5, 33], [1, 300]].into_iter().enumerate() {
        let (x, numbers) = noise(shape, case as u64, scale, case % 2 == 1);
        let (gradient, along) = noise(shape, 100 + case as u64, 1.0, false);
        let row = shape[1];
        let whole = |x: &[f64]| x.chunks_exact(row).flat_map(&definition).collect::<Vec<f64>>();
        close(name, "value", ours(x.clone()), &whole(&numbers));
        let tracked = x.autodiff().require_grad();
        let mut gradients = (ours(tracked.clone()) * gradient).sum().backward();
        let slopes: Vec<f64> = (0..numbers.len())
            .map(|at| {
                let step = 1e-5;
                let at_offset = |offset: f64| {
                    let mut moved = numbers.clone();
                    moved[at] += offset;
                    whole(&moved).iter().zip(&along).map(|(y, g)| y * g).sum::<f64>()
                };
                (at_offset(step) - at_offset(-step)) / (2.0 * step)
            })
            .collect();
        close(name, "gradient", tracked.grad_remove(&mut gradients).unwrap(), &slopes);
    }
}

#[track_caller]
fn close(name: &str, what: &str, got: Tensor<2>, expected: &[f64]) {
    let got = pollster::block_on(instructbrush::tensor::readback::read(got)).unwrap();
    let largest = expected.iter().fold(1.0f64, |largest, x| largest.max(x.abs()));
    for (got, expected) in got.iter().zip(expected) {
        let error = (f64::from(*got) - expected).abs() / largest;
        assert!(error <= 3e-6, "{name}: {what} is {got}, should be {expected}: relative error {error:.1e}");
    }
}

#[test]
fn silu_is_x_times_sigmoid() {
    check("silu", ops::silu, |x| x.iter().map(|x| x / (1.0 + (-x).exp())).collect(), 6.0);
}

#[test]
fn gelu_is_exact_in_both_directions() {
    // Φ by its series around 0: enough terms for |x| < 6
    let normal = |x: f64| {
        let (mut term, mut sum) = (x, x);
        for n in 1..120 {
            term *= x * x / f64::from(2 * n + 1);
            sum += term;
        }
        0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
    };
    check("gelu", ops::gelu, |x| x.iter().map(|&x| x * normal(x)).collect(), 1.5);
}

#[test]
fn softmax_sums_to_one() {
    let softmax = |x: &[f64]| {
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
        x.iter().map(|x| (x - largest).exp() / sum).collect()
    };
    check("softmax", ops::softmax, softmax, 8.0);
}

#[test]
fn norms_have_mean_bias_and_deviation_weight() {
    let ones = |n: usize, scale: f32| {
        Tensor::<1>::from_data(
            TensorData::new((0..n).map(|i| 1.0 + scale * i as f32 / n as f32).collect::<Vec<_>>(), [n]),
            &device(),
        )
    };
    let normalised = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64;
        x.iter().map(|x| (x - mean) / (variance + 1e-2).sqrt()).collect::<Vec<f64>>()
    };
    let weighted = |x: &[f64]| {
        let n = x.len() as f64;
        normalised(x)
            .iter()
            .enumerate()
            .map(|(i, x)| x * (1.0 + 0.5 * i as f64 / n) + 1.0 - 0.3 * i as f64 / n)
            .collect()
    };
    let layer = |x: Tensor<2>| {
        let n = x.dims()[1];
        ops::layer_norm(x.unsqueeze(), ones(n, 0.5), ones(n, -0.3), 1e-2).squeeze_dim(0)
    };
    check("layer norm", layer, weighted, 3.0);
    // one group over one channel of a row's pixels, then silu
    let group = |x: Tensor<2>| {
        let [rows, n] = x.dims();
        let y = ops::group_norm(x.reshape([rows, 1, 1, n]), ones(1, 0.0), ones(1, 0.0), 1, 1e-2, true);
        y.reshape([rows, n])
    };
    let silu = |x: &[f64]| normalised(x).iter().map(|x| (x + 1.0) / (1.0 + (-x - 1.0).exp())).collect();
    check("group norm", group, silu, 3.0);
}
