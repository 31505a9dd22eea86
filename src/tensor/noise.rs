//! Noise: PyTorch's CPU generator, draw for draw.
//!
//! A seed must give the picture that diffusers gives with `torch.Generator("cpu").manual_seed(seed)`, on every
//! device; so noise is always made on the host, by PyTorch's algorithm (ATen's `CPUGeneratorImpl.cpp` and
//! `DistributionTemplates.h`), and then uploaded. The integers and uniforms are PyTorch's to the bit. Normals agree
//! to one unit in the last place (≤ 5e-7): PyTorch's own builds differ there, by up to 2e-6 between its AVX2
//! kernel, which x86 machines run and we follow, and its portable one.
use burn::tensor::{Device, Tensor, TensorData};
use rand_mt::Mt;

/// Box–Muller works on blocks of this many numbers.
const BLOCK: usize = 16;

/// A stream of random numbers, equal to that of `torch.Generator("cpu")`.
#[derive(Clone, Debug)]
pub struct Noise {
    twister: Mt,
    /// The second number of the last scalar Box–Muller pair; PyTorch keeps it across draws too.
    kept: Option<f64>,
}

impl Noise {
    /// As `torch.Generator("cpu").manual_seed(seed)`: mt19937 takes the low 32 bits of the seed.
    pub fn new(seed: u64) -> Self {
        Self { twister: Mt::new(seed as u32), kept: None }
    }

    /// `n` standard normal numbers, as `torch.randn(n, generator=…)`.
    pub fn draw(&mut self, n: usize) -> Vec<f32> {
        if n < BLOCK {
            return (0..n).map(|_| self.normal() as f32).collect();
        }
        let mut numbers: Vec<f32> = (0..n).map(|_| self.uniform()).collect();
        let (blocks, tail) = numbers.as_chunks_mut::<BLOCK>();
        blocks.iter_mut().for_each(box_muller);
        if !tail.is_empty() {
            // The last block overlaps the one before it: all its 16 numbers are drawn anew.
            let mut block: [f32; BLOCK] = std::array::from_fn(|_| self.uniform());
            box_muller(&mut block);
            numbers[n - BLOCK..].copy_from_slice(&block);
        }
        numbers
    }

    /// A standard normal tensor of `shape`, as `torch.randn(shape, generator=…).to(device)`.
    pub fn tensor<const D: usize>(&mut self, shape: [usize; D], device: &Device) -> Tensor<D> {
        let numbers = self.draw(shape.iter().product());
        Tensor::from_data(TensorData::new(numbers, shape), device)
    }

    /// A number in [0, 1) with 24 bits, as `torch.rand(1, generator=…)`.
    pub fn uniform(&mut self) -> f32 {
        (self.twister.next_u32() & 0xff_ffff) as f32 * (-24f32).exp2()
    }

    /// An integer in `0..n`, as `torch.randint(n, (1,), generator=…)`: the remainder of a 32-bit draw, whose bias
    /// is below n / 2³². Gives 0 for `n` = 0.
    pub fn below(&mut self, n: u32) -> u32 {
        self.twister.next_u32().checked_rem(n).unwrap_or(0)
    }

    /// One normal number in f64, the way PyTorch makes fewer than 16: in pairs, the second kept for the next call.
    fn normal(&mut self) -> f64 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let theta = std::f64::consts::TAU * self.uniform_f64();
        let radius = (-2.0 * (-self.uniform_f64()).ln_1p()).sqrt();
        self.kept = Some(radius * theta.sin());
        radius * theta.cos()
    }

    /// A number in [0, 1) with 53 bits from two draws, the first one high.
    fn uniform_f64(&mut self) -> f64 {
        (self.twister.next_u64() & ((1 << 53) - 1)) as f64 * (-53f64).exp2()
    }
}

/// Sixteen uniforms become sixteen normals; number j is paired with j + 8. Each function is taken in f64 and rounded,
/// the angle is multiplied in f32 as PyTorch does.
fn box_muller(block: &mut [f32; BLOCK]) {
    let (first, second) = block.split_at_mut(BLOCK / 2);
    for (a, b) in first.iter_mut().zip(second) {
        let log = (1.0 - f64::from(*a)).ln() as f32; // [0, 1) → (0, 1]
        let radius = (-2.0 * log).sqrt();
        let theta = f64::from(std::f32::consts::TAU * *b);
        *a = radius * theta.cos() as f32;
        *b = radius * theta.sin() as f32;
    }
}

/// The seed of a step's own [`Noise`], so that what is random in a learning step follows from `(seed, step)` alone
/// and a resumed run draws what an uninterrupted one would have drawn; `stream` separates uses within a step.
///
/// SplitMix64's finaliser (Steele, Lea, Flood 2014) applied after each number is added, each time past one
/// golden-ratio increment. The low 32 bits, which mt19937 takes, depend on every bit of all three.
pub fn mix(seed: u64, step: u64, stream: u64) -> u64 {
    [seed, step, stream].into_iter().fold(0, |state: u64, number| {
        let z = state.wrapping_add(number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}
