//! Arithmetic of rows of numbers on the CPU: sums and maxima in lanes, exp and what is made of it as polynomials; all of it to be
//! inlined into work that [`widest`](crate::tensor::vectors::widest) compiles.
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
    let mut total = 0.0;
    for part in row.chunks(PART) {
        total += f64::from(sum(part, |x| x));
    }
    let mean = (total / n) as f32;
    let mut squares = 0.0;
    for part in row.chunks(PART) {
        squares += f64::from(sum(part, |x| (x - mean) * (x - mean)));
    }
    (mean, (1.0 / (squares / n + eps).sqrt()) as f32)
}

/// Σ f(x).
#[inline(always)]
pub fn sum(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = row.chunks_exact(LANES);
    let mut rest = 0.0;
    for &x in chunks.remainder() {
        rest += f(x);
    }
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    across(lanes) + rest
}

/// Σ f(a, b) over two rows.
#[inline(always)]
pub fn sum2(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut rest = 0.0;
    for (&a, &b) in a.remainder().iter().zip(b.remainder()) {
        rest += f(a, b);
    }
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            lanes[lane] += f(a[lane], b[lane]);
        }
    }
    across(lanes) + rest
}

/// Σ f(a, b) over two rows, of two numbers at once.
#[inline(always)]
pub fn sums2(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> [f32; 2]) -> (f32, f32) {
    let mut lanes = [[0f32; LANES]; 2];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut rest = [0.0; 2];
    for (&a, &b) in a.remainder().iter().zip(b.remainder()) {
        let [first, second] = f(a, b);
        rest = [rest[0] + first, rest[1] + second];
    }
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            let [first, second] = f(a[lane], b[lane]);
            lanes[0][lane] += first;
            lanes[1][lane] += second;
        }
    }
    (across(lanes[0]) + rest[0], across(lanes[1]) + rest[1])
}

/// The sum of all lanes.
#[inline(always)]
fn across(lanes: [f32; LANES]) -> f32 {
    let mut total = 0.0;
    for lane in lanes {
        total += lane;
    }
    total
}

/// The largest, −∞ of none.
#[inline(always)]
fn max(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = row.chunks_exact(LANES);
    let mut largest = f32::NEG_INFINITY;
    for &x in chunks.remainder() {
        largest = larger(largest, x);
    }
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], chunk[lane]);
        }
    }
    for lane in lanes {
        largest = larger(largest, lane);
    }
    largest
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// A row's softmax, in its place.
#[inline(always)]
pub fn softmax(row: &mut [f32]) {
    let largest = max(row);
    for x in &mut *row {
        *x = exp(*x - largest);
    }
    let scale = 1.0 / sum(row, |x| x);
    for x in row {
        *x *= scale;
    }
}

/// The gradient of what went into [`softmax`], in the place of the gradient of what came out, y.
#[inline(always)]
pub fn softmax_backward(y: &[f32], gradient: &mut [f32]) {
    let mean = sum2(gradient, y, |gradient, y| gradient * y);
    for (gradient, y) in gradient.iter_mut().zip(y) {
        *gradient = y * (*gradient - mean);
    }
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
fn sigmoid(x: f32) -> f32 {
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

/// x·Φ(x).
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    x * normal(x).0
}

/// ∂/∂x of [`gelu`].
#[inline(always)]
pub fn gelu_slope(x: f32) -> f32 {
    let (below, density) = normal(x);
    below + x * density
}

/// Φ(x) and φ(x) of the normal distribution; Φ by Abramowitz and Stegun 7.1.26, to 1e-7.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
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
