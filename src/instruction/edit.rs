//! Edit: from noise to the latents of an edited picture.
use super::base::BaseModel;
use crate::Result;
use crate::diffusion::guidance::{Guided, Heard, Scales};
use crate::diffusion::samplers::{SamplerKind, Step};
use crate::models::unet::KeyValue;
use crate::tensor::noise::Noise;
use burn::tensor::Tensor;

/// How to sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// s_T and s_I.
    pub scales: Scales,
    /// Sampling steps, at least 1.
    pub steps: usize,
    /// Which sampler.
    pub sampler: SamplerKind,
    /// As `torch.Generator("cpu").manual_seed(seed)`.
    pub seed: u64,
}

/// Denoises from noise to the latents of an edited picture, conditioned on those of the picture before. Neither encodes nor paints: the
/// VAE may be away.
///
/// # Shapes
/// image latents `[1, 4, h, w]`, sides multiples of 8; `null` one `[1, tokens, width]` per layer → as image latents
///
/// # Errors
/// What `on_step` returns, and [`Error::Computation`](crate::Error::Computation) when the UNet is away.
pub async fn sample(
    base: &BaseModel,
    image_latents: Tensor<4>,
    heard: &Heard,
    null: &[KeyValue],
    sampling: Sampling,
    on_step: impl AsyncFnMut(Step<'_>) -> Result<()>,
) -> Result<Tensor<4>> {
    let mut noise = Noise::new(sampling.seed);
    let first = noise.tensor(image_latents.dims(), &base.device);
    let x = first.mul_scalar(base.schedule.first_sigma(sampling.steps));
    let sigmas = base.schedule.sigmas(sampling.steps);
    let model = Guided::new(base.unet()?, &base.schedule, sampling.scales, heard, null, image_latents);
    let model = model.with_compute(base.compute);
    sampling.sampler.run(&model, x, &sigmas, &mut noise, on_step).await
}
