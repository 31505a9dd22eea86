//! Reduce: what the units of a cube find together, in shared memory: a sum, the largest value, a row's moments.
use burn::cubecl;
use cubecl::prelude::*;

/// The sum of all units' values, known to all of them.
#[cube]
pub fn sum(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: u32) -> f32 {
    let unit = UNIT_POS as usize;
    sync_cube();
    shared[unit] = value;
    sync_cube();
    #[unroll]
    for level in 1..comptime!(units.ilog2() + 1) {
        let half = comptime!((units >> level) as usize);
        if unit < half {
            let other = shared[unit + half];
            shared[unit] += other;
        }
        sync_cube();
    }
    shared[0]
}

/// The largest of all units' values.
#[cube]
pub fn largest(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: u32) -> f32 {
    let unit = UNIT_POS as usize;
    sync_cube();
    shared[unit] = value;
    sync_cube();
    #[unroll]
    for level in 1..comptime!(units.ilog2() + 1) {
        let half = comptime!((units >> level) as usize);
        if unit < half {
            shared[unit] = max(shared[unit], shared[unit + half]);
        }
        sync_cube();
    }
    shared[0]
}

/// Numbers that a unit adds up before their sum joins the others'. One sum of thousands of nearly equal numbers, as a flat picture
/// has them, would be off by more than they differ.
const PART: usize = 64;

/// Mean of a row, and 1/√(variance + eps).
#[cube]
pub fn moments(
    x: &Tensor<f32>,
    start: usize,
    row: usize,
    eps: f32,
    shared: &mut Shared<[f32]>,
    #[comptime] units: u32,
) -> (f32, f32) {
    let n = row as f32;
    let all = comptime!(units as usize * PART);
    let mut total = 0.0f32;
    for first in range_stepped(UNIT_POS as usize, row, all) {
        let mut part = 0.0f32;
        for at in range_stepped(first, min(first + all, row), comptime!(units as usize)) {
            part += x[start + at];
        }
        total += part;
    }
    let mean = sum(total, shared, units) / n;
    let mut squares = 0.0f32;
    for first in range_stepped(UNIT_POS as usize, row, all) {
        let mut part = 0.0f32;
        for at in range_stepped(first, min(first + all, row), comptime!(units as usize)) {
            let centred = x[start + at] - mean;
            part += centred * centred;
        }
        squares += part;
    }
    let variance = sum(squares, shared, units) / n;
    (mean, 1.0 / (variance + eps).sqrt())
}
