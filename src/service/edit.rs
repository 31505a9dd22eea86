//! The edit job: a picture of any size in, the edited picture out.
use super::engine::{Engine, OnEvent, tell};
use super::job::{EditJob, Event, Heard, Reply};
use crate::diffusion::guidance::{self, Scales};
use crate::instruction::Instruction;
use crate::instruction::edit::{Sampling, sample};
use crate::instruction::hearing::{blend, hear};
use crate::models::unet::KeyValue;
use crate::models::weights::{Part, WeightSource};
use crate::platform::breathe::breathe;
use crate::tensor::picture::Picture;
use crate::tensor::readback::read;
use crate::{Error, Result};
use burn::tensor::Tensor;

impl<S: WeightSource> Engine<S> {
    pub(super) async fn edit(&mut self, job: EditJob, on_event: OnEvent<'_>) -> Result<Picture> {
        let sampling = sampling(&job)?;
        let text = match &job.heard {
            Heard::Nothing => "",
            Heard::Text(text) => text,
            Heard::Instruction(instruction) => {
                self.check_instruction(instruction)?;
                &instruction.about.start
            }
        };
        self.listen(&["", text], on_event).await?;
        let (width, height) = job.picture.fit(job.size.unwrap_or(self.resolution()));
        let inside = job.picture.resize(width, height);
        self.need(&[Part::Vae], on_event).await?;
        let image_latents = self.image_latents(&inside)?;
        self.need(&[Part::UNet], on_event).await?;
        let null = self.base.project_text("")?;
        let heard = match &job.heard {
            Heard::Nothing => guidance::Heard { segments: vec![null.clone()] },
            Heard::Text(text) => guidance::Heard { segments: vec![self.base.project_text(text)?] },
            Heard::Instruction(instruction) => hear(instruction, &self.base.project_text(text)?),
        };
        let heard = switch_off(blend(heard, &null, job.strength), &null, &job.segments)?;
        let latents = self.sample(image_latents, &heard, &null, sampling, on_event).await?;
        drop((heard, null));
        self.need(&[Part::Vae], on_event).await?;
        let edited = self.paint(latents).await?;
        let (width, height) = outside(&job.picture, width.max(height));
        Ok(edited.resize(width, height))
    }

    /// Edits a picture whose sides are multiples of 64, with UNet and VAE both there.
    pub(super) async fn edit_inside(
        &self,
        picture: &Picture,
        heard: &guidance::Heard,
        null: &[KeyValue],
        sampling: Sampling,
        on_event: OnEvent<'_>,
    ) -> Result<Picture> {
        let image_latents = self.image_latents(picture)?;
        let latents = self.sample(image_latents, heard, null, sampling, on_event).await?;
        self.paint(latents).await
    }

    /// What the VAE makes of a picture. What it works with and what the UNet works with are of other sizes: neither is to be held
    /// while the other works.
    pub(super) fn image_latents(&self, picture: &Picture) -> Result<Tensor<4>> {
        let latents = self.base.image_latents(picture)?;
        self.base.device.memory_cleanup();
        Ok(latents)
    }

    /// The picture of clean latents.
    async fn paint(&self, latents: Tensor<4>) -> Result<Picture> {
        self.base.device.memory_cleanup();
        let painted = self.base.paint(latents)?;
        let [_, _, height, width] = painted.dims();
        let values = read(painted).await?;
        self.base.device.memory_cleanup();
        Picture::from_values(&values, width, height)
    }

    /// Clean latents of an edited picture.
    async fn sample(
        &self,
        image_latents: Tensor<4>,
        heard: &guidance::Heard,
        null: &[KeyValue],
        sampling: Sampling,
        on_event: OnEvent<'_>,
    ) -> Result<Tensor<4>> {
        let on_step = async |step: crate::diffusion::samplers::Step<'_>| {
            // Waiting for the step keeps the device's queue short and makes a stop take effect within one step.
            let denoised = step.denoised.clone().slice([0..1, 0..1, 0..1, 0..1]);
            let _: Vec<f32> = read(denoised).await?;
            let reply = on_event(Event::Step { step: step.step, steps: step.steps });
            if reply == Reply::Stop {
                return Err(Error::Cancelled);
            }
            if reply == Reply::Preview && self.base.vae.is_some() {
                let picture = self.paint(step.denoised.clone()).await?;
                tell(on_event, Event::Preview { step: step.step, picture })?;
            }
            breathe().await;
            Ok(())
        };
        sample(&self.base, image_latents, heard, null, sampling, on_step).await
    }

    fn check_instruction(&self, instruction: &Instruction) -> Result<()> {
        instruction.check()?;
        instruction.check_base(self.fingerprint(), self.title())?;
        instruction.check_layers(self.widths(), self.base.tokenizer.max_length())
    }
}

/// Segments that are not to be heard stand for the null text.
fn switch_off(mut heard: guidance::Heard, null: &[KeyValue], on: &[bool]) -> Result<guidance::Heard> {
    let n_segments = heard.segments.len();
    if !on.is_empty() && on.len() != n_segments {
        return Err(Error::Usage(format!(
            "{} segments are switched on or off, the instruction has {n_segments}; give one choice per segment",
            on.len()
        )));
    }
    for (layers, _) in heard.segments.iter_mut().zip(on).filter(|(_, on)| !**on) {
        *layers = null.to_vec();
    }
    Ok(heard)
}

fn sampling(job: &EditJob) -> Result<Sampling> {
    let finite = |name: &str, value: f64, range: std::ops::RangeInclusive<f64>| match range.contains(&value) {
        true => Ok(value),
        false => Err(Error::Usage(format!("{name} is {value}: choose {} to {}", range.start(), range.end()))),
    };
    let steps = job.steps.unwrap_or_default();
    if !(1..=1000).contains(&steps) {
        return Err(Error::Usage(format!("{steps} steps: choose 1 to 1000")));
    }
    finite("strength", job.strength, 0.0..=1.5)?;
    Ok(Sampling {
        scales: Scales {
            guidance: finite("guidance scale", job.guidance_scale.unwrap_or_default(), 0.0..=100.0)?,
            image: finite("image guidance scale", job.image_guidance_scale.unwrap_or_default(), 0.0..=100.0)?,
        },
        steps,
        sampler: job.sampler.unwrap_or_default(),
        seed: job.seed,
    })
}

/// The size of what the user gets: the original's aspect ratio, and no larger than the model worked.
pub(super) fn outside(picture: &Picture, longer_inside: usize) -> (usize, usize) {
    let longest = picture.width.max(picture.height);
    if longest <= longer_inside {
        return (picture.width, picture.height);
    }
    let side = |side: usize| ((side * longer_inside + longest / 2) / longest).max(1);
    (side(picture.width), side(picture.height))
}
