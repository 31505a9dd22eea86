//! Trains the demo model from scratch: a small InstructPix2Pix on drawn scenes, with the engine's own modules.
//!
//! ```text
//! cargo run --release --example demo_model -- --out target/demo-model
//! ```
//! What one would change is in `recipe.json`: models, batches, steps, rates, losses' weights. A run that was stopped, even by a kill, goes on where it was when it is started again.
mod clip;
mod curves;
mod data;
mod decoder;
mod edits;
mod latents;
mod package;
mod parameters;
mod parts;
mod recipe;
mod stage;
mod start;
#[cfg(test)]
mod tests;
mod unet;
mod vae;
mod words;

use burn::tensor::Device;
use clap::{Parser, ValueEnum};
use instructbrush::models::vae::Vae;
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::{Error, Result};
use latents::Pool;
use package::Trained;
use parameters::Parameters;
use recipe::Recipe;
use safetensors::Dtype;
use std::path::{Path, PathBuf};
use unet::Contexts;

/// Tensors are large and short-lived: the system's allocator would give their pages back each time, and half a step with them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains the demo model from scratch.
#[derive(Parser)]
struct Args {
    /// Folder for states, curves and the finished model (`model/`).
    #[arg(long)]
    out: PathBuf,
    /// A recipe in place of `recipe.json`.
    #[arg(long)]
    recipe: Option<PathBuf>,
    /// Where to compute: auto, cpu, wgpu, vulkan or cuda, as far as they are built in.
    #[arg(long, default_value = "auto")]
    device: DeviceName,
    /// Stop after this stage.
    #[arg(long, value_enum, default_value_t = Last::Decoder)]
    until: Last,
}

/// The stages, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Last {
    Clip,
    Vae,
    Unet,
    Decoder,
}

fn main() {
    let args = Args::parse();
    keep_freed();
    // inside the pool: a thread outside would fall asleep and be woken at each of a step's thousand operations
    if let Err(error) = rayon::scope(|_| pollster::block_on(run(&args))) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

/// From now on freed memory is kept for what comes next, not given back to the system, whose fresh pages cost each step a tenth.
fn keep_freed() {
    /// mimalloc's `mi_option_purge_delay`, which the crate does not name; −1 is never.
    const PURGE_DELAY: i32 = 15;
    // SAFETY: it stores one number among mimalloc's options, before there is a second thread. Both versions of mimalloc that the
    // crate can build have this option in this place.
    #[allow(unsafe_code)]
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, -1);
    }
}

async fn run(args: &Args) -> Result<()> {
    let text = match &args.recipe {
        Some(path) => String::from_utf8_lossy(&instructbrush::platform::files::read_file(path, "recipe")?).into_owned(),
        None => recipe::SHIPPED.to_string(),
    };
    let recipe = Recipe::parse(&text)?;
    let device = devices::open(args.device)?;
    let out = args.out.as_path();
    std::fs::create_dir_all(out).map_err(|source| Error::Io { what: "create", path: out.into(), source })?;
    Recipe::settle(&text, out)?;
    let trained = train(&recipe, out, &device, args.until).await;
    let vae = recipe.vae.phases.iter().map(|phase| phase.name.as_str());
    let unet = recipe.unet.phases.iter().map(|phase| phase.name.as_str());
    let decoder = recipe.decoder.phases.iter().map(|phase| phase.name.as_str());
    let stages: Vec<&str> = std::iter::once("clip").chain(vae).chain(unet).chain(decoder).collect();
    trained.and(curves::draw(&args.out, &stages))
}

/// All stages up to one, from where they were left.
async fn train(recipe: &Recipe, out: &Path, device: &Device, until: Last) -> Result<()> {
    // neither needs the other
    let clip = clip::train(recipe, out, device).await?;
    if until == Last::Clip {
        return Ok(());
    }
    let mut vae = vae::train(recipe, out, device).await?;
    if until == Last::Vae {
        return Ok(());
    }
    let vae_config = vae::config(recipe)?;
    let model = Vae::take(&mut vae.plain(), &vae_config);
    let (_, clip_config) = clip::config(recipe)?;
    let tokenizer = words::tokenizer(&data::vocabulary(), &clip_config.text)?;
    let encoder = unet::text_encoder(&clip, &clip_config.text);
    let folder = out.join("model");
    let pairs = data::held_out(24, recipe.size);
    let steps = recipe.advice()?.steps;
    let look = async |vae: &Parameters, unet: &Parameters| {
        package::write(recipe, &Trained { vae, clip: &clip, unet }, &folder, Dtype::F32).await?;
        edits::measure(&folder, device, &pairs, steps).await
    };

    let unet = {
        let pool = Pool::build(recipe, out, latents::of_unet(recipe), &model, device).await?;
        let contexts = Contexts::encode(&encoder, &tokenizer, &pool.instructions, device).await?;
        let check = async |unet: &Parameters| {
            let figures = look(&vae, unet).await?;
            Ok(format!("text edits {:.2} dB (do nothing {:.2})", figures.text, figures.nothing))
        };
        unet::train(recipe, out, device, &pool, &contexts, model.scaling_factor(), check).await?
    };
    if until == Last::Decoder {
        let pool = Pool::build(recipe, out, latents::of_decoder(recipe), &model, device).await?;
        let contexts = Contexts::encode(&encoder, &tokenizer, &pool.instructions, device).await?;
        let edits = decoder::sample(recipe, out, device, &pool, &contexts, &unet, model.scaling_factor()).await?;
        let check = async |vae: &Parameters| {
            let figures = look(vae, &unet).await?;
            let truth = vae::figure(recipe, vae, &vae_config, device).await?;
            Ok(format!("text edits {:.2} dB, VAE of the truth {truth:.2} dB", figures.text))
        };
        vae = decoder::train(recipe, out, device, &pool, &edits, vae, check).await?;
    }
    package::write(recipe, &Trained { vae: &vae, clip: &clip, unet: &unet }, &folder, Dtype::F16).await?;
    println!("{}", folder.display());
    Ok(())
}
