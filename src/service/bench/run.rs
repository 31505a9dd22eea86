//! Run: learn as the method does, edit the test pictures, measure.
use super::measure::check_measurable;
use super::{BenchJob, Benched};
use crate::bench::methods::Method;
use crate::diffusion::guidance::Scales;
use crate::models::weights::{Part, WeightSource};
use crate::service::edit::outside;
use crate::service::engine::{Engine, OnEvent, tell};
use crate::service::job::{EditJob, Event, ExemplarPair, Heard, Learned};
use crate::tensor::picture::Picture;
use crate::tensor::readback::read;
use crate::{Error, Result};

impl<S: WeightSource> Engine<S> {
    /// Runs one method on one effect.
    ///
    /// # Errors
    /// [`Error::Pairs`] without tests, [`Error::Usage`] for ip2p without words, what learning, editing and measuring say, and
    /// [`Error::Cancelled`] after a stop.
    pub async fn bench(&mut self, job: BenchJob, on_event: OnEvent<'_>) -> Result<Benched> {
        let job = job.settled(&self.recommended);
        if job.tests.is_empty() {
            return Err(Error::Pairs("there are no test pairs to measure on: give at least one".into()));
        }
        let sizes: Vec<[usize; 2]> = job.tests.iter().map(|test| self.compared_size(test, job.learning.size)).collect();
        for [width, height] in &sizes {
            check_measurable(*width, *height, job.lpips.is_some())?;
        }
        let learned = match job.method.learns() {
            true => Some(self.invert(job.learning(), on_event).await?),
            false => None,
        };
        let heard = match (&learned, job.method) {
            (Some(learned), _) => Heard::Instruction(Box::new(learned.instruction.clone())),
            (None, Method::Ip2p) => match &job.text {
                Some(text) => Heard::Text(text.clone()),
                None => return Err(Error::Usage("ip2p edits with words: give the effect's instruction".into())),
            },
            (None, _) => Heard::Nothing,
        };
        let (mut tests, mut results) = (Vec::new(), Vec::new());
        for (i, (test, [width, height])) in job.tests.iter().zip(sizes).enumerate() {
            tell(on_event, Event::Doing(format!("test picture {} of {}", i + 1, job.tests.len())))?;
            let result = match job.method {
                Method::Nothing => test.before.clone(),
                Method::Vae => self.through_vae(&test.after, job.learning.size, on_event).await?,
                _ => self.edit(edit_job(&job, test, heard.clone()).settled(&self.recommended), on_event).await?,
            };
            // One filter for all that is compared.
            let sized = |picture: &Picture| picture.resize(width, height);
            let name = test.name.clone();
            tests.push(ExemplarPair { name, before: sized(&test.before), after: sized(&test.after) });
            results.push(sized(&result));
        }
        let lpips = job.lpips.as_ref().map(|bytes| bytes.as_slice());
        let (scores, mean) = self.measure(&results, &tests, &job.reference, lpips, on_event).await?;
        let learning_steps = learned.as_ref().map_or(0, learning_steps);
        let text = match (&heard, job.method) {
            (Heard::Instruction(instruction), _) => Some(instruction.about.start.clone()),
            (_, Method::Ip2p) => job.text.clone(),
            _ => None,
        };
        let scales = Scales {
            guidance: job.learning.guidance_scale.unwrap_or_default(),
            image: job.learning.image_guidance_scale.unwrap_or_default(),
        };
        let (instruction, losses) = learned.map_or((None, Vec::new()), |it| (Some(it.instruction), it.losses));
        let unet_evaluations = learning_steps * scales.branches().len();
        Ok(Benched { instruction, text, losses, learning_steps, unet_evaluations, tests, results, scores, mean })
    }

    /// What is left of a picture when it has gone through the VAE and back.
    async fn through_vae(&mut self, picture: &Picture, size: Option<usize>, on_event: OnEvent<'_>) -> Result<Picture> {
        let (width, height) = picture.fit(size.unwrap_or(self.resolution()));
        self.need(&[Part::Vae], on_event).await?;
        let latents = self.base.image_latents(&picture.resize(width, height))?;
        Picture::from_values(&read(self.base.vae()?.decode(latents)).await?, width, height)
    }

    /// Width and height of what is compared of a test.
    fn compared_size(&self, test: &ExemplarPair, size: Option<usize>) -> [usize; 2] {
        let (width, height) = test.before.fit(size.unwrap_or(self.resolution()));
        outside(&test.before, width.max(height)).into()
    }
}

fn learning_steps(learned: &Learned) -> usize {
    learned.losses.len() * learned.instruction.segments.len()
}

/// The edit of a test picture: with the scales of learning, whatever is heard.
fn edit_job(job: &BenchJob, test: &ExemplarPair, heard: Heard) -> EditJob {
    EditJob {
        steps: job.edit_steps,
        sampler: job.sampler,
        guidance_scale: job.learning.guidance_scale,
        image_guidance_scale: job.learning.image_guidance_scale,
        seed: job.learning.seed,
        size: job.learning.size,
        ..EditJob::new(test.before.clone(), heard)
    }
}
