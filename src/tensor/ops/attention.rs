//! Scaled dot-product attention with heads (Vaswani et al. 2017).
use super::{matmul, softmax};
use burn::tensor::{Tensor, TensorData};

/// Scores held at a time when nothing is on the tape: 32 MB of f32.
const SCORES: usize = 8 << 20;

/// softmax(Q·Kᵀ/√d_head)·V per head; `causal`: each query sees only keys up to its own position.
///
/// # Shapes
/// query `[b, n, heads·d_head]`, key and value `[b, m, heads·d_head]` → as query
pub fn attention(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize, causal: bool) -> Tensor<3> {
    let [b, n, width] = query.dims();
    let [_, m, _] = key.dims();
    let d_head = width / heads;
    let split = |x: Tensor<3>| {
        let [b, tokens, _] = x.dims();
        x.reshape([b, tokens, heads, d_head]).swap_dims(1, 2) // [b, heads, tokens, d_head]
    };
    let query = split(query.mul_scalar(1.0 / (d_head as f64).sqrt()));
    let (key, value) = (split(key).swap_dims(2, 3), split(value));
    let tracked = query.is_tracked() || key.is_tracked() || value.is_tracked();
    let at_once = if tracked || causal { n } else { (SCORES / (b * heads * m)).clamp(1, n) };
    let heard = (0..n).step_by(at_once).map(|first| {
        let rows = query.clone().narrow(2, first, at_once.min(n - first));
        let mut scores = matmul(rows, key.clone()); // [b, heads, rows, m]
        if causal {
            let mask = mask(n, m, &scores);
            scores = scores + mask;
        }
        matmul(softmax(scores), value.clone()) // [b, heads, rows, d_head]
    });
    Tensor::cat(heard.collect(), 2).swap_dims(1, 2).reshape([b, n, width])
}

/// 0 where a query may look, −∞ where it may not.
///
/// # Shapes
/// → `[1, 1, n, m]`
fn mask(n: usize, m: usize, like: &Tensor<4>) -> Tensor<4> {
    let mask: Vec<f32> = (0..n * m).map(|at| if at % m > at / m { f32::NEG_INFINITY } else { 0.0 }).collect();
    Tensor::from_data(TensorData::new(mask, [1, 1, n, m]), &like.device().without_autodiff())
}
