//! Samplers: from noise to latents, as plain functions of a denoiser and a list of sigmas.
use super::denoiser::Denoiser;
use crate::Result;
use crate::tensor::noise::Noise;
use burn::tensor::Tensor;

/// What a sampler shows after each step.
#[derive(Debug)]
pub struct Step<'a> {
    /// Done, 1-based.
    pub step: usize,
    /// In all.
    pub steps: usize,
    /// The clean guess of this step.
    pub denoised: &'a Tensor<4>,
}

/// Euler ancestral (Karras et al. 2022, algorithm 2 without churn; k-diffusion's `sample_euler_ancestral`, η = 1).
///
/// `x` is noise times the first sigma; one draw of noise per step, the last one too (it is multiplied by 0).
pub async fn euler_ancestral(
    model: &impl Denoiser,
    mut x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut Noise,
    mut on_step: impl AsyncFnMut(Step<'_>) -> Result<()>,
) -> Result<Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let (sigma, next) = (pair[0], pair[1]);
        let denoised = model.denoise(x.clone(), sigma);
        let up = (next * next * (sigma * sigma - next * next) / (sigma * sigma)).sqrt();
        let down = (next * next - up * up).sqrt();
        let fresh = noise.tensor(x.dims(), &x.device());
        x = x.clone() + (x - denoised.clone()).mul_scalar((down - sigma) / sigma) + fresh.mul_scalar(up);
        on_step(Step { step: step + 1, steps: sigmas.len() - 1, denoised: &denoised }).await?;
    }
    Ok(x)
}

/// Euler (Karras et al. 2022, algorithm 1, first order): draws no noise.
pub async fn euler(
    model: &impl Denoiser,
    mut x: Tensor<4>,
    sigmas: &[f64],
    mut on_step: impl AsyncFnMut(Step<'_>) -> Result<()>,
) -> Result<Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let (sigma, next) = (pair[0], pair[1]);
        let denoised = model.denoise(x.clone(), sigma);
        x = x.clone() + (x - denoised.clone()).mul_scalar((next - sigma) / sigma);
        on_step(Step { step: step + 1, steps: sigmas.len() - 1, denoised: &denoised }).await?;
    }
    Ok(x)
}
