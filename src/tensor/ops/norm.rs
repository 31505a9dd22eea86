//! Norms: mean and variance over groups of channels, or over the last axis.
use burn::tensor::{Tensor, activation};

/// Group normalisation (Wu and He 2018), followed by silu if asked.
///
/// # Shapes
/// x `[b, c, h, w]`, weight and bias `[c]` → as x
pub fn group_norm(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>, groups: usize, eps: f64, silu: bool) -> Tensor<4> {
    let [b, c, h, w] = x.dims();
    let rows = x.reshape([b * groups, c / groups * h * w]);
    let y = normalise(rows, eps).reshape([b, c, h, w]);
    let y = y * weight.reshape([1, c, 1, 1]) + bias.reshape([1, c, 1, 1]);
    if silu { activation::silu(y) } else { y }
}

/// Layer normalisation over the last axis (Ba et al. 2016).
///
/// # Shapes
/// x `[b, n, width]`, weight and bias `[width]` → as x
pub fn layer_norm(x: Tensor<3>, weight: Tensor<1>, bias: Tensor<1>, eps: f64) -> Tensor<3> {
    let [b, n, width] = x.dims();
    let y = normalise(x.reshape([b * n, width]), eps).reshape([b, n, width]);
    y * weight.reshape([1, 1, width]) + bias.reshape([1, 1, width])
}

/// (x − mean) / √(variance + eps) of each row.
fn normalise(rows: Tensor<2>, eps: f64) -> Tensor<2> {
    let centred = rows.clone() - rows.mean_dim(1);
    let variance = centred.clone().square().mean_dim(1);
    centred / variance.add_scalar(eps).sqrt()
}
