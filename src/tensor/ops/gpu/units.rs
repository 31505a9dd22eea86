//! Units: functions of single numbers.
use super::launch::{UNITS, cubes, empty, packed};
use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use cubecl::prelude::*;

#[cube(launch)]
fn silu_kernel(x: &Tensor<f32>, y: &mut Tensor<f32>, n: usize) {
    let at = ABSOLUTE_POS;
    if at < n {
        let value = x[at];
        y[at] = value / (1.0 + (-value).exp());
    }
}

#[cube(launch)]
fn silu_backward_kernel(x: &Tensor<f32>, gradient: &Tensor<f32>, out: &mut Tensor<f32>, n: usize) {
    let at = ABSOLUTE_POS;
    if at < n {
        let value = x[at];
        let s = 1.0 / (1.0 + (-value).exp());
        out[at] = gradient[at] * s * (1.0 + value * (1.0 - s));
    }
}

/// x·σ(x).
pub fn silu(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let (like, x) = (x.shape(), packed(x));
    let n = like.num_elements();
    let y = empty([n], &x.device);
    let count = cubes(n.div_ceil(UNITS as usize));
    silu_kernel::launch(&y.client, count, CubeDim::new_1d(UNITS), x.into_tensor_arg(), y.clone().into_tensor_arg(), n);
    Cube::float_reshape(y, like)
}

/// ∂/∂x of [`silu`], times `gradient`.
pub fn silu_backward(x: FloatTensor<Cube>, gradient: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let like = x.shape();
    let [x, gradient] = [x, gradient].map(packed);
    let n = like.num_elements();
    let out = empty([n], &x.device);
    let count = cubes(n.div_ceil(UNITS as usize));
    silu_backward_kernel::launch(
        &out.client,
        count,
        CubeDim::new_1d(UNITS),
        x.into_tensor_arg(),
        gradient.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        n,
    );
    Cube::float_reshape(out, like)
}
