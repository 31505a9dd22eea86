//! Norms: mean and variance over groups of channels, or over the last axis.
use super::own::{NormShape, OwnOps};
use burn::backend::Dispatch;
use burn::tensor::Tensor;

/// Group normalisation (Wu and He 2018), followed by silu if asked.
///
/// # Shapes
/// x `[b, c, h, w]`, weight and bias `[c]` → as x
pub fn group_norm(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>, groups: usize, eps: f64, silu: bool) -> Tensor<4> {
    let [b, c, h, w] = x.dims();
    norm(
        x,
        weight,
        bias,
        NormShape { rows: b * groups, row: c / groups * h * w, period: groups, span: h * w, eps, silu },
    )
}

/// Layer normalisation over the last axis (Ba et al. 2016).
///
/// # Shapes
/// x `[b, n, width]`, weight and bias `[width]` → as x
pub fn layer_norm(x: Tensor<3>, weight: Tensor<1>, bias: Tensor<1>, eps: f64) -> Tensor<3> {
    let [b, n, width] = x.dims();
    norm(x, weight, bias, NormShape { rows: b * n, row: width, period: 1, span: 1, eps, silu: false })
}

fn norm<const D: usize>(x: Tensor<D>, weight: Tensor<1>, bias: Tensor<1>, shape: NormShape) -> Tensor<D> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::own_norm(x, weight, bias, shape))
}
