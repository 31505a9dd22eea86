//! CLIP: a text tower and an image tower that meet in one space (Radford et al. 2021).
mod memory;
mod text;
mod tower;
mod vision;

use super::config::ClipConfig;
use super::layers::Linear;
use super::weights::Weights;
use burn::module::Module;
use burn::tensor::{Int, Tensor, TensorData};
pub use memory::PICTURES;
pub use text::TextEncoder;
use vision::ImageEncoder;

/// Both towers with their projections.
#[derive(Module, Debug)]
pub struct Clip {
    text_model: TextEncoder,
    vision_model: ImageEncoder,
    text_projection: Linear,
    visual_projection: Linear,
    image_size: usize,
}

impl Clip {
    /// Takes all tensors of the part `clip`.
    pub fn take(w: &mut Weights, config: &ClipConfig) -> Self {
        w.ignore("logit_scale");
        Self {
            text_model: TextEncoder::take(w, &config.text),
            vision_model: ImageEncoder::take(w, &config.vision),
            text_projection: Linear::take(w, "text_projection", config.text.hidden_size, config.projection_dim, false),
            visual_projection: Linear::take(
                w,
                "visual_projection",
                config.vision.hidden_size,
                config.projection_dim,
                false,
            ),
            image_size: config.vision.image_size,
        }
    }

    /// Features of texts, of length 1.
    ///
    /// # Shapes
    /// ids `[b, n]`, `ends`: each text's position of EOS → `[b, d]`
    pub fn text_features(&self, ids: Tensor<2, Int>, ends: &[usize]) -> Tensor<2> {
        let hidden = self.text_model.forward(ids); // [b, n, width]
        let [b, n, width] = hidden.dims();
        let rows: Vec<i32> = ends.iter().enumerate().map(|(idx, &end)| (idx * n + end) as i32).collect();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [b]), &hidden.device());
        let pooled = hidden.reshape([b * n, width]).select(0, rows);
        normalise(self.text_projection.forward(pooled))
    }

    /// Features of pictures, of length 1.
    ///
    /// # Shapes
    /// pixels `[b, 3, side, side]`, normalised as CLIP wants them → `[b, d]`
    pub fn image_features(&self, pixels: Tensor<4>) -> Tensor<2> {
        self.image_features_seen(pixels, &mut |_, _| {})
    }

    /// [`Self::image_features`] before they are brought to length 1.
    pub fn image_projections(&self, pixels: Tensor<4>) -> Tensor<2> {
        self.visual_projection.forward(self.vision_model.forward(pixels, &mut |_, _| {}))
    }

    /// From the text tower's width to the features'.
    pub fn text_projection(&self) -> &Linear {
        &self.text_projection
    }

    /// [`Self::image_features`], showing the image tower's hidden states to `seen`: 0 is the normed embeddings, `i` the
    /// output of layer `i - 1`.
    pub fn image_features_seen(&self, pixels: Tensor<4>, seen: &mut dyn FnMut(usize, &Tensor<3>)) -> Tensor<2> {
        normalise(self.visual_projection.forward(self.vision_model.forward(pixels, seen)))
    }

    /// Side of the pictures it takes, in pixels.
    pub fn image_size(&self) -> usize {
        self.image_size
    }
}

fn normalise(features: Tensor<2>) -> Tensor<2> {
    let length = features.clone().square().sum_dim(1).sqrt();
    features / length
}
