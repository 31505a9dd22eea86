//! Loss: what the UNet is asked in a step, and how far its guided answer is from the noise (method.md section 2).
use super::{Drawn, Inversion, Settings};
use crate::instruction::Space;
use crate::instruction::hearing::replace_rows;
use crate::models::unet::{KeyValue, UNet};
use crate::tensor::ops::Compute;
use burn::tensor::{Gradients, Tensor};

/// One question to the UNet.
struct Asked {
    /// Noisy latents and image latents, `[rows, 8, h, w]`.
    latents: Tensor<4>,
    timesteps: Vec<f64>,
    /// The right answer, `[rows, 4, h, w]`.
    noise: Tensor<4>,
    /// The weighted answers of the branches that hear nothing.
    others: Option<Tensor<4>>,
}

impl Inversion<'_> {
    /// ‖ε − ε̃‖² (mean over elements) of each draw when `leaves` stand in the place of what is being learned. Plain
    /// leaves give plain losses, tracked ones losses to go backward from.
    ///
    /// # Shapes
    /// `leaves` K and V of each layer in turn `[draws, m, width]`, or the text rows `[draws, m, d_context]` → `[draws]`
    pub fn losses(&self, leaves: &[Tensor<3>], drawn: &[Drawn]) -> Tensor<1> {
        let asked = self.ask(drawn);
        let heard = heard(self.unet, self.settings, &self.frozen, &self.start.context, leaves);
        let answer = self.base.compute.over(|| self.unet.forward(asked.latents.clone(), &asked.timesteps, &heard));
        self.losses_of(answer, &asked, leaves)
    }

    /// The [`losses`](Self::losses), plain, and their sum's gradients for tracked `leaves`, with little memory: what
    /// [`Settings::recompute`] does.
    pub fn losses_and_gradients(&self, leaves: &[Tensor<3>], drawn: &[Drawn]) -> (Tensor<1>, Gradients) {
        let asked = self.ask(drawn);
        let plain: Vec<Tensor<3>> = leaves.iter().map(|leaf| leaf.clone().inner()).collect();
        let tracked = heard(self.unet, self.settings, &self.frozen, &self.start.context, leaves);
        let inner = |kv: &KeyValue| KeyValue { key: kv.key.clone().inner(), value: kv.value.clone().inner() };
        let layers: Vec<KeyValue> = tracked.iter().map(inner).collect();
        let mut losses = None;
        let upstream = |answer: Tensor<4>| {
            let answer = answer.autodiff().require_grad();
            let of_answer = Compute::F32.over(|| self.losses_of(answer.clone(), &asked, &plain));
            losses = Some(of_answer.clone().inner());
            let gradients = of_answer.sum().backward();
            answer.grad(&gradients).unwrap_or_else(|| answer.inner().zeros_like())
        };
        let compute = self.base.compute;
        let gradients =
            compute.over(|| self.unet.gradients(asked.latents.clone(), &asked.timesteps, &layers, upstream));
        let losses = losses.unwrap_or_else(|| unreachable!("the UNet always answers"));
        let mut total = tracked
            .into_iter()
            .zip(gradients)
            .map(|(kv, gradient)| (kv.key * gradient.key).sum() + (kv.value * gradient.value).sum())
            .reduce(|sum, part| sum + part)
            .unwrap_or_else(|| unreachable!("every UNet hears"));
        if let Some(visii) = &self.visii {
            // what of the loss does not go through the UNet
            let context = replace_rows(&self.start.context, leaves[0].clone(), self.settings.rows);
            total = total + visii.loss(losses.clone(), context).sum();
        }
        (losses, total.backward())
    }

    /// What the UNet is asked, and what of its guided answer does not depend on what is learned.
    fn ask(&self, drawn: &[Drawn]) -> Asked {
        let noisy = drawn.iter().map(|drawn| {
            let alpha = self.base.schedule.alpha_cumprod(drawn.timestep);
            let target = self.pairs[drawn.pair].target.clone();
            target.mul_scalar(alpha.sqrt()) + drawn.noise.clone().mul_scalar((1.0 - alpha).sqrt())
        });
        let noisy = Tensor::cat(noisy.collect(), 0); // [rows, 4, h, w]
        let images = drawn.iter().map(|drawn| self.pairs[drawn.pair].image_latents.clone());
        let images = Tensor::cat(images.collect(), 0);
        let noise = Tensor::cat(drawn.iter().map(|drawn| drawn.noise.clone()).collect(), 0);
        let timesteps: Vec<f64> = drawn.iter().map(|drawn| drawn.timestep as f64).collect();
        let latents = |images: Tensor<4>| Tensor::cat(vec![noisy.clone(), images], 1);
        let [_, weight_image, weight_neither] = self.settings.scales.weights();
        let null: Vec<KeyValue> = self.null.iter().map(|heard| heard.repeat(drawn.len())).collect();
        let others = [(weight_image, images.clone()), (weight_neither, images.zeros_like())];
        let others = others.into_iter().filter(|(weight, _)| *weight != 0.0);
        let others = others.map(|(weight, images)| {
            let answer = self.base.compute.over(|| self.unet.forward(latents(images), &timesteps, &null));
            answer.mul_scalar(weight)
        });
        let others = others.reduce(|sum, part| sum + part);
        Asked { latents: latents(images), timesteps, noise, others }
    }

    /// Losses of the UNet's answer to what it hears.
    fn losses_of(&self, answer: Tensor<4>, asked: &Asked, leaves: &[Tensor<3>]) -> Tensor<1> {
        let [weight, ..] = self.settings.scales.weights();
        let guided = answer.mul_scalar(weight);
        let guided = match &asked.others {
            Some(others) => guided + others.clone(),
            None => guided,
        };
        let [rows, c, h, w] = asked.noise.dims();
        let losses = (guided - asked.noise.clone()).square().reshape([rows, c * h * w]).mean_dim(1).reshape([rows]);
        match &self.visii {
            Some(visii) => visii.loss(losses, replace_rows(&self.start.context, leaves[0].clone(), self.settings.rows)),
            None => losses,
        }
    }
}

/// The conditional branch's K and V: learned rows among the start text's.
pub(super) fn heard(
    unet: &UNet,
    settings: Settings,
    frozen: &[KeyValue],
    context: &Tensor<3>,
    leaves: &[Tensor<3>],
) -> Vec<KeyValue> {
    let rows = settings.rows;
    match settings.space {
        Space::Attention => {
            let pairs = frozen.iter().zip(leaves.chunks_exact(2));
            pairs
                .map(|(frozen, learned)| KeyValue {
                    key: replace_rows(&frozen.key, learned[0].clone(), rows),
                    value: replace_rows(&frozen.value, learned[1].clone(), rows),
                })
                .collect()
        }
        Space::Text => unet.project(replace_rows(context, leaves[0].clone(), rows)),
    }
}
