//! CLIP's image tower: a vision transformer (Dosovitskiy et al. 2021).
use super::tower::{Tower, TowerShape};
use crate::models::config::ClipVisionConfig;
use crate::models::layers::{Conv2d, Embedding, LayerNorm, parameter};
use crate::models::weights::Weights;
use burn::module::{Module, Param};
use burn::tensor::Tensor;

/// transformers' `CLIPVisionModel`, up to the pooled output.
#[derive(Module, Debug)]
pub struct ImageEncoder {
    class_embedding: Param<Tensor<1>>,
    patch_embedding: Conv2d,
    position_embedding: Embedding,
    pre_layrnorm: LayerNorm,
    encoder: Tower,
    post_layernorm: LayerNorm,
}

impl ImageEncoder {
    /// Takes all tensors under `vision_model`.
    pub fn take(w: &mut Weights, config: &ClipVisionConfig) -> Self {
        w.ignore("vision_model.embeddings.position_ids"); // a constant that old files carry
        let (width, patch) = (config.hidden_size, config.patch_size);
        let patches = config.patches();
        let shape = TowerShape {
            width,
            d_hidden: config.intermediate_size,
            heads: config.n_heads,
            n_layers: config.n_layers,
            eps: config.layer_norm_eps,
            activation: config.hidden_act,
            causal: false,
        };
        let kernel = [width, 3, patch, patch];
        Self {
            class_embedding: parameter(w.take("vision_model.embeddings.class_embedding", [width])),
            patch_embedding: Conv2d::take_with(w, "vision_model.embeddings.patch_embedding", kernel, false, patch, 0),
            position_embedding: Embedding::take(w, "vision_model.embeddings.position_embedding", patches + 1, width),
            pre_layrnorm: LayerNorm::take(w, "vision_model.pre_layrnorm", width, config.layer_norm_eps), // sic
            encoder: Tower::take(w, "vision_model.encoder", shape),
            post_layernorm: LayerNorm::take(w, "vision_model.post_layernorm", width, config.layer_norm_eps),
        }
    }

    /// Shows the hidden states to `seen`: 0 is the normed embeddings, `i` the output of layer `i - 1`.
    ///
    /// # Shapes
    /// pixels `[b, 3, side, side]` → `[b, width]`
    pub fn forward(&self, pixels: Tensor<4>, seen: &mut dyn FnMut(usize, &Tensor<3>)) -> Tensor<2> {
        let patches = self.patch_embedding.forward(pixels); // [b, width, side/patch, side/patch]
        let [b, width, rows, columns] = patches.dims();
        let positions = self.position_embedding.first(rows * columns + 1).unsqueeze::<3>();
        let patches = patches.reshape([b, width, rows * columns]).swap_dims(1, 2); // [b, n, width]
        let class = self.class_embedding.val().reshape([1, 1, width]).expand([b, 1, width]);
        let x = Tensor::cat(vec![class, patches], 1) + positions;
        let x = self.encoder.forward(self.pre_layrnorm.forward(x), seen);
        self.post_layernorm.forward(x.narrow(1, 0, 1)).reshape([b, width])
    }
}
