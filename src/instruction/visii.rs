//! Visii: the baseline that learns a text's embedding, and also wants it to point where the pictures go (Nguyen, Li,
//! Ojha, Lee 2023, "Visual Instruction Inversion").
//!
//! Loss: 4 · ‖ε − ε̃‖² − 0.1 · min(cos(Δ, P(mean row of the context)), ½); Δ is the unit vector from CLIP's mean image
//! feature of the before pictures to that of the after pictures, P CLIP's text projection. A step's timestep is the next of
//! a shuffled list in which each stands once; timestep t always gets the same noise, and the pair t mod n.
use crate::models::layers::Linear;
use crate::tensor::noise::{Noise, mix};
use burn::tensor::Tensor;

/// Weight of ‖ε − ε̃‖².
const WEIGHT_OF_NOISE: f64 = 4.0;
/// Weight of the cosine.
const WEIGHT_OF_DIRECTION: f64 = 0.1;
/// A cosine above it gains nothing.
const ENOUGH: f64 = 0.5;
/// Keeps what the noise follows from apart from other uses of the seed.
const STREAM: u64 = 0x7669_7369_6921;

/// What Visii does otherwise than InstructBrush.
#[derive(Clone, Debug)]
pub struct Visii {
    /// Δ, `[1, d]`, of length 1.
    change: Tensor<2>,
    /// P, `[width, d]`.
    projection: Linear,
    /// Each timestep once, shuffled.
    timesteps: Vec<usize>,
    seed: u64,
}

impl Visii {
    /// `before` and `after`: CLIP's image features as projected, not of unit length, `[n, d]`; `projection` is CLIP's text
    /// projection, from the context's width to d.
    pub fn new(before: Tensor<2>, after: Tensor<2>, projection: Linear, n_timesteps: usize, seed: u64) -> Self {
        let change = after.mean_dim(0) - before.mean_dim(0);
        let length = change.clone().square().sum_dim(1).sqrt().add_scalar(f64::from(f32::MIN_POSITIVE));
        let mut timesteps: Vec<usize> = (0..n_timesteps).collect();
        let mut noise = Noise::new(mix(seed, 0, STREAM));
        for last in (1..n_timesteps).rev() {
            timesteps.swap(last, noise.below(last as u32 + 1) as usize);
        }
        Self { change: change / length, projection, timesteps, seed }
    }

    /// Timestep, pair and noise of a step (1-based); after the last timestep the list begins anew.
    pub fn draw(&self, step: usize, n_pairs: usize) -> (usize, usize, Noise) {
        let timestep = self.timesteps[(step - 1) % self.timesteps.len()];
        (timestep, timestep % n_pairs, Noise::new(mix(self.seed, timestep as u64 + 1, STREAM)))
    }

    /// The loss of each row of a batch.
    ///
    /// # Shapes
    /// `noise_loss` ‖ε − ε̃‖² `[rows]`, `context` `[rows, tokens, width]` → `[rows]`
    pub fn loss(&self, noise_loss: Tensor<1>, context: Tensor<3>) -> Tensor<1> {
        let [rows, _, width] = context.dims();
        let mean = context.mean_dim(1).reshape([rows, width]);
        let seen = self.projection.forward(mean); // [rows, d]
        let length = seen.clone().square().sum_dim(1).sqrt();
        let cosine = ((seen * self.change.clone()).sum_dim(1) / length).clamp_max(ENOUGH).reshape([rows]);
        noise_loss.mul_scalar(WEIGHT_OF_NOISE) - cosine.mul_scalar(WEIGHT_OF_DIRECTION)
    }
}
