//! Guidance: three predictions of the noise combined into one (Brooks et al. 2023, equation 3).
use super::denoiser::Denoiser;
use super::schedule::{Schedule, segment_of};
use crate::models::unet::{KeyValue, UNet};
use crate::tensor::ops::Compute;
use burn::tensor::Tensor;

/// s_T and s_I.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scales {
    /// s_T: how strongly the instruction is followed.
    pub guidance: f64,
    /// s_I: how strongly the picture is kept.
    pub image: f64,
}

impl Scales {
    /// ε̃ = s_T·ε(c_I, c_T) + (s_I − s_T)·ε(c_I, ∅) + (1 − s_I)·ε(∅, ∅): the same as
    /// ε(∅,∅) + s_I·(ε(c_I,∅) − ε(∅,∅)) + s_T·(ε(c_I,c_T) − ε(c_I,∅)), in the order
    /// `[instruction + image, image only, neither]`. A branch whose weight is 0 need not be computed.
    pub fn weights(self) -> [f64; 3] {
        [self.guidance, self.image - self.guidance, 1.0 - self.image]
    }

    /// Which branches are computed: the first, and those whose weight is not 0.
    pub fn branches(self) -> Vec<usize> {
        (0..3).filter(|&branch| branch == 0 || self.weights()[branch] != 0.0).collect()
    }
}

/// What the cross-attention layers hear while denoising: in each segment of the timesteps one `KeyValue` per layer.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `[segment][layer]`, each `[1, tokens, width]`; one segment for a text.
    pub segments: Vec<Vec<KeyValue>>,
}

/// A UNet with double guidance round it.
#[derive(Debug)]
pub struct Guided<'a> {
    unet: &'a UNet,
    schedule: &'a Schedule,
    /// `[segment][layer]`, each `[branches, tokens, width]`.
    segments: Vec<Vec<KeyValue>>,
    /// `[branches, 4, h, w]`.
    image_latents: Tensor<4>,
    /// Weights of the branches that are computed.
    weights: Vec<f64>,
    /// How exact the UNet's products are.
    compute: Compute,
}

impl<'a> Guided<'a> {
    /// # Shapes
    /// `heard` and `null` `[1, tokens, width]` per layer, `image_latents` `[1, 4, h, w]` (not scaled); where the scales leave one
    /// branch, any number of rows in place of 1, each a picture that hears its own row
    pub fn new(
        unet: &'a UNet,
        schedule: &'a Schedule,
        scales: Scales,
        heard: &Heard,
        null: &[KeyValue],
        image_latents: Tensor<4>,
    ) -> Self {
        let used = scales.branches();
        let branches = |heard: &Tensor<3>, null: &Tensor<3>| {
            Tensor::cat(used.iter().map(|&branch| if branch == 0 { heard } else { null }.clone()).collect(), 0)
        };
        let segments = heard
            .segments
            .iter()
            .map(|layers| {
                let pairs = layers.iter().zip(null);
                pairs
                    .map(|(heard, null)| KeyValue {
                        key: branches(&heard.key, &null.key),
                        value: branches(&heard.value, &null.value),
                    })
                    .collect()
            })
            .collect();
        let no_image = image_latents.zeros_like();
        let images = used.iter().map(|&branch| if branch == 2 { &no_image } else { &image_latents }.clone());
        Self {
            unet,
            schedule,
            segments,
            image_latents: Tensor::cat(images.collect(), 0),
            weights: used.iter().map(|&branch| scales.weights()[branch]).collect(),
            compute: Compute::default(),
        }
    }

    /// With products that are so exact; f32 else.
    pub fn with_compute(self, compute: Compute) -> Self {
        Self { compute, ..self }
    }
}

impl Denoiser for Guided<'_> {
    fn denoise(&self, x: Tensor<4>, sigma: f64) -> Tensor<4> {
        let timestep = self.schedule.timestep(sigma);
        let layers = &self.segments[segment_of(timestep, self.segments.len(), self.schedule.n_timesteps())];
        let scaled = x.clone().div_scalar((sigma * sigma + 1.0).sqrt());
        let rows = scaled.repeat_dim(0, self.weights.len());
        let latents = Tensor::cat(vec![rows, self.image_latents.clone()], 1); // [branches, 8, h, w]
        let noises = self.compute.over(|| self.unet.forward(latents, &[timestep], layers));
        x - combine(&noises, &self.weights).mul_scalar(sigma)
    }
}

/// Σ weight · ε over the branches.
fn combine(noises: &Tensor<4>, weights: &[f64]) -> Tensor<4> {
    let rows = noises.dims()[0] / weights.len();
    let mut sum: Option<Tensor<4>> = None;
    for (branch, &weight) in weights.iter().enumerate() {
        let part = noises.clone().narrow(0, branch * rows, rows).mul_scalar(weight);
        sum = Some(match sum {
            Some(sum) => sum + part,
            None => part,
        });
    }
    sum.unwrap_or_else(|| noises.clone())
}
