//! Unpacking: integers of few bits and their scales, or halves, as f32 or f16. By shifts alone: browsers lack f16 more often than
//! not.
use super::launch::{UNITS, cubes};
use crate::tensor::ops::own::PackedShape;
use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::cubecl;
use burn::tensor::{Element, Shape};
use cubecl::prelude::*;

/// The lower 16 bits as a half; no infinities.
#[cube]
fn half(bits: u32) -> f32 {
    let sign = (bits & 0x8000) << 16;
    let exponent = (bits >> 10) & 31;
    let mantissa = bits & 0x3ff;
    let mut value = f32::reinterpret(sign | ((exponent + 112) << 23) | (mantissa << 13));
    if exponent == 0 {
        value = mantissa as f32 * 5.960_464_5e-8; // 2⁻²⁴
        if sign != 0 {
            value = -value;
        }
    }
    value
}

#[cube(launch)]
fn unpack_kernel<N: Float>(
    words: &Tensor<u32>,
    out: &mut Tensor<N>,
    n: usize,
    first: usize,
    count: usize,
    #[comptime] bits: u32,
) {
    let at = ABSOLUTE_POS;
    if at < count {
        let which = first + at;
        if comptime!(bits == 16) {
            out[at] = N::cast_from(half(words[which / 2] >> (16 * (which % 2) as u32)));
        } else {
            let block = which / 32;
            let bit = (which % 32) as u32 * bits;
            let word = block * comptime!(bits as usize) + (bit / 32) as usize;
            let shift = bit % 32;
            let mut low = words[word] >> shift;
            if comptime!(bits == 6) {
                if shift > 26 {
                    low |= words[word + 1] << (32 - shift);
                }
            }
            let integer = i32::reinterpret(low << comptime!(32 - bits)) >> comptime!(32 - bits as i32);
            let scale = half(words[n / 32 * comptime!(bits as usize) + block / 2] >> (16 * (block % 2) as u32));
            out[at] = N::cast_from(scale * integer as f32);
        }
    }
}

/// The numbers that `shape` says, `[rows, row]`.
pub fn unpack<N: Float + CubeElement + Element>(words: IntTensor<Cube>, shape: PackedShape) -> FloatTensor<Cube> {
    let PackedShape { bits, n, first, rows, row } = shape;
    let out = Cube::float_empty(Shape::new([rows * row]), &words.device, N::dtype().into());
    let count = rows * row;
    unpack_kernel::launch::<N>(
        &out.client,
        cubes(count.div_ceil(UNITS as usize)),
        CubeDim::new_1d(UNITS),
        words.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        n,
        first,
        count,
        bits as u32,
    );
    Cube::float_reshape(out, Shape::new([rows, row]))
}
