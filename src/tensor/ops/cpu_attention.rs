//! Attention on the CPU: a few queries at a time, whose scores stay near a core and are never all there at once; backwards they
//! are made again.
//!
//! All products are of one kind, in registers: a few rows times a few vectors of columns. Numbers do not depend on how many
//! threads run: what one thread sums is fixed by the shapes.
use super::cpu_math::{lanes, softmax, softmax_backward};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Scores in one task, if its queries are not too few then: 64 KB.
const CACHED: usize = 16 << 10;
/// Queries of a task are a multiple of this, which every tile of [`product`] divides.
const TILES: usize = 24;

/// The sizes of an attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadShape {
    /// Heads of all pictures, each for itself.
    pub heads: usize,
    /// Rows of query and of the result.
    pub queries: usize,
    /// Rows of key and value.
    pub keys: usize,
    /// Numbers in each of these rows.
    pub d: usize,
}

impl HeadShape {
    /// Queries of one task.
    fn band(self) -> usize {
        (CACHED / self.keys.max(1) / TILES * TILES).clamp(TILES, 10 * TILES).min(self.queries.max(1))
    }
}

/// softmax(Q·Kᵀ)·V of each head, `[heads, queries, d]`.
pub fn forward(query: &[f32], key: &[f32], value: &[f32], shape: HeadShape) -> Vec<f32> {
    let HeadShape { heads, queries, keys, d } = shape;
    let mut y = vec![0f32; heads * queries * d];
    if y.is_empty() || keys == 0 {
        return y;
    }
    let lanes = lanes();
    let key: Vec<Wide> = key.par_chunks(keys * d).map(|key| Wide::transposed(key, d, lanes)).collect();
    let value: Vec<Wide> = value.par_chunks(keys * d).map(|value| Wide::new(value, d, lanes)).collect();
    let band = shape.band() * d;
    y.par_chunks_mut(queries * d).zip(query.par_chunks(queries * d)).enumerate().for_each(|(head, (y, query))| {
        y.par_chunks_mut(band).zip(query.par_chunks(band)).for_each(|(y, query)| {
            Arch::new().dispatch(Forward { query, key: &key[head], value: &value[head], keys, d, y });
        });
    });
    y
}

/// ∂/∂query, ∂/∂key and ∂/∂value of [`forward`], times `gradient`; see [`super::scores::attention_backward`].
pub fn backward([query, key, value, gradient]: [&[f32]; 4], shape: HeadShape) -> [Vec<f32>; 3] {
    let HeadShape { heads, queries, keys, d } = shape;
    let sizes = [queries, keys, keys].map(|rows| rows * d);
    let mut of = sizes.map(|size| vec![0f32; heads * size]);
    if of.iter().any(Vec::is_empty) {
        return of;
    }
    let lanes = lanes();
    let [of_query, of_key, of_value] = &mut of;
    let of_keys = of_key.par_chunks_mut(keys * d).zip(of_value.par_chunks_mut(keys * d));
    of_query.par_chunks_mut(queries * d).zip(of_keys).enumerate().for_each(|(head, (of_query, (of_key, of_value)))| {
        let [query, gradient] = [query, gradient].map(|x| &x[head * queries * d..][..queries * d]);
        let [key, value] = [key, value].map(|x| &x[head * keys * d..][..keys * d]);
        Arch::new().dispatch(Backward {
            query,
            gradient,
            key: [Wide::transposed(key, d, lanes), Wide::new(key, d, lanes)],
            value: Wide::transposed(value, d, lanes),
            shape,
            of_query,
            of_key,
            of_value,
        });
    });
    of
}

/// Rows that are whole vectors: zeros behind.
struct Wide {
    numbers: Vec<f32>,
    width: usize,
}

impl Wide {
    fn zeros(rows: usize, row: usize, lanes: usize) -> Self {
        let width = row.next_multiple_of(lanes);
        Self { numbers: vec![0f32; rows * width], width }
    }

    /// x `[rows, row]`.
    fn new(x: &[f32], row: usize, lanes: usize) -> Self {
        let mut wide = Self::zeros(x.len() / row, row, lanes);
        wide.numbers
            .chunks_exact_mut(wide.width)
            .zip(x.chunks_exact(row))
            .for_each(|(to, x)| to[..row].copy_from_slice(x));
        wide
    }

    /// x `[rows, row]` as `[row, rows]`.
    fn transposed(x: &[f32], row: usize, lanes: usize) -> Self {
        let mut wide = Self::zeros(row, x.len() / row, lanes);
        for (at, x) in x.chunks_exact(row).enumerate() {
            wide.numbers[at..].iter_mut().step_by(wide.width).zip(x).for_each(|(to, x)| *to = *x);
        }
        wide
    }

    /// Of the first `keys` numbers of each row; behind them zeros stay.
    #[inline(always)]
    fn softmax(&mut self, keys: usize) {
        for row in self.numbers.chunks_exact_mut(self.width) {
            softmax(&mut row[..keys]);
        }
    }

    /// Writes the first numbers of each row, `[rows, row]`.
    fn put(&self, to: &mut [f32], row: usize) {
        to.chunks_exact_mut(row)
            .zip(self.numbers.chunks_exact(self.width))
            .for_each(|(to, x)| to.copy_from_slice(&x[..row]));
    }
}

/// Some queries of one head.
struct Forward<'a> {
    query: &'a [f32],
    /// `[d, keys]`
    key: &'a Wide,
    /// `[keys, d]`
    value: &'a Wide,
    keys: usize,
    d: usize,
    y: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { query, key, value, keys, d, y } = self;
        let rows = query.len() / d;
        let mut scores = Wide::zeros(rows, keys, S::F32_LANES);
        product::<S, false>(simd, Rows { x: query, row: d, step: 1 }, [rows, d], key, &mut scores);
        scores.softmax(keys);
        let mut sums = Wide::zeros(rows, d, S::F32_LANES);
        let width = scores.width;
        product::<S, false>(simd, Rows { x: &scores.numbers, row: width, step: 1 }, [rows, keys], value, &mut sums);
        sums.put(y, d);
    }
}

/// All queries of one head.
struct Backward<'a> {
    query: &'a [f32],
    gradient: &'a [f32],
    /// `[d, keys]` and `[keys, d]`
    key: [Wide; 2],
    /// `[d, keys]`
    value: Wide,
    shape: HeadShape,
    of_query: &'a mut [f32],
    of_key: &'a mut [f32],
    of_value: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { key: [key_columns, key], shape, .. } = self;
        let lanes = S::F32_LANES;
        let HeadShape { keys, d, .. } = shape;
        let (mut of_key, mut of_value) = (Wide::zeros(keys, d, lanes), Wide::zeros(keys, d, lanes));
        let band = shape.band() * d;
        let bands = self.query.chunks(band).zip(self.gradient.chunks(band)).zip(self.of_query.chunks_mut(band));
        for ((query, gradient), of_query) in bands {
            let rows = query.len() / d;
            let across = |x, row| Rows { x, row, step: 1 };
            let (wide_query, wide_gradient) = (Wide::new(query, d, lanes), Wide::new(gradient, d, lanes));
            let mut scores = Wide::zeros(rows, keys, lanes);
            product::<S, false>(simd, across(query, d), [rows, d], &key_columns, &mut scores);
            scores.softmax(keys);
            let width = scores.width;
            // dV += Pᵀ·g
            let down = |x| Rows { x, row: 1, step: width };
            product::<S, true>(simd, down(&scores.numbers), [keys, rows], &wide_gradient, &mut of_value);
            // dS = P∘(g·Vᵀ − Σ P∘(g·Vᵀ))
            let mut slopes = Wide::zeros(rows, keys, lanes);
            product::<S, false>(simd, across(gradient, d), [rows, d], &self.value, &mut slopes);
            for (slopes, scores) in slopes.numbers.chunks_exact_mut(width).zip(scores.numbers.chunks_exact(width)) {
                softmax_backward(scores, slopes);
            }
            // dK += dSᵀ·Q, dQ = dS·K
            product::<S, true>(simd, down(&slopes.numbers), [keys, rows], &wide_query, &mut of_key);
            let mut sums = Wide::zeros(rows, d, lanes);
            product::<S, false>(simd, across(&slopes.numbers, width), [rows, keys], &key, &mut sums);
            sums.put(of_query, d);
        }
        of_key.put(self.of_key, d);
        of_value.put(self.of_value, d);
    }
}

/// A matrix as its number (i, k) lies at i·row + k·step.
#[derive(Clone, Copy)]
struct Rows<'a> {
    x: &'a [f32],
    row: usize,
    step: usize,
}

/// C = A·B, or C += A·B: A `[m, k]`, B `[k, width]`, C `[m, width]`.
#[inline(always)]
fn product<S: Simd, const ADD: bool>(simd: S, a: Rows, [m, k]: [usize; 2], b: &Wide, c: &mut Wide) {
    let mut column = 0;
    while column < c.width {
        let vectors = (c.width - column) / S::F32_LANES;
        // as many sums as there are registers for, with some to spare
        column += match vectors {
            1 => columns::<S, 8, 1, ADD>(simd, a, [m, k], b, c, column),
            _ if S::F32_LANES >= 8 => columns::<S, 6, 2, ADD>(simd, a, [m, k], b, c, column),
            _ => columns::<S, 4, 2, ADD>(simd, a, [m, k], b, c, column),
        };
    }
}

/// V vectors of columns of [`product`]; returns how many columns these are.
#[inline(always)]
fn columns<S: Simd, const P: usize, const V: usize, const ADD: bool>(
    simd: S,
    a: Rows,
    [m, k]: [usize; 2],
    b: &Wide,
    c: &mut Wide,
    column: usize,
) -> usize {
    let n = V * S::F32_LANES;
    for first in (0..m).step_by(P) {
        // the last tile repeats its last row
        let rows: [&[f32]; P] = std::array::from_fn(|idx| &a.x[(first + idx).min(m - 1) * a.row..]);
        let mut sums: [[S::f32s; V]; P] = [[simd.splat_f32s(0.0); V]; P];
        for (at, b) in b.numbers.chunks_exact(b.width).take(k).enumerate() {
            let (b, _) = S::as_simd_f32s(&b[column..][..n]);
            for idx in 0..P {
                let x = simd.splat_f32s(rows[idx][at * a.step]);
                for vector in 0..V {
                    sums[idx][vector] = simd.mul_add_e_f32s(x, b[vector], sums[idx][vector]);
                }
            }
        }
        for (idx, sums) in sums.iter().enumerate().take(m - first) {
            let (to, _) = S::as_mut_simd_f32s(&mut c.numbers[(first + idx) * c.width + column..][..n]);
            for vector in 0..V {
                to[vector] = if ADD { simd.add_f32s(to[vector], sums[vector]) } else { sums[vector] };
            }
        }
    }
    n
}
