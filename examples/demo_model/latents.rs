//! Latents: every training pair encoded once, kept in one file, so that a UNet step does not pay for the VAE.
use crate::data;
use crate::recipe::Recipe;
use crate::stage::bar;
use burn::tensor::{Device, Tensor, TensorData};
use half::f16;
use instructbrush::models::vae::Vae;
use instructbrush::platform::files::{read_file, write_atomically};
use instructbrush::tensor::noise::mix;
use instructbrush::tensor::readback::read;
use instructbrush::{Error, Result};
use std::path::Path;

/// Pairs encoded at a time.
const AT_ONCE: usize = 16;
/// Pairs between two saved files.
const BETWEEN_SAVES: usize = 1024;

/// Unscaled modes of both pictures and the words, per pair.
pub struct Pool {
    /// Numbers of one picture's latents.
    d: usize,
    /// `[pair][before, after][d]`
    numbers: Vec<f16>,
    /// What made the after picture.
    pub instructions: Vec<String>,
}

impl Pool {
    /// Encodes the recipe's pairs, from where `out/latents.bin` ends.
    pub async fn build(recipe: &Recipe, out: &Path, vae: &Vae, device: &Device) -> Result<Self> {
        let n = recipe.unet.pairs;
        let side = recipe.size / vae.pixels_per_latent();
        let d = 4 * side * side;
        let seed = mix(recipe.seed, 0, 30);
        let path = out.join("latents.bin");
        let mut numbers: Vec<f16> = match path.exists() {
            true => bytemuck::pod_collect_to_vec(&read_file(&path, "latents")?),
            false => Vec::new(),
        };
        if !numbers.len().is_multiple_of(2 * d * AT_ONCE) && numbers.len() / (2 * d) != n {
            return Err(Error::Checkpoint(format!("{}: is damaged; remove it to encode again", path.display())));
        }
        numbers.truncate(2 * d * n);
        let bar = bar("latents", n, numbers.len() / (2 * d));
        while numbers.len() < 2 * d * n {
            let from = numbers.len() / (2 * d);
            let pairs = data::samples(seed, from, AT_ONCE.min(n - from), recipe.size);
            let pictures: Vec<_> =
                pairs.into_iter().flat_map(|sample| [sample.pair.before, sample.pair.after]).collect();
            let latents = read(vae.encode(data::tensor(&pictures, device)).mode()).await?;
            numbers.extend(latents.into_iter().map(f16::from_f32));
            let now = numbers.len() / (2 * d);
            bar.set_position(now as u64);
            if now % BETWEEN_SAVES < AT_ONCE || now == n {
                write_atomically(&path, bytemuck::cast_slice(&numbers))?;
            }
        }
        bar.finish();
        let instructions = data::instructions(seed, n);
        Ok(Self { d, numbers, instructions })
    }

    /// Latents of these pairs, before and after, each `[b, 4, side, side]`, not scaled.
    pub fn batch(&self, pairs: &[usize], device: &Device) -> [Tensor<4>; 2] {
        let side = (self.d / 4).isqrt();
        [0, 1].map(|which| {
            let rows = pairs.iter().flat_map(|pair| &self.numbers[(2 * pair + which) * self.d..][..self.d]);
            let numbers: Vec<f32> = rows.map(|x| x.to_f32()).collect();
            Tensor::from_data(TensorData::new(numbers, [pairs.len(), 4, side, side]), device)
        })
    }
}
