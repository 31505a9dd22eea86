//! Base model: the frozen InstructPix2Pix that instructions are learned in and applied with.
use crate::diffusion::schedule::Schedule;
use crate::models::clip::TextEncoder;
use crate::models::tokenizer::Tokenizer;
use crate::models::unet::{KeyValue, UNet};
use crate::models::vae::Vae;
use crate::tensor::ops::Compute;
use crate::{Error, Result};
use burn::tensor::{Device, Int, Tensor, TensorData};
use std::collections::BTreeMap;

/// Texts that are remembered before all are forgotten.
const REMEMBERED: usize = 64;

/// The four parts that every edit needs.
pub struct BaseModel {
    /// The denoiser.
    pub unet: UNet,
    /// Pictures to latents and back.
    pub vae: Vae,
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
        let encoded = self.tokenizer.encode(text)?;
        let room = self.tokenizer.max_length().saturating_sub(2);
        if encoded.words > room {
            return Err(Error::Usage(format!(
                "the text has {} tokens, the model hears {room}: shorten \"{}…\"",
                encoded.words,
                text.chars().take(40).collect::<String>()
            )));
        }
        let ids: Vec<i32> = encoded.ids.iter().map(|&id| id as i32).collect();
        let n = ids.len();
        let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [1, n]), &self.device);
        let away = || Error::Computation(format!("the text encoder is away, and \"{text}\" is not remembered"));
        let encoder = self.text_encoder.as_ref().ok_or_else(away)?;
        Ok(HeardText { context: encoder.forward(ids), words: encoded.words })
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
    /// As [`Self::hear`].
    pub fn project_text(&self, text: &str) -> Result<Vec<KeyValue>> {
        Ok(self.unet.project(self.hear(text)?.context))
    }

    /// Widths of the cross-attention layers, in forward order.
    pub fn widths(&self) -> Vec<usize> {
        self.unet.cross_attentions().map(|layer| layer.width()).collect()
    }
}
