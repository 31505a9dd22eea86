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
use std::ops::Range;

/// Where a named tensor lies among all numbers.
#[derive(Clone, Debug)]
struct Place {
    shape: Vec<usize>,
    range: Range<usize>,
}

/// All numbers of one model in one row, with what AdamW and the running mean know of them: an update is then a few operations,
/// however many tensors there are.
#[derive(Clone, Debug)]
pub struct Parameters {
    part: String,
    device: Device,
    places: BTreeMap<String, Place>,
    now: Tensor<1>,
    first: Tensor<1>,
    second: Tensor<1>,
    /// The exponential moving average: what ships.
    mean: Tensor<1>,
    /// 1 where weight decay acts, and for how many learned tensors that was worked out.
    decays: Option<(usize, Tensor<1>)>,
}

/// Tracked copies for one step, by name.
pub type Leaves = BTreeMap<String, Tensor<1>>;

impl Parameters {
    /// Draws the start of a model: `take` says which tensors it wants.
    pub fn draw(part: &str, device: &Device, seed: u64, start: Start, take: impl FnOnce(&mut Weights)) -> Self {
        let mut weights = Weights::new(part, device);
        take(&mut weights);
        let wanted = weights.missing();
        let (mut places, mut numbers) = (BTreeMap::new(), Vec::new());
        for (idx, (name, shape)) in wanted.iter().enumerate() {
            let n = shape.iter().product();
            let mut noise = Noise::new(mix(seed, idx as u64, STREAM));
            let range = numbers.len()..numbers.len() + n;
            match start(name, shape) {
                Law::Constant(value) => numbers.extend(vec![value; n]),
                Law::Normal(deviation) => numbers.extend(noise.draw(n).into_iter().map(|x| x * deviation)),
            }
            places.insert(name.clone(), Place { shape: shape.clone(), range });
        }
        let now = on(device, numbers);
        let zeros = now.zeros_like();
        let (first, second, mean) = (zeros.clone(), zeros, now.clone());
        Self { part: part.into(), device: device.clone(), places, now, first, second, mean, decays: None }
    }

    /// The running means as weights of a model; nothing is tracked.
    pub fn plain(&self) -> Weights {
        let mut weights = Weights::new(&self.part, &self.device);
        for (name, place) in &self.places {
            weights.add(name, &place.shape, place.of(&self.mean));
        }
        weights
    }

    /// The numbers as weights of a model, those that `learns` accepts tracked, and the tracked ones themselves.
    pub fn tracked(&self, learns: impl Fn(&str) -> bool) -> (Weights, Leaves) {
        let mut weights = Weights::new(&self.part, &self.device);
        let mut leaves = Leaves::new();
        for (name, place) in &self.places {
            let mut tensor = place.of(&self.now);
            if learns(name) {
                tensor = tensor.autodiff().require_grad();
                leaves.insert(name.clone(), tensor.clone());
            }
            weights.add(name, &place.shape, tensor);
        }
        (weights, leaves)
    }

    /// The gradients of the leaves in one row, zeros where nothing learns.
    pub fn gradient(&self, leaves: &Leaves, gradients: &Gradients) -> Tensor<1> {
        let gradient = self.in_order().into_iter().map(|(name, place)| {
            let found = leaves.get(name).and_then(|leaf| leaf.grad(gradients));
            found.unwrap_or_else(|| Tensor::zeros([place.range.len()], &self.device))
        });
        Tensor::cat(gradient.collect(), 0)
    }

    /// One step of AdamW on what `learns`, and of the running mean; `step` counts from 1. Norms and biases do not decay.
    pub fn update(
        &mut self,
        optimiser: &AdamW,
        step: usize,
        ema: f64,
        learns: impl Fn(&str) -> bool,
        gradient: Tensor<1>,
        clip: f64,
    ) {
        let length = gradient.clone().square().sum().sqrt();
        let scale = (length.add_scalar(1e-6).recip() * clip).clamp_max(1.0);
        // the mean of few steps is the mean of them, not of the start
        let keep = ema.min((1.0 + step as f64) / (10.0 + step as f64));
        let mut now = self.now.clone();
        if optimiser.weight_decay > 0.0 {
            now =
                now.clone() - (now * self.decays(learns)).mul_scalar(optimiser.learning_rate * optimiser.weight_decay);
        }
        let plain = AdamW { weight_decay: 0.0, ..*optimiser };
        let (first, second) = (self.first.clone(), self.second.clone());
        let (now, first, second) = plain.update(step, now, gradient * scale, first, second);
        self.mean = self.mean.clone().mul_scalar(keep) + now.clone().mul_scalar(1.0 - keep);
        (self.now, self.first, self.second) = (now, first, second);
    }

    /// 1 for the numbers of matrices and kernels that learn, else 0.
    fn decays(&mut self, learns: impl Fn(&str) -> bool) -> Tensor<1> {
        let learned = self.places.keys().filter(|name| learns(name)).count();
        if let Some((n, decays)) = &self.decays
            && *n == learned
        {
            return decays.clone();
        }
        let of = |(name, place): (&String, &Place)| {
            let decays = place.shape.len() > 1 && learns(name);
            vec![if decays { 1.0 } else { 0.0 }; place.range.len()]
        };
        let decays = on(&self.device, self.in_order().into_iter().flat_map(of).collect());
        self.decays = Some((learned, decays.clone()));
        decays
    }

    /// Places as they follow one another.
    fn in_order(&self) -> Vec<(&String, &Place)> {
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(_, place)| place.range.start);
        places
    }

    /// From here on, as if training began: moments are forgotten and the mean is where training goes on.
    pub fn restart(&mut self) {
        let zeros = self.now.zeros_like();
        self.now = self.mean.clone();
        (self.first, self.second) = (zeros.clone(), zeros);
        self.decays = None;
    }

    /// Replaces the numbers of one tensor, both present and mean.
    pub fn set(&mut self, name: &str, values: Vec<f32>) {
        if let Some(place) = self.places.get(name) {
            let (range, values) = (place.range.clone(), on(&self.device, values));
            for row in [&mut self.now, &mut self.mean] {
                *row = row.clone().slice_assign([range.clone()], values.clone());
            }
        }
    }

    /// The running mean of one tensor.
    pub async fn get(&self, name: &str) -> Result<Vec<f32>> {
        match self.places.get(name) {
            Some(place) => read(place.of(&self.mean)).await,
            None => Err(Error::Usage(format!("{} has no tensor \"{name}\"", self.part))),
        }
    }

    /// Where they are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How many numbers.
    pub fn len(&self) -> usize {
        self.now.dims()[0]
    }

    /// Everything, to go on from: a safetensors file with `step` in its header.
    pub async fn to_state(&self, step: usize) -> Result<Vec<u8>> {
        let mut tensors = Vec::new();
        for (kind, row) in [("now", &self.now), ("first", &self.first), ("second", &self.second), ("mean", &self.mean)]
        {
            let row = read(row.clone()).await?;
            for (name, place) in &self.places {
                tensors.push((format!("{kind}.{name}"), place.shape.clone(), row[place.range.clone()].to_vec()));
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
        let rows = ["now", "first", "second", "mean"].map(|kind| {
            let mut row = Vec::with_capacity(self.len());
            for (name, place) in self.in_order() {
                let view = file
                    .tensor(&format!("{kind}.{name}"))
                    .map_err(|error| damaged(format!("lacks \"{name}\" ({error})")))?;
                if view.shape() != place.shape {
                    let (has, needs) = (view.shape(), &place.shape);
                    return Err(damaged(format!("has \"{name}\" as {has:?} where {needs:?} is needed")));
                }
                row.extend(bytemuck::pod_collect_to_vec::<u8, f32>(view.data()));
            }
            Ok(on(&self.device, row))
        });
        let [now, first, second, mean] = rows;
        (self.now, self.first, self.second, self.mean) = (now?, first?, second?, mean?);
        Ok(step)
    }

    /// What ships: the running means, rounded to f16 or as f32, as a checkpoint's safetensors file.
    pub async fn to_checkpoint(&self, dtype: Dtype, wanted: impl Fn(&str) -> bool) -> Result<Vec<u8>> {
        let mut tensors = Vec::new();
        let row = read(self.mean.clone()).await?;
        for (name, place) in self.places.iter().filter(|(name, _)| wanted(name)) {
            // a scalar in PyTorch has no axes
            let shape = if name == "logit_scale" { Vec::new() } else { place.shape.clone() };
            tensors.push((name.clone(), shape, row[place.range.clone()].to_vec()));
        }
        write(&tensors, dtype, [("format".to_string(), "pt".to_string())].into())
    }
}

impl Place {
    /// Its part of a row.
    fn of(&self, row: &Tensor<1>) -> Tensor<1> {
        row.clone().slice([self.range.clone()])
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
