//! Products of halves, and their gradients, against the same in 32 bits: on a GPU that has 16.
use crate::reference::device;
use burn::tensor::{Tensor, TensorData};
use instructbrush::models::packed::scheme::Scheme;
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::ops::{self, Compute};
use instructbrush::tensor::readback::read;

fn drawn<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    Tensor::from_data(TensorData::new(Noise::new(seed).draw(shape.iter().product()), shape), &device())
}

fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let n = x.shape().num_elements();
    x.reshape([n])
}

/// Energy of the error over the energy, rooted.
fn error(half: Tensor<1>, whole: Tensor<1>) -> f64 {
    let [half, whole] = [half, whole].map(|x| pollster::block_on(read(x)).unwrap());
    let energy: f64 = whole.iter().map(|&x| f64::from(x).powi(2)).sum();
    let error: f64 = whole.iter().zip(&half).map(|(&x, &y)| f64::from(x - y).powi(2)).sum();
    (error / energy).sqrt()
}

/// The sizes of a convolution, and a packed matrix of its kernels.
struct Case {
    /// b, c_in, h, w, c_out, k, stride, padding
    sizes: [usize; 8],
    packed: ops::Packed,
    seed: u64,
}

impl Case {
    /// A kernel that neither fills a tile nor divides evenly, of three rows; then strided ones; then a band of pixels after
    /// another, forwards and back.
    fn all() -> impl Iterator<Item = Self> {
        let sizes = [
            [3, 40, 17, 13, 50, 3, 1, 1],
            [1, 32, 9, 9, 24, 3, 2, 0],
            [2, 64, 10, 8, 32, 3, 2, 1],
            [1, 416, 96, 96, 8, 3, 1, 1],
            [1, 8, 96, 96, 416, 3, 1, 1],
        ];
        sizes.into_iter().enumerate().map(|(case, sizes)| {
            let [_, c_in, _, _, c_out, k, ..] = sizes;
            let (row, seed) = (c_in * k * k, 10 * case as u64);
            let (scheme, bits) = [(Scheme::F16, 16), (Scheme::Q8, 8)][case % 2];
            let mut packed = ops::Packed::new(row, bits);
            packed.push(scheme.encode(&Noise::new(seed + 2).draw(c_out * row)).unwrap(), c_out, &device());
            Self { sizes, packed, seed }
        })
    }

    fn inputs(&self) -> (Tensor<4>, Tensor<2>, [Tensor<3>; 3]) {
        let ([b, c_in, h, w, _, k, ..], seed) = (self.sizes, self.seed);
        let parts = [4, 5, 6].map(|at| drawn([b, 33, 24], seed + at));
        (drawn([b, c_in, h, w], seed), drawn([b * 5, c_in * k * k], seed + 3), parts)
    }

    /// One result for each kind of product.
    fn results(&self, x: &Tensor<4>, rows: &Tensor<2>, parts: &[Tensor<3>; 3]) -> Vec<Tensor<1>> {
        let [_, c_in, _, _, c_out, k, stride, padding] = self.sizes;
        let bias: Tensor<1> = drawn([c_out], self.seed + 1);
        let weight = self.packed.unpack().reshape([c_out, c_in, k, k]);
        let [query, key, value] = parts.clone();
        vec![
            flat(ops::conv2d(x.clone(), weight.clone(), bias.clone(), stride, padding)),
            flat(ops::packed_conv2d(x.clone(), &self.packed, bias.clone(), k, stride, padding)),
            flat(ops::packed_linear(rows.clone(), &self.packed, Some(bias))),
            flat(ops::linear(rows.clone(), weight.reshape([c_out, c_in * k * k]).transpose(), None)),
            flat(ops::attention(query, key, value, 3, false)),
        ]
    }

    /// Of each of [`Self::results`] its gradients, for an upstream gradient of numbers that no half holds.
    fn gradients(&self, compute: Compute) -> Vec<Tensor<1>> {
        fn leaf<const D: usize>(x: Tensor<D>) -> Tensor<D> {
            x.autodiff().require_grad()
        }
        let (x, rows, parts) = self.inputs();
        let (x, rows, parts) = (leaf(x), leaf(rows), parts.map(leaf));
        let results = compute.over(|| self.results(&x, &rows, &parts));
        let mut found = Vec::new();
        for (at, y) in results.into_iter().enumerate() {
            let upstream = drawn(y.dims(), self.seed + 7).mul_scalar(1e-12);
            let gradients = (y * upstream).sum().backward();
            match at {
                0 | 1 => found.push(flat(x.grad(&gradients).unwrap())),
                2 | 3 => found.push(flat(rows.grad(&gradients).unwrap())),
                _ => found.extend(parts.iter().map(|part| flat(part.grad(&gradients).unwrap()))),
            }
        }
        found.into_iter().map(|gradient| gradient.mul_scalar(1e12)).collect()
    }
}

/// A device that has no halves says so, and the tests end there.
fn has_halves() -> bool {
    match Compute::F16.check(&device()) {
        Ok(()) => true,
        Err(error) => {
            assert!(error.to_string().ends_with("choose f32"), "{error}");
            false
        }
    }
}

#[test]
fn products_of_halves_are_products_but_for_rounding() {
    if !has_halves() {
        return;
    }
    for case in Case::all() {
        let (x, rows, parts) = case.inputs();
        let all = || case.results(&x, &rows, &parts);
        let errors: Vec<f64> =
            Compute::F16.over(all).into_iter().zip(all()).map(|(half, whole)| error(half, whole)).collect();
        // both sides are rounded to 11 bits, and what comes out: each by at most 2⁻¹¹/√3 on average
        assert!(errors.iter().all(|&error| error > 1e-5 && error < 6e-4), "{:?}: {errors:?}", case.sizes);
    }
}

#[test]
fn gradients_of_halves_are_gradients_however_small() {
    if !has_halves() {
        return;
    }
    for case in Case::all() {
        let [halves, wholes] = [Compute::F16, Compute::F32].map(|compute| case.gradients(compute));
        let errors: Vec<f64> = halves.into_iter().zip(wholes).map(|(half, whole)| error(half, whole)).collect();
        // as above; attention's go through two products
        assert!(errors.iter().all(|&error| error > 1e-5 && error < 9e-4), "{:?}: {errors:?}", case.sizes);
    }
}

#[test]
fn no_gradient_stays_none() {
    if !has_halves() {
        return;
    }
    let x = drawn([2, 8], 1).autodiff().require_grad();
    let y = Compute::F16.over(|| ops::linear(x.clone(), drawn([8, 4], 2), None));
    let gradients = y.mul_scalar(0.0).sum().backward();
    assert_eq!(pollster::block_on(read(flat(x.grad(&gradients).unwrap()))).unwrap(), [0.0; 16]);
}
