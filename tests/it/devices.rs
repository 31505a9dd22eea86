//! Devices: names, what is offered, and that what is offered computes, in true f32.
use super::reference::{device, read, relative};
use burn::tensor::{Tensor, TensorData};
use instructbrush::platform::devices::{DeviceName, list, open};
use instructbrush::tensor::ops::matmul;

#[test]
fn names_are_read_as_written() {
    for name in DeviceName::ALL {
        assert_eq!(name.to_string().parse::<DeviceName>().unwrap(), name);
    }
    let error = "tpu".parse::<DeviceName>().unwrap_err();
    assert!(error.is_usage());
    assert_eq!(error.to_string(), "\"tpu\" is not a device; choose one of auto, cpu, cuda, vulkan, wgpu");
}

#[test]
fn what_is_offered_opens_and_the_rest_says_why() {
    for offered in list() {
        match open(offered.name) {
            Ok(_) => assert!(offered.available, "{} opened although the list says: {}", offered.name, offered.note),
            Err(error) => {
                assert!(!offered.available, "{} is offered but does not open: {error}", offered.name);
                assert_eq!(error.to_string(), offered.note, "the list and the error must say the same");
            }
        }
    }
}

#[test]
fn auto_always_finds_a_device_and_a_device_opens_twice() {
    assert_eq!(open(DeviceName::Auto).unwrap(), open(DeviceName::Auto).unwrap());
}

/// Σ left·right per matrix in f64.
fn product(left: &[f32], right: &[f32], [b, n, d, m]: [usize; 4]) -> Vec<f32> {
    let cell = |at: usize| {
        let (b, row, column) = (at / (n * m), at / m % n, at % m);
        let term = |k| f64::from(left[(b * n + row) * d + k]) * f64::from(right[(b * d + k) * m + column]);
        (0..d).map(term).sum::<f64>() as f32
    };
    (0..b * n * m).map(cell).collect()
}

/// The tensor cores' TF32 keeps 10 bits of a number: its products here are off by 1e-4 and more, f32's by 1e-6 at most.
/// `INSTRUCTBRUSH_TEST_DEVICE=cuda` asks it of a GPU; the tests of models and gradients, with 1e-4, then ask it of every
/// network.
#[test]
fn matrix_products_and_their_gradients_are_true_f32() {
    let device = device().autodiff();
    for [b, n, d, m] in [[1, 64, 512, 64], [2, 77, 320, 33], [6, 1, 40, 5]] {
        let wave = |seed: f32, rows: usize, columns: usize| {
            let values = (0..b * rows * columns).map(|i| ((i as f32 + 1.0) * seed).sin()).collect::<Vec<f32>>();
            (Tensor::<3>::from_data(TensorData::new(values.clone(), [b, rows, columns]), &device), values)
        };
        let flip = |x: &[f32], rows: usize, columns: usize| {
            let part = rows * columns;
            (0..x.len()).map(|i| x[i / part * part + i % rows * columns + i % part / rows]).collect::<Vec<f32>>()
        };
        let ((left, a), (right, w), (upstream, g)) = (wave(1.3, n, d), wave(0.7, d, m), wave(2.1, n, m));
        let (left, right) = (left.require_grad(), right.require_grad());
        let y = matmul(left.clone(), right.clone());
        let gradients = (y.clone() * upstream).sum().backward();
        for (what, got, wanted) in [
            ("product", read(y), product(&a, &w, [b, n, d, m])),
            ("left", read(left.grad(&gradients).unwrap()), product(&g, &flip(&w, d, m), [b, n, m, d])),
            ("right", read(right.grad(&gradients).unwrap()), product(&flip(&a, n, d), &g, [b, d, n, m])),
        ] {
            let error = relative(&got, &wanted);
            assert!(error <= 2e-6, "{what} of [{b}, {n}, {d}]·[{b}, {d}, {m}]: relative error {error:.1e}");
        }
    }
}
