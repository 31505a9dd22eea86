//! Launch: grids and buffers of the kernels here.
use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{Device, FloatTensor};
use burn::backend::cubecl::dtype_to_storage_type;
use burn::cubecl::prelude::CubeCount;
use burn::cubecl::std::tensor::into_contiguous;
use burn::tensor::{DType, Shape};

/// Units of one cube.
pub const UNITS: u32 = 256;

/// Cubes for `n` units times `y` times `z`.
pub fn grid(n: usize, y: usize, z: usize) -> CubeCount {
    CubeCount::Static(n.div_ceil(UNITS as usize) as u32, y as u32, z as u32)
}

/// `n` cubes: a grid's side has at most 65,535.
pub fn cubes(n: usize) -> CubeCount {
    let side = n.min(1 << 15);
    CubeCount::Static(side as u32, n.div_ceil(side.max(1)) as u32, 1)
}

/// Numbers that a kernel fills, f32 and in a row.
pub fn empty<const D: usize>(shape: [usize; D], device: &Device<Cube>) -> FloatTensor<Cube> {
    Cube::float_empty(Shape::new(shape), device, DType::F32.into())
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
