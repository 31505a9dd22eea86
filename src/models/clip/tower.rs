//! The transformer that both towers are made of.
use crate::models::config::Activation;
use crate::models::layers::{LayerNorm, Linear};
use crate::models::weights::Weights;
use crate::tensor::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// The sizes of one tower.
#[derive(Clone, Copy, Debug)]
pub struct TowerShape {
    /// Width of the residual stream.
    pub width: usize,
    /// Width inside the feed-forward.
    pub d_hidden: usize,
    /// Number of heads.
    pub heads: usize,
    /// Number of layers.
    pub n_layers: usize,
    /// Epsilon of the norms.
    pub eps: f64,
    /// Activation of the feed-forward.
    pub activation: Activation,
    /// Each token sees only itself and what stands before it.
    pub causal: bool,
}

#[derive(Module, Debug)]
struct Layer {
    layer_norm1: LayerNorm,
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    layer_norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    heads: usize,
    causal: bool,
    quick_gelu: bool,
}

impl Layer {
    fn take(w: &mut Weights, name: &str, shape: TowerShape) -> Self {
        let TowerShape { width, d_hidden, eps, .. } = shape;
        let mut linear =
            |part: &str, d_in: usize, d_out: usize| Linear::take(w, &format!("{name}.{part}"), d_in, d_out, true);
        let [q_proj, k_proj, v_proj, out_proj] =
            ["q_proj", "k_proj", "v_proj", "out_proj"].map(|part| linear(&format!("self_attn.{part}"), width, width));
        let (fc1, fc2) = (linear("mlp.fc1", width, d_hidden), linear("mlp.fc2", d_hidden, width));
        Self {
            layer_norm1: LayerNorm::take(w, &format!("{name}.layer_norm1"), width, eps),
            layer_norm2: LayerNorm::take(w, &format!("{name}.layer_norm2"), width, eps),
            q_proj,
            k_proj,
            v_proj,
            out_proj,
            fc1,
            fc2,
            heads: shape.heads,
            causal: shape.causal,
            quick_gelu: shape.activation == Activation::QuickGelu,
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let normed = self.layer_norm1.forward(x.clone());
        let (query, key, value) =
            (self.q_proj.forward(normed.clone()), self.k_proj.forward(normed.clone()), self.v_proj.forward(normed));
        let x = x + self.out_proj.forward(ops::attention(query, key, value, self.heads, self.causal));
        let hidden = self.fc1.forward(self.layer_norm2.forward(x.clone()));
        let hidden = if self.quick_gelu { ops::quick_gelu(hidden) } else { ops::gelu(hidden) };
        x + self.fc2.forward(hidden)
    }
}

/// Pre-norm transformer.
#[derive(Module, Debug)]
pub struct Tower {
    layers: Vec<Layer>,
}

impl Tower {
    /// Takes all tensors under `{name}.layers`.
    pub fn take(w: &mut Weights, name: &str, shape: TowerShape) -> Self {
        Self { layers: (0..shape.n_layers).map(|idx| Layer::take(w, &format!("{name}.layers.{idx}"), shape)).collect() }
    }

    /// Shows the hidden states to `seen`: 0 is the input, `i` the output of layer `i - 1`.
    ///
    /// # Shapes
    /// `[b, n, width]` → the same
    pub fn forward(&self, mut x: Tensor<3>, seen: &mut dyn FnMut(usize, &Tensor<3>)) -> Tensor<3> {
        seen(0, &x);
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            seen(layer_idx + 1, &x);
        }
        x
    }
}
