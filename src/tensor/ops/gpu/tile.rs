//! Tile: the inner part of every product here: 256 units hold a square of sums in their registers, and both sides' numbers pass
//! through shared memory a few columns at a time.
use burn::cubecl;
use cubecl::prelude::*;

/// Units along either side of a tile.
pub const SIDE: usize = 16;

/// Numbers that one unit adds up, down and across: the more, the less passes through shared memory for each; the fewer, the more
/// tiles there are, and the less of them lies beyond the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Down.
    pub m: usize,
    /// Across.
    pub n: usize,
}

/// How a product `[m, k]·[k, n]` is cut up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// What one unit adds up.
    pub block: Block,
    /// Columns of k that go through shared memory at a time.
    pub depth: usize,
    /// Parts of k, each for cubes of its own, where there would be few cubes otherwise.
    pub parts: usize,
    /// Numbers in a part.
    pub part: usize,
    /// Tiles across, down, and parts times batches.
    pub count: [u32; 3],
}

/// Cubes that keep a GPU busy.
const BUSY: usize = 256;

/// Cuts `batches` products up.
pub fn cut(m: usize, n: usize, k: usize, batches: usize) -> Cut {
    let tiles = |block: Block| m.div_ceil(block.m * SIDE) * n.div_ceil(block.n * SIDE) * batches;
    let parts = |block: Block| (BUSY / tiles(block).max(1)).min(k / 256).clamp(1, 64);
    let large = Block { m: 8, n: 8 };
    let block = match (m > 4 * SIDE, n > 4 * SIDE) {
        _ if n <= SIDE => Block { m: 4, n: 1 },
        _ if m <= SIDE => Block { m: 1, n: 4 },
        (true, true) if tiles(large) * parts(large) >= BUSY / 4 => large,
        _ => Block { m: 4, n: 4 },
    };
    let depth = if block == large { 8 } else { 16 };
    let part = k.div_ceil(parts(block)).next_multiple_of(depth);
    let parts = k.div_ceil(part);
    let count = [n.div_ceil(block.n * SIDE), m.div_ceil(block.m * SIDE), parts * batches].map(|count| count as u32);
    Cut { block, depth, parts, part, count }
}

/// Numbers from one of a side's columns to the next in shared memory: odd, so that neighbours do not meet in one bank.
pub fn pitch(per_unit: usize) -> usize {
    per_unit * SIDE + 1
}

/// How many numbers of a side each unit loads.
pub fn turns(per_unit: usize, depth: usize) -> usize {
    per_unit * SIDE * depth / 256
}

/// Where the `turn`-th number that a unit loads goes: (k, line). `by_k`: neighbours differ in k, else in the line.
#[cube]
pub fn place(
    turn: usize,
    #[comptime] per_unit: usize,
    #[comptime] depth: usize,
    #[comptime] by_k: bool,
) -> (usize, usize) {
    let at = UNIT_POS as usize + turn * 256;
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
    #[comptime] block: Block,
    #[comptime] depth: usize,
) {
    let left_pitch = comptime!(pitch(block.m));
    let right_pitch = comptime!(pitch(block.n));
    #[unroll]
    for k in 0..depth {
        let mut lefts = Array::<f32>::new(comptime!(block.m));
        let mut rights = Array::<f32>::new(comptime!(block.n));
        #[unroll]
        for idx in 0..comptime!(block.m) {
            lefts[idx] = left[k * left_pitch + row + comptime!(SIDE) * idx];
        }
        #[unroll]
        for idx in 0..comptime!(block.n) {
            rights[idx] = right[k * right_pitch + column + comptime!(SIDE) * idx];
        }
        #[unroll]
        for i in 0..comptime!(block.m) {
            #[unroll]
            for j in 0..comptime!(block.n) {
                sums[i * comptime!(block.n) + j] += lefts[i] * rights[j];
            }
        }
    }
}
