//! Tile: the inner part of every product here: 256 units hold a square of sums in their registers, and both sides' numbers pass
//! through shared memory a few columns at a time.
use burn::cubecl;
use cubecl::prelude::*;

/// Units along either side of a tile.
pub const SIDE: usize = 16;

/// Numbers that one unit adds up along either side: 4 for small products, so that there are many tiles, else 8.
pub fn per_unit(m: usize, n: usize, batches: usize) -> usize {
    let tiles = m.div_ceil(8 * SIDE) * n.div_ceil(8 * SIDE) * batches;
    if m > 4 * SIDE && n > 4 * SIDE && tiles >= 256 { 8 } else { 4 }
}

/// Columns in shared memory at a time.
pub fn depth(per_unit: usize) -> usize {
    if per_unit == 8 { 8 } else { 16 }
}

/// Parts into which k is cut, each for cubes of its own, where there would be few cubes otherwise.
pub fn parts(m: usize, n: usize, k: usize, batches: usize) -> usize {
    let edge = per_unit(m, n, batches) * SIDE;
    let tiles = m.div_ceil(edge) * n.div_ceil(edge) * batches;
    (256 / tiles.max(1)).min(k / 256).clamp(1, 64)
}

/// Numbers of one side that are in shared memory: rows of this length, `depth` of them.
pub fn pitch(per_unit: usize) -> usize {
    per_unit * SIDE + 1
}

/// Where the `turn`-th number that a unit loads goes: (k, line). `by_k`: neighbours differ in k, else in the line.
#[cube]
pub fn place(turn: usize, #[comptime] per_unit: usize, #[comptime] by_k: bool) -> (usize, usize) {
    let at = UNIT_POS as usize + turn * 256;
    let depth = comptime!(depth(per_unit));
    let edge = comptime!(per_unit * SIDE);
    if comptime!(by_k) { (at % depth, at / depth) } else { (at / edge, at % edge) }
}

/// Adds the products of what is in shared memory.
#[cube]
pub fn accumulate(
    left: &Shared<[f32]>,
    right: &Shared<[f32]>,
    sums: &mut Array<f32>,
    row: usize,
    column: usize,
    #[comptime] per_unit: usize,
) {
    let pitch = comptime!(pitch(per_unit));
    #[unroll]
    for k in 0..comptime!(depth(per_unit)) {
        let mut lefts = Array::<f32>::new(per_unit);
        let mut rights = Array::<f32>::new(per_unit);
        #[unroll]
        for idx in 0..per_unit {
            lefts[idx] = left[k * pitch + row + comptime!(SIDE) * idx];
            rights[idx] = right[k * pitch + column + comptime!(SIDE) * idx];
        }
        #[unroll]
        for i in 0..per_unit {
            #[unroll]
            for j in 0..per_unit {
                sums[i * per_unit + j] += lefts[i] * rights[j];
            }
        }
    }
}
