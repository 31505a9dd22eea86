//! CLIP's text tower: what the UNet's cross-attention hears.
use super::tower::{Tower, TowerShape};
use crate::models::config::ClipTextConfig;
use crate::models::layers::{Embedding, LayerNorm};
use crate::models::weights::Weights;
use burn::module::Module;
use burn::tensor::{Int, Tensor};

/// transformers' `CLIPTextModel`.
#[derive(Module, Debug)]
pub struct TextEncoder {
    token_embedding: Embedding,
    position_embedding: Embedding,
    encoder: Tower,
    final_layer_norm: LayerNorm,
}

impl TextEncoder {
    /// Takes all tensors under `text_model`.
    pub fn take(w: &mut Weights, config: &ClipTextConfig) -> Self {
        w.ignore("text_model.embeddings.position_ids"); // a constant that old files carry
        let width = config.hidden_size;
        let shape = TowerShape {
            width,
            d_hidden: config.intermediate_size,
            heads: config.n_heads,
            n_layers: config.n_layers,
            eps: config.layer_norm_eps,
            activation: config.hidden_act,
            causal: true,
        };
        let positions = config.max_position_embeddings;
        Self {
            token_embedding: Embedding::take(w, "text_model.embeddings.token_embedding", config.vocab_size, width),
            position_embedding: Embedding::take(w, "text_model.embeddings.position_embedding", positions, width),
            encoder: Tower::take(w, "text_model.encoder", shape),
            final_layer_norm: LayerNorm::take(w, "text_model.final_layer_norm", width, config.layer_norm_eps),
        }
    }

    /// Width of the context.
    pub fn width(&self) -> usize {
        self.token_embedding.width()
    }

    /// `last_hidden_state`, after the final norm.
    ///
    /// # Shapes
    /// ids `[b, n]`, n ≤ the number of positions → `[b, n, width]`
    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        self.forward_seen(ids, &mut |_, _| {})
    }

    /// [`Self::forward`], showing the hidden states to `seen`: 0 is the embeddings, `i` the output of layer `i - 1`.
    pub fn forward_seen(&self, ids: Tensor<2, Int>, seen: &mut dyn FnMut(usize, &Tensor<3>)) -> Tensor<3> {
        let [_, n] = ids.dims();
        let positions = self.position_embedding.first(n).unsqueeze::<3>(); // [1, n, width]
        let x = self.token_embedding.forward(ids) + positions;
        self.final_layer_norm.forward(self.encoder.forward(x, seen))
    }
}
