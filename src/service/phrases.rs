//! The phrase job: CLIP looks at both sets and words the initial instruction.
use super::engine::{Engine, OnEvent, load_part, required, tell};
use super::job::{Event, ExemplarPair, PhraseSettings};
use crate::instruction::phrases::{PhraseReport, encode_in_batches, search, set_feature};
use crate::instruction::vocabulary::{Vocabulary, general_vocabulary, parse_vocabulary};
use crate::models::clip::Clip;
use crate::models::config::ClipConfig;
use crate::models::tokenizer::{Tokenizer, TokenizerFiles};
use crate::models::weights::{Part, WeightSource};
use crate::tensor::picture::Picture;
use crate::tensor::readback::read;
use crate::{Error, Result};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// How many pictures go through the image tower at a time.
const PICTURES: usize = 8;

impl<S: WeightSource> Engine<S> {
    pub(super) async fn phrases(
        &mut self,
        pairs: &[ExemplarPair],
        settings: &PhraseSettings,
        on_event: OnEvent<'_>,
    ) -> Result<PhraseReport> {
        if pairs.is_empty() {
            return Err(Error::Pairs("there are no pairs to look at: give at least one before/after pair".into()));
        }
        if !self.has_clip().await? {
            return Err(Error::Checkpoint(
                "the base model has no clip/ folder, and phrases are found with CLIP; name a CLIP folder with --clip"
                    .into(),
            ));
        }
        let config = ClipConfig::parse(&required(&mut self.source, "clip/config.json").await?)?;
        let files = TokenizerFiles::read(&mut self.source, "clip").await?;
        let tokenizer = Tokenizer::load(&files, &config.text)?;
        let device = self.base.device.clone();
        let (clip, _) = load_part(&mut self.source, Part::Clip, &device, on_event, |w| Clip::take(w, &config)).await?;
        let towers = Towers { clip, tokenizer, device };
        let listed = self.vocabulary(settings).await?;
        let vocabulary = Vocabulary::new(&listed, |text| towers.fits(text));
        if vocabulary.phrases.is_empty() {
            return Err(Error::Usage(format!(
                "none of the {} phrases fits CLIP's context of {} tokens; give shorter ones",
                vocabulary.too_long,
                towers.tokenizer.max_length()
            )));
        }
        tell(on_event, Event::Doing(format!("CLIP compares {} phrases with the pictures", vocabulary.phrases.len())))?;
        let mut encode = async |texts: &[String]| {
            tell(on_event, Event::Doing("CLIP reads captions".into()))?;
            towers.texts(texts).await
        };
        let features = encode_in_batches(&vocabulary.phrases, &mut encode).await?;
        let before = towers.set(pairs.iter().map(|pair| &pair.before)).await?;
        let after = towers.set(pairs.iter().map(|pair| &pair.after)).await?;
        let settings = settings.search(self.recommended.phrase_separator.as_deref());
        let fits = |text: &str| towers.fits(text);
        search(&vocabulary, &features, &before, &after, &settings, fits, encode).await
    }

    /// The user's phrases, else the checkpoint's, else the general list.
    async fn vocabulary(&mut self, settings: &PhraseSettings) -> Result<Vec<String>> {
        if !settings.vocabulary.is_empty() {
            return Ok(settings.vocabulary.clone());
        }
        let Some(path) = self.recommended.phrases.clone() else { return Ok(general_vocabulary()) };
        let bytes = required(&mut self.source, &path).await?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::Checkpoint(format!("{path} is not UTF-8 text; download it again")))?;
        let listed = parse_vocabulary(&text, path.ends_with(".json"));
        listed.map_err(|error| Error::Checkpoint(format!("{path} of the base model: {error}")))
    }

    /// Whether the checkpoint has what the phrase search needs.
    pub(super) async fn has_clip(&mut self) -> Result<bool> {
        Ok(self.source.file("clip/config.json").await?.is_some())
    }
}

struct Towers {
    clip: Clip,
    tokenizer: Tokenizer,
    device: Device,
}

impl Towers {
    fn fits(&self, text: &str) -> bool {
        self.tokenizer.encode(text).is_ok_and(|encoded| !encoded.truncated)
    }

    /// Unit rows `[texts, d]`.
    async fn texts(&self, texts: &[String]) -> Result<Vec<f32>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids = Vec::new();
        let mut ends = Vec::new();
        for text in texts {
            let encoded = self.tokenizer.encode(text)?;
            ends.push(1 + encoded.words.min(self.tokenizer.max_length() - 2));
            ids.extend(encoded.ids.iter().map(|&id| id as i32));
        }
        // The tower is causal: what stands after the longest text changes nothing.
        let (all, n) = (self.tokenizer.max_length(), ends.iter().max().map_or(0, |end| end + 1));
        let ids: Vec<i32> = ids.chunks_exact(all).flat_map(|row| row[..n].iter().copied()).collect();
        let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [texts.len(), n]), &self.device);
        read(self.clip.text_features(ids, &ends)).await
    }

    /// The feature of a set of pictures, `[d]`.
    async fn set(&self, pictures: impl Iterator<Item = &Picture>) -> Result<Vec<f32>> {
        let side = self.clip.image_size();
        let pictures: Vec<&Picture> = pictures.collect();
        let mut features = Vec::new();
        for batch in pictures.chunks(PICTURES) {
            let pixels: Vec<f32> = batch.iter().flat_map(|picture| picture.clip_input(side)).collect();
            let pixels = TensorData::new(pixels, [batch.len(), 3, side, side]);
            features.extend(read(self.clip.image_features(Tensor::from_data(pixels, &self.device))).await?);
        }
        let width = features.len() / pictures.len().max(1);
        Ok(set_feature(&features, width))
    }
}
