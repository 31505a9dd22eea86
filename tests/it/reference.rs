//! Reference: what PyTorch, diffusers and transformers gave (`tests/golden`), and the models that they gave it with.
use burn::tensor::{Device, Tensor, TensorData};
use instructbrush::diffusion::schedule::Schedule;
use instructbrush::instruction::base::BaseModel;
use instructbrush::models::clip::{Clip, TextEncoder};
use instructbrush::models::config::{ClipConfig, ClipTextConfig, SchedulerConfig, UNetConfig, VaeConfig};
use instructbrush::models::tokenizer::{Tokenizer, TokenizerFiles};
use instructbrush::models::unet::UNet;
use instructbrush::models::vae::Vae;
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::platform::{devices, folder::FolderSource};
use instructbrush::service::engine::Engine;
use instructbrush::service::job::Reply;
use instructbrush::tensor::ops::Kernels;
use instructbrush::tensor::readback;
use safetensors::{Dtype, SafeTensors};
use std::path::{Path, PathBuf};

/// The three checkpoints, each with its goldens.
pub const MODELS: [&str; 3] = ["demo", "small_a", "small_b"];

/// A path in the repository.
pub fn path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where the tests compute: `INSTRUCTBRUSH_TEST_DEVICE` (any name of `--device`), the CPU where it is not set. Asked
/// for by name, a software renderer is good enough for wgpu.
pub fn device() -> Device {
    let name = std::env::var("INSTRUCTBRUSH_TEST_DEVICE").unwrap_or_else(|_| "cpu".into());
    devices::open(name.parse().unwrap()).unwrap()
}

/// Both ways in which a graphics adapter's products may be cut up, whichever this one settled on.
pub fn both_ways(check: impl Fn(Kernels)) {
    let is_cpu = device() == devices::open(devices::DeviceName::Cpu).unwrap();
    for kernels in [Kernels::Tiles, Kernels::Strips].into_iter().take(if is_cpu { 1 } else { 2 }) {
        kernels.over(|| check(kernels));
    }
}

/// A tensor's numbers, on the host.
pub fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    pollster::block_on(readback::read(tensor)).unwrap()
}

/// max |a − b| / max |b|, infinite where a number is none.
pub fn relative(got: &[f32], wanted: &[f32]) -> f64 {
    assert_eq!(got.len(), wanted.len(), "as many numbers as the reference");
    let scale = wanted.iter().fold(0f32, |most, value| most.max(value.abs()));
    let worst = got.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    let worst = worst.fold(0f32, |most, gap| if gap.is_nan() { f32::INFINITY } else { most.max(gap) });
    f64::from(worst) / f64::from(scale.max(f32::MIN_POSITIVE))
}

/// The folder of one of [`MODELS`].
pub fn checkpoint(model: &str) -> FolderSource {
    FolderSource::open(path(&format!("tests/golden/{model}"))).unwrap()
}

fn part<M>(source: &mut FolderSource, part: Part, take: impl FnOnce(&mut Weights) -> M) -> M {
    let mut weights = Weights::new(part.folder(), &device());
    pollster::block_on(source.fill(part, &mut weights)).unwrap();
    let model = take(&mut weights);
    assert_eq!(weights.finish().unwrap(), Vec::<String>::new(), "every tensor of the file has its place");
    model
}

/// The four parts that every edit needs.
pub fn base(model: &str) -> BaseModel {
    let mut source = checkpoint(model);
    let read = |file: &str| std::fs::read(checkpoint(model).root().join(file)).unwrap();
    let unet = UNetConfig::parse(&read("unet/config.json")).unwrap();
    let vae = VaeConfig::parse(&read("vae/config.json")).unwrap();
    let text = ClipTextConfig::parse(&read("text_encoder/config.json")).unwrap();
    let scheduler = SchedulerConfig::parse(&read("scheduler/scheduler_config.json")).unwrap();
    let files = pollster::block_on(TokenizerFiles::read(&mut source, "tokenizer")).unwrap();
    BaseModel {
        unet: Some(part(&mut source, Part::UNet, |w| UNet::take(w, &unet))),
        vae: Some(part(&mut source, Part::Vae, |w| Vae::take(w, &vae))),
        text_encoder: Some(part(&mut source, Part::TextEncoder, |w| TextEncoder::take(w, &text))),
        remembered: Default::default(),
        tokenizer: Tokenizer::load(&files, &text).unwrap(),
        schedule: Schedule::new(&scheduler),
        device: device(),
        compute: Default::default(),
    }
}

/// Both CLIP towers.
pub fn clip(model: &str) -> Clip {
    let mut source = checkpoint(model);
    let config = pollster::block_on(source.file("clip/config.json")).unwrap().unwrap();
    let config = ClipConfig::parse(&config).unwrap();
    part(&mut source, Part::Clip, |w| Clip::take(w, &config))
}

/// An engine with the first of [`MODELS`].
pub fn engine() -> Engine<FolderSource> {
    pollster::block_on(Engine::load(device(), checkpoint("demo"), &mut |_| Reply::Continue)).unwrap()
}

/// A file of tensors that Python wrote.
pub struct Golden(Vec<u8>);

impl Golden {
    /// `tests/golden/{name}.safetensors`.
    pub fn open(name: &str) -> Self {
        Self(std::fs::read(path(&format!("tests/golden/{name}.safetensors"))).unwrap())
    }

    fn file(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.0).unwrap()
    }

    /// Every name that begins with `prefix`, without it, in order.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let file = self.file();
        let mut names: Vec<String> =
            file.names().into_iter().filter_map(|name| Some(name.strip_prefix(prefix)?.to_owned())).collect();
        names.sort();
        names
    }

    /// A word of the header.
    pub fn about(&self, key: &str) -> String {
        let (_, header) = SafeTensors::read_metadata(&self.0).unwrap();
        header.metadata().as_ref().unwrap()[key].clone()
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        self.file().tensor(name).unwrap().shape().to_vec()
    }

    /// Whole numbers and bytes come as floats too.
    pub fn values(&self, name: &str) -> Vec<f32> {
        let file = self.file();
        let view = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (words, _) = view.data().as_chunks::<4>();
        match view.dtype() {
            Dtype::F32 => words.iter().map(|&word| f32::from_le_bytes(word)).collect(),
            Dtype::I32 => words.iter().map(|&word| i32::from_le_bytes(word) as f32).collect(),
            Dtype::U8 => view.data().iter().copied().map(f32::from).collect(),
            other => panic!("{name} is {other:?}"),
        }
    }

    /// On the tests' device; shorter shapes get leading ones.
    pub fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let shape = self.shape(name);
        let mut dims = [1; D];
        dims[D - shape.len()..].copy_from_slice(&shape);
        Tensor::from_data(TensorData::new(self.values(name), dims), &device())
    }
}
