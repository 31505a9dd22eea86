//! VAE: pictures to latents and back (Kingma and Welling 2014; Rombach et al. 2022; diffusers' `AutoencoderKL`).
mod attention;
mod coder;
mod memory;

use super::config::VaeConfig;
use super::layers::Conv2d;
use super::parts::{LARGEST, Parts};
use super::weights::Weights;
use burn::module::Module;
use burn::tensor::Tensor;
use coder::{Decoder, Encoder};

/// Encoder and decoder.
#[derive(Module, Debug)]
pub struct Vae {
    encoder: Encoder,
    quant_conv: Option<Conv2d>,
    post_quant_conv: Option<Conv2d>,
    decoder: Decoder,
    scaling_factor: f64,
    pixels_per_latent: usize,
    largest: usize,
}

/// The normal distribution over latents that the encoder gives.
#[derive(Clone, Debug)]
pub struct Posterior {
    /// Its mean, which is also its mode: `[b, 4, h/8, w/8]`, not scaled.
    pub mean: Tensor<4>,
    /// ln σ², clamped to −30…20 as in diffusers.
    pub log_variance: Tensor<4>,
}

impl Posterior {
    /// The most likely latents: what InstructPix2Pix conditions on.
    pub fn mode(self) -> Tensor<4> {
        self.mean
    }
}

impl Vae {
    /// Takes all tensors of the part `vae`.
    pub fn take(w: &mut Weights, config: &VaeConfig) -> Self {
        let c = config.latent_channels;
        Self {
            encoder: Encoder::take(w, config),
            quant_conv: config.use_quant_conv.then(|| Conv2d::take(w, "quant_conv", 2 * c, 2 * c, 1)),
            post_quant_conv: config.use_post_quant_conv.then(|| Conv2d::take(w, "post_quant_conv", c, c, 1)),
            decoder: Decoder::take(w, config),
            scaling_factor: config.scaling_factor,
            pixels_per_latent: config.pixels_per_latent(),
            largest: LARGEST,
        }
    }

    /// No feature map in one buffer of more than so many bytes: [`LARGEST`] unless told otherwise.
    pub fn with_largest(self, largest: usize) -> Self {
        Self { largest, ..self }
    }

    /// # Shapes
    /// pictures `[b, 3, h, w]` in −1…1 → posterior of `[b, 4, h/8, w/8]`
    pub fn encode(&self, pictures: Tensor<4>) -> Posterior {
        self.encode_parts(pictures, &mut |_, _| {})
    }

    /// [`Self::encode`], showing every block's output to `seen` under the checkpoint's name for the block.
    pub fn encode_seen(&self, pictures: Tensor<4>, seen: &mut dyn FnMut(&str, &Tensor<4>)) -> Posterior {
        self.encode_parts(pictures, &mut |name, x| seen(name, &x.clone().whole()))
    }

    fn encode_parts(&self, pictures: Tensor<4>, seen: &mut dyn FnMut(&str, &Parts)) -> Posterior {
        let moments = self.encoder.forward(pictures, self.largest, seen);
        let moments = match &self.quant_conv {
            Some(conv) => conv.forward(moments),
            None => moments,
        };
        let c = moments.dims()[1] / 2;
        Posterior { mean: moments.clone().narrow(1, 0, c), log_variance: moments.narrow(1, c, c).clamp(-30.0, 20.0) }
    }

    /// # Shapes
    /// latents `[b, 4, h, w]`, not scaled → pictures `[b, 3, 8h, 8w]`, about −1…1
    pub fn decode(&self, latents: Tensor<4>) -> Tensor<4> {
        self.decode_parts(latents, &mut |_, _| {})
    }

    /// [`Self::decode`], showing every block's output to `seen` under the checkpoint's name for the block.
    pub fn decode_seen(&self, latents: Tensor<4>, seen: &mut dyn FnMut(&str, &Tensor<4>)) -> Tensor<4> {
        self.decode_parts(latents, &mut |name, x| seen(name, &x.clone().whole()))
    }

    fn decode_parts(&self, latents: Tensor<4>, seen: &mut dyn FnMut(&str, &Parts)) -> Tensor<4> {
        let latents = match &self.post_quant_conv {
            Some(conv) => conv.forward(latents),
            None => latents,
        };
        self.decoder.forward(latents, self.largest, seen)
    }

    /// Noisy and target latents are multiplied by it, image latents are not.
    pub fn scaling_factor(&self) -> f64 {
        self.scaling_factor
    }

    /// Pixels per latent on each side: 8.
    pub fn pixels_per_latent(&self) -> usize {
        self.pixels_per_latent
    }
}
