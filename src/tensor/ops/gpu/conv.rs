//! Convolution as a matrix product over unfolded patches, in pieces that keep the temporary small.
use super::super::own::ConvShape;
use super::super::stock;
use super::matmul::plain;
use super::patches::{fold, unfold};
use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{Shape, Slice};

/// Numbers in a temporary: 64 MB of f32.
const TEMPORARY: usize = 16 << 20;

/// Pieces of `n`, each of at most `most`.
fn pieces(n: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let most = most.clamp(1, n.max(1));
    (0..n).step_by(most).map(move |first| (first, most.min(n - first)))
}

fn rows(x: FloatTensor<Cube>, first: usize, n: usize) -> FloatTensor<Cube> {
    Cube::float_slice(x, &[Slice::from(first..first + n)])
}

fn together(mut parts: Vec<FloatTensor<Cube>>, axis: usize) -> FloatTensor<Cube> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            Cube::float_cat(parts, axis)
        }
        None => unreachable!("there is always a piece"),
    }
}

/// x ∗ weight + bias.
pub fn forward(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
    shape: ConvShape,
) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, c_out, k, .. } = shape;
    let [height, width] = shape.size_out();
    let (taps, n) = (c_in * k * k, height * width);
    let weight = Cube::float_reshape(weight, Shape::new([1, c_out, taps]));
    // whole pictures as long as one fits, else one picture in bands
    let pictures = (TEMPORARY / (taps * n)).clamp(1, b);
    let y = pieces(b, pictures).map(|(first, b)| {
        let (x, part) = (rows(x.clone(), first, b), ConvShape { b, ..shape });
        let bands = pieces(n, TEMPORARY / taps).map(|(first, pixels)| {
            let columns = if k == 1 && shape.stride == 1 && shape.padding == 0 && pixels == n {
                Cube::float_reshape(x.clone(), Shape::new([b, c_in, n]))
            } else {
                unfold(x.clone(), part, first, pixels)
            };
            plain(weight.clone(), columns)
        });
        together(bands.collect(), 2)
    });
    let y = Cube::float_reshape(together(y.collect(), 0), Shape::new([b, c_out, height, width]));
    Cube::float_add(y, Cube::float_reshape(bias, Shape::new([1, c_out, 1, 1])))
}

/// ∂/∂x of [`forward`], times `gradient`.
pub fn x_backward(weight: FloatTensor<Cube>, gradient: FloatTensor<Cube>, shape: ConvShape) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, h, w, c_out, k, stride, padding } = shape;
    let [height, width] = shape.size_out();
    let n = height * width;
    let gradient = Cube::float_reshape(gradient, Shape::new([b, c_out, n]));
    let pictures = (TEMPORARY / (c_in * k * k * n)).clamp(1, b);
    let x = pieces(b, pictures).map(|(first, b)| {
        let gradient = rows(gradient.clone(), first, b);
        let channels = pieces(c_in, TEMPORARY / (b * k * k * n)).map(|(first, channels)| {
            let ranges = [Slice::from(0..c_out), Slice::from(first..first + channels)];
            let part = Cube::float_slice(weight.clone(), &ranges);
            let part = Cube::float_reshape(part, Shape::new([1, c_out, channels * k * k]));
            let columns = plain(Cube::float_transpose(part), gradient.clone());
            if k == 1 && stride == 1 && padding == 0 {
                Cube::float_reshape(columns, Shape::new([b, channels, h, w]))
            } else {
                fold(columns, ConvShape { b, ..shape }, channels)
            }
        });
        together(channels.collect(), 1)
    });
    together(x.collect(), 0)
}

/// ∂/∂weight of [`forward`], times `gradient`.
pub fn weight_backward(x: FloatTensor<Cube>, gradient: FloatTensor<Cube>, shape: ConvShape) -> FloatTensor<Cube> {
    let ConvShape { b, c_in, c_out, k, .. } = shape;
    let [height, width] = shape.size_out();
    let (taps, n) = (c_in * k * k, height * width);
    if taps * n > TEMPORARY {
        return stock::conv2d_weight_backward::<Cube>(x, gradient, shape);
    }
    let gradient = Cube::float_reshape(gradient, Shape::new([b, c_out, n]));
    let sums = pieces(b, TEMPORARY / (taps * n)).map(|(first, b)| {
        let columns = unfold(rows(x.clone(), first, b), ConvShape { b, ..shape }, 0, n);
        let products = plain(rows(gradient.clone(), first, b), Cube::float_transpose(columns));
        Cube::float_sum_dim(products, 0)
    });
    let sum = sums.reduce(Cube::float_add).unwrap_or_else(|| unreachable!("there is always a piece"));
    Cube::float_reshape(sum, Shape::new([c_out, c_in, k, k]))
}
