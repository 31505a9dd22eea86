//! Own operations against their definitions in f64, forwards and backwards, on views and rows of any length.
use crate::reference::{both_ways, device};
use burn::tensor::{Tensor, TensorData};
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::tensor::noise::Noise;
use instructbrush::tensor::ops;

/// A tensor of noise times `scale`, and its numbers; `view` makes it a part of a larger buffer, transposed.
fn noise(shape: [usize; 2], seed: u64, scale: f64, view: bool) -> (Tensor<2>, Vec<f64>) {
    let [rows, columns] = shape;
    let draw = Noise::new(seed).draw(rows * columns).iter().map(|x| x * scale as f32).collect::<Vec<_>>();
    let numbers = draw.iter().map(|&x| f64::from(x)).collect();
    let plain = Tensor::<2>::from_data(TensorData::new(draw, shape), &device());
    if !view {
        return (plain, numbers);
    }
    let padded = Tensor::cat(vec![plain.clone(), plain], 0).transpose().mul_scalar(1.0);
    (padded.narrow(1, rows, rows).transpose(), numbers)
}

/// Checks f and the gradient of Σ f(x)·g against a definition, whose gradient is taken by central differences in f64.
#[track_caller]
fn check(name: &str, ours: impl Fn(Tensor<2>) -> Tensor<2>, definition: impl Fn(&[f64]) -> Vec<f64>, scale: f64) {
    both_ways(|kernels| check_one(&format!("{name}, {kernels:?}"), &ours, &definition, scale));
}

#[track_caller]
fn check_one(name: &str, ours: impl Fn(Tensor<2>) -> Tensor<2>, definition: impl Fn(&[f64]) -> Vec<f64>, scale: f64) {
    for (case, shape) in [[3, 1], [2, 7], [4, 16], [5, 33], [1, 300]].into_iter().enumerate() {
        let (x, numbers) = noise(shape, case as u64, scale, case % 2 == 1);
        let (gradient, along) = noise(shape, 100 + case as u64, 1.0, false);
        let row = shape[1];
        let whole = |x: &[f64]| x.chunks_exact(row).flat_map(&definition).collect::<Vec<f64>>();
        close(name, "value", ours(x.clone()), &whole(&numbers));
        let tracked = x.autodiff().require_grad();
        let mut gradients = (ours(tracked.clone()) * gradient).sum().backward();
        let slopes: Vec<f64> = (0..numbers.len())
            .map(|at| {
                let step = 1e-5;
                let at_offset = |offset: f64| {
                    let mut moved = numbers.clone();
                    moved[at] += offset;
                    whole(&moved).iter().zip(&along).map(|(y, g)| y * g).sum::<f64>()
                };
                (at_offset(step) - at_offset(-step)) / (2.0 * step)
            })
            .collect();
        close(name, "gradient", tracked.grad_remove(&mut gradients).unwrap(), &slopes);
    }
}

#[track_caller]
fn close<const D: usize>(name: &str, what: &str, got: Tensor<D>, expected: &[f64]) {
    close_within(3e-6, name, what, got, expected);
}

#[track_caller]
fn close_within<const D: usize>(limit: f64, name: &str, what: &str, got: Tensor<D>, expected: &[f64]) {
    let got = pollster::block_on(instructbrush::tensor::readback::read(got)).unwrap();
    let largest = expected.iter().fold(1.0f64, |largest, x| largest.max(x.abs()));
    for (got, expected) in got.iter().zip(expected) {
        let error = (f64::from(*got) - expected).abs() / largest;
        assert!(error <= limit, "{name}: {what} is {got}, should be {expected}: relative error {error:.1e}");
    }
}

#[test]
fn silu_is_x_times_sigmoid() {
    check("silu", ops::silu, |x| x.iter().map(|x| x / (1.0 + (-x).exp())).collect(), 6.0);
}

#[test]
fn gelu_is_exact_in_both_directions() {
    // Φ by its series around 0: enough terms for |x| < 6
    let normal = |x: f64| {
        let (mut term, mut sum) = (x, x);
        for n in 1..120 {
            term *= x * x / f64::from(2 * n + 1);
            sum += term;
        }
        0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
    };
    check("gelu", ops::gelu, |x| x.iter().map(|&x| x * normal(x)).collect(), 1.5);
}

#[test]
fn softmax_sums_to_one() {
    let softmax = |x: &[f64]| {
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
        x.iter().map(|x| (x - largest).exp() / sum).collect()
    };
    check("softmax", ops::softmax, softmax, 8.0);
}

#[test]
fn norms_have_mean_bias_and_deviation_weight() {
    let ones = |n: usize, scale: f32| {
        Tensor::<1>::from_data(
            TensorData::new((0..n).map(|i| 1.0 + scale * i as f32 / n as f32).collect::<Vec<_>>(), [n]),
            &device(),
        )
    };
    let normalised = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64;
        x.iter().map(|x| (x - mean) / (variance + 1e-2).sqrt()).collect::<Vec<f64>>()
    };
    let weighted = |x: &[f64]| {
        let n = x.len() as f64;
        normalised(x)
            .iter()
            .enumerate()
            .map(|(i, x)| x * (1.0 + 0.5 * i as f64 / n) + 1.0 - 0.3 * i as f64 / n)
            .collect()
    };
    let layer = |x: Tensor<2>| {
        let n = x.dims()[1];
        ops::layer_norm(x.unsqueeze(), ones(n, 0.5), ones(n, -0.3), 1e-2).squeeze_dim(0)
    };
    check("layer norm", layer, weighted, 3.0);
    // one group over one channel of a row's pixels, then silu
    let group = |x: Tensor<2>| {
        let [rows, n] = x.dims();
        let y = ops::group_norm(x.reshape([rows, 1, 1, n]), ones(1, 0.0), ones(1, 0.0), 1, 1e-2, true);
        y.reshape([rows, n])
    };
    let silu = |x: &[f64]| normalised(x).iter().map(|x| (x + 1.0) / (1.0 + (-x - 1.0).exp())).collect();
    check("group norm", group, silu, 3.0);
}

/// Noise and its numbers in f64.
fn drawn<const D: usize>(shape: [usize; D], seed: u64) -> (Tensor<D>, Vec<f64>) {
    let draw = Noise::new(seed).draw(shape.iter().product());
    let numbers = draw.iter().map(|&x| f64::from(x)).collect();
    (Tensor::from_data(TensorData::new(draw, shape), &device()), numbers)
}

#[test]
fn norms_of_large_flat_pictures_keep_what_differs() {
    // three quarters of a million equal numbers: their sum must not lose what the last quarter is about
    let n = 1 << 20;
    let draw = Noise::new(1).draw(n / 4);
    let numbers: Vec<f32> = (0..n).map(|at| draw.get(at).map_or(1.01, |x| 1.0 + 0.05 * x)).collect();
    let exact: Vec<f64> = numbers.iter().map(|&x| f64::from(x)).collect();
    let mean = exact.iter().sum::<f64>() / n as f64;
    let variance = exact.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
    let expected: Vec<f64> = exact.iter().map(|x| (x - mean) / (variance + 1e-6).sqrt()).collect();
    let x = Tensor::<1>::from_data(TensorData::new(numbers, [n]), &device()).reshape([1, 1, 1 << 10, 1 << 10]);
    both_ways(|kernels| {
        let (ones, zeros) = (Tensor::ones([1], &device()), Tensor::zeros([1], &device()));
        let y = ops::group_norm(x.clone(), ones, zeros, 1, 1e-6, false);
        close_within(3e-5, &format!("{kernels:?}"), "number", y, &expected);
    });
}

#[test]
fn norms_learn_their_weights() {
    let [b, c, h, w, groups] = [3, 6, 5, 7, 2];
    for silu in [false, true] {
        let ((x, xs), (g, gs)) = (drawn([b, c, h, w], 1), drawn([b, c, h, w], 2));
        let ((weight, weights), (bias, biases)) = (drawn([c], 3), drawn([c], 4));
        let value = |weights: &[f64], biases: &[f64]| {
            let group = c / groups * h * w;
            let mut sum = 0.0;
            for (at, x) in xs.chunks(group).enumerate() {
                let mean = x.iter().sum::<f64>() / group as f64;
                let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / group as f64;
                for (idx, x) in x.iter().enumerate() {
                    let channel = at % groups * (c / groups) + idx / (h * w);
                    let y = (x - mean) / (variance + 1e-5).sqrt() * weights[channel] + biases[channel];
                    sum += gs[at * group + idx] * if silu { y / (1.0 + (-y).exp()) } else { y };
                }
            }
            sum
        };
        let slopes = |of_weights: bool| {
            let slope = |channel: usize| {
                let moved = |step: f64| {
                    let (mut weights, mut biases) = (weights.clone(), biases.clone());
                    *if of_weights { &mut weights[channel] } else { &mut biases[channel] } += step;
                    value(&weights, &biases)
                };
                (moved(1e-5) - moved(-1e-5)) / 2e-5
            };
            (0..c).map(slope).collect::<Vec<f64>>()
        };
        let (of_weight, of_bias) = (slopes(true), slopes(false));
        both_ways(|kernels| {
            let name = format!("norm, {kernels:?}");
            let [weight, bias] = [&weight, &bias].map(|x| x.clone().autodiff().require_grad());
            let y = ops::group_norm(x.clone(), weight.clone(), bias.clone(), groups, 1e-5, silu);
            let mut gradients = (y * g.clone()).sum().backward();
            close(&name, "gradient of the weight", weight.grad_remove(&mut gradients).unwrap(), &of_weight);
            close(&name, "gradient of the bias", bias.grad_remove(&mut gradients).unwrap(), &of_bias);
        });
    }
}

#[test]
fn convolution_is_a_sum_over_patches() {
    // b, c_in, h, w, c_out, k, stride, padding: the networks' own, then sizes that fill no vector and no task
    let cases = [
        [2, 8, 16, 16, 4, 3, 1, 1],
        [1, 4, 20, 20, 40, 3, 1, 1],
        [3, 6, 9, 9, 8, 3, 2, 0],
        [2, 33, 5, 7, 17, 3, 2, 1],
        [2, 5, 8, 10, 7, 3, 2, 1], // the last row and column are seen by no patch of their own
        [5, 3, 8, 8, 6, 4, 4, 0],
        [2, 10, 6, 5, 9, 1, 1, 0],
    ];
    for (case, [b, c_in, h, w, c_out, k, stride, padding]) in cases.into_iter().enumerate() {
        let side = |n: usize| (n + 2 * padding - k) / stride + 1;
        let (height, width) = (side(h), side(w));
        let seed = 10 * case as u64;
        let ((x, xs), (weight, weights)) = (drawn([b, c_in, h, w], seed), drawn([c_out, c_in, k, k], seed + 1));
        let ((bias, biases), (g, gs)) = (drawn([c_out], seed + 2), drawn([b, c_out, height, width], seed + 3));
        let (mut y, mut dx) = (vec![0.0; gs.len()], vec![0.0; xs.len()]);
        let (mut dweight, mut dbias) = (vec![0.0; weights.len()], vec![0.0; c_out]);
        for at in 0..gs.len() {
            let (column, row) = (at % width, at / width % height);
            let (co, picture) = (at / (width * height) % c_out, at / (width * height * c_out));
            y[at] += biases[co];
            dbias[co] += gs[at];
            for of_weight in 0..c_in * k * k {
                let (kx, ky, ci) = (of_weight % k, of_weight / k % k, of_weight / (k * k));
                let (i, j) = (row * stride + ky, column * stride + kx);
                if i < padding || j < padding || i - padding >= h || j - padding >= w {
                    continue;
                }
                let of_x = ((picture * c_in + ci) * h + i - padding) * w + j - padding;
                let of_weight = co * c_in * k * k + of_weight;
                y[at] += xs[of_x] * weights[of_weight];
                dx[of_x] += gs[at] * weights[of_weight];
                dweight[of_weight] += gs[at] * xs[of_x];
            }
        }
        both_ways(|kernels| {
            let leaf = |x: &Tensor<4>| x.clone().autodiff().require_grad();
            let (x, weight, bias) = (leaf(&x), leaf(&weight), bias.clone().autodiff().require_grad());
            let got = ops::conv2d(x.clone(), weight.clone(), bias.clone(), stride, padding);
            let name = format!("convolution {case}, {kernels:?}");
            close(&name, "value", got.clone(), &y);
            let mut gradients = (got * g.clone()).sum().backward();
            close(&name, "gradient of x", x.grad_remove(&mut gradients).unwrap(), &dx);
            close(&name, "gradient of the weight", weight.grad_remove(&mut gradients).unwrap(), &dweight);
            close(&name, "gradient of the bias", bias.grad_remove(&mut gradients).unwrap(), &dbias);
        });
    }
}

#[test]
fn products_are_sums_over_rows_and_columns() {
    // outer and inner batches, m, k, n: less than a tile, edges of tiles, sums that are cut into parts, many batches
    let cases = [[1, 1, 3, 5, 2], [1, 2, 70, 33, 130], [2, 3, 17, 40, 9], [1, 1, 5, 2000, 40], [1, 1, 40, 1100, 6]];
    for (case, [outer, inner, m, k, n]) in cases.into_iter().enumerate() {
        let seed = 10 * case as u64;
        let ((left, lefts), (right, rights)) =
            (drawn([outer, inner, m, k], seed), drawn([outer, inner, k, n], seed + 1));
        let (g, gs) = drawn([outer, inner, m, n], seed + 2);
        let (mut y, mut dleft, mut dright) = (vec![0.0; gs.len()], vec![0.0; lefts.len()], vec![0.0; rights.len()]);
        for at in 0..gs.len() {
            let (batch, i, j) = (at / (m * n), at / n % m, at % n);
            for between in 0..k {
                let (of_left, of_right) = ((batch * m + i) * k + between, (batch * k + between) * n + j);
                y[at] += lefts[of_left] * rights[of_right];
                dleft[of_left] += gs[at] * rights[of_right];
                dright[of_right] += gs[at] * lefts[of_left];
            }
        }
        both_ways(|kernels| {
            for view in [false, true] {
                let transposed = |x: &Tensor<4>| x.clone().swap_dims(2, 3).mul_scalar(1.0).swap_dims(2, 3);
                let leaf = |x: &Tensor<4>| if view { transposed(x) } else { x.clone() }.autodiff().require_grad();
                let (left, right) = (leaf(&left), leaf(&right));
                let got = ops::matmul(left.clone(), right.clone());
                let name = format!("product {case}, {kernels:?}, transposed: {view}");
                close(&name, "value", got.clone(), &y);
                let mut gradients = (got * g.clone()).sum().backward();
                close(&name, "gradient of the left", left.grad_remove(&mut gradients).unwrap(), &dleft);
                close(&name, "gradient of the right", right.grad_remove(&mut gradients).unwrap(), &dright);
            }
        });
    }
}

#[test]
fn packed_matrices_multiply_and_convolve_as_their_numbers_do() {
    use instructbrush::models::packed::scheme::Scheme;
    for (scheme, bits) in [(Scheme::F16, 16), (Scheme::Q8, 8), (Scheme::Q6, 6), (Scheme::Q4, 4)] {
        let (d_out, d_in) = (50, 9 * 32);
        let values: Vec<f32> = Noise::new(3).draw(d_out * d_in).iter().map(|x| 0.05 * x).collect();
        // in two pieces, as a shard's end may cut
        let mut packed = ops::Packed::new(d_in, bits);
        let mut kept = Vec::new();
        for (rows, values) in [(20, &values[..20 * d_in]), (30, &values[20 * d_in..])] {
            let bytes = scheme.encode(values).unwrap();
            kept.extend(scheme.decode(&bytes, values.len()).unwrap());
            packed.push(bytes, rows, &device());
        }
        let numbers = pollster::block_on(instructbrush::tensor::readback::read(packed.unpack())).unwrap();
        assert!(numbers == kept, "{scheme:?}: unpacked otherwise than decoded");
        if packed.has_rows() {
            let ids = [49usize, 0, 20, 19, 7, 20, 33];
            let rows = packed.rows_of(Tensor::from_data(TensorData::from(ids.map(|id| id as i32)), &device()));
            let wanted: Vec<f32> = ids.iter().flat_map(|id| kept[id * d_in..][..d_in].to_vec()).collect();
            assert!(pollster::block_on(instructbrush::tensor::readback::read(rows)).unwrap() == wanted, "rows {ids:?}");
        }
        let kept = Tensor::<1>::from_data(TensorData::new(kept, [d_out * d_in]), &device());
        let bias = drawn([d_out], 5).0;

        both_ways(|kernels| packed_ones_are(&format!("{scheme:?}, {kernels:?}"), &packed, &kept, &bias));
    }
}

/// `packed`, a matrix of 50 rows or 3×3 kernels over 32 channels, has the numbers `kept`.
fn packed_ones_are(name: &str, packed: &ops::Packed, kept: &Tensor<1>, bias: &Tensor<1>) {
    let (d_out, d_in) = (50, 9 * 32);
    let (x, g) = (drawn([7, d_in], 6).0, drawn([7, d_out], 7).0);
    let both = [true, false].map(|is_packed| {
        let x = x.clone().autodiff().require_grad();
        let y = match is_packed {
            true => ops::packed_linear(x.clone(), packed, Some(bias.clone())),
            false => ops::linear(x.clone(), kept.clone().reshape([d_out, d_in]).transpose(), Some(bias.clone())),
        };
        let gradients = (y.clone() * g.clone()).sum().backward();
        [y.inner().reshape([7 * d_out]), x.grad(&gradients).unwrap().reshape([7 * d_in])]
    });
    same(&format!("{name}: linear"), both);

    let (x, g) = (drawn([2, 32, 6, 5], 8).0, drawn([2, d_out, 3, 3], 9).0);
    let both = [true, false].map(|is_packed| {
        let x = x.clone().autodiff().require_grad();
        let y = match is_packed {
            true => ops::packed_conv2d(x.clone(), packed, bias.clone(), 3, 2, 1),
            false => ops::conv2d(x.clone(), kept.clone().reshape([d_out, 32, 3, 3]), bias.clone(), 2, 1),
        };
        let gradients = (y.clone() * g.clone()).sum().backward();
        [y.inner().reshape([2 * d_out * 9]), x.grad(&gradients).unwrap().reshape([2 * 32 * 30])]
    });
    same(&format!("{name}: convolution"), both);
}

#[track_caller]
fn same(what: &str, [ours, theirs]: [[Tensor<1>; 2]; 2]) {
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        let theirs = pollster::block_on(instructbrush::tensor::readback::read(theirs)).unwrap();
        close(what, "packed", ours, &theirs.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
    }
}

#[test]
fn attention_in_bands_is_attention_at_once() {
    // 3100² scores are more than are held at a time: on a GPU two bands forwards, made again backwards, on a CPU many; then heads, of several pictures, whose
    // rows fill no vector and no tile; then the fewest there can be
    for [b, n, m, heads, d] in [[1, 3100, 3100, 1, 4], [2, 241, 77, 3, 5], [3, 6, 300, 2, 9], [1, 3, 1, 2, 1]] {
        let [query, g] = [1, 4].map(|seed| drawn([b, n, heads * d], seed).0);
        let [key, value] = [2, 3].map(|seed| drawn([b, m, heads * d], seed).0);
        let leaves = || [&query, &key, &value].map(|x| x.clone().autodiff().require_grad());
        let gradients = |y: Tensor<3>, leaves: [Tensor<3>; 3]| {
            let gradients = (y.clone() * g.clone()).sum().backward();
            let mut all = vec![y.inner()];
            all.extend(leaves.map(|leaf| leaf.grad(&gradients).unwrap()));
            all.into_iter().map(|x| x.flatten(0, 2)).collect::<Vec<Tensor<1>>>()
        };
        let [q, k, v] = leaves();
        let ours = gradients(ops::attention(q.clone(), k.clone(), v.clone(), heads, false), [q, k, v]);
        let [q, k, v] = leaves();
        let split = |x: &Tensor<3>| x.clone().reshape([b as i32, -1, heads as i32, d as i32]).swap_dims(1, 2);
        let scores = split(&q).mul_scalar((d as f64).sqrt().recip()).matmul(split(&k).transpose());
        let heard = burn::tensor::activation::softmax(scores, 3).matmul(split(&v));
        let theirs = gradients(heard.swap_dims(1, 2).reshape([b, n, heads * d]), [q, k, v]);
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            let theirs = pollster::block_on(instructbrush::tensor::readback::read(theirs)).unwrap();
            close("attention", "in bands", ours, &theirs.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn large_convolutions_are_burns() {
    use burn::tensor::module::conv2d;
    use burn::tensor::ops::ConvOptions;
    // many enough to be cut into the largest tiles on a GPU; the last ones are not full
    let (c, side) = (72, 95);
    let device = devices::open(DeviceName::Cpu).unwrap();
    let numbers = |n: usize, seed: u64| Noise::new(seed).draw(n);
    let (x, weight) =
        (numbers(c * side * side, 1), numbers(c * c * 9, 2).iter().map(|x| x * 0.05).collect::<Vec<f32>>());
    for stride in [1, 2] {
        let out = (side - 1) / stride + 1;
        let g = numbers(c * out * out, 3);
        let all = |own: bool, device: &burn::tensor::Device| {
            let tensor = |numbers: &[f32], dims: [usize; 4]| {
                Tensor::<1>::from_data(TensorData::new(numbers.to_vec(), [numbers.len()]), device).reshape(dims)
            };
            let x = tensor(&x, [1, c, side, side]).autodiff().require_grad();
            let weight = tensor(&weight, [c, c, 3, 3]).autodiff().require_grad();
            let y = match own {
                true => ops::conv2d(x.clone(), weight.clone(), Tensor::zeros([c], device), stride, 1),
                false => {
                    let options = ConvOptions::new([stride, stride], [1, 1], [1, 1], 1);
                    conv2d(x.clone(), weight.clone(), None, options)
                }
            };
            let gradients = (y.clone() * tensor(&g, [1, c, out, out])).sum().backward();
            let flat = |x: Tensor<4>| x.clone().reshape([x.dims().iter().product::<usize>()]);
            [flat(y.inner()), flat(x.grad(&gradients).unwrap()), flat(weight.grad(&gradients).unwrap())]
        };
        let theirs = all(false, &device).map(|x| {
            let numbers = pollster::block_on(instructbrush::tensor::readback::read(x)).unwrap();
            numbers.iter().map(|&x| f64::from(x)).collect::<Vec<_>>()
        });
        both_ways(|kernels| {
            for (ours, theirs) in all(true, &super::reference::device()).into_iter().zip(&theirs) {
                // both sides round sums of up to 9,025 products of f32: √9025 · 2⁻²⁴ ≈ 6e-6
                close_within(2e-5, &format!("large convolution, {kernels:?}"), "number", ours, theirs);
            }
        });
    }
}
