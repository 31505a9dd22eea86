//! Full size: a checkpoint of InstructPix2Pix's exact configs, checked against diffusers and timed.
//!
//! `python tests/golden/full_size.py DIR --dtype fp16 --time`, then `cargo bench --bench full_size -- DIR`.
#![allow(clippy::unwrap_used, missing_docs)]
use burn::tensor::{Device, Int, Tensor, TensorData};
use instructbrush::models::clip::TextEncoder;
use instructbrush::models::config::{ClipTextConfig, UNetConfig, VaeConfig};
use instructbrush::models::unet::UNet;
use instructbrush::models::vae::Vae;
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::platform::folder::FolderSource;
use instructbrush::tensor::readback::read;
use safetensors::SafeTensors;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Reference<'a>(SafeTensors<'a>);

impl Reference<'_> {
    fn values(&self, name: &str) -> (Vec<f32>, Vec<usize>) {
        let view = self.0.tensor(name).unwrap();
        (bytemuck::pod_collect_to_vec(view.data()), view.shape().to_vec())
    }

    fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let (values, shape) = self.values(name);
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    /// Largest difference over the largest number.
    fn check<const D: usize>(&self, name: &str, got: Tensor<D>) {
        let (expected, _) = self.values(name);
        let got = pollster::block_on(read(got)).unwrap();
        let largest = expected.iter().fold(0f32, |max, x| max.max(x.abs()));
        let error = expected.iter().zip(&got).fold(0f32, |max, (a, b)| max.max((a - b).abs()));
        println!("{name}: relative error {:.1e}", error / largest);
    }
}

fn take<M>(source: &mut FolderSource, part: Part, device: &Device, take: impl FnOnce(&mut Weights) -> M) -> M {
    let began = Instant::now();
    let mut weights = Weights::new(part.folder(), device);
    pollster::block_on(source.fill(part, &mut weights)).unwrap();
    let model = take(&mut weights);
    weights.finish().unwrap();
    println!("{}: loaded in {:.1} s, peak memory {:.2} GB", part.folder(), began.elapsed().as_secs_f64(), peak());
    model
}

/// Peak resident memory in GB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: 0 kB");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(folder) = args.first() else {
        println!("full_size: give the folder that tests/golden/full_size.py made; nothing to do");
        return;
    };
    let name = args.get(1).map_or(DeviceName::Cpu, |name| name.parse().unwrap());
    let device = devices::open(name).unwrap();
    let mut source = FolderSource::open(folder).unwrap();
    let bytes = std::fs::read(format!("{folder}/reference.safetensors")).unwrap();
    let reference = Reference(SafeTensors::deserialize(&bytes).unwrap());
    let mut config = |part: &str| pollster::block_on(source.file(&format!("{part}/config.json"))).unwrap().unwrap();
    let unet_config = UNetConfig::parse(&config("unet")).unwrap();
    let vae_config = VaeConfig::parse(&config("vae")).unwrap();
    let text_config = ClipTextConfig::parse(&config("text_encoder")).unwrap();

    let text_encoder = take(&mut source, Part::TextEncoder, &device, |w| TextEncoder::take(w, &text_config));
    let view = reference.0.tensor("text.ids").unwrap();
    let ids: Vec<i32> = match view.dtype() {
        safetensors::Dtype::I64 => {
            bytemuck::pod_collect_to_vec::<u8, i64>(view.data()).iter().map(|&id| id as i32).collect()
        }
        _ => bytemuck::pod_collect_to_vec(view.data()),
    };
    let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, view.shape().to_vec()), &device);
    reference.check("text.last_hidden_state", text_encoder.forward(ids));
    drop(text_encoder);

    let vae = take(&mut source, Part::Vae, &device, |w| Vae::take(w, &vae_config));
    reference.check("vae.mean", vae.encode(reference.tensor("vae.picture", &device)).mode());
    reference.check("vae.decoded", vae.decode(reference.tensor("vae.latents", &device)));
    drop(vae);

    let unet = take(&mut source, Part::UNet, &device, |w| UNet::take(w, &unet_config));
    let latents: Tensor<4> = reference.tensor("unet.sample", &device);
    let timestep = f64::from(reference.values("unet.timestep").0[0]);
    let layers = unet.project(reference.tensor("unet.context", &device));
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let began = Instant::now();
        let output = unet.forward(latents.clone(), &[timestep], &layers);
        let _ = pollster::block_on(read(output.clone().slice([0..1, 0..1, 0..1, 0..1]))).unwrap();
        best = best.min(began.elapsed().as_secs_f64());
        reference.check("unet.output", output);
    }
    println!("unet: one row at 64×64 latents in {best:.2} s, peak memory {:.2} GB", peak());
}
