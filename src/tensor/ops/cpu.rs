//! CPU kernels of the own operations: whole rows in cache.
//!
//! Each loop is compiled for the widest vectors that the machine has; numbers do not depend on how many threads run.
use super::compute::Compute;
use super::cpu_attention::{self, HeadShape};
use super::cpu_math::{gelu, gelu_slope, moments, silu, silu_slope, softmax, softmax_backward, sum, sum2, sums2};
use super::own::{Attend, ConvShape, NormShape, OwnOps, PackedShape};
use super::{cpu_conv, cpu_unpack, scores, stock};
use crate::tensor::vectors::widest;
use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, TensorData};
use rayon::prelude::*;

/// Numbers in one task: enough to be worth a thread's while.
const TASK: usize = 16 * 1024;

impl Attend for Flex {
    fn attention_keeping(query: FlexTensor, key: FlexTensor, value: FlexTensor) -> (FlexTensor, Option<FlexTensor>) {
        (Self::own_attention(query, key, value), None)
    }

    fn attention_backward(
        parts: [FlexTensor; 3],
        kept: Option<FlexTensor>,
        gradient: FlexTensor,
        compute: Compute,
        wanted: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        if gradient.dtype() != DType::F32 {
            return scores::attention_backward::<Self>(parts, kept, gradient, compute, wanted);
        }
        let shapes = parts.each_ref().map(|part| part.layout().shape().clone());
        let heads = heads(&parts);
        let [query, key, value] = parts.map(Numbers::new);
        let gradient = Numbers::new(gradient);
        let of = cpu_attention::backward([query.slice(), key.slice(), value.slice(), gradient.slice()], heads);
        let mut shapes = shapes.into_iter();
        of.map(|numbers| shapes.next().map(|shape| FlexTensor::from_data(TensorData::new(numbers, shape))))
    }
}

/// The sizes of query, key and value `[b, heads, rows, d]`.
fn heads([query, key, _]: &[FlexTensor; 3]) -> HeadShape {
    let (query, key) = (query.layout().shape(), key.layout().shape());
    HeadShape { heads: query[0] * query[1], queries: query[2], keys: key[2], d: query[3] }
}

impl OwnOps for Flex {
    fn own_attention(query: FlexTensor, key: FlexTensor, value: FlexTensor) -> FlexTensor {
        if query.dtype() != DType::F32 {
            return scores::attention::<Self>(query, key, value);
        }
        let (shape, parts) = (query.layout().shape().clone(), [query, key, value]);
        let heads = heads(&parts);
        let [query, key, value] = parts.map(Numbers::new);
        let heard = cpu_attention::forward(query.slice(), key.slice(), value.slice(), heads);
        FlexTensor::from_data(TensorData::new(heard, shape))
    }

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
        map(x, silu)
    }

    fn own_silu_backward(x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::silu_backward::<Self>(x, gradient);
        }
        times_slope(x, gradient, silu_slope)
    }

    fn own_gelu(x: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return <Self as burn::backend::ops::ActivationOps<Self>>::gelu(x);
        }
        map(x, gelu)
    }

    fn own_gelu_backward(x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::gelu_backward::<Self>(x, gradient);
        }
        times_slope(x, gradient, gelu_slope)
    }

    fn own_softmax(x: FlexTensor) -> FlexTensor {
        let row = x.layout().shape().last().copied().unwrap_or(1);
        if x.dtype() != DType::F32 || row == 0 {
            return stock::softmax::<Self>(x);
        }
        rows(
            x,
            row,
            #[inline(always)]
            |_, row| softmax(row),
        )
    }

    fn own_softmax_backward(y: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let row = y.layout().shape().last().copied().unwrap_or(1);
        if y.dtype() != DType::F32 || row == 0 {
            return stock::softmax_backward::<Self>(y, gradient);
        }
        let y = Numbers::new(y);
        let all = y.slice();
        rows(
            gradient,
            row,
            #[inline(always)]
            |at, gradient| softmax_backward(&all[at * row..(at + 1) * row], gradient),
        )
    }

    fn own_norm(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, shape: NormShape) -> FlexTensor {
        if x.dtype() != DType::F32 {
            return stock::norm::<Self>(x, weight, bias, shape);
        }
        let affine = Affine::new(weight, bias, shape);
        rows(
            x,
            shape.row,
            #[inline(always)]
            |at, row| affine.norm(at, row),
        )
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
        rows(
            gradient,
            shape.row,
            #[inline(always)]
            |at, d| affine.backward(at, &all[at * shape.row..(at + 1) * shape.row], d),
        )
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
        let of_rows = weights.par_chunks_mut(n).zip(biases.par_chunks_mut(n)).enumerate();
        let rows = of_rows.zip(x.slice().par_chunks(shape.row).zip(gradient.slice().par_chunks(shape.row)));
        rows.for_each(|((at, (weights, biases)), (x, d))| {
            widest(
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

    /// A row's norm, in its place.
    #[inline(always)]
    fn norm(&self, at: usize, row: &mut [f32]) {
        let NormShape { eps, span, silu: then_silu, .. } = self.shape;
        let (mean, scale) = moments(row, eps);
        let (weights, biases) = self.of(at);
        for ((span, weight), bias) in row.chunks_exact_mut(span).zip(weights).zip(biases) {
            let (a, b) = (weight * scale, bias - mean * weight * scale);
            if then_silu {
                for x in span {
                    *x = silu(*x * a + b);
                }
            } else {
                for x in span {
                    *x = *x * a + b;
                }
            }
        }
    }

    /// The gradient at a row x of what it was before, in the place of the gradient d of its norm.
    #[inline(always)]
    fn backward(&self, at: usize, x: &[f32], d: &mut [f32]) {
        let NormShape { eps, span, silu, .. } = self.shape;
        let (mean, scale) = moments(x, eps);
        let (weights, biases) = self.of(at);
        for (((d, x), &weight), &bias) in d.chunks_exact_mut(span).zip(x.chunks_exact(span)).zip(weights).zip(biases) {
            if silu {
                for (d, x) in d.iter_mut().zip(x) {
                    *d *= weight * silu_slope((x - mean) * scale * weight + bias);
                }
            } else {
                for d in d {
                    *d *= weight;
                }
            }
        }
        let n = x.len() as f32;
        let centre = sum(d, |d| d) / n;
        let along = sum2(d, x, |d, x| d * (x - mean) * scale) / n;
        for (d, x) in d.iter_mut().zip(x) {
            *d = (*d - centre - (x - mean) * scale * along) * scale;
        }
    }

    /// Σ g·x̂ and Σ g over each span of a row, g being the gradient at what goes into silu if there is one.
    #[inline(always)]
    fn sums(&self, at: usize, x: &[f32], d: &[f32], weights: &mut [f32], biases: &mut [f32]) {
        let NormShape { eps, span, silu, .. } = self.shape;
        let (mean, scale) = moments(x, eps);
        let (weight, bias) = self.of(at);
        for (idx, (x, d)) in x.chunks_exact(span).zip(d.chunks_exact(span)).enumerate() {
            let hat = |x: f32| (x - mean) * scale;
            let (weight, bias) = (weight[idx], bias[idx]);
            (weights[idx], biases[idx]) = if silu {
                sums2(
                    x,
                    d,
                    #[inline(always)]
                    |x, d| {
                        let slope = silu_slope(hat(x) * weight + bias);
                        [d * slope * hat(x), d * slope]
                    },
                )
            } else {
                (sum2(x, d, |x, d| d * hat(x)), sum(d, |d| d))
            };
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
    Numbers::new(x).change(|values| {
        values.par_chunks_mut(TASK).for_each(|task| {
            widest(
                #[inline(always)]
                || {
                    for x in &mut *task {
                        *x = f(*x);
                    }
                },
            );
        });
    })
}

/// The gradient times `slope` of every number.
fn times_slope(x: FlexTensor, gradient: FlexTensor, slope: impl Fn(f32) -> f32 + Sync) -> FlexTensor {
    let x = Numbers::new(x);
    Numbers::new(gradient).change(|values| {
        values.par_chunks_mut(TASK).zip(x.slice().par_chunks(TASK)).for_each(|(task, x)| {
            widest(
                #[inline(always)]
                || {
                    for (gradient, x) in task.iter_mut().zip(x) {
                        *gradient *= slope(*x);
                    }
                },
            );
        });
    })
}

/// f of every row and its index.
fn rows(x: FlexTensor, row: usize, f: impl Fn(usize, &mut [f32]) + Sync) -> FlexTensor {
    let per_task = (TASK / row).max(1);
    Numbers::new(x).change(|values| {
        values.par_chunks_mut(per_task * row).enumerate().for_each(|(task_idx, task)| {
            widest(
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
