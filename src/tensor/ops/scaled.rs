//! Scaled: gradients as products of halves need them. A loss that is a mean over many pixels has gradients below what 16 bits
//! hold; products are linear in them, so each is computed of a gradient that is brought to one size first, and brought back
//! after (Micikevicius et al. 2018 scale the loss once for all; here no scale has to be found).
use super::compute::Compute;
use super::own::OwnOps;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;

/// The least that a gradient is divided by: still far from where GPUs take numbers for 0.
const LEAST: f32 = 1e-30;

/// A gradient, and what it was divided by if its products are to be of halves.
pub struct Scaled<B: OwnOps> {
    gradient: FloatTensor<B>,
    scale: Option<FloatTensor<B>>,
    compute: Compute,
}

impl<B: OwnOps> Scaled<B> {
    /// A gradient whose products are to be computed so.
    pub fn new(gradient: FloatTensor<B>, compute: Compute) -> Self {
        let shape = gradient.shape();
        if compute == Compute::F32 || shape.num_elements() == 0 {
            return Self { gradient, scale: None, compute };
        }
        // 1 is the largest then, so that what adds up 65,504 of them is no more than a half holds
        let scale = B::float_clamp_min(B::own_magnitude(gradient.clone()), LEAST.into());
        let gradient = B::float_div(gradient, like::<B>(scale.clone(), shape.num_dims()));
        Self { gradient, scale: Some(scale), compute }
    }

    /// What is linear in the gradient.
    pub fn product(&self, linear: impl FnOnce(FloatTensor<B>) -> FloatTensor<B>) -> FloatTensor<B> {
        let y = self.compute.over(|| linear(self.gradient.clone()));
        match &self.scale {
            Some(scale) => {
                let axes = y.shape().num_dims();
                B::float_mul(y, like::<B>(scale.clone(), axes))
            }
            None => y,
        }
    }
}

/// One number along so many axes.
fn like<B: OwnOps>(number: FloatTensor<B>, axes: usize) -> FloatTensor<B> {
    B::float_reshape(number, Shape::from(vec![1; axes]))
}
