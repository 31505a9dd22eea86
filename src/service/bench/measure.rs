//! Measure: the scores of results against the truth, by pixels and by networks.
use crate::bench::metrics::lpips::{Lpips, PART, SMALLEST};
use crate::bench::metrics::ssim::{WINDOW, ssim};
use crate::bench::metrics::{direction, psnr};
use crate::bench::record::{Scores, mean};
use crate::models::weights::{WeightSource, Weights};
use crate::service::engine::{Engine, OnEvent, tell};
use crate::service::job::{Event, ExemplarPair};
use crate::tensor::picture::Picture;
use crate::tensor::readback::read;
use crate::{Error, Result};

impl<S: WeightSource> Engine<S> {
    /// The scores of each result, and their mean with Direct., which is of all together, where there is CLIP.
    ///
    /// # Errors
    /// [`Error::Picture`]: a result that is not of its test's size, or too small for a metric; [`Error::Checkpoint`]:
    /// weights that are not LPIPS' or a damaged CLIP.
    pub async fn measure(
        &mut self,
        results: &[Picture],
        tests: &[ExemplarPair],
        reference: &[ExemplarPair],
        lpips: Option<&[u8]>,
        on_event: OnEvent<'_>,
    ) -> Result<(Vec<Scores>, Scores)> {
        tell(on_event, Event::Doing("measuring".into()))?;
        let lpips = lpips.map(|bytes| self.lpips(bytes)).transpose()?;
        let mut scores = Vec::with_capacity(results.len());
        for (result, test) in results.iter().zip(tests) {
            let distance = match &lpips {
                Some(lpips) => Some(self.distance(lpips, result, &test.after).await?),
                None => None,
            };
            let (psnr, ssim) = (psnr(result, &test.after)?, ssim(result, &test.after)?);
            scores.push(Scores { psnr, ssim, lpips: distance, direction: None });
        }
        let direction = self.direction(results, tests, reference, on_event).await?;
        let mean = Scores { direction, ..mean(&scores).unwrap_or_default() };
        Ok((scores, mean))
    }

    /// LPIPS' network from the bytes of its file.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for what are not its weights.
    pub fn lpips(&self, bytes: &[u8]) -> Result<Lpips> {
        let mut weights = Weights::new(PART, &self.base.device);
        weights.add_shard(bytes, "the file of weights")?;
        let lpips = Lpips::take(&mut weights);
        weights.finish()?; // what else such a file holds is of no use here
        Ok(lpips)
    }

    async fn distance(&self, lpips: &Lpips, result: &Picture, truth: &Picture) -> Result<f64> {
        check_measurable(result.width, result.height, true)?;
        let [result, truth] = [result, truth].map(|picture| picture.to_tensor(&self.base.device));
        Ok(f64::from(read(lpips.distance(result, truth)).await?.first().copied().unwrap_or(f32::NAN)))
    }

    async fn direction(
        &mut self,
        results: &[Picture],
        tests: &[ExemplarPair],
        reference: &[ExemplarPair],
        on_event: OnEvent<'_>,
    ) -> Result<Option<f64>> {
        if !self.has_clip().await? {
            return Ok(None);
        }
        let towers = self.towers("Direct. is measured", on_event).await?;
        let input = towers.pictures(&tests.iter().map(|test| &test.before).collect::<Vec<_>>()).await?;
        let result = towers.pictures(&results.iter().collect::<Vec<_>>()).await?;
        let before = towers.pictures(&reference.iter().map(|pair| &pair.before).collect::<Vec<_>>()).await?;
        let after = towers.pictures(&reference.iter().map(|pair| &pair.after).collect::<Vec<_>>()).await?;
        let width = input.len() / tests.len().max(1);
        let learned = direction::mean_change(&before, &after, width);
        Ok(Some(direction::distance(&direction::mean_change(&input, &result, width), &learned)))
    }
}

/// Whether pictures of this size are large enough for the metrics.
///
/// # Errors
/// [`Error::Picture`]
pub(super) fn check_measurable(width: usize, height: usize, with_lpips: bool) -> Result<()> {
    let metrics = [("SSIM", WINDOW, true), ("LPIPS", SMALLEST, with_lpips)];
    match metrics.into_iter().find(|(_, least, is_asked)| *is_asked && width.min(height) < *least) {
        None => Ok(()),
        Some((metric, least, _)) => Err(Error::Picture(format!(
            "{metric} takes pictures whose sides are {least} pixels or more, results would be {width}×{height}; take \
             larger pictures or a larger --size"
        ))),
    }
}
