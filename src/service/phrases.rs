//! The phrase job: CLIP looks at both sets and words the initial instruction.
use super::engine::{Engine, OnEvent, required, tell};
use super::invert::hash_pairs;
use super::job::{Event, ExemplarPair, PhraseSettings};
use super::resident::load_part;
use crate::instruction::hex;
use crate::instruction::phrases::{PhraseReport, encode_in_batches, search, set_feature};
use crate::instruction::visii::Visii;
use crate::instruction::vocabulary::{Vocabulary, general_vocabulary, parse_vocabulary};
use crate::models::clip::{Clip, PICTURES};
use crate::models::config::{ClipConfig, ClipTextConfig};
use crate::models::tokenizer::{Tokenizer, TokenizerFiles};
use crate::models::weights::{Part, WeightSource};
use crate::tensor::picture::Picture;
use crate::tensor::readback::read;
use crate::{Error, Result};
use burn::tensor::{Device, Int, Tensor, TensorData};
use sha2::{Digest, Sha256};

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
        let decided_by = decided_by(pairs, settings);
        if let Some(found) = self.found.get(&decided_by) {
            return Ok(found.clone());
        }
        let towers = self.towers("phrases are found", on_event).await?;
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
        let found = search(&vocabulary, &features, &before, &after, &settings, fits, encode).await?;
        self.found.insert(decided_by, found.clone());
        Ok(found)
    }

    /// CLIP with its tokenizer; `what` is said when there is none: "phrases are found" with it.
    pub(super) async fn towers(&mut self, what: &str, on_event: OnEvent<'_>) -> Result<Towers> {
        if !self.has_clip().await? {
            return Err(Error::Checkpoint(format!(
                "the base model has no clip/ folder, and {what} with CLIP; name a CLIP folder with --clip"
            )));
        }
        let config = ClipConfig::parse(&required(&mut self.source, "clip/config.json").await?)?;
        let files = TokenizerFiles::read(&mut self.source, "clip").await?;
        let tokenizer = Tokenizer::load(&files, &config.text)?;
        self.need(&[], on_event).await?;
        let device = self.base.device.clone();
        let clip = load_part(&mut self.source, Part::Clip, &device, on_event, |w| Clip::take(w, &config)).await?;
        for warning in clip.warnings {
            tell(on_event, Event::Warning(warning))?;
        }
        self.clip_fingerprint = Some(clip.fingerprint);
        Ok(Towers { clip: clip.model, text: config.text, tokenizer, device })
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

    /// Identifies CLIP by its numbers; none where there is none. It is read for that, once.
    pub(super) async fn clip(&mut self, on_event: OnEvent<'_>) -> Result<Option<String>> {
        if self.clip_fingerprint.is_none() && self.has_clip().await? {
            self.towers("pictures are compared", on_event).await?;
        }
        Ok(self.clip_fingerprint.clone())
    }

    /// Whether the checkpoint has what the phrase search needs.
    pub(super) async fn has_clip(&mut self) -> Result<bool> {
        Ok(self.source.file("clip/config.json").await?.is_some())
    }
}

/// All that decides what a search with one model finds, hashed.
fn decided_by(pairs: &[ExemplarPair], settings: &PhraseSettings) -> String {
    hex(&Sha256::digest(format!("{} {settings:?}", hash_pairs(pairs))))
}

/// CLIP's two towers, ready for words and pictures.
pub(super) struct Towers {
    pub(super) clip: Clip,
    text: ClipTextConfig,
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
        let at_once = self.text.texts_at_once(n);
        let mut features = Vec::new();
        for (ids, ends) in ids.chunks(at_once * n).zip(ends.chunks(at_once)) {
            let ids = Tensor::<2, Int>::from_data(TensorData::new(ids.to_vec(), [ends.len(), n]), &self.device);
            features.extend(read(self.clip.text_features(ids, ends)).await?);
        }
        Ok(features)
    }

    /// The feature of a set of pictures, `[d]`.
    async fn set<'a>(&self, pictures: impl Iterator<Item = &'a Picture>) -> Result<Vec<f32>> {
        let pictures: Vec<&Picture> = pictures.collect();
        let features = self.pictures(&pictures).await?;
        let width = features.len() / pictures.len().max(1);
        Ok(set_feature(&features, width))
    }

    /// The features of pictures, of length 1, `[pictures, d]`.
    pub(super) async fn pictures(&self, pictures: &[&Picture]) -> Result<Vec<f32>> {
        let mut features = Vec::new();
        for batch in pictures.chunks(PICTURES) {
            features.extend(read(self.clip.image_features(self.pixels(batch))).await?);
        }
        Ok(features)
    }

    /// What the image tower takes, `[pictures, 3, side, side]`.
    fn pixels(&self, pictures: &[&Picture]) -> Tensor<4> {
        let side = self.clip.image_size();
        let pixels: Vec<f32> = pictures.iter().flat_map(|picture| picture.clip_input(side)).collect();
        Tensor::from_data(TensorData::new(pixels, [pictures.len(), 3, side, side]), &self.device)
    }

    /// Visii's view of the pairs.
    pub(super) fn visii(&self, pairs: &[ExemplarPair], n_timesteps: usize, seed: u64) -> Visii {
        let side = |pictures: Vec<&Picture>| {
            let batches = pictures.chunks(PICTURES).map(|batch| self.clip.image_projections(self.pixels(batch)));
            Tensor::cat(batches.collect(), 0)
        };
        let before = side(pairs.iter().map(|pair| &pair.before).collect());
        let after = side(pairs.iter().map(|pair| &pair.after).collect());
        Visii::new(before, after, self.clip.text_projection().clone(), n_timesteps, seed)
    }
}
