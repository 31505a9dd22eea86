//! Arithmetic of rows of numbers on the CPU: sums and maxima in lanes, exp and what is made of it as polynomials. All of it is
//! inlined into loops that `pulp` compiles for the widest vectors.
use pulp::{Arch, Simd, WithSimd};

/// Partial sums kept side by side, so that sums and maxima vectorise.
const LANES: usize = 16;

/// Numbers in a vector of the machine that this runs on.
pub fn lanes() -> usize {
    struct Lanes;

    impl WithSimd for Lanes {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    Arch::new().dispatch(Lanes)
}

/// Mean and 1/√(variance + eps); partial sums of a few thousand numbers are added in f64.
#[inline(always)]
pub fn moments(row: &[f32], eps: f64) -> (f32, f32) {
    const PART: usize = 4096;
    let n = row.len() as f64;
    let mean = (row.chunks(PART).map(|part| f64::from(sum(part, |x| x))).sum::<f64>() / n) as f32;
    let squares = row.chunks(PART).map(|part| f64::from(sum(part, |x| (x - mean) * (x - mean))));
    (mean, (1.0 / (squares.sum::<f64>() / n + eps).sqrt()) as f32)
}

/// Σ f(x).
#[inline(always)]
pub fn sum(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = row.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|&x| f(x)).sum();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Σ f(a, b) over two rows.
#[inline(always)]
pub fn sum2(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(&a, &b)| f(a, b)).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            lanes[lane] += f(a[lane], b[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// The largest, −∞ of none.
#[inline(always)]
fn max(row: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder().iter().fold(f32::NEG_INFINITY, |a, &b| larger(a, b));
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], chunk[lane]);
        }
    }
    lanes.iter().fold(rest, |a, &b| larger(a, b))
}

/// A row's softmax, in its place.
#[inline(always)]
pub fn softmax(row: &mut [f32]) {
    let largest = max(row);
    row.iter_mut().for_each(|x| *x = exp(*x - largest));
    let scale = 1.0 / sum(row, |x| x);
    row.iter_mut().for_each(|x| *x *= scale);
}

/// eˣ to 2 units in the last place: 2ⁿ·eʳ with |r| ≤ ln 2 / 2, eʳ by its Taylor polynomial of degree 7.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0; // 1.5·2²³: adding it rounds to a whole number in the low bits
    let clamped = if x < -87.0 { -87.0 } else { x };
    let clamped = if clamped > 88.0 { 88.0 } else { clamped };
    let shifted = clamped * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = clamped - n * 0.693_359_4 + n * 2.121_944_4e-4; // ln 2 in two parts
    let p = 1.0 / 5040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    let p = p * r + 1.0;
    let p = p * r + 1.0;
    let two_n = f32::from_bits((shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(127)) << 23);
    let y = p * two_n;
    // NaN stays NaN; what underflows is 0, so that a masked score weighs nothing
    if x < -87.0 {
        0.0
    } else if x.is_nan() {
        x
    } else {
        y
    }
}

/// σ(x).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// x·σ(x).
#[inline(always)]
pub fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

/// ∂/∂x of [`silu`].
#[inline(always)]
pub fn silu_slope(x: f32) -> f32 {
    let s = sigmoid(x);
    s * (1.0 + x * (1.0 - s))
}

/// Φ(x) and φ(x) of the normal distribution; Φ by Abramowitz and Stegun 7.1.26, to 1e-7.
#[inline(always)]
pub fn normal(x: f32) -> (f32, f32) {
    let gauss = exp(-0.5 * x * x);
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = 1.061_405_4 * t - 1.453_152;
    let p = p * t + 1.421_413_7;
    let p = p * t - 0.284_496_74;
    let p = p * t + 0.254_829_6;
    let tail = 0.5 * p * t * gauss; // Φ(−|x|)
    (if x < 0.0 { tail } else { 1.0 - tail }, 0.398_942_3 * gauss)
}
