//! The inversion job: pairs in, an instruction out; stoppable after any step, and resumable.
use super::begin::Beginning;
use super::engine::{Engine, OnEvent, tell};
use super::job::{Event, ExemplarPair, InvertJob, Learned, Memory, Reply, Start};
use super::settled::Defaults;
use crate::diffusion::guidance::Scales;
use crate::instruction::adamw::AdamW;
use crate::instruction::edit::Sampling;
use crate::instruction::inversion::{Inversion, LatentPair, Numbers, Settings};
use crate::instruction::state::{Best, State};
use crate::instruction::visii::Visii;
use crate::instruction::{About, Instruction, Objective, Thumbnails, hex};
use crate::models::config::ClipConfig;
use crate::models::weights::{Part, WeightSource};
use crate::platform::breathe::breathe;
use crate::tensor::picture::Picture;
use crate::tensor::readback::read;
use crate::{Error, Result};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Held-out pairs are tried about this often in a run: a trial takes as long as four steps in five segments.
const TRIALS: usize = 5;
/// Latent pixels of all segments that go through the UNet at a time: more is not faster, and takes memory.
pub(super) const LATENTS_AT_ONCE: usize = 2048;
/// Numbers on a tape beyond which they are worth making again: half a gigabyte of f32.
pub(super) const ON_TAPE: u64 = 128 << 20;

impl<S: WeightSource> Engine<S> {
    pub(super) async fn invert(&mut self, job: InvertJob, on_event: OnEvent<'_>) -> Result<Learned> {
        let mut resumed = job.resume.as_deref().map(State::decode).transpose()?;
        let settings_text = self.settings_text(&job);
        if let Some(state) = &mut resumed {
            if job.resized {
                state.resize(&settings_text);
            }
            state.check(&settings_text)?;
        }
        let Beginning { text: start, caption, tokens } = match &resumed {
            Some(state) => Beginning { text: state.start_text.clone(), caption: String::new(), tokens: state.tokens },
            None => self.begin(&job, on_event).await?,
        };
        self.listen(&["", &start, &caption], on_event).await?;
        tell(on_event, Event::Started { text: start.clone(), caption: caption.clone(), tokens })?;
        let size = job.size.unwrap_or(self.resolution());
        let pairs: Vec<ExemplarPair> = job.pairs.iter().map(|pair| inside(pair, size)).collect();
        let held_out: Vec<ExemplarPair> = job.held_out.iter().map(|pair| inside(pair, size)).collect();
        let preview = job.preview.as_ref().map(|picture| {
            let (width, height) = picture.fit(size);
            picture.resize(width, height)
        });
        let mut settings = settings(&job, &pairs, self.latent_side(), tokens)?;
        let visii = match job.objective {
            Objective::Noise => None,
            Objective::Visii => Some(self.visii(&job, on_event).await?),
        };
        self.need(&[Part::Vae], on_event).await?;
        let latent = pairs.iter().map(|pair| self.latent_pair(pair)).collect::<Result<_>>()?;
        self.base.device.memory_cleanup();
        // edits on the way need both, and with little memory only what must be is edited
        let both = self.memory != Memory::Low || !held_out.is_empty();
        self.need(if both { &[Part::UNet, Part::Vae] } else { &[Part::UNet] }, on_event).await?;
        settings.recompute = match job.memory {
            Memory::Low => {
                settings.at_once = 1;
                true
            }
            Memory::High => false,
            Memory::Auto => {
                let side = self.latent_side();
                let sizes =
                    pairs.iter().map(|pair| [pair.before.height, pair.before.width].map(|pixels| pixels / side));
                let largest = sizes.max_by_key(|[h, w]| h * w).unwrap_or_default();
                let rows = settings.at_once.min(settings.segments);
                self.base.unet()?.numbers_on_tape(rows, largest, self.base.tokenizer.max_length()) > ON_TAPE
            }
        };
        let steps = job.steps_per_segment.unwrap_or_default();
        let mut inversion = Inversion::new(&self.base, latent, &start, settings)?.with_caption(&caption)?;
        if let Some(visii) = visii {
            inversion = inversion.with_visii(visii)?;
        }
        let mut state = State { settings: settings_text, start_text: start, tokens, ..State::default() };
        if let Some(resumed) = resumed {
            let State { step, learned, first_moment, second_moment, shown, .. } = resumed.clone();
            inversion.restore(&Numbers { learned, first_moment, second_moment, shown }, step)?;
            state = resumed;
        }

        let done = inversion.steps_done();
        for step in done..=steps {
            let mut reply = Reply::Continue;
            if step > done {
                let losses = read(inversion.step()).await?;
                let loss = losses.iter().sum::<f32>() / losses.len() as f32;
                if !loss.is_finite() {
                    return Err(ran_away(step, &format!("the loss is {loss}"), settings));
                }
                state.step = step;
                state.losses.push(loss);
                reply = on_event(Event::Learned { step, steps, loss: f64::from(loss) });
                breathe().await;
            }
            if reply == Reply::Preview && both {
                let shown = held_out.first().map(|pair| &pair.before).or(preview.as_ref());
                if let Some(shown) = shown {
                    reply = match self.apply(&inversion, shown, settings.scales, on_event).await {
                        Ok(picture) => on_event(Event::Preview { step, picture }),
                        Err(Error::Cancelled) => Reply::Stop,
                        Err(error) => return Err(error),
                    };
                }
            }
            let finish = reply == Reply::Finish;
            // A run that was stopped during a trial makes up for it here when it goes on.
            let tried = state.held_out.iter().any(|&(at, _)| at == step);
            let due = step > 0 && (step.is_multiple_of((steps / TRIALS).max(1)) || step == steps);
            if due && !tried && !held_out.is_empty() && reply != Reply::Stop {
                match self.try_out(&inversion, &held_out, settings.scales, on_event).await {
                    Ok(psnr) => {
                        let best = state.best.as_ref().is_none_or(|best| psnr > best.psnr);
                        state.held_out.push((step, psnr));
                        if best {
                            state.best = Some(Best { step, psnr, learned: inversion.numbers().await?.shown });
                        }
                        if on_event(Event::HeldOut { step, psnr, best }) == Reply::Stop {
                            reply = Reply::Stop;
                        }
                    }
                    Err(Error::Cancelled) => reply = Reply::Stop,
                    Err(error) => return Err(error),
                }
            }
            if finish {
                break;
            }
            if matches!(reply, Reply::SaveState | Reply::Stop) {
                let numbers = inversion.numbers().await?;
                if !numbers.are_finite() {
                    // the state before stays
                    return Err(ran_away(step, "what is learned is no number any more", settings));
                }
                let Numbers { learned, first_moment, second_moment, shown } = numbers;
                state = State { learned, first_moment, second_moment, shown, ..state };
                let stop = on_event(Event::State { step, steps, bytes: state.encode()? }) == Reply::Stop;
                if stop || reply == Reply::Stop {
                    return Err(Error::Cancelled);
                }
            }
        }
        if let Some(best) = state.best.clone() {
            let moments = inversion.numbers().await?;
            inversion.restore(&Numbers { shown: best.learned, ..moments }, best.step)?;
        }
        let segments = inversion.learned().await?;
        let about = self.about(&job, &state, settings, size);
        let instruction = Instruction { segments, about };
        instruction.check()?;
        Ok(Learned { instruction, losses: state.losses, held_out: state.held_out })
    }

    /// Visii's own: where CLIP sees the pictures go.
    async fn visii(&mut self, job: &InvertJob, on_event: OnEvent<'_>) -> Result<Visii> {
        if let Some(why) = self.visii_lacks().await? {
            return Err(Error::Checkpoint(why));
        }
        let towers = self.towers("Visii learns", on_event).await?;
        Ok(towers.visii(&job.pairs, self.base.schedule.n_timesteps(), job.seed))
    }

    /// Why Visii cannot be learned with the CLIP that there is, in a sentence.
    pub(super) async fn visii_lacks(&mut self) -> Result<Option<String>> {
        let Some(config) = self.source.file("clip/config.json").await? else { return Ok(None) };
        let [clip, heard] = [ClipConfig::parse(&config)?.text.hidden_size, self.text_config.hidden_size];
        Ok((clip != heard).then(|| {
            format!(
                "CLIP's texts have width {clip}, the base model hears {heard}; Visii needs the CLIP that the base model's \
                 text encoder is from (--clip)"
            )
        }))
    }

    fn latent_pair(&self, pair: &ExemplarPair) -> Result<LatentPair> {
        let scaling = self.base.vae()?.scaling_factor();
        Ok(LatentPair {
            image_latents: self.base.image_latents(&pair.before)?,
            target: self.base.image_latents(&pair.after)?.mul_scalar(scaling),
        })
    }

    /// Pixels per latent.
    fn latent_side(&self) -> usize {
        self.vae_config.pixels_per_latent()
    }

    /// Mean PSNR of the present instruction on the held-out pairs.
    async fn try_out(
        &self,
        inversion: &Inversion<'_>,
        held_out: &[ExemplarPair],
        scales: Scales,
        on_event: OnEvent<'_>,
    ) -> Result<f64> {
        let mut sum = 0.0;
        for pair in held_out {
            let edited = self.apply(inversion, &pair.before, scales, on_event).await?;
            sum += edited.psnr(&pair.after)?.min(100.0); // equal pictures are infinitely alike
        }
        Ok(sum / held_out.len() as f64)
    }

    /// The present instruction on a picture whose sides are multiples of 64.
    async fn apply(
        &self,
        inversion: &Inversion<'_>,
        picture: &Picture,
        scales: Scales,
        on_event: OnEvent<'_>,
    ) -> Result<Picture> {
        let Defaults { steps, sampler, .. } = Defaults::of(&self.recommended);
        let sampling = Sampling { scales, steps, sampler, seed: 0 };
        self.edit_inside(picture, &inversion.heard(), inversion.null(), sampling, on_event).await
    }

    /// All that decides the result, as canonical JSON: a run is continued only with the same.
    pub(super) fn settings_text(&self, job: &InvertJob) -> String {
        let vocabulary = || {
            let mut hash = Sha256::new();
            for phrase in &job.phrases.vocabulary {
                hash.update(phrase);
                hash.update([0]);
            }
            hex(&hash.finalize())
        };
        let start = match &job.start {
            Start::Auto => json!({
                "from": "auto",
                "threshold": job.phrases.threshold,
                "mode": job.phrases.mode,
                "caption_phrases": job.phrases.caption_phrases,
                "direct": job.phrases.direct,
                "separator": job.phrases.separator,
                "vocabulary": vocabulary(),
            }),
            Start::Caption => json!({
                "from": "caption",
                "caption_phrases": job.phrases.caption_phrases,
                "separator": job.phrases.separator,
                "vocabulary": vocabulary(),
            }),
            Start::Nothing => json!({ "from": "none" }),
            Start::Text(text) => json!({ "from": "text", "text": text }),
        };
        let mut settings = json!({
            "base_model": self.fingerprint(),
            "pairs": hash_pairs(&job.pairs),
            "held_out": hash_pairs(&job.held_out),
            "start": start,
            "segments": job.segments,
            "steps_per_segment": job.steps_per_segment,
            "learning_rate": job.learning_rate,
            "betas": job.betas,
            "course": job.course,
            "weight_decay": job.weight_decay,
            "tokens": job.tokens,
            "space": job.space,
            "objective": job.objective,
            "rows": job.rows,
            "guidance_scale": job.guidance_scale,
            "image_guidance_scale": job.image_guidance_scale,
            "seed": job.seed,
            "size": job.size,
        });
        if !job.held_out.is_empty() {
            // the best is chosen by edits
            let Defaults { steps, sampler, .. } = Defaults::of(&self.recommended);
            settings["tried_with"] = json!({
                "steps": steps, "sampler": sampler, "timestep_spacing": self.base.schedule.spacing(), "vae": self.vae_fingerprint(),
            });
        }
        settings.to_string()
    }

    fn about(&self, job: &InvertJob, state: &State, settings: Settings, size: usize) -> About {
        About {
            title: job.title.clone(),
            start: state.start_text.clone(),
            tokens: state.tokens,
            rows: job.rows,
            space: job.space,
            base_model: self.fingerprint().to_owned(),
            base_model_title: self.title().to_owned(),
            resolution: size,
            guidance_scale: settings.scales.guidance,
            image_guidance_scale: settings.scales.image,
            steps: Defaults::of(&self.recommended).steps,
            strength: 1.0,
            steps_per_segment: state.best.as_ref().map_or(state.step, |best| best.step),
            learning_rate: settings.optimiser.learning_rate,
            seed: job.seed,
            pairs: job.pairs.len(),
            thumbnails: job.pairs.first().and_then(|pair| Thumbnails::of(&pair.before, &pair.after)),
            date: job.date.clone(),
            author: String::new(),
            license: String::new(),
            description: String::new(),
            tags: String::new(),
        }
    }
}

/// SHA-256 (hex) of the pixels of pairs.
pub(super) fn hash_pairs(pairs: &[ExemplarPair]) -> String {
    let mut hash = Sha256::new();
    for picture in pairs.iter().flat_map(|pair| [&pair.before, &pair.after]) {
        hash.update((picture.width as u64).to_le_bytes());
        hash.update((picture.height as u64).to_le_bytes());
        hash.update(&picture.rgb);
    }
    hex(&hash.finalize())
}

/// A pair at the size it has inside the model.
fn inside(pair: &ExemplarPair, size: usize) -> ExemplarPair {
    let (width, height) = pair.before.fit(size);
    let resize = |picture: &Picture| picture.resize(width, height);
    ExemplarPair { name: pair.name.clone(), before: resize(&pair.before), after: resize(&pair.after) }
}

fn settings(job: &InvertJob, pairs: &[ExemplarPair], latent_side: usize, tokens: usize) -> Result<Settings> {
    let (learning_rate, steps) = (job.learning_rate.unwrap_or_default(), job.steps_per_segment.unwrap_or_default());
    if !(learning_rate.is_finite() && learning_rate > 0.0) {
        return Err(Error::Usage(format!("the learning rate is {learning_rate}: choose a number above 0")));
    }
    if steps == 0 {
        return Err(Error::Usage("0 steps per segment: choose at least 1".into()));
    }
    let (guidance, image) = (job.guidance_scale.unwrap_or_default(), job.image_guidance_scale.unwrap_or_default());
    for (name, scale) in [("guidance scale", guidance), ("image guidance scale", image)] {
        if !(scale.is_finite() && scale >= 0.0) {
            return Err(Error::Usage(format!("{name} is {scale}: choose 0 or more")));
        }
    }
    if guidance == 0.0 {
        return Err(Error::Usage("guidance scale is 0: the instruction would not be heard, nothing to learn".into()));
    }
    let sizes = pairs.iter().map(|pair| (pair.before.width, pair.before.height));
    let alike = sizes.clone().all(|size| Some(size) == sizes.clone().next());
    let latents = sizes.map(|(width, height)| width * height / latent_side.pow(2)).max().unwrap_or(1);
    Ok(Settings {
        segments: job.segments,
        at_once: if alike { (LATENTS_AT_ONCE / latents.max(1)).max(1) } else { 1 },
        tokens,
        rows: job.rows,
        space: job.space,
        scales: Scales { guidance, image },
        optimiser: AdamW { learning_rate, betas: job.betas, weight_decay: job.weight_decay },
        pace: job.course.unwrap_or_default().pace(),
        steps,
        seed: job.seed,
        recompute: false,
    })
}

fn ran_away(step: usize, what: &str, settings: Settings) -> Error {
    let rate = settings.optimiser.learning_rate;
    Error::Computation(format!("learning ran away at step {step}: {what}; choose a lower learning rate than {rate:?}"))
}
