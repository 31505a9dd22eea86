//! GPU kernels of the own operations, one source for WGSL, SPIR-V and CUDA.
#[allow(clippy::collapsible_if)] // the outer one is decided when a kernel is made
mod conv;
mod half;
mod largest;
mod launch;
mod matmul;
mod reduce;
mod rows;
#[allow(clippy::collapsible_if)] // likewise
mod strips;
mod tile;
mod units;
#[allow(clippy::collapsible_if)] // likewise
mod unpack;

use super::compute::Compute;
use super::own::{Attend, ConvShape, NormShape, OwnOps, PackedShape};
use super::stock;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Cube, TensorMetadata};
use burn::cubecl::MemoryScope;
use burn::tensor::{DType, Shape, TensorData};

/// Free bytes that may gather in an allocator: making buffers anew takes time too.
const GATHERED: u64 = 256 << 20;

/// Whether products are to be of halves now, and their numbers are not already.
fn halves(tensor: &FloatTensor<Cube>) -> bool {
    Compute::now() == Compute::F16 && is_f32(tensor)
}

fn is_f32(tensor: &FloatTensor<Cube>) -> bool {
    tensor.dtype() == DType::F32
}

impl Attend for Cube {}

impl OwnOps for Cube {
    fn own_memory(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let usage = x.client.memory_report(MemoryScope::Device).usage();
        let numbers = [usage.bytes_in_use, usage.bytes_reserved].map(|bytes| bytes as f32 / (1 << 20) as f32);
        Self::float_from_data(TensorData::from(numbers), &x.device)
    }

    fn own_tidy(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let usage = x.client.memory_report(MemoryScope::Device).usage();
        if usage.bytes_reserved > usage.bytes_in_use + GATHERED {
            // it refuses while it records a graph, and then the next time will do
            let _ = x.client.memory_cleanup();
        }
        x
    }

    fn own_matmul(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        if halves(&left) && is_f32(&right) {
            half::matmul(left, right)
        } else if is_f32(&left) && is_f32(&right) {
            matmul::plain(left, right)
        } else {
            Self::float_matmul(left, right) // on tensor cores if there are any: right for 16 bits
        }
    }

    fn own_magnitude(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) { largest::magnitude(x) } else { Self::float_max_abs(x) }
    }

    fn own_silu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) { units::silu(x) } else { stock::silu::<Self>(x) }
    }

    fn own_silu_backward(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) { units::silu_backward(x, gradient) } else { stock::silu_backward::<Self>(x, gradient) }
    }

    fn own_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) { rows::softmax(x) } else { stock::softmax::<Self>(x) }
    }

    fn own_softmax_backward(y: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&y) { rows::softmax_backward(y, gradient) } else { stock::softmax_backward::<Self>(y, gradient) }
    }

    fn own_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        if is_f32(&x) { rows::norm(x, weight, bias, shape) } else { stock::norm::<Self>(x, weight, bias, shape) }
    }

    fn own_norm_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        if is_f32(&x) {
            rows::norm_backward(x, weight, bias, gradient, shape)
        } else {
            stock::norm_backward::<Self>(x, weight, bias, gradient, shape)
        }
    }

    fn own_norm_weight_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: NormShape,
    ) -> FloatTensor<Self> {
        if is_f32(&x) {
            rows::norm_weight_backward(x, weight, bias, gradient, shape)
        } else {
            stock::norm_weight_backward::<Self>(x, weight, bias, gradient, shape)
        }
    }

    fn own_over_rows(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) { launch::sum_rows(launch::packed(x)) } else { stock::over_rows::<Self>(x) }
    }

    fn own_over_pixels(gradient: FloatTensor<Self>, shape: ConvShape) -> FloatTensor<Self> {
        if is_f32(&gradient) {
            let [height, width] = shape.size_out();
            let planes = Self::float_reshape(gradient, Shape::new([shape.b * shape.c_out, height * width]));
            let sums = rows::sums(planes);
            launch::sum_rows(Self::float_reshape(sums, Shape::new([shape.b, shape.c_out])))
        } else {
            stock::over_pixels::<Self>(gradient, shape)
        }
    }

    fn own_unpack(words: IntTensor<Self>, shape: PackedShape) -> FloatTensor<Self> {
        unpack::unpack::<f32>(words, shape)
    }

    fn own_packed_matmul(x: FloatTensor<Self>, words: IntTensor<Self>, shape: PackedShape) -> FloatTensor<Self> {
        if halves(&x) {
            half::packed_matmul(x, words, shape)
        } else {
            Self::own_matmul(x, Self::float_transpose(Self::own_unpack(words, shape)))
        }
    }

    fn own_packed_matmul_backward(
        words: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: PackedShape,
    ) -> FloatTensor<Self> {
        if halves(&gradient) {
            half::matmul(gradient, unpack::unpack::<::half::f16>(words, shape))
        } else {
            Self::own_matmul(gradient, Self::own_unpack(words, shape))
        }
    }

    fn own_packed_conv2d_x_backward(
        words: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        packed: PackedShape,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        if halves(&gradient) {
            half::conv2d_x_backward(unpack::unpack::<::half::f16>(words, packed), gradient, shape)
        } else {
            Self::own_conv2d_x_backward(stock::kernels::<Self>(words, packed, shape), gradient, shape)
        }
    }

    fn own_packed_conv2d(
        x: FloatTensor<Self>,
        words: IntTensor<Self>,
        bias: FloatTensor<Self>,
        packed: PackedShape,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        if halves(&x) {
            half::conv2d(x, unpack::unpack::<::half::f16>(words, packed), bias, shape)
        } else {
            Self::own_conv2d(x, stock::kernels::<Self>(words, packed, shape), bias, shape)
        }
    }

    fn own_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        if halves(&x) {
            half::conv2d(x, weight, bias, shape)
        } else if is_f32(&x) {
            conv::forward(x, weight, bias, shape)
        } else {
            stock::conv2d::<Self>(x, weight, bias, shape)
        }
    }

    fn own_conv2d_x_backward(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        if halves(&gradient) {
            half::conv2d_x_backward(weight, gradient, shape)
        } else if is_f32(&weight) {
            conv::x_backward(weight, gradient, shape)
        } else {
            stock::conv2d_x_backward::<Self>(weight, gradient, shape)
        }
    }

    fn own_conv2d_weight_backward(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: ConvShape,
    ) -> FloatTensor<Self> {
        if is_f32(&x) {
            conv::weight_backward(x, gradient, shape)
        } else {
            stock::conv2d_weight_backward::<Self>(x, gradient, shape)
        }
    }
}
