//! Samplers: from noise to latents, as plain functions of a denoiser and a list of sigmas.
use super::denoiser::Denoiser;
use crate::Result;
use crate::tensor::noise::Noise;
use burn::tensor::Tensor;

/// Which sampler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SamplerKind {
    /// IP2P's own.
    #[default]
    EulerAncestral,
    /// Deterministic after the first draw.
    Euler,
    /// Keeps nothing of a step's noise.
    Lcm,
}

impl SamplerKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::EulerAncestral, Self::Euler, Self::Lcm];

    /// On the command line and in `instructbrush.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EulerAncestral => "euler-ancestral",
            Self::Euler => "euler",
            Self::Lcm => "lcm",
        }
    }

    /// The sampler itself; `x` is noise times the first sigma.
    ///
    /// # Errors
    /// What `on_step` returns.
    pub async fn run(
        self,
        model: &impl Denoiser,
        x: Tensor<4>,
        sigmas: &[f64],
        noise: &mut Noise,
        on_step: impl AsyncFnMut(Step<'_>) -> Result<()>,
    ) -> Result<Tensor<4>> {
        match self {
            Self::EulerAncestral => euler_ancestral(model, x, sigmas, noise, on_step).await,
            Self::Euler => euler(model, x, sigmas, on_step).await,
            Self::Lcm => lcm(model, x, sigmas, noise, on_step).await,
        }
    }
}

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

/// Multistep consistency sampling (Song et al. 2023, algorithm 1; `lcm` in k-diffusion's descendants): each clean guess gets a fresh
/// draw of the next sigma's noise, so that nothing of the noise before stays. diffusers' `LCMScheduler` also weighs guess and
/// latents by the timestep: 1 and 0 to six digits from t = 100 on.
///
/// As in diffusers, the last step draws no noise.
pub async fn lcm(
    model: &impl Denoiser,
    mut x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut Noise,
    mut on_step: impl AsyncFnMut(Step<'_>) -> Result<()>,
) -> Result<Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = model.denoise(x, pair[0]);
        x = denoised.clone();
        if pair[1] > 0.0 {
            x = x.clone() + noise.tensor(x.dims(), &x.device()).mul_scalar(pair[1]);
        }
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
