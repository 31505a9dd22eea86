//! Scaled dot-product attention with heads (Vaswani et al. 2017).
use super::own::OwnOps;
use super::{matmul, softmax};
use burn::backend::Dispatch;
use burn::tensor::{Tensor, TensorData};

/// softmax(Q·Kᵀ/√d_head)·V per head; `causal`: each query sees only keys up to its own position.
///
/// # Shapes
/// query `[b, n, heads·d_head]`, key and value `[b, m, heads·d_head]` → as query
pub fn attention(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize, causal: bool) -> Tensor<3> {
    let [b, n, width] = query.dims();
    let m = key.dims()[1];
    let (of_key, of_value) = (key.dims(), value.dims());
    assert!(
        of_key == of_value && of_key == [b, m, width],
        "attention of [{b}, {n}, {width}] over {of_key:?} and {of_value:?}"
    );
    let d_head = width / heads;
    let split = |x: Tensor<3>| {
        let [b, tokens, _] = x.dims();
        x.reshape([b, tokens, heads, d_head]).swap_dims(1, 2) // [b, heads, tokens, d_head]
    };
    let query = split(query.mul_scalar(1.0 / (d_head as f64).sqrt()));
    let (key, value) = (split(key), split(value));
    let heard = if causal {
        let scores = matmul(query, key.swap_dims(2, 3)); // [b, heads, n, m]
        let mask = mask(n, m, &scores);
        matmul(softmax(scores + mask), value)
    } else {
        let (query, key, value) = (query.into_dispatch(), key.into_dispatch(), value.into_dispatch());
        Tensor::from_dispatch(Dispatch::own_attention(query, key, value))
    };
    heard.swap_dims(1, 2).reshape([b, n, width])
}

/// 0 where a query may look, −∞ where it may not.
///
/// # Shapes
/// → `[1, 1, n, m]`
fn mask(n: usize, m: usize, like: &Tensor<4>) -> Tensor<4> {
    let mask: Vec<f32> = (0..n * m).map(|at| if at % m > at / m { f32::NEG_INFINITY } else { 0.0 }).collect();
    Tensor::from_data(TensorData::new(mask, [1, 1, n, m]), &like.device().without_autodiff())
}
