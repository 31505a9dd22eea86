//! Scaled dot-product attention with heads (Vaswani et al. 2017).
use burn::tensor::{Tensor, TensorData, activation};

/// softmax(Q·Kᵀ/√d_head)·V per head; `causal`: each query sees only keys up to its own position.
///
/// # Shapes
/// query `[b, n, heads·d_head]`, key and value `[b or 1, m, heads·d_head]` → as query
pub fn attention(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize, causal: bool) -> Tensor<3> {
    let [b, n, width] = query.dims();
    let [_, m, _] = key.dims();
    let d_head = width / heads;
    let split = |x: Tensor<3>| {
        let [b, tokens, _] = x.dims();
        x.reshape([b, tokens, heads, d_head]).swap_dims(1, 2) // [b, heads, tokens, d_head]
    };
    let scale = 1.0 / (d_head as f64).sqrt();
    let mut scores = split(query).mul_scalar(scale).matmul(split(key).swap_dims(2, 3)); // [b, heads, n, m]
    if causal {
        let mask: Vec<f32> = (0..n * m).map(|at| if at % m > at / m { f32::NEG_INFINITY } else { 0.0 }).collect();
        let device = scores.device().without_autodiff();
        scores = scores + Tensor::<4>::from_data(TensorData::new(mask, [1, 1, n, m]), &device);
    }
    let heard = activation::softmax(scores, 3).matmul(split(value)); // [b, heads, n, d_head]
    heard.swap_dims(1, 2).reshape([b, n, width])
}
