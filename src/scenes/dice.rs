//! Dice: random choices that follow from a seed alone, on every platform and in every release.
//!
//! mt19937-64 by `rand_mt`, a published sequence; nothing here depends on another crate's idea of a distribution.
use rand_mt::Mt64;

/// A stream of choices.
pub struct Dice(Mt64);

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mt64::new(seed))
    }

    /// One of a seed's independent streams: what one part of a picture draws never shifts another part.
    pub fn named(seed: u64, name: &str) -> Self {
        // FNV-1a of the name; the generator's own seeding spreads the bits.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        Self::new(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// 64 random bits: a seed for something of its own.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u64() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// From `low` up to `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f32) as usize).min(n.saturating_sub(1))
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// One of several, all equally likely.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
