//! Launch: grids and buffers of the kernels here.
use crate::tensor::ops::Kernels;
use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::cubecl::dtype_to_storage_type;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{Device, FloatTensor};
use burn::cubecl;
use burn::tensor::{DType, Shape};
use cubecl::prelude::*;
use cubecl::std::tensor::into_contiguous;

/// Units of one cube.
pub const UNITS: u32 = 256;

/// Units of one cube on a software renderer: a processor's vector.
pub const LANES: usize = 8;

/// Units that share a row: each has some numbers of its own, for every round of a common sum is waited for by all.
pub fn units(row: usize) -> u32 {
    match Kernels::now() {
        Kernels::Tiles => (row.div_ceil(16).next_power_of_two() as u32).clamp(32, UNITS),
        // one vector of a processor waits for nobody, but one sum of too many numbers is no good one
        Kernels::Strips => (row.div_ceil(512).next_power_of_two() as u32).clamp(LANES as u32, UNITS),
    }
}

/// `n` cubes: a grid's side has at most 65,535.
pub fn cubes(n: usize) -> CubeCount {
    let side = n.min(1 << 15);
    CubeCount::Static(side as u32, n.div_ceil(side.max(1)) as u32, 1)
}

/// Numbers that a kernel fills, f32 and in a row: CUDA would pad the rows of a matrix.
pub fn empty<const D: usize>(shape: [usize; D], device: &Device<Cube>) -> FloatTensor<Cube> {
    let row = Cube::float_empty(Shape::new([shape.iter().product()]), device, DType::F32.into());
    Cube::float_reshape(row, Shape::new(shape))
}

/// The numbers in a row, copied if they are not.
pub fn packed(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    if x.is_contiguous() {
        return x;
    }
    let (client, device, dtype) = (x.client.clone(), x.device.clone(), x.dtype);
    let copy = into_contiguous(&client, x.binding(), dtype_to_storage_type(dtype));
    FloatTensor::<Cube>::new(client, copy.handle, *copy.metadata, device, dtype)
}

#[cube(launch)]
fn sum_rows_kernel(x: &Tensor<f32>, y: &mut Tensor<f32>, rows: usize, row: usize, part: usize, all: usize) {
    let at = ABSOLUTE_POS;
    if at < all {
        let (which, column) = (at / row, at % row);
        let from = which * part;
        let mut sum = 0.0f32;
        for idx in from..min(from + part, rows) {
            sum += x[idx * row + column];
        }
        y[at] = sum;
    }
}

/// Rows that one unit adds up.
const PART: usize = 64;

/// `[rows, row]` → `[row]`: added up in parts, the parts' sums likewise.
pub fn sum_rows(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let [rows, row] = x.shape().dims();
    match rows {
        0 => return Cube::float_zeros(Shape::new([row]), &x.device, DType::F32.into()),
        1 => return Cube::float_reshape(x, Shape::new([row])),
        _ => {}
    }
    let parts = rows.div_ceil(PART);
    let y = empty([parts, row], &x.device);
    sum_rows_kernel::launch(
        &y.client,
        cubes((parts * row).div_ceil(UNITS as usize)),
        CubeDim::new_1d(UNITS),
        x.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        rows,
        row,
        PART,
        parts * row,
    );
    sum_rows(y)
}
