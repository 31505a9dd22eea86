//! Resident: which parts of a base model are on the device, and when they come and go.
//!
//! A text encoder of more than 64 MB is there only while a text is heard. With [`Memory::Low`] UNet and VAE, too, are there only until
//! another one's turn comes: what one of them needs at most is then all that is needed.
use super::engine::{Engine, OnEvent, tell};
use super::job::{Event, Memory};
use crate::models::clip::TextEncoder;
use crate::models::unet::UNet;
use crate::models::vae::Vae;
use crate::models::weights::{Part, WeightSource, Weights};
use crate::{Error, Result};
use burn::tensor::Device;

impl<S: WeightSource> Engine<S> {
    /// Which parts stay on the device, from the next job on. It changes nothing that comes out.
    pub fn set_memory(&mut self, memory: Memory) {
        self.memory = memory;
    }

    /// Sees to it that these of UNet and VAE are on the device, and with [`Memory::Low`], that the others are not.
    ///
    /// # Errors
    /// A checkpoint that is damaged, gone, or another one than at first; [`Error::Cancelled`].
    pub(super) async fn need(&mut self, parts: &[Part], on_event: OnEvent<'_>) -> Result<()> {
        if self.memory == Memory::Low {
            let unet = !parts.contains(&Part::UNet) && self.base.unet.take().is_some();
            let vae = !parts.contains(&Part::Vae) && self.base.vae.take().is_some();
            let words = self.base.text_encoder.take().is_some();
            if unet || vae || words {
                self.base.device.memory_cleanup();
            }
        }
        let device = self.base.device.clone();
        if parts.contains(&Part::Vae) && self.base.vae.is_none() {
            let take = |w: &mut Weights| Vae::take(w, &self.vae_config);
            let vae = load_part(&mut self.source, Part::Vae, &device, on_event, take).await?;
            check(Part::Vae, self.vae_fingerprint(), &vae.fingerprint)?;
            self.base.vae = Some(vae.model);
        }
        if parts.contains(&Part::UNet) && self.base.unet.is_none() {
            let take = |w: &mut Weights| UNet::take(w, &self.unet_config);
            let unet = load_part(&mut self.source, Part::UNet, &device, on_event, take).await?;
            check(Part::UNet, self.fingerprint(), &unet.fingerprint)?;
            self.base.unet = Some(unet.model);
        }
        Ok(())
    }

    /// Hears texts, with the text encoder loaded anew where it is away, and lets it go.
    pub(super) async fn listen(&mut self, texts: &[&str], on_event: OnEvent<'_>) -> Result<()> {
        let is_known = texts.iter().all(|text| self.base.remembered.contains_key(*text));
        if !is_known && self.base.text_encoder.is_none() {
            let take = |w: &mut Weights| TextEncoder::take(w, &self.text_config);
            let part = load_part(&mut self.source, Part::TextEncoder, &self.base.device, on_event, take).await?;
            self.base.text_encoder = Some(part.model);
        }
        let remembered = self.base.remember(texts);
        let rests = match self.memory {
            Memory::Low => true,
            Memory::Auto => self.wordy,
            Memory::High => false,
        };
        if rests && self.base.text_encoder.take().is_some() {
            self.base.device.memory_cleanup();
        }
        remembered
    }
}

/// A part that comes back must be the one that went.
fn check(part: Part, wanted: &str, found: &str) -> Result<()> {
    if wanted == found {
        return Ok(());
    }
    Err(Error::Checkpoint(format!(
        "{}: the weights are not those that were there when the model was loaded; load it again",
        part.folder()
    )))
}

/// A part that was loaded.
pub(super) struct Loaded<M> {
    pub model: M,
    /// Of its weights.
    pub fingerprint: String,
    /// That its weights take on the device.
    pub bytes: u64,
    /// Sentences about its weights; to be said once, not whenever it comes back.
    pub warnings: Vec<String>,
}

/// Fills one model from its shards.
pub(super) async fn load_part<M>(
    source: &mut impl WeightSource,
    part: Part,
    device: &Device,
    on_event: OnEvent<'_>,
    take: impl FnOnce(&mut Weights) -> M,
) -> Result<Loaded<M>> {
    tell(on_event, Event::Loading { part: part.folder().to_owned() })?;
    let mut weights = Weights::new(part.folder(), device);
    source.fill(part, &mut weights).await?;
    let (fingerprint, bytes) = (weights.fingerprint(), weights.bytes());
    let model = take(&mut weights);
    Ok(Loaded { model, fingerprint, bytes, warnings: weights.finish()? })
}
