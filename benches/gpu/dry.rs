//! Dry: what a device's allocator holds for a full-size model's work, without the work.
use super::{UNET, memory, random, weights};
use burn::tensor::{Device, Tensor};
use instructbrush::models::config::{UNetConfig, VaeConfig};
use instructbrush::models::packed::pack::Precision;
use instructbrush::models::unet::{KeyValue, UNet};
use instructbrush::models::vae::Vae;
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::service::plan::{Kept, Planner};
#[cfg(feature = "browser-memory")]
use instructbrush::tensor::ops;
use instructbrush::tensor::ops::Compute;

const VAE: &[u8] = include_bytes!("../full_size_vae.json");
const TEXT_ENCODER: &[u8] = include_bytes!("../full_size_text_encoder.json");

/// What the allocator holds after each part of an edit and of learning at 512×512 (latents of 64), everything let go before each;
/// with `browser-memory`, at most while it runs, which a plan must not fall short of by more than a twentieth.
pub fn dry(device: &Device, side: usize) {
    let config = UNetConfig::parse(UNET).unwrap();
    let unet = UNet::take(&mut weights("unet", device, |w| drop(UNet::take(w, &config)), 8), &config);
    memory("UNet in 8 bits", device);
    let vae_config = VaeConfig::parse(VAE).unwrap();
    let vae = Vae::take(&mut weights("vae", device, |w| drop(Vae::take(w, &vae_config)), 16), &vae_config);
    memory("and the VAE in 16 bits", device);
    #[cfg(feature = "browser-memory")]
    ops::keep_tidy();
    let _dry = burn::cubecl::dry_run::DryRun::new();
    let layers = unet.project(random([1, 77, 768], device));
    let computes = || [Compute::F32, Compute::F16].into_iter().filter(|compute| compute.check(device).is_ok());
    let (mut edit, mut learn) = (0, 0);
    for rows in [1, 3] {
        let layers: Vec<KeyValue> = layers.iter().map(|heard| heard.repeat(rows)).collect();
        for compute in computes() {
            let latents = random([rows, 8, side, side], device);
            drop(compute.over(|| unet.forward(latents, &vec![500.0; rows], &layers)));
            edit = edit.max(after(&format!("edit pass, {rows} rows, {compute:?}"), device));
        }
    }
    for compute in computes() {
        let latents = random([1, 8, side, side], device);
        drop(compute.over(|| unet.gradients(latents, &[500.0], &layers, |answer| answer)));
        learn = learn.max(after(&format!("learning pass, 1 row, recomputed, {compute:?}"), device));
    }
    drop(vae.encode(random([1, 3, 8 * side, 8 * side], device)).mode());
    edit = edit.max(after("VAE, picture to latents", device));
    drop(vae.decode(random([1, 4, side, side], device)));
    edit = edit.max(after("VAE, latents to picture", device));
    let leaf = |x: &Tensor<3>| x.clone().autodiff().require_grad();
    let tracked: Vec<KeyValue> =
        layers.iter().map(|kv| KeyValue { key: leaf(&kv.key), value: leaf(&kv.value) }).collect();
    for compute in computes() {
        let latents = random([1, 8, side, side], device);
        drop(compute.over(|| unet.forward(latents, &[500.0], &tracked)).sum().backward());
        after(&format!("learning pass, 1 row, all on the tape, {compute:?}"), device);
    }
    drop(tracked);

    // each part alone: `Memory::Low`
    drop(vae);
    device.memory_cleanup();
    memory("the UNet without the VAE", device);
    for rows in [1, 3] {
        let layers: Vec<KeyValue> = layers.iter().map(|heard| heard.repeat(rows)).collect();
        drop(unet.forward(random([rows, 8, side, side], device), &vec![500.0; rows], &layers));
        after(&format!("alone, edit pass, {rows} rows"), device);
    }
    drop(unet.gradients(random([1, 8, side, side], device), &[500.0], &layers, |answer| answer));
    after("alone, learning pass, 1 row, recomputed", device);
    drop(unet);
    device.memory_cleanup();
    memory("neither", device);
    let vae = Vae::take(&mut weights("vae", device, |w| drop(Vae::take(w, &vae_config)), 16), &vae_config);
    memory("the VAE without the UNet", device);
    drop(vae.encode(random([1, 3, 8 * side, 8 * side], device)).mode());
    after("alone, picture to latents", device);
    drop(vae.decode(random([1, 4, side, side], device)));
    after("alone, latents to picture", device);

    let mut configs = Configs;
    let planner = pollster::block_on(Planner::new(&mut configs, Kept::In(Precision::Q8), device)).unwrap();
    let plan = planner.plan(8 * side);
    println!("planned: {:.2} GB for edits, {:.2} GB for learning", plan.edit as f64 / 1e9, plan.learn as f64 / 1e9);
    if cfg!(feature = "browser-memory") {
        let enough = |planned: u64, held: u64| planned as f64 > 0.95 * held as f64;
        assert!(enough(plan.edit, edit) && enough(plan.learn, learn), "the plan falls short");
    }
}

/// What is held now, or was at most; then all that is free is given back.
fn after(what: &str, device: &Device) -> u64 {
    #[cfg(feature = "browser-memory")]
    let held = {
        ops::note_peak(device);
        let most = ops::PEAK.swap(0, std::sync::atomic::Ordering::Relaxed);
        println!("{what}: {:.2} GB held at most", most as f64 / 1e9);
        most
    };
    #[cfg(not(feature = "browser-memory"))]
    let held = {
        memory(what, device);
        0
    };
    device.memory_cleanup();
    held
}

/// InstructPix2Pix's configs.
struct Configs;

impl WeightSource for Configs {
    async fn file(&mut self, path: &str) -> instructbrush::Result<Option<Vec<u8>>> {
        Ok(match path {
            "unet/config.json" => Some(UNET.to_vec()),
            "vae/config.json" => Some(VAE.to_vec()),
            "text_encoder/config.json" => Some(TEXT_ENCODER.to_vec()),
            _ => None,
        })
    }

    async fn fill(&mut self, _: Part, _: &mut Weights) -> instructbrush::Result<()> {
        unreachable!("a plan needs no weights")
    }
}
