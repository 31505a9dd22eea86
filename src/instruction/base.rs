//! Base model: the frozen InstructPix2Pix that instructions are learned in and applied with.
use crate::diffusion::schedule::Schedule;
use crate::models::clip::TextEncoder;
use crate::models::tokenizer::{Encoded, Tokenizer};
use crate::models::unet::{KeyValue, UNet};
use crate::models::vae::Vae;
use crate::tensor::ops::Compute;
use crate::tensor::picture::Picture;
use crate::{Error, Result};
use burn::tensor::{Device, Int, Tensor, TensorData};
use std::collections::BTreeMap;

/// Texts that are remembered before all are forgotten.
const REMEMBERED: usize = 64;

/// The four parts that every edit needs.
pub struct BaseModel {
    /// The denoiser; it may be away while the VAE works.
    pub unet: Option<UNet>,
    /// Pictures to latents and back; it may be away while the UNet works.
    pub vae: Option<Vae>,
    /// Words to context; it may be away once the texts that are needed are remembered.
    pub text_encoder: Option<TextEncoder>,
    /// Words to ids.
    pub tokenizer: Tokenizer,
    /// Noise levels.
    pub schedule: Schedule,
    /// Where the weights are.
    pub device: Device,
    /// Texts that were heard.
    pub remembered: BTreeMap<String, HeardText>,
    /// How exact the UNet's products are in edits, and in the branches of learning that do not hear the instruction.
    pub compute: Compute,
}

/// A text as the base model hears it.
#[derive(Clone, Debug)]
pub struct HeardText {
    /// `[1, tokens, d_context]`.
    pub context: Tensor<3>,
    /// How many tokens the words have, without BOS and EOS.
    pub words: usize,
}

impl BaseModel {
    /// The text encoder's output for a text.
    ///
    /// # Errors
    /// [`Error::Usage`] when the text is longer than the context, [`Error::Computation`] when it is not remembered and the text
    /// encoder is away.
    pub fn hear(&self, text: &str) -> Result<HeardText> {
        if let Some(heard) = self.remembered.get(text) {
            return Ok(heard.clone());
        }
        let encoded = self.encoded(text)?;
        let ids: Vec<i32> = encoded.ids.iter().map(|&id| id as i32).collect();
        let n = ids.len();
        let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [1, n]), &self.device);
        let away = || Error::Computation(format!("the text encoder is away, and \"{text}\" is not remembered"));
        let encoder = self.text_encoder.as_ref().ok_or_else(away)?;
        Ok(HeardText { context: encoder.forward(ids), words: encoded.words })
    }

    /// The tokens of a text.
    ///
    /// # Errors
    /// [`Error::Usage`] when the text is longer than the context.
    pub fn encoded(&self, text: &str) -> Result<Encoded> {
        let encoded = self.tokenizer.encode(text)?;
        let room = self.tokenizer.max_length().saturating_sub(2);
        if encoded.words > room {
            return Err(Error::Usage(format!(
                "the text has {} tokens, the model hears {room}: shorten \"{}…\"",
                encoded.words,
                text.chars().take(40).collect::<String>()
            )));
        }
        Ok(encoded)
    }

    /// Hears texts, so that they are known when the text encoder is away.
    ///
    /// # Errors
    /// As [`Self::hear`].
    pub fn remember(&mut self, texts: &[&str]) -> Result<()> {
        let heard = texts.iter().map(|text| self.hear(text)).collect::<Result<Vec<_>>>()?;
        if self.remembered.len() + texts.len() > REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.extend(texts.iter().map(|text| (*text).to_owned()).zip(heard));
        Ok(())
    }

    /// What every cross-attention layer hears of a text, each `[1, tokens, width]`.
    ///
    /// # Errors
    /// As [`Self::hear`], and [`Error::Computation`] when the UNet is away.
    pub fn project_text(&self, text: &str) -> Result<Vec<KeyValue>> {
        Ok(self.unet()?.project(self.hear(text)?.context))
    }

    /// The denoiser.
    ///
    /// # Errors
    /// [`Error::Computation`] when it is away.
    pub fn unet(&self) -> Result<&UNet> {
        self.unet.as_ref().ok_or_else(|| away("UNet"))
    }

    /// Pictures to latents and back.
    ///
    /// # Errors
    /// [`Error::Computation`] when it is away.
    pub fn vae(&self) -> Result<&Vae> {
        self.vae.as_ref().ok_or_else(|| away("VAE"))
    }

    /// A picture as the UNet sees it beside its noisy latents: the mode of its latents, not scaled, `[1, 4, h / 8, w / 8]`.
    ///
    /// # Errors
    /// As [`Self::vae`].
    pub fn image_latents(&self, picture: &Picture) -> Result<Tensor<4>> {
        Ok(self.vae()?.encode(picture.to_tensor(&self.device)).mode())
    }

    /// The picture of latents that the UNet has cleaned, `[1, 3, h, w]` in −1…1.
    ///
    /// # Errors
    /// As [`Self::vae`].
    pub fn paint(&self, latents: Tensor<4>) -> Result<Tensor<4>> {
        let vae = self.vae()?;
        Ok(vae.decode(latents.div_scalar(vae.scaling_factor())))
    }
}

fn away(part: &str) -> Error {
    Error::Computation(format!("the {part} is away where it is needed; please report this"))
}
