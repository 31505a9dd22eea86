//! Denoiser: noisy latents and their sigma in, the clean guess out.
use burn::tensor::Tensor;

/// x₀ = D(x; σ).
pub trait Denoiser {
    /// Queues the work and returns at once; nothing is read back.
    ///
    /// # Shapes
    /// x `[b, c, h, w]` → the same
    fn denoise(&self, x: Tensor<4>, sigma: f64) -> Tensor<4>;
}
