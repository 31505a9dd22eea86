//! The VAE's self-attention: one head over all pixels of the smallest feature map.
use crate::models::layers::{GroupNorm, Linear};
use crate::models::weights::Weights;
use crate::tensor::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// x + out(attention(norm(x))).
#[derive(Module, Debug)]
pub struct PixelAttention {
    group_norm: GroupNorm,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Linear,
}

impl PixelAttention {
    /// Takes all tensors under `name`; files from before diffusers 0.12 say `query`, `key`, `value`, `proj_attn`.
    pub fn take(w: &mut Weights, name: &str, width: usize, groups: usize, eps: f64) -> Self {
        let old = w.has(&format!("{name}.query.weight"));
        let [q, k, v, out] =
            if old { ["query", "key", "value", "proj_attn"] } else { ["to_q", "to_k", "to_v", "to_out.0"] };
        let mut linear = |part: &str| Linear::take(w, &format!("{name}.{part}"), width, width, true);
        let (to_q, to_k, to_v, to_out) = (linear(q), linear(k), linear(v), linear(out));
        Self {
            group_norm: GroupNorm::take(w, &format!("{name}.group_norm"), width, groups, eps),
            to_q,
            to_k,
            to_v,
            to_out,
        }
    }

    /// # Shapes
    /// `[b, c, h, w]` → the same
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [b, c, h, w] = x.dims();
        let pixels = self.group_norm.forward(x.clone()).reshape([b, c, h * w]).swap_dims(1, 2); // [b, h·w, c]
        let (query, key, value) =
            (self.to_q.forward(pixels.clone()), self.to_k.forward(pixels.clone()), self.to_v.forward(pixels));
        let heard = self.to_out.forward(ops::attention(query, key, value, 1, false));
        x + heard.swap_dims(1, 2).reshape([b, c, h, w])
    }
}
