//! CPU kernels of the own operations: whole rows in cache, exp and erf as polynomials that the compiler vectorises.
//!
//! `pulp` compiles each loop for the widest vectors that the machine has; numbers do not depend on how many threads run.
use super::own::{ConvShape, NormShape, OwnOps, PackedShape};
use super::{cpu_conv, cpu_unpack, stock};
use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, TensorData};
use pulp::Arch;
use rayon::prelude::*;

/// Numbers in one task: enough to be worth a thread's while.
const TASK: usize = 16 * 1024;
/// Partial sums kept side by side, so that sums and maxima vectorise.
const LANES: usize = 16;

impl OwnOps for Flex {
    fn own_unpack(words: FlexTensor, shape: PackedShape) -> FlexTensor {
        let numbers = match words.as_slice::<i32>() {
            Some(words) => cpu_unpack::unpack(words, shape),
            None => cpu_unpack::unpack(words.to_contiguous().storage::<i32>(), shape),
        };
        FlexTensor::from_data(TensorData::new(numbers, [shape.rows, shape.row]))
    }

    fn own_silu(x: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::silu::<Self>(x);
        }
        map(x, |x| x * sigmoid(x))
    }

    fn own_silu_backward(x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::silu_backward::<Self>(x, gradient);
        }
        zip(x, gradient, |x, gradient| gradient * silu_slope(x))
    }

    fn own_gelu(x: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return <Self as burn::backend::ops::ActivationOps<Self>>::gelu(x);
        }
        map(x, |x| x * normal(x).0)
    }

    fn own_gelu_backward(x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::gelu_backward::<Self>(x, gradient);
        }
        zip(x, gradient, |x, gradient| {
            let (below, density) = normal(x);
            gradient * (below + x * density)
        })
    }

    fn own_softmax(x: FlexTensor) -> FlexTensor {
        let row = x.layout().shape().last().copied().unwrap_or(1);
        if x.dtype() != DType::F32 || row == 0 {
            return stock::softmax::<Self>(x);
        }
        rows(x, row, |_, row| {
            let largest = max(row);
            row.iter_mut().for_each(|x| *x = exp(*x - largest));
            let scale = 1.0 / sum(row, |x| x);
            row.iter_mut().for_each(|x| *x *= scale);
        })
    }

    fn own_softmax_backward(y: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let row = y.layout().shape().last().copied().unwrap_or(1);
        if y.dtype() != DType::F32 || row == 0 {
            return stock::softmax_backward::<Self>(y, gradient);
        }
        let y = Numbers::new(y);
        let all = y.slice();
        rows(gradient, row, |at, gradient| {
            let y = &all[at * row..(at + 1) * row];
            let mean = sum2(gradient, y, |gradient, y| gradient * y);
            gradient.iter_mut().zip(y).for_each(|(gradient, y)| *gradient = y * (*gradient - mean));
        })
    }

    fn own_norm(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, shape: NormShape) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::norm::<Self>(x, weight, bias, shape);
        }
        let affine = Affine::new(weight, bias, shape);
        rows(x, shape.row, |at, row| {
            let (mean, scale) = moments(row, shape.eps);
            affine.each(at, row, |row, weight, bias| {
                let (a, b) = (weight * scale, bias - mean * weight * scale);
                match shape.silu {
                    true => row.iter_mut().for_each(|x| *x = silu(*x * a + b)),
                    false => row.iter_mut().for_each(|x| *x = *x * a + b),
                }
            });
        })
    }

    fn own_norm_backward(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        gradient: FlexTensor,
        shape: NormShape,
    ) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::norm_backward::<Self>(x, weight, bias, gradient, shape);
        }
        let affine = Affine::new(weight, bias, shape);
        let x = Numbers::new(x);
        let all = x.slice();
        rows(gradient, shape.row, |at, d| {
            let x = &all[at * shape.row..(at + 1) * shape.row];
            let (mean, scale) = moments(x, shape.eps);
            affine.each_with(at, d, x, |d, x, weight, bias| match shape.silu {
                true => d.iter_mut().zip(x).for_each(|(d, x)| {
                    *d *= weight * silu_slope((x - mean) * scale * weight + bias);
                }),
                false => d.iter_mut().for_each(|d| *d *= weight),
            });
            let n = shape.row as f32;
            let centre = sum(d, |d| d) / n;
            let along = sum2(d, x, |d, x| d * (x - mean) * scale) / n;
            d.iter_mut().zip(x).for_each(|(d, x)| *d = (*d - centre - (x - mean) * scale * along) * scale);
        })
    }

    fn own_norm_weight_backward(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        gradient: FlexTensor,
        shape: NormShape,
    ) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::norm_weight_backward::<Self>(x, weight, bias, gradient, shape);
        }
        let affine = Affine::new(weight, bias, shape);
        let (x, gradient) = (Numbers::new(x), Numbers::new(gradient));
        let n = shape.row / shape.span;
        let mut sums = vec![0f32; 2 * shape.rows * n];
        let (weights, biases) = sums.split_at_mut(shape.rows * n);
        let arch = Arch::new();
        let of_rows = weights.par_chunks_mut(n).zip(biases.par_chunks_mut(n)).enumerate();
        let rows = of_rows.zip(x.slice().par_chunks(shape.row).zip(gradient.slice().par_chunks(shape.row)));
        rows.for_each(|((at, (weights, biases)), (x, d))| {
            arch.dispatch(
                #[inline(always)]
                || affine.sums(at, x, d, weights, biases),
            );
        });
        FlexTensor::from_data(TensorData::new(sums, [2, shape.rows, n]))
    }

    fn own_conv2d(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, shape: ConvShape) -> FlexTensor {
        // kernels of one pixel are a matrix product
        if x.dtype() != DType::F32 || shape.k == 1 {
            return stock::conv2d::<Self>(x, weight, bias, shape);
        }
        let [x, weight, bias] = [x, weight, bias].map(Numbers::new);
        let [height, width] = shape.size_out();
        let y = cpu_conv::forward(x.slice(), weight.slice(), bias.slice(), shape);
        FlexTensor::from_data(TensorData::new(y, [shape.b, shape.c_out, height, width]))
    }

    fn own_conv2d_x_backward(weight: FlexTensor, gradient: FlexTensor, shape: ConvShape) -> FlexTensor {
        if gradient.dtype() != DType::F32 || shape.k == 1 {
            return stock::conv2d_x_backward::<Self>(weight, gradient, shape);
        }
        let [weight, gradient] = [weight, gradient].map(Numbers::new);
        let x = cpu_conv::x_backward(gradient.slice(), weight.slice(), shape);
        FlexTensor::from_data(TensorData::new(x, [shape.b, shape.c_in, shape.h, shape.w]))
    }

    fn own_conv2d_weight_backward(x: FlexTensor, gradient: FlexTensor, shape: ConvShape) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::conv2d_weight_backward::<Self>(x, gradient, shape);
        }
        let [x, gradient] = [x, gradient].map(Numbers::new);
        let weight = cpu_conv::weight_backward(x.slice(), gradient.slice(), shape);
        FlexTensor::from_data(TensorData::new(weight, [shape.c_out, shape.c_in, shape.k, shape.k]))
    }
}

/// Weight and bias of a norm, and where they apply.
struct Affine {
    weight: Numbers,
    bias: Numbers,
    shape: NormShape,
}

impl Affine {
    fn new(weight: FlexTensor, bias: FlexTensor, shape: NormShape) -> Self {
        Self { weight: Numbers::new(weight), bias: Numbers::new(bias), shape }
    }

    /// Weights and biases of a row.
    #[inline(always)]
    fn of(&self, row: usize) -> (&[f32], &[f32]) {
        let n = self.shape.row / self.shape.span;
        let at = row % self.shape.period * n;
        (&self.weight.slice()[at..at + n], &self.bias.slice()[at..at + n])
    }

    /// Σ g·x̂ and Σ g over each span of a row, g being the gradient at what goes into silu if there is one.
    #[inline(always)]
    fn sums(&self, at: usize, x: &[f32], d: &[f32], weights: &mut [f32], biases: &mut [f32]) {
        let NormShape { eps, span, silu, .. } = self.shape;
        let (mean, scale) = moments(x, eps);
        let (weight, bias) = self.of(at);
        for (idx, (x, d)) in x.chunks_exact(span).zip(d.chunks_exact(span)).enumerate() {
            let hat = |x: f32| (x - mean) * scale;
            let slope = |x: f32| if silu { silu_slope(hat(x) * weight[idx] + bias[idx]) } else { 1.0 };
            weights[idx] = sum2(x, d, |x, d| d * slope(x) * hat(x));
            biases[idx] = sum2(x, d, |x, d| d * slope(x));
        }
    }

    /// Calls `f` for each span of a row with its weight and bias.
    #[inline(always)]
    fn each(&self, at: usize, row: &mut [f32], mut f: impl FnMut(&mut [f32], f32, f32)) {
        let (weights, biases) = self.of(at);
        for ((span, weight), bias) in row.chunks_exact_mut(self.shape.span).zip(weights).zip(biases) {
            f(span, *weight, *bias);
        }
    }

    /// [`Self::each`] over two rows.
    #[inline(always)]
    fn each_with(&self, at: usize, row: &mut [f32], x: &[f32], mut f: impl FnMut(&mut [f32], &[f32], f32, f32)) {
        let (weights, biases) = self.of(at);
        let spans = row.chunks_exact_mut(self.shape.span).zip(x.chunks_exact(self.shape.span));
        for (((span, x), weight), bias) in spans.zip(weights).zip(biases) {
            f(span, x, *weight, *bias);
        }
    }
}

/// A tensor's numbers in order: the whole of a buffer.
struct Numbers(FlexTensor);

impl Numbers {
    fn new(x: FlexTensor) -> Self {
        Self(x.to_contiguous())
    }

    fn slice(&self) -> &[f32] {
        self.0.storage()
    }

    /// f on the numbers: in place where nobody else holds them, else on a copy.
    fn change(mut self, f: impl FnOnce(&mut [f32])) -> FlexTensor {
        f(self.0.storage_mut());
        self.0
    }
}

/// f of every number.
fn map(x: FlexTensor, f: impl Fn(f32) -> f32 + Sync) -> FlexTensor {
    let arch = Arch::new();
    Numbers::new(x).change(|values| {
        values.par_chunks_mut(TASK).for_each(|task| {
            arch.dispatch(
                #[inline(always)]
                || task.iter_mut().for_each(|x| *x = f(*x)),
            );
        });
    })
}

/// f of every pair of numbers.
fn zip(x: FlexTensor, gradient: FlexTensor, f: impl Fn(f32, f32) -> f32 + Sync) -> FlexTensor {
    let x = Numbers::new(x);
    let arch = Arch::new();
    Numbers::new(gradient).change(|values| {
        values.par_chunks_mut(TASK).zip(x.slice().par_chunks(TASK)).for_each(|(task, x)| {
            arch.dispatch(
                #[inline(always)]
                || task.iter_mut().zip(x).for_each(|(gradient, x)| *gradient = f(*x, *gradient)),
            );
        });
    })
}

/// f of every row and its index.
fn rows(x: FlexTensor, row: usize, f: impl Fn(usize, &mut [f32]) + Sync) -> FlexTensor {
    let arch = Arch::new();
    let per_task = (TASK / row).max(1);
    Numbers::new(x).change(|values| {
        values.par_chunks_mut(per_task * row).enumerate().for_each(|(task_idx, task)| {
            arch.dispatch(
                #[inline(always)]
                || {
                    for (idx, row) in task.chunks_exact_mut(row).enumerate() {
                        f(task_idx * per_task + idx, row);
                    }
                },
            );
        });
    })
}

/// Mean and 1/√(variance + eps); partial sums of a few thousand numbers are added in f64.
#[inline(always)]
fn moments(row: &[f32], eps: f64) -> (f32, f32) {
    const PART: usize = 4096;
    let n = row.len() as f64;
    let mean = (row.chunks(PART).map(|part| f64::from(sum(part, |x| x))).sum::<f64>() / n) as f32;
    let squares = row.chunks(PART).map(|part| f64::from(sum(part, |x| (x - mean) * (x - mean))));
    (mean, (1.0 / (squares.sum::<f64>() / n + eps).sqrt()) as f32)
}

#[inline(always)]
fn sum(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
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

#[inline(always)]
fn sum2(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
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

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

#[inline(always)]
fn silu_slope(x: f32) -> f32 {
    let s = sigmoid(x);
    s * (1.0 + x * (1.0 - s))
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
