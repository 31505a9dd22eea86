//! Latents: pairs encoded once, and whatever else is made of them once, each kept in a file, so that a step of the UNet or the
//! decoder does not pay for it.
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

/// Pairs computed at a time.
const AT_ONCE: usize = 16;
/// Pairs between two saved files.
const BETWEEN_SAVES: usize = 1024;

/// A random stream of pairs: the name of its file, its seed, how many pairs.
pub type Stream = (&'static str, u64, usize);

/// The pairs that the UNet learns from.
pub fn of_unet(recipe: &Recipe) -> Stream {
    ("latents", mix(recipe.seed, 0, 30), recipe.unet.pairs)
}

/// The pairs that the decoder learns from; the UNet has seen none of them.
pub fn of_decoder(recipe: &Recipe) -> Stream {
    ("decoder-latents", mix(recipe.seed, 0, 32), recipe.decoder.pairs)
}

/// A stream's pairs: unscaled modes of both pictures, and the words.
pub struct Pool {
    /// Numbers of one picture's latents.
    pub d: usize,
    /// `[pair][before, after][d]`
    numbers: Vec<f16>,
    /// The random stream that draws the pairs.
    pub seed: u64,
    /// What made the after picture.
    pub instructions: Vec<String>,
}

impl Pool {
    /// Encodes the pairs of a stream, from where its file in `out` ends.
    pub async fn build(recipe: &Recipe, out: &Path, stream: Stream, vae: &Vae, device: &Device) -> Result<Self> {
        let (name, seed, n) = stream;
        let side = recipe.size / vae.pixels_per_latent();
        let d = 4 * side * side;
        let numbers = kept(out, name, n, 2 * d, async |pairs| {
            let samples = data::samples(seed, pairs, recipe.size);
            let pictures: Vec<_> =
                samples.into_iter().flat_map(|sample| [sample.pair.before, sample.pair.after]).collect();
            read(vae.encode(data::tensor(&pictures, device)).mode()).await
        });
        Ok(Self { d, numbers: numbers.await?, seed, instructions: data::instructions(seed, n) })
    }

    /// Latents of these pairs, before and after, each `[b, 4, side, side]`, not scaled.
    pub fn batch(&self, pairs: &[usize], device: &Device) -> [Tensor<4>; 2] {
        [0, 1].map(|which| {
            let rows = pairs.iter().map(|pair| &self.numbers[(2 * pair + which) * self.d..][..self.d]);
            stacked(rows, device)
        })
    }
}

/// Rows of latents, each `d` numbers, as `[b, 4, side, side]`.
pub fn stacked<'a>(rows: impl Iterator<Item = &'a [f16]>, device: &Device) -> Tensor<4> {
    let rows: Vec<_> = rows.collect();
    let side = (rows.first().map_or(0, |row| row.len()) / 4).isqrt();
    let numbers: Vec<f32> = rows.iter().flat_map(|row| row.iter().map(|x| x.to_f32())).collect();
    Tensor::from_data(TensorData::new(numbers, [rows.len(), 4, side, side]), device)
}

/// A row of `len` numbers for each of `n` pairs, a few pairs at a time by `make`, from where the file `name` in `out` ends.
///
/// # Errors
/// What `make` returns; a file that does not end where a row ends.
pub async fn kept(
    out: &Path,
    name: &str,
    n: usize,
    len: usize,
    mut make: impl AsyncFnMut(&[usize]) -> Result<Vec<f32>>,
) -> Result<Vec<f16>> {
    let path = out.join(format!("{name}.bin"));
    let bytes = if path.exists() { read_file(&path, "read the latents")? } else { Vec::new() };
    let row = len * size_of::<f16>();
    if !bytes.len().is_multiple_of(row) {
        return Err(Error::Checkpoint(format!(
            "{}: is damaged, {} bytes are no whole rows of {row}; remove it to begin again",
            path.display(),
            bytes.len()
        )));
    }
    let mut numbers: Vec<f16> = bytemuck::pod_collect_to_vec(&bytes);
    // what is computed together is so after a kill, too
    let found = numbers.len() / len;
    numbers.truncate(len * if found >= n { n } else { found - found % AT_ONCE });
    let bar = bar(name, n, numbers.len() / len);
    while numbers.len() < len * n {
        let from = numbers.len() / len;
        let pairs: Vec<usize> = (from..n.min(from + AT_ONCE)).collect();
        numbers.extend(make(&pairs).await?.into_iter().map(f16::from_f32));
        let now = numbers.len() / len;
        bar.set_position(now as u64);
        if now % BETWEEN_SAVES < AT_ONCE || now == n {
            write_atomically(&path, bytemuck::cast_slice(&numbers))?;
        }
    }
    bar.finish();
    Ok(numbers)
}
