//! Inversion: learn the keys and values (or the text embedding) that make the base model do what the pairs show.
//!
//! γ* = argmin E ‖ε − ε̃(z_t, t, E(x), γ)‖² (InstructBrush, equations 4–6; method.md section 2). Only the branch that hears
//! the instruction is on the tape: the weights are plain tensors, so no gradient reaches them.
mod loss;

use super::adamw::AdamW;
use super::base::{BaseModel, HeardText};
use super::course::Pace;
use super::visii::Visii;
use super::{LearnedLayer, Rows, Space};
use crate::diffusion::guidance::{Heard, Scales};
use crate::diffusion::schedule::timesteps_of;
use crate::models::unet::{KeyValue, UNet};
use crate::tensor::noise::{Noise, mix};
use crate::tensor::readback::read_all;
use crate::tensor::shares::Shares;
use crate::{Error, Result};
use burn::tensor::{Tensor, TensorData};
use loss::heard;
use std::ops::Range;

/// What decides the course of learning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// j: parts of the timestep range, each with its own instruction.
    pub segments: usize,
    /// How many segments go through the UNet at a time: in one batch, on the CPU in as many as it has threads. The result is the same
    /// but for rounding.
    pub at_once: usize,
    /// m: learned rows.
    pub tokens: usize,
    /// Which rows.
    pub rows: Rows,
    /// K and V, or the text embedding.
    pub space: Space,
    /// s_T and s_I of the prediction that is regressed.
    pub scales: Scales,
    /// The optimiser.
    pub optimiser: AdamW,
    /// How it draws and how fast it goes.
    pub pace: Pace,
    /// Steps in all, per segment.
    pub steps: usize,
    /// Pairs, timesteps and noise follow from it and the step.
    pub seed: u64,
    /// Whether the UNet's blocks are run once more on the way back instead of kept ([`crate::models::unet::UNet::gradients`]): a
    /// third more time, a fraction of the memory, the same gradients.
    pub recompute: bool,
}

/// An exemplar pair in latent space, `[1, 4, h, w]` each.
#[derive(Clone, Debug)]
pub struct LatentPair {
    /// mode(E(before)), not scaled.
    pub image_latents: Tensor<4>,
    /// scaling_factor · mode(E(after)).
    pub target: Tensor<4>,
}

/// Segments that are learned in one batch, with their part of the optimiser's state.
struct Group {
    segments: Range<usize>,
    /// K and V of each layer in turn `[segments, m, width]`, or the text rows `[segments, m, d_context]`.
    leaves: Vec<Tensor<3>>,
    first_moment: Vec<Tensor<3>>,
    second_moment: Vec<Tensor<3>>,
    /// What the run has to show: the leaves, or the mean of their last steps.
    shown: Vec<Tensor<3>>,
}

/// The numbers of a run on the host: one entry per learned tensor, segments after one another in each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// What is learned.
    pub learned: Vec<Vec<f32>>,
    /// AdamW's first moment.
    pub first_moment: Vec<Vec<f32>>,
    /// AdamW's second moment.
    pub second_moment: Vec<Vec<f32>>,
    /// What the run has to show: what is learned, or the mean of its last steps.
    pub shown: Vec<Vec<f32>>,
}

impl Numbers {
    /// Whether a run can go on from them.
    pub fn are_finite(&self) -> bool {
        let all = [&self.learned, &self.first_moment, &self.second_moment, &self.shown];
        all.into_iter().flatten().flatten().all(|number| number.is_finite())
    }
}

/// A learning run: a stepper, the caller owns the loop.
pub struct Inversion<'a> {
    base: &'a BaseModel,
    unet: &'a UNet,
    pairs: Vec<LatentPair>,
    settings: Settings,
    start: HeardText,
    /// The start text's K and V per layer, `[1, tokens, width]`.
    frozen: Vec<KeyValue>,
    /// The empty prompt's.
    null: Vec<KeyValue>,
    groups: Vec<Group>,
    /// Who computes the groups' gradients.
    shares: Shares,
    step: usize,
    visii: Option<Visii>,
}

impl<'a> Inversion<'a> {
    /// Starts from the start text's own rows, the same in all segments.
    ///
    /// # Errors
    /// [`Error::Usage`] for settings that do not fit the model, [`Error::Computation`] when its UNet is away.
    pub fn new(base: &'a BaseModel, pairs: Vec<LatentPair>, start: &str, settings: Settings) -> Result<Self> {
        let (start, unet) = (base.hear(start)?, base.unet()?);
        let null = unet.project(base.hear("")?.context);
        let frozen = unet.project(start.context.clone());
        let [_, tokens, _] = start.context.dims();
        let room = tokens - settings.rows.first();
        if settings.tokens == 0 || settings.tokens > room {
            return Err(Error::Usage(format!(
                "{} rows cannot be learned: the model hears {tokens} tokens, so choose 1 to {room}",
                settings.tokens
            )));
        }
        let n_timesteps = base.schedule.n_timesteps();
        if settings.segments == 0 || settings.segments > n_timesteps {
            return Err(Error::Usage(format!("{} segments: choose 1 to {n_timesteps}", settings.segments)));
        }
        if pairs.is_empty() {
            return Err(Error::Pairs("there are no pairs to learn from: give at least one before/after pair".into()));
        }
        let rows = learnable(settings.space, &frozen, &start.context).into_iter();
        let rows: Vec<Tensor<3>> = rows.map(|rows| rows.narrow(1, settings.rows.first(), settings.tokens)).collect();
        let at_once = settings.at_once.clamp(1, settings.segments);
        let side_by_side = Shares::most(&base.device).min(at_once);
        // never more than `at_once` in all
        let at_once = match at_once == settings.segments {
            true => at_once.div_ceil(side_by_side),
            false => at_once / side_by_side,
        };
        let groups: Vec<Group> = (0..settings.segments)
            .step_by(at_once)
            .map(|first| {
                let segments = first..(first + at_once).min(settings.segments);
                let leaves: Vec<Tensor<3>> =
                    rows.iter().map(|rows| rows.clone().repeat_dim(0, segments.len())).collect();
                let zeros: Vec<Tensor<3>> = leaves.iter().map(Tensor::zeros_like).collect();
                Group { segments, shown: leaves.clone(), leaves, first_moment: zeros.clone(), second_moment: zeros }
            })
            .collect();
        let shares = Shares::new(side_by_side.min(groups.len()))?;
        Ok(Self { base, unet, pairs, settings, start, frozen, null, groups, shares, step: 0, visii: None })
    }

    /// The same run, whose rows behind the start text's words begin as the words of a caption, as many as both have: the pads
    /// that stand there are nearly one another's equals, hear nearly the same gradients, and so learn as if they were one.
    ///
    /// # Errors
    /// [`Error::Usage`] for a caption that is longer than the context.
    pub fn with_caption(mut self, caption: &str) -> Result<Self> {
        let caption = self.base.hear(caption)?;
        let from = self.start.words + 1 - self.settings.rows.first();
        let n = caption.words.min(self.settings.tokens.saturating_sub(from));
        if n == 0 {
            return Ok(self);
        }
        let rows = learnable(self.settings.space, &self.unet.project(caption.context.clone()), &caption.context);
        for group in &mut self.groups {
            for (leaf, rows) in group.leaves.iter_mut().zip(&rows) {
                let [segments, _, width] = leaf.dims();
                let rows = rows.clone().narrow(1, 1, n).expand([segments, n, width]);
                *leaf = leaf.clone().slice_assign([0..segments, from..from + n, 0..width], rows);
            }
            group.shown = group.leaves.clone();
        }
        Ok(self)
    }

    /// The same run with Visii's loss and draws.
    ///
    /// # Errors
    /// [`Error::Usage`] for more than one segment, or where keys and values are learned: Visii knows one text embedding.
    pub fn with_visii(self, visii: Visii) -> Result<Self> {
        let Settings { segments, space, .. } = self.settings;
        if segments != 1 || space != Space::Text {
            return Err(Error::Usage(format!(
                "Visii learns the text embedding in 1 segment, not {space:?} in {segments}; choose so"
            )));
        }
        Ok(Self { visii: Some(visii), ..self })
    }

    /// Steps done, per segment.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// The empty prompt's K and V.
    pub fn null(&self) -> &[KeyValue] {
        &self.null
    }

    /// One step in every segment; returns ‖ε − ε̃‖² (mean over elements) of each, `[segments]`, before the update.
    pub fn step(&mut self) -> Tensor<1> {
        self.step += 1;
        let of_groups = self.shares.map(self.groups.len(), |idx| self.losses_and_slopes(&self.groups[idx]));
        let Settings { pace, steps, mut optimiser, .. } = self.settings;
        optimiser.learning_rate *= pace.rate(self.step, steps);
        let share = pace.share(self.step, steps);
        let mut losses = Vec::new();
        for (group, (of_group, gradients)) in self.groups.iter_mut().zip(of_groups) {
            losses.push(of_group);
            for (idx, gradient) in gradients.into_iter().enumerate() {
                let Some(gradient) = gradient else { continue };
                let (first, second) = (group.first_moment[idx].clone(), group.second_moment[idx].clone());
                let (numbers, first, second) =
                    optimiser.update(self.step, group.leaves[idx].clone(), gradient, first, second);
                group.shown[idx] = match share {
                    1.0 => numbers.clone(),
                    share => group.shown[idx].clone().mul_scalar(1.0 - share) + numbers.clone().mul_scalar(share),
                };
                (group.leaves[idx], group.first_moment[idx], group.second_moment[idx]) = (numbers, first, second);
            }
        }
        Tensor::cat(losses, 0)
    }

    /// Losses of a group's segments, and their sum's gradient at each leaf that was heard.
    fn losses_and_slopes(&self, group: &Group) -> (Tensor<1>, Vec<Option<Tensor<3>>>) {
        let tracked: Vec<Tensor<3>> = group.leaves.iter().map(|leaf| leaf.clone().autodiff().require_grad()).collect();
        let drawn: Vec<Drawn> = group.segments.clone().map(|segment| self.draw(segment)).collect();
        let (losses, mut gradients) = match self.settings.recompute {
            true => self.losses_and_gradients(&tracked, &drawn),
            false => {
                let losses = self.losses(&tracked, &drawn);
                (losses.clone().inner(), losses.sum().backward())
            }
        };
        (losses, tracked.iter().map(|leaf| leaf.grad_remove(&mut gradients)).collect())
    }

    /// The random choices of the current step for a segment; they follow from (seed, step, segment) alone.
    fn draw(&self, segment: usize) -> Drawn {
        if let Some(visii) = &self.visii {
            let (timestep, pair, mut noise) = visii.draw(self.step, self.pairs.len());
            return Drawn { pair, timestep, noise: noise.tensor(self.pairs[pair].target.dims(), &self.base.device) };
        }
        let mut noise = Noise::new(mix(self.settings.seed, self.step as u64, segment as u64));
        let timesteps = timesteps_of(segment, self.settings.segments, self.base.schedule.n_timesteps());
        let key = [self.settings.seed, self.step as u64, segment as u64];
        let (pair, timestep) = self.settings.pace.draw(key, self.pairs.len(), timesteps, &mut noise);
        let shape = self.pairs[pair].target.dims();
        Drawn { pair, timestep, noise: noise.tensor(shape, &self.base.device) }
    }

    /// What the layers hear of the present state.
    pub fn heard(&self) -> Heard {
        let mut segments = Vec::with_capacity(self.settings.segments);
        for (group, used) in self.groups.iter().zip(self.used()) {
            let layers = heard(self.unet, self.settings, &self.frozen, &self.start.context, &used);
            for row in 0..group.segments.len() {
                let one = |x: &Tensor<3>| x.clone().narrow(0, row, 1);
                segments.push(layers.iter().map(|kv| KeyValue { key: one(&kv.key), value: one(&kv.value) }).collect());
            }
        }
        Heard { segments }
    }

    /// What is used of what is shown, group by group: with one pair, numbers drawn towards the mean of all segments
    /// ([`Pace::alike`]).
    fn used(&self) -> Vec<Vec<Tensor<3>>> {
        let mut used: Vec<Vec<Tensor<3>>> = self.groups.iter().map(|group| group.shown.clone()).collect();
        let alike = self.settings.pace.alike;
        if alike == 0.0 || self.pairs.len() > 1 || self.settings.segments == 1 {
            return used;
        }
        for idx in 0..self.groups[0].shown.len() {
            let all = Tensor::cat(self.groups.iter().map(|group| group.shown[idx].clone()).collect(), 0);
            let mean = all.mean_dim(0).mul_scalar(alike); // [1, m, width]
            for group in &mut used {
                group[idx] = group[idx].clone().mul_scalar(1.0 - alike) + mean.clone();
            }
        }
        used
    }

    /// All numbers of the run, read back.
    pub async fn numbers(&self) -> Result<Numbers> {
        let n = self.groups[0].leaves.len();
        let mut tensors = Vec::new();
        let lists: [fn(&Group) -> &Vec<Tensor<3>>; 4] =
            [|g| &g.leaves, |g| &g.first_moment, |g| &g.second_moment, |g| &g.shown];
        for list in lists {
            for idx in 0..n {
                tensors.push(Tensor::cat(self.groups.iter().map(|group| list(group)[idx].clone()).collect(), 0));
            }
        }
        let mut read = read_all(tensors).await?;
        let shown = read.split_off(3 * n);
        let second_moment = read.split_off(2 * n);
        let first_moment = read.split_off(n);
        Ok(Numbers { learned: read, first_moment, second_moment, shown })
    }

    /// Puts numbers from [`Self::numbers`] of a run with the same settings in place, `step` steps done.
    ///
    /// # Errors
    /// [`Error::Instruction`] when there are more or fewer than this run has.
    pub fn restore(&mut self, numbers: &Numbers, step: usize) -> Result<()> {
        self.step = step;
        for group in &mut self.groups {
            let put = |leaves: &mut Vec<Tensor<3>>, lists: &[Vec<f32>]| {
                if lists.len() != leaves.len() {
                    return Err(wrong_length(lists.len(), leaves.len()));
                }
                for (leaf, list) in leaves.iter_mut().zip(lists) {
                    let [rows, m, width] = leaf.dims();
                    let at = group.segments.start * m * width;
                    let part = list.get(at..at + rows * m * width).ok_or_else(|| wrong_length(list.len(), at))?;
                    *leaf = Tensor::from_data(TensorData::new(part.to_vec(), [rows, m, width]), &leaf.device());
                }
                Ok(())
            };
            put(&mut group.leaves, &numbers.learned)?;
            put(&mut group.first_moment, &numbers.first_moment)?;
            put(&mut group.second_moment, &numbers.second_moment)?;
            put(&mut group.shown, &numbers.shown)?;
        }
        Ok(())
    }

    /// K and V per segment and layer, as an instruction file holds them. A text embedding is projected here, once.
    ///
    /// # Errors
    /// [`Error::Computation`] when a number is not finite, or too large for the f16 of an instruction file: the learning
    /// rate was too high.
    pub async fn learned(&self) -> Result<Vec<Vec<LearnedLayer>>> {
        let mut segments = Vec::with_capacity(self.settings.segments);
        for (group, used) in self.groups.iter().zip(self.used()) {
            let layers: Vec<Tensor<3>> = match self.settings.space {
                Space::Attention => used,
                Space::Text => {
                    let projected = self.unet.project(used[0].clone());
                    projected.into_iter().flat_map(|kv| [kv.key, kv.value]).collect()
                }
            };
            let widths: Vec<usize> = layers.iter().map(|layer| layer.dims()[2]).collect();
            let read = read_all(layers).await?;
            let limit = half::f16::MAX.to_f32();
            if let Some(number) = read.iter().flatten().find(|number| number.is_nan() || number.abs() > limit) {
                return Err(Error::Computation(format!(
                    "learning ran away: the instruction holds {number:?}, where up to {limit} has a use; choose a lower \
                     learning rate than {:?}",
                    self.settings.optimiser.learning_rate
                )));
            }
            for row in 0..group.segments.len() {
                let part = |idx: usize| {
                    let size = self.settings.tokens * widths[idx];
                    read[idx][row * size..(row + 1) * size].to_vec()
                };
                let layer =
                    |idx: usize| LearnedLayer { key: part(2 * idx), value: part(2 * idx + 1), width: widths[2 * idx] };
                segments.push((0..read.len() / 2).map(layer).collect());
            }
        }
        Ok(segments)
    }
}

/// What is random in one step of one segment.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Which pair.
    pub pair: usize,
    /// t, a whole one.
    pub timestep: usize,
    /// ε, `[1, 4, h, w]`.
    pub noise: Tensor<4>,
}

/// What can be learned of a text: K and V of each layer in turn, or the context itself; each `[1, tokens, width]`.
fn learnable(space: Space, layers: &[KeyValue], context: &Tensor<3>) -> Vec<Tensor<3>> {
    match space {
        Space::Attention => layers.iter().flat_map(|kv| [kv.key.clone(), kv.value.clone()]).collect(),
        Space::Text => vec![context.clone()],
    }
}

fn wrong_length(got: usize, expected: usize) -> Error {
    Error::Instruction(format!(
        "state file: it holds {got} numbers where this run has {expected}: learn from the start (--restart)"
    ))
}
