//! Parameters: the numbers of a model that is being trained, by the names of its checkpoint.
//!
//! A model is a function of named tensors (`Model::take`), so training needs no modules of its own: each step takes the
//! model from tracked tensors, and what comes back is a gradient per name. Saving is writing the names down.
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use instructbrush::instruction::adamw::AdamW;
use instructbrush::models::weights::Weights;
use instructbrush::tensor::noise::{Noise, mix};
use instructbrush::tensor::readback::read;
use instructbrush::{Error, Result};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};

/// One named tensor with what AdamW and the running mean know of it; all flat, on the device.
#[derive(Clone, Debug)]
struct Parameter {
    shape: Vec<usize>,
    now: Tensor<1>,
    first: Tensor<1>,
    second: Tensor<1>,
    /// The exponential moving average: what ships.
    mean: Tensor<1>,
}

/// All numbers of one model.
#[derive(Clone, Debug)]
pub struct Parameters {
    part: String,
    device: Device,
    all: BTreeMap<String, Parameter>,
}

/// Tracked copies for one step, by name.
pub type Leaves = BTreeMap<String, Tensor<1>>;

impl Parameters {
    /// Draws the start of a model: `take` says which tensors it wants.
    pub fn draw(part: &str, device: &Device, seed: u64, start: Start, take: impl FnOnce(&mut Weights)) -> Self {
        let mut weights = Weights::new(part, device);
        take(&mut weights);
        let wanted = weights.missing();
        let all = wanted.iter().enumerate().map(|(idx, (name, shape))| {
            let n = shape.iter().product();
            let mut noise = Noise::new(mix(seed, idx as u64, STREAM));
            let values = match start(name, shape) {
                Law::Constant(value) => vec![value; n],
                Law::Normal(deviation) => noise.draw(n).into_iter().map(|x| x * deviation).collect(),
            };
            (name.clone(), Parameter::new(shape.clone(), values, device))
        });
        Self { part: part.into(), device: device.clone(), all: all.collect() }
    }

    /// The running means as weights of a model; nothing is tracked.
    pub fn plain(&self) -> Weights {
        let mut weights = Weights::new(&self.part, &self.device);
        for (name, parameter) in &self.all {
            weights.add(name, &parameter.shape, parameter.mean.clone());
        }
        weights
    }

    /// The numbers as weights of a model, those that `learns` accepts tracked, and the tracked ones themselves.
    pub fn tracked(&self, learns: impl Fn(&str) -> bool) -> (Weights, Leaves) {
        let mut weights = Weights::new(&self.part, &self.device);
        let mut leaves = Leaves::new();
        for (name, parameter) in &self.all {
            let mut tensor = parameter.now.clone();
            if learns(name) {
                tensor = tensor.autodiff().require_grad();
                leaves.insert(name.clone(), tensor.clone());
            }
            weights.add(name, &parameter.shape, tensor);
        }
        (weights, leaves)
    }

    /// One step of AdamW on the leaves, and of the running mean; `step` counts from 1. Norms and biases do not decay.
    pub fn update(
        &mut self,
        optimiser: &AdamW,
        step: usize,
        ema: f64,
        leaves: &Leaves,
        gradients: &Gradients,
        clip: f64,
    ) {
        let found: Vec<(&String, Tensor<1>)> =
            leaves.iter().filter_map(|(name, leaf)| Some((name, leaf.grad(gradients)?))).collect();
        let squares = found.iter().map(|(_, gradient)| gradient.clone().square().sum()).collect();
        let length = Tensor::cat(squares, 0).sum().sqrt();
        let scale = (length.add_scalar(1e-6).recip() * clip).clamp_max(1.0);
        // the mean of few steps is the mean of them, not of the start
        let keep = ema.min((1.0 + step as f64) / (10.0 + step as f64));
        for (name, gradient) in found {
            let Some(parameter) = self.all.get_mut(name) else { continue };
            let decay = if parameter.shape.len() < 2 { 0.0 } else { optimiser.weight_decay };
            let optimiser = AdamW { weight_decay: decay, ..*optimiser };
            let Parameter { now, first, second, mean, .. } = parameter.clone();
            let (now, first, second) = optimiser.update(step, now, gradient * scale.clone(), first, second);
            parameter.mean = mean.mul_scalar(keep) + now.clone().mul_scalar(1.0 - keep);
            (parameter.now, parameter.first, parameter.second) = (now, first, second);
        }
    }

    /// From here on, as if training began: moments are forgotten and the mean is where training goes on.
    pub fn restart(&mut self) {
        for parameter in self.all.values_mut() {
            let zeros = parameter.now.zeros_like();
            parameter.now = parameter.mean.clone();
            (parameter.first, parameter.second) = (zeros.clone(), zeros);
        }
    }

    /// Replaces the numbers of one tensor, both present and mean.
    pub fn set(&mut self, name: &str, values: Vec<f32>) {
        if let Some(parameter) = self.all.get_mut(name) {
            *parameter = Parameter::new(parameter.shape.clone(), values, &self.device);
        }
    }

    /// The running mean of one tensor.
    pub async fn get(&self, name: &str) -> Result<Vec<f32>> {
        match self.all.get(name) {
            Some(parameter) => read(parameter.mean.clone()).await,
            None => Err(Error::Usage(format!("{} has no tensor \"{name}\"", self.part))),
        }
    }

    /// How many numbers.
    pub fn len(&self) -> usize {
        self.all.values().map(|parameter| parameter.shape.iter().product::<usize>()).sum()
    }

    /// Everything, to go on from: a safetensors file with `step` in its header.
    pub async fn to_state(&self, step: usize) -> Result<Vec<u8>> {
        let mut tensors = Vec::new();
        for (name, parameter) in &self.all {
            let Parameter { shape, now, first, second, mean } = parameter;
            for (kind, tensor) in [("now", now), ("first", first), ("second", second), ("mean", mean)] {
                tensors.push((format!("{kind}.{name}"), shape.clone(), read(tensor.clone()).await?));
            }
        }
        write(&tensors, Dtype::F32, [("step".to_string(), step.to_string())].into())
    }

    /// Back from [`Self::to_state`]; returns its step.
    ///
    /// # Errors
    /// A damaged file, or one of a model with other tensors.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<usize> {
        let damaged =
            |why: String| Error::Checkpoint(format!("{}: the state {why}; remove it to begin again", self.part));
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|error| damaged(format!("is damaged ({error})")))?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(format!("is damaged ({error})")))?;
        let step = header.metadata().as_ref().and_then(|map| map.get("step")?.parse().ok());
        let step = step.ok_or_else(|| damaged("has no step".into()))?;
        for (name, parameter) in &mut self.all {
            let slots = [
                ("now", &mut parameter.now),
                ("first", &mut parameter.first),
                ("second", &mut parameter.second),
                ("mean", &mut parameter.mean),
            ];
            for (kind, slot) in slots {
                let view = file
                    .tensor(&format!("{kind}.{name}"))
                    .map_err(|error| damaged(format!("lacks \"{name}\" ({error})")))?;
                if view.shape() != parameter.shape {
                    return Err(damaged(format!(
                        "has \"{name}\" as {:?} where {:?} is needed",
                        view.shape(),
                        parameter.shape
                    )));
                }
                let values: Vec<f32> = bytemuck::pod_collect_to_vec(view.data());
                *slot = on(&self.device, values);
            }
        }
        Ok(step)
    }

    /// What ships: the running means, rounded to f16 or as f32, as a checkpoint's safetensors file.
    pub async fn to_checkpoint(&self, dtype: Dtype, wanted: impl Fn(&str) -> bool) -> Result<Vec<u8>> {
        let mut tensors = Vec::new();
        for (name, parameter) in self.all.iter().filter(|(name, _)| wanted(name)) {
            // a scalar in PyTorch has no axes
            let shape = if name == "logit_scale" { Vec::new() } else { parameter.shape.clone() };
            tensors.push((name.clone(), shape, read(parameter.mean.clone()).await?));
        }
        write(&tensors, dtype, [("format".to_string(), "pt".to_string())].into())
    }
}

impl Parameter {
    fn new(shape: Vec<usize>, values: Vec<f32>, device: &Device) -> Self {
        let now = on(device, values);
        let zeros = now.zeros_like();
        Self { shape, mean: now.clone(), now, first: zeros.clone(), second: zeros }
    }
}

fn on(device: &Device, values: Vec<f32>) -> Tensor<1> {
    let n = values.len();
    Tensor::from_data(TensorData::new(values, [n]), device)
}

fn write(tensors: &[(String, Vec<usize>, Vec<f32>)], dtype: Dtype, about: HashMap<String, String>) -> Result<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| match dtype {
            Dtype::F16 => values.iter().flat_map(|&x| half::f16::from_f32(x).to_le_bytes()).collect(),
            _ => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        })
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        let view = TensorView::new(dtype, shape.clone(), bytes);
        view.map(|view| (name.as_str(), view))
    });
    let views: Vec<_> =
        views.collect::<std::result::Result<_, _>>().map_err(|error| Error::Checkpoint(error.to_string()))?;
    safetensors::serialize(views, Some(about)).map_err(|error| Error::Checkpoint(error.to_string()))
}

/// The random stream of first numbers.
const STREAM: u64 = 0x57a7;

/// What a tensor starts as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Every number is this.
    Constant(f32),
    /// Independent normal numbers of this deviation.
    Normal(f32),
}

/// Says what a tensor of this name and shape starts as.
pub type Start = fn(&str, &[usize]) -> Law;
