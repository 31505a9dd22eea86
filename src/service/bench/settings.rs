//! Settings: all that decides a result of the benchmark, so that a run is only continued with the same, and what it is
//! measured with, which may come later.
use super::BenchJob;
use crate::bench::methods::Method;
use crate::bench::record::{MeasuredWith, NO_CLIP};
use crate::instruction::hex;
use crate::models::weights::WeightSource;
use crate::service::engine::{Engine, OnEvent};
use crate::service::invert::hash_pairs;
use crate::service::job::SamplerKind;
use crate::{Error, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

impl<S: WeightSource> Engine<S> {
    /// All that decides the result of a settled job, as one JSON object of plain values.
    ///
    /// # Errors
    /// What the source of the weights says when it is asked for CLIP, and [`Error::Checkpoint`] for a damaged one.
    pub async fn bench_settings(&mut self, job: &BenchJob, on_event: OnEvent<'_>) -> Result<Value> {
        let mut learning = Value::Null;
        if job.method.learns() {
            let settled = job.learning();
            learning = serde_json::from_str(&self.settings_text(&settled)).unwrap_or_default();
            if settled.is_captioned() {
                learning["start"]["captioned"] = true.into();
            }
            let alike = settled.course.unwrap_or_default().pace().alike;
            if settled.pairs.len() == 1 && settled.segments > 1 && alike > 0.0 {
                learning["alike"] = alike.into();
            }
        }
        let is_edit = !matches!(job.method, Method::Nothing | Method::Vae);
        let edit = is_edit.then(|| {
            json!({
                "steps": job.edit_steps,
                "sampler": job.sampler.map(SamplerKind::name),
                "timestep_spacing": self.base.schedule.spacing(),
                "guidance_scale": job.learning.guidance_scale,
                "image_guidance_scale": job.learning.image_guidance_scale,
                "seed": job.learning.seed,
            })
        });
        Ok(json!({
            "base_model": self.fingerprint(),
            "vae": (job.method != Method::Nothing).then(|| self.vae_fingerprint()),
            "size": job.learning.size,
            "learning": learning,
            "edit": edit,
            "text": if job.method == Method::Ip2p { job.text.clone() } else { None },
            "tests": hash_pairs(&job.tests),
            "reference": hash_pairs(&job.reference),
            "clip": if job.method.learns() { Some(self.clip(on_event).await?.unwrap_or(NO_CLIP.into())) } else { None },
        }))
    }

    /// What a job's results are measured with.
    ///
    /// # Errors
    /// As [`Self::bench_settings`].
    pub async fn measured_with(&mut self, job: &BenchJob, on_event: OnEvent<'_>) -> Result<MeasuredWith> {
        let lpips = job.lpips.as_ref().map(|bytes| hex(&Sha256::digest(bytes.as_slice())));
        Ok(MeasuredWith { lpips, clip: self.clip(on_event).await? })
    }

    /// Why there can be no result of a settled job, in a sentence, if there can be none.
    ///
    /// # Errors
    /// What the source of the weights says when it is asked for CLIP.
    pub async fn bench_lacks(&mut self, job: &BenchJob) -> Result<Option<String>> {
        let lacks = |what: &str| Ok(Some(what.to_owned()));
        match (job.method, &job.text) {
            (Method::Ip2p, None) => lacks("the effect has no words in instruction.txt, and IP2P edits with words"),
            (Method::Ip2p, Some(text)) => match self.base.encoded(text) {
                Err(Error::Usage(why)) => Ok(Some(format!("{why} in instruction.txt"))),
                other => other.map(|_| None),
            },
            (Method::Visii | Method::NoInit, _) if !self.has_clip().await? => lacks(
                "it starts from a caption, which CLIP finds, and the base model has no clip/ folder (--clip names one)",
            ),
            (Method::Visii, _) => self.visii_lacks().await,
            _ => Ok(None),
        }
    }
}
