//! Schedule: which noise level stands at which timestep. Numbers on the host, no tensors.
use crate::models::config::{BetaSchedule, SchedulerConfig, TimestepSpacing};

/// ᾱ of every timestep and what follows from it.
#[derive(Clone, Debug)]
pub struct Schedule {
    alphas_cumprod: Vec<f64>,
    sigmas: Vec<f64>,
    spacing: TimestepSpacing,
    steps_offset: usize,
}

impl Schedule {
    /// From a checkpoint's `scheduler_config.json`; f32 where diffusers has f32, so that the numbers are the same.
    pub fn new(config: &SchedulerConfig) -> Self {
        let n = config.num_train_timesteps;
        let (start, end) = (config.beta_start, config.beta_end);
        let betas: Vec<f32> = match config.beta_schedule {
            BetaSchedule::Linear => linspace_f32(start as f32, end as f32, n),
            BetaSchedule::ScaledLinear => {
                linspace_f32(start.sqrt() as f32, end.sqrt() as f32, n).iter().map(|root| root * root).collect()
            }
        };
        let mut product = 1.0f64;
        let alphas_cumprod: Vec<f64> = betas
            .iter()
            .map(|beta| {
                product *= f64::from(1.0 - beta);
                f64::from(product as f32)
            })
            .collect();
        let sigmas = alphas_cumprod.iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect();
        Self { alphas_cumprod, sigmas, spacing: config.timestep_spacing, steps_offset: config.steps_offset }
    }

    /// ᾱ_t of a whole timestep.
    pub fn alpha_cumprod(&self, timestep: usize) -> f64 {
        self.alphas_cumprod[timestep]
    }

    /// How the timesteps of sampling are chosen.
    pub fn spacing(&self) -> TimestepSpacing {
        self.spacing
    }

    /// How many timesteps the model was trained with.
    pub fn n_timesteps(&self) -> usize {
        self.sigmas.len()
    }

    /// The timesteps of `steps` sampling steps, from high to low; fractional with linspace spacing, IP2P's.
    pub fn timesteps(&self, steps: usize) -> Vec<f64> {
        let n = self.n_timesteps();
        let last = (n - 1) as f64;
        match self.spacing {
            // numpy's linspace(0, last, 1) is its start
            TimestepSpacing::Linspace if steps == 1 => vec![0.0],
            TimestepSpacing::Linspace => {
                (0..steps).map(|step| last - last * step as f64 / (steps - 1) as f64).collect()
            }
            TimestepSpacing::Leading => {
                let ratio = (n / steps).max(1);
                (0..steps).rev().map(|step| ((step * ratio + self.steps_offset) as f64).min(last)).collect()
            }
            TimestepSpacing::Trailing => (0..steps)
                .map(|step| (n as f64 - step as f64 * n as f64 / steps as f64).round_ties_even() - 1.0)
                .collect(),
        }
    }

    /// What the first noise is multiplied by, as in diffusers: σ_max, or √(σ_max² + 1) with leading spacing.
    pub fn first_sigma(&self, steps: usize) -> f64 {
        let sigma = self.sigma(self.timesteps(steps)[0]);
        match self.spacing {
            TimestepSpacing::Leading => (sigma * sigma + 1.0).sqrt(),
            _ => sigma,
        }
    }

    /// The sigmas of `steps` sampling steps, from high to low, then 0: `steps + 1` numbers.
    pub fn sigmas(&self, steps: usize) -> Vec<f64> {
        self.timesteps(steps).into_iter().map(|timestep| self.sigma(timestep)).chain([0.0]).collect()
    }

    /// σ = √((1−ᾱ)/ᾱ), interpolated linearly between whole timesteps.
    pub fn sigma(&self, timestep: f64) -> f64 {
        let last = self.n_timesteps() - 1;
        let below = (timestep.max(0.0) as usize).min(last);
        let above = (below + 1).min(last);
        let fraction = (timestep - below as f64).clamp(0.0, 1.0);
        self.sigmas[below] * (1.0 - fraction) + self.sigmas[above] * fraction
    }

    /// The inverse of [`Self::sigma`].
    pub fn timestep(&self, sigma: f64) -> f64 {
        let above = self.sigmas.partition_point(|&other| other < sigma);
        if above == 0 {
            return 0.0;
        }
        if above == self.sigmas.len() {
            return (self.sigmas.len() - 1) as f64;
        }
        let (low, high) = (self.sigmas[above - 1], self.sigmas[above]);
        (above - 1) as f64 + (sigma - low) / (high - low)
    }
}

/// The segment (0-based, of `segments`) that owns a timestep: min(⌊t·j/n⌋, j − 1).
pub fn segment_of(timestep: f64, segments: usize, n_timesteps: usize) -> usize {
    ((timestep * segments as f64 / n_timesteps as f64).max(0.0) as usize).min(segments - 1)
}

/// The whole timesteps that a segment owns; never empty when `segments ≤ n_timesteps`.
pub fn timesteps_of(segment: usize, segments: usize, n_timesteps: usize) -> std::ops::Range<usize> {
    let bound = |segment: usize| (segment * n_timesteps).div_ceil(segments);
    bound(segment)..bound(segment + 1)
}

/// PyTorch's `linspace` in f32: from both ends to the middle.
fn linspace_f32(start: f32, end: f32, n: usize) -> Vec<f32> {
    let step = (end - start) / (n.max(2) - 1) as f32;
    (0..n).map(|idx| if idx < n / 2 { start + step * idx as f32 } else { end - step * (n - 1 - idx) as f32 }).collect()
}
