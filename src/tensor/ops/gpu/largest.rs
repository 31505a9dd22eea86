//! Largest: the largest absolute value of a tensor, which every unit of a GPU looks for at once.
use super::launch::{UNITS, empty, packed};
use super::reduce::largest;
use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use cubecl::prelude::*;

/// Numbers that one cube looks at, if there are cubes enough.
const EACH: usize = 4096;
/// Cubes that keep a GPU busy.
const MOST: usize = 1024;

#[cube(launch)]
fn largest_kernel(x: &Tensor<f32>, y: &mut Tensor<f32>, n: usize, all: usize, #[comptime] units: u32) {
    let mut shared = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let mut most = 0.0f32;
    for at in range_stepped(ABSOLUTE_POS, n, all) {
        most = max(most, x[at].abs());
    }
    let most = largest(most, &mut shared, units);
    if UNIT_POS == 0 {
        y[CUBE_POS] = most;
    }
}

/// max |x|, `[1]`; 0 of no numbers. Whether a number that is none is seen is up to the GPU.
pub fn magnitude(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let x = packed(x);
    let n = x.shape().num_elements();
    let cubes = n.div_ceil(EACH).clamp(1, MOST);
    let y = empty([cubes], &x.device);
    largest_kernel::launch(
        &y.client,
        CubeCount::new_1d(cubes as u32),
        CubeDim::new_1d(UNITS),
        x.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        n,
        cubes * UNITS as usize,
        UNITS,
    );
    if cubes == 1 { y } else { magnitude(y) }
}
