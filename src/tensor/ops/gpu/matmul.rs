//! Matrix product in true f32, of operands of any strides.
//!
//! Burn's own product takes tensor cores wherever it finds them, and on NVIDIA that turns f32 into TF32 without a word:
//! 10 bits of mantissa instead of 23, errors of 1e-3 where the models' tests allow 1e-4. Its product without them is slow for
//! many small matrices.
use super::launch::{empty, sum_rows};
use super::strips;
use super::tile::{Block, Cut, SIDE, accumulate, cut, pitch, place, turns};
use crate::tensor::ops::Kernels;
use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::cubecl;
use cubecl::prelude::*;

/// Out `[part, batch, m, n]`.
#[cube(launch)]
#[allow(clippy::too_many_arguments)] // sizes and strides
fn product_kernel(
    left: &Tensor<f32>,
    right: &Tensor<f32>,
    out: &mut Tensor<f32>,
    m: usize,
    n: usize,
    k: usize,
    part: usize,
    batches: usize,
    inner: usize,
    left_outer: usize,
    left_inner: usize,
    left_m: usize,
    left_k: usize,
    right_outer: usize,
    right_inner: usize,
    right_k: usize,
    right_n: usize,
    #[comptime] left_by_k: bool,
    #[comptime] right_by_k: bool,
    #[comptime] block: Block,
    #[comptime] depth: usize,
) {
    let left_pitch = comptime!(pitch(block.m));
    let right_pitch = comptime!(pitch(block.n));
    let mut lefts = Shared::<[f32]>::new_slice(comptime!(depth * pitch(block.m)));
    let mut rights = Shared::<[f32]>::new_slice(comptime!(depth * pitch(block.n)));
    let mut sums = Array::<f32>::new(comptime!(block.m * block.n));
    #[unroll]
    for idx in 0..comptime!(block.m * block.n) {
        sums[idx] = 0.0f32;
    }
    let z = CUBE_POS_Z as usize;
    let (which, batch) = (z / batches, z % batches);
    let (outer, inside) = (batch / inner, batch % inner);
    let left_at = outer * left_outer + inside * left_inner;
    let right_at = outer * right_outer + inside * right_inner;
    let first_m = CUBE_POS_Y as usize * comptime!(block.m * SIDE);
    let first_n = CUBE_POS_X as usize * comptime!(block.n * SIDE);
    let from = which * part;
    let end = min(from + part, k);
    let row = UNIT_POS as usize / comptime!(SIDE);
    let column = UNIT_POS as usize % comptime!(SIDE);
    for step in 0..(end - from).div_ceil(depth) {
        let start = from + step * depth;
        #[unroll]
        for turn in 0..comptime!(turns(block.m, depth)) {
            let (depth_at, line) = place(turn, comptime!(block.m), depth, left_by_k);
            let (at_m, at_k) = (first_m + line, start + depth_at);
            let mut value = 0.0f32;
            if at_m < m && at_k < end {
                value = left[left_at + at_m * left_m + at_k * left_k];
            }
            lefts[depth_at * left_pitch + line] = value;
        }
        #[unroll]
        for turn in 0..comptime!(turns(block.n, depth)) {
            let (depth_at, line) = place(turn, comptime!(block.n), depth, right_by_k);
            let (at_n, at_k) = (first_n + line, start + depth_at);
            let mut value = 0.0f32;
            if at_n < n && at_k < end {
                value = right[right_at + at_n * right_n + at_k * right_k];
            }
            rights[depth_at * right_pitch + line] = value;
        }
        sync_cube();
        accumulate(&lefts, &rights, &mut sums, row, column, block, depth);
        sync_cube();
    }
    #[unroll]
    for i in 0..comptime!(block.m) {
        #[unroll]
        for j in 0..comptime!(block.n) {
            let (at_m, at_n) = (first_m + row + comptime!(SIDE) * i, first_n + column + comptime!(SIDE) * j);
            if at_m < m && at_n < n {
                out[(z * m + at_m) * n + at_n] = sums[i * comptime!(block.n) + j];
            }
        }
    }
}

/// Strides of the two batch axes, the last but one and the last.
fn strides(tensor: &FloatTensor<Cube>) -> [usize; 4] {
    let (shape, strides) = (tensor.meta.shape(), tensor.meta.strides());
    let rank = shape.num_dims();
    let of = |axis: Option<usize>| match axis {
        Some(axis) if shape[axis] > 1 => strides[axis],
        _ => 0, // of one, which is repeated
    };
    [of(rank.checked_sub(4)), of(rank.checked_sub(3)), strides[rank - 2], strides[rank - 1]]
}

/// `[.., m, k]·[.., k, n]`, of at most four axes. Leading axes of 1 are repeated.
pub fn plain(left: FloatTensor<Cube>, right: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let mut shape = left.shape();
    let rank = shape.num_dims();
    assert!(rank <= 4, "a product of {rank} axes");
    for axis in 0..rank - 2 {
        shape[axis] = shape[axis].max(right.shape()[axis]);
    }
    let (m, k, n) = (shape[rank - 2], shape[rank - 1], right.shape()[rank - 1]);
    shape[rank - 1] = n;
    let batches: usize = (0..rank - 2).map(|axis| shape[axis]).product();
    let inner = if rank > 2 { shape[rank - 3] } else { 1 };
    if shape.num_elements() == 0 || k == 0 {
        return Cube::float_zeros(shape, &left.device, left.dtype.into());
    }
    if Kernels::now() == Kernels::Strips {
        let strides = [&left, &right].map(strides);
        let out = strips::product([left, right], [m, k, n], [batches, inner], strides);
        return Cube::float_reshape(out, shape);
    }
    let Cut { block, depth, parts, part, count } = cut(m, n, k, batches);
    let out = empty([parts, batches * m * n], &left.device);
    let [left_outer, left_inner, left_m, left_k] = strides(&left);
    let [right_outer, right_inner, right_k, right_n] = strides(&right);
    product_kernel::launch(
        &out.client,
        CubeCount::new_3d(count[0], count[1], count[2]),
        CubeDim::new_1d(256),
        left.into_tensor_arg(),
        right.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        m,
        n,
        k,
        part,
        batches,
        inner,
        left_outer,
        left_inner,
        left_m,
        left_k,
        right_outer,
        right_inner,
        right_k,
        right_n,
        left_k == 1,
        right_n != 1,
        block,
        depth,
    );
    Cube::float_reshape(sum_rows(out), shape)
}
