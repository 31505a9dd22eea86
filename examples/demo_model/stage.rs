//! Stage: the loop round every training, with what it writes down so that a killed run goes on where it was.
use crate::parameters::Parameters;
use crate::parts::Parts;
use burn::tensor::Tensor;
use indicatif::{ProgressBar, ProgressStyle};
use instructbrush::instruction::adamw::AdamW;
use instructbrush::models::weights::Weights;
use instructbrush::platform::files::{read_file, write_atomically};
use instructbrush::tensor::readback::read;
use instructbrush::{Error, Result};
use serde::Deserialize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a kill may cost.
pub const BETWEEN_STATES: Duration = Duration::from_secs(60);
/// Steps whose losses are averaged into one line of the curve.
const LINE: usize = 20;
/// How often a stage is looked at.
const LOOKS: usize = 10;

/// How a stage is optimised.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Steps in all.
    pub steps: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Steps until it is reached; then it falls to `last` of itself along a cosine.
    pub warmup: usize,
    /// What is left of the learning rate at the end.
    pub last: f64,
    /// AdamW's decays.
    pub betas: (f64, f64),
    /// AdamW's weight decay, of matrices and kernels.
    pub weight_decay: f64,
    /// Decay of the running mean of the numbers, which is what ships.
    pub ema: f64,
    /// Gradients longer than this are shortened to it.
    pub clip: f64,
}

impl Plan {
    /// The learning rate of a step, counted from 1.
    pub fn learning_rate(&self, step: usize) -> f64 {
        if step <= self.warmup {
            return self.learning_rate * step as f64 / self.warmup as f64;
        }
        let part = (step - self.warmup) as f64 / (self.steps - self.warmup).max(1) as f64;
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * part).cos());
        self.learning_rate * (self.last + (1.0 - self.last) * cosine)
    }
}

/// One training, by name.
pub struct Stage<'a> {
    /// Names its files: `{name}.state`, `{name}.csv`.
    pub name: &'a str,
    /// Where they are.
    pub out: &'a Path,
    /// How it is optimised.
    pub plan: Plan,
    /// Rows of a step.
    pub rows: usize,
    /// How many of them a thread of the CPU computes at a time.
    pub at_once: usize,
    /// Wall time between two saved states.
    pub between: Duration,
}

impl Stage<'_> {
    fn path(&self, ending: &str) -> PathBuf {
        self.out.join(format!("{}.{ending}", self.name))
    }

    /// Trains `parameters` to the plan's end, from the saved state if there is one.
    ///
    /// `draw` makes what is random in a step, counted from 1; `loss` gets weights, of which those that `learns` accepts are
    /// tracked, what was drawn, and some of the step's rows, and gives a mean over these; `check` gets a look at the model
    /// [`LOOKS`] times, and says a figure.
    pub async fn run<D: Sync>(
        &self,
        parameters: &mut Parameters,
        learns: impl Fn(&str) -> bool + Sync,
        mut draw: impl FnMut(usize) -> Result<D>,
        loss: impl Fn(Weights, &D, Range<usize>) -> Result<Tensor<1>> + Sync,
        mut check: impl AsyncFnMut(&Parameters) -> Result<String>,
    ) -> Result<()> {
        let (state, curve) = (self.path("state"), self.path("csv"));
        let mut done = if state.exists() { parameters.restore(&read_file(&state, "state")?)? } else { 0 };
        let mut lines = if done > 0 { kept_lines(&curve, done) } else { vec!["step,loss,seconds".to_string()] };
        let bar = bar(self.name, self.plan.steps, done);
        let (mut saved, mut began, mut losses) = (Instant::now(), Instant::now(), Vec::new());
        let (mut counted, mut pace) = (0, 0.0);
        let parts = Parts::new(parameters.device(), self.rows, self.at_once)?;
        while done < self.plan.steps {
            let step = done + 1;
            let drawn = draw(step)?;
            let of_parts = parts.map(|rows| {
                let share = rows.len() as f64 / self.rows as f64;
                let (weights, leaves) = parameters.tracked(&learns);
                let value = loss(weights, &drawn, rows)?.mul_scalar(share);
                let gradient = parameters.gradient(&leaves, &value.backward());
                Ok((value.detach(), gradient))
            })?;
            let sum = of_parts.into_iter().reduce(|a, b| (a.0 + b.0, a.1 + b.1));
            let (value, gradient) = sum.ok_or_else(|| Error::Usage(format!("{}: a batch of 0 rows", self.name)))?;
            let Plan { betas, weight_decay, ema, clip, .. } = self.plan;
            let optimiser = AdamW { learning_rate: self.plan.learning_rate(step), betas, weight_decay };
            parameters.update(&optimiser, step, ema, &learns, gradient, clip);
            losses.push(value);
            done = step;
            counted += 1;
            bar.inc(1);
            if done.is_multiple_of(LINE) || done == self.plan.steps {
                let mean = read(Tensor::cat(std::mem::take(&mut losses), 0).mean()).await?[0];
                if !mean.is_finite() {
                    return Err(Error::Computation(format!(
                        "{}: the loss became {mean} before step {done}; a smaller learning rate than {} may help",
                        self.name, self.plan.learning_rate
                    )));
                }
                pace = began.elapsed().as_secs_f64() * 1e3 / counted as f64;
                lines.push(format!("{done},{mean},{:.4}", pace / 1e3));
                bar.set_message(format!("loss {mean:.4}"));
                (began, counted) = (Instant::now(), 0);
            }
            let last = done == self.plan.steps;
            if done.is_multiple_of((self.plan.steps / LOOKS).max(1)) || last {
                let figure = check(parameters).await?;
                bar.suspend(|| {
                    println!("{} step {done} of {}: {figure}, {pace:.1} ms a step", self.name, self.plan.steps)
                });
                (began, counted) = (Instant::now(), 0);
            }
            if saved.elapsed() >= self.between || last {
                write_atomically(&curve, (lines.join("\n") + "\n").as_bytes())?;
                write_atomically(&state, &parameters.to_state(done).await?)?;
                saved = Instant::now();
            }
        }
        bar.finish();
        Ok(())
    }
}

/// The lines of a curve up to a step.
fn kept_lines(curve: &Path, done: usize) -> Vec<String> {
    let text = std::fs::read_to_string(curve).unwrap_or_default();
    let before =
        |line: &&str| line.split(',').next().and_then(|step| step.parse().ok()).is_none_or(|step: usize| step <= done);
    text.lines().filter(before).map(str::to_string).collect()
}

/// A line with time left.
pub fn bar(name: &str, steps: usize, done: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64).with_prefix(name.to_string());
    if let Ok(style) = ProgressStyle::with_template("{prefix:9} {wide_bar} {pos}/{len} {per_sec} {eta} {msg}") {
        bar.set_style(style);
    }
    bar.set_position(done as u64);
    bar.reset_eta();
    bar
}
