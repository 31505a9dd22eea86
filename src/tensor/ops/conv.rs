//! Convolution in two dimensions: padded all round, one group, no dilation, which is all that these networks have.
use super::own::{ConvShape, OwnOps};
use burn::backend::Dispatch;
use burn::tensor::Tensor;

/// Cross-correlation with square kernels (PyTorch's `conv2d`).
///
/// # Shapes
/// x `[b, c_in, h, w]`, weight `[c_out, c_in, k, k]`, bias `[c_out]` → `[b, c_out, ⌊(h + 2·padding − k)/stride⌋ + 1, …]`
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, stride: usize, padding: usize) -> Tensor<4> {
    let [b, c_in, h, w] = x.dims();
    let [c_out, expected, k, _] = weight.dims();
    assert_eq!(c_in, expected, "conv2d: expected {expected} channels, got {c_in}");
    assert!(h + 2 * padding >= k && w + 2 * padding >= k, "conv2d: {h}×{w} is smaller than the kernel of {k}");
    let shape = ConvShape { b, c_in, h, w, c_out, k, stride, padding };
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::own_conv2d(x, weight, bias, shape))
}
