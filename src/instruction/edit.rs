//! Edit: apply what is heard to a picture.
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

/// Denoises from noise to an edited picture, conditioned on `picture`.
///
/// # Shapes
/// picture `[1, 3, h, w]` in −1…1, sides multiples of 64; `null` one `[1, tokens, width]` per layer → as picture
///
/// # Errors
/// What `on_step` returns.
pub async fn edit(
    base: &BaseModel,
    picture: Tensor<4>,
    heard: &Heard,
    null: &[KeyValue],
    sampling: Sampling,
    on_step: impl AsyncFnMut(Step<'_>) -> Result<()>,
) -> Result<Tensor<4>> {
    let image_latents = base.vae.encode(picture).mode();
    // what the VAE and the UNet work with is of other sizes: neither is to be held while the other works
    base.device.memory_cleanup();
    let mut noise = Noise::new(sampling.seed);
    let first = noise.tensor(image_latents.dims(), &base.device);
    let x = first.mul_scalar(base.schedule.first_sigma(sampling.steps));
    let sigmas = base.schedule.sigmas(sampling.steps);
    let model = Guided::new(&base.unet, &base.schedule, sampling.scales, heard, null, image_latents);
    let model = model.with_compute(base.compute);
    let latents = sampling.sampler.run(&model, x, &sigmas, &mut noise, on_step).await?;
    base.device.memory_cleanup();
    Ok(base.vae.decode(latents.div_scalar(base.vae.scaling_factor())))
}
