//! Engine: a base model on a device, and the one place where jobs are run.
use super::job::{Event, Job, Memory, Outcome, Reply};
use super::resident::load_part;
use crate::diffusion::schedule::Schedule;
use crate::instruction::base::BaseModel;
use crate::instruction::phrases::PhraseReport;
use crate::models::clip::TextEncoder;
use crate::models::config::{ClipTextConfig, Recommended, SchedulerConfig, UNetConfig, VaeConfig};
use crate::models::tokenizer::{Tokenizer, TokenizerFiles};
use crate::models::unet::UNet;
use crate::models::vae::Vae;
use crate::models::weights::{Part, WeightSource, Weights};
use crate::tensor::ops::Compute;
use crate::{Error, Result};
use burn::tensor::Device;
use std::collections::BTreeMap;

/// What a door does with events: it may be called at any time during [`Engine::load`] and [`Engine::run`].
pub type OnEvent<'a> = &'a mut dyn FnMut(Event) -> Reply;

/// Bytes of a text encoder that is no burden: it stays on the device.
pub(super) const LIGHT: u64 = 64 << 20;
/// IP2P's own training size, for checkpoints that say nothing.
pub(super) const RESOLUTION: usize = 512;

/// A loaded base model; one job at a time.
pub struct Engine<S> {
    pub(super) base: BaseModel,
    pub(super) source: S,
    pub(super) recommended: Recommended,
    fingerprint: String,
    vae_fingerprint: String,
    /// Of CLIP's weights, once they were read.
    pub(super) clip_fingerprint: Option<String>,
    pub(super) unet_config: UNetConfig,
    pub(super) vae_config: VaeConfig,
    pub(super) text_config: ClipTextConfig,
    /// Widths of the UNet's cross-attention layers, in forward order.
    widths: Vec<usize>,
    pub(super) memory: Memory,
    /// Whether the text encoder is too large to stay where nobody says so.
    pub(super) wordy: bool,
    /// What phrase searches found, by all that decides it: five methods of the benchmark start from the same one, and a
    /// person looks at the phrases before learning starts from them.
    pub(super) found: BTreeMap<String, PhraseReport>,
}

impl<S: WeightSource> Engine<S> {
    /// Loads UNet, VAE, text encoder, tokenizer and schedule. CLIP is loaded by the jobs that need it.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for anything missing, damaged or unknown, [`Error::Cancelled`].
    pub async fn load(device: Device, mut source: S, on_event: OnEvent<'_>) -> Result<Self> {
        let recommended = match source.file("instructbrush.json").await? {
            Some(json) => Recommended::parse(&json)?,
            None => Recommended::default(),
        };
        let unet_config = UNetConfig::parse(&required(&mut source, "unet/config.json").await?)?;
        unet_config.check_ip2p()?;
        let vae_config = VaeConfig::parse(&required(&mut source, "vae/config.json").await?)?;
        let text_config = ClipTextConfig::parse(&required(&mut source, "text_encoder/config.json").await?)?;
        let scheduler = SchedulerConfig::parse(&required(&mut source, "scheduler/scheduler_config.json").await?)?;
        check_parts(&unet_config, &vae_config, &text_config)?;
        let files = TokenizerFiles::read(&mut source, "tokenizer").await?;
        let tokenizer = Tokenizer::load(&files, &text_config)?;

        let words = |w: &mut Weights| TextEncoder::take(w, &text_config);
        let words = load_part(&mut source, Part::TextEncoder, &device, on_event, words).await?;
        let vae = load_part(&mut source, Part::Vae, &device, on_event, |w| Vae::take(w, &vae_config)).await?;
        let unet = load_part(&mut source, Part::UNet, &device, on_event, |w| UNet::take(w, &unet_config)).await?;
        for warning in [words.warnings, vae.warnings, unet.warnings].into_iter().flatten() {
            tell(on_event, Event::Warning(warning))?;
        }
        let (fingerprint, vae_fingerprint, wordy) = (unet.fingerprint, vae.fingerprint, words.bytes > LIGHT);
        let widths = unet.model.cross_attentions().map(|layer| layer.width()).collect();
        let base = BaseModel {
            unet: Some(unet.model),
            vae: Some(vae.model),
            text_encoder: Some(words.model),
            tokenizer,
            schedule: Schedule::new(&scheduler),
            device,
            remembered: BTreeMap::new(),
            compute: Compute::default(),
        };
        Ok(Self {
            base,
            source,
            recommended,
            fingerprint,
            vae_fingerprint,
            clip_fingerprint: None,
            unet_config,
            vae_config,
            text_config,
            widths,
            memory: Memory::default(),
            wordy,
            found: BTreeMap::new(),
        })
    }

    /// How exact the UNet's products are in edits, and in the branches of learning that do not hear the instruction.
    ///
    /// # Errors
    /// [`Error::Device`] where the device cannot.
    pub fn set_compute(&mut self, compute: Compute) -> Result<()> {
        compute.check(&self.base.device)?;
        self.base.compute = compute;
        Ok(())
    }

    /// As [`Self::set_compute`] has it.
    pub fn compute(&self) -> Compute {
        self.base.compute
    }

    /// What the checkpoint recommends for its use.
    pub fn recommended(&self) -> &Recommended {
        &self.recommended
    }

    /// The model's name for people, or empty.
    pub fn title(&self) -> &str {
        self.recommended.title.as_deref().unwrap_or_default()
    }

    /// Identifies the UNet whatever file its weights came from: see [`Weights::fingerprint`].
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The same of the VAE, by which pictures go in and come out.
    pub(super) fn vae_fingerprint(&self) -> &str {
        &self.vae_fingerprint
    }

    /// Widths of the UNet's cross-attention layers, in forward order.
    pub(super) fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// The longer side inside the model when the user says nothing.
    pub fn resolution(&self) -> usize {
        self.recommended.resolution.unwrap_or(RESOLUTION)
    }

    /// Gives the checkpoint back and frees the models.
    pub fn into_source(self) -> S {
        self.source
    }

    /// Runs a job to its end.
    ///
    /// # Errors
    /// Whatever the job can cause, and [`Error::Cancelled`] after [`Reply::Stop`].
    pub async fn run(&mut self, job: Job, on_event: OnEvent<'_>) -> Result<Outcome> {
        match job {
            Job::Edit(job) => self.edit(job.settled(&self.recommended), on_event).await.map(Outcome::Picture),
            Job::Invert(job) => {
                let learned = self.invert(job.settled(&self.recommended), on_event).await?;
                Ok(Outcome::Learned(Box::new(learned)))
            }
            Job::Phrases(job) => self.phrases(&job.pairs, &job.settings, on_event).await.map(Outcome::Phrases),
        }
    }
}

/// Sends an event; [`Reply::Stop`] becomes [`Error::Cancelled`].
pub(super) fn tell(on_event: OnEvent<'_>, event: Event) -> Result<()> {
    match on_event(event) {
        Reply::Stop => Err(Error::Cancelled),
        _ => Ok(()),
    }
}

/// A small file that must be there.
pub(super) async fn required(source: &mut impl WeightSource, path: &str) -> Result<Vec<u8>> {
    source.file(path).await?.ok_or_else(|| {
        Error::Checkpoint(format!("{path} is missing; is this a folder in diffusers' layout, completely downloaded?"))
    })
}

/// Sizes that one part's config promises to another.
fn check_parts(unet: &UNetConfig, vae: &VaeConfig, text: &ClipTextConfig) -> Result<()> {
    if unet.cross_attention_dim != text.hidden_size {
        return Err(Error::Checkpoint(format!(
            "unet listens to contexts of width {}, text_encoder gives {}; they belong to different models",
            unet.cross_attention_dim, text.hidden_size
        )));
    }
    if unet.out_channels != vae.latent_channels {
        return Err(Error::Checkpoint(format!(
            "unet gives {} latent channels, vae takes {}; they belong to different models",
            unet.out_channels, vae.latent_channels
        )));
    }
    Ok(())
}
