//! Base model: the frozen InstructPix2Pix that instructions are learned in and applied with.
use crate::diffusion::schedule::Schedule;
use crate::models::clip::TextEncoder;
use crate::models::tokenizer::Tokenizer;
use crate::models::unet::{KeyValue, UNet};
use crate::models::vae::Vae;
use crate::{Error, Result};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// The four parts that every edit needs.
pub struct BaseModel {
    /// The denoiser.
    pub unet: UNet,
    /// Pictures to latents and back.
    pub vae: Vae,
    /// Words to context.
    pub text_encoder: TextEncoder,
    /// Words to ids.
    pub tokenizer: Tokenizer,
    /// Noise levels.
    pub schedule: Schedule,
    /// Where the weights are.
    pub device: Device,
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
    /// [`Error::Usage`] when the text is longer than the context.
    pub fn hear(&self, text: &str) -> Result<HeardText> {
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
        Ok(HeardText { context: self.text_encoder.forward(ids), words: encoded.words })
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
