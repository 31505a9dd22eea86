//! Scheme: how the numbers of one tensor are kept: as floats, or as small integers with a scale for every 32 of them.
//!
//! Values are symmetric: x ≈ scale · q with q in −(2^(bits−1) − 1) … 2^(bits−1) − 1. A block's integers are packed from the
//! lowest bit of a little-endian word up, so that a kernel reads them with shifts: 4 or 8 to a word, or 16 to three words.
//! A tensor's bytes are all integers, then all scales (f16).
use crate::models::numbers;
use crate::{Error, Result};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

/// Values that share a scale; a row's length must be a multiple of it.
pub const BLOCK: usize = 32;

/// How one tensor is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// 32 bits a value.
    F32,
    /// 16 bits.
    F16,
    /// 8 bits and a scale: 8.5 bits.
    Q8,
    /// 6 bits and a scale: 6.5 bits.
    Q6,
    /// 4 bits and a scale: 4.5 bits.
    Q4,
}

impl Scheme {
    /// As it is written in an index and typed.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::F32 => "f32",
            Scheme::F16 => "f16",
            Scheme::Q8 => "q8",
            Scheme::Q6 => "q6",
            Scheme::Q4 => "q4",
        }
    }

    /// Bits of an integer; `None` for floats.
    pub fn bits(self) -> Option<usize> {
        match self {
            Scheme::F32 | Scheme::F16 => None,
            Scheme::Q8 => Some(8),
            Scheme::Q6 => Some(6),
            Scheme::Q4 => Some(4),
        }
    }

    /// Bytes of `n` values.
    pub fn bytes(self, n: usize) -> usize {
        match self {
            Scheme::F32 => 4 * n,
            Scheme::F16 => 2 * n,
            _ => n / 8 * self.bits().unwrap_or(8) + n / BLOCK * 2,
        }
    }

    /// Numbers as this scheme's bytes.
    ///
    /// # Errors
    /// As many values as make no whole number of blocks.
    pub fn encode(self, values: &[f32]) -> Result<Vec<u8>> {
        match self {
            Scheme::F32 => Ok(values.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Scheme::F16 => {
                let mut halves = vec![f16::ZERO; values.len()];
                halves.convert_from_f32_slice(values);
                Ok(halves.iter().flat_map(|half| half.to_le_bytes()).collect())
            }
            Scheme::Q8 | Scheme::Q6 | Scheme::Q4 => self.encode_blocks(values),
        }
    }
}

impl Scheme {
    /// The highest integer.
    fn limit(self) -> f32 {
        ((1 << (self.bits().unwrap_or(8) - 1)) - 1) as f32
    }

    fn encode_blocks(self, values: &[f32]) -> Result<Vec<u8>> {
        let (blocks, rest) = values.as_chunks::<BLOCK>();
        let Some(bits) = self.bits().filter(|_| rest.is_empty()) else {
            return Err(Error::Checkpoint(format!("{} values are no whole number of blocks of {BLOCK}", values.len())));
        };
        let (mut bytes, mut scales) = (vec![0; blocks.len() * BLOCK / 8 * bits], vec![0; 2 * blocks.len()]);
        let width = BLOCK / 8 * bits;
        // some thousand numbers a thread and time
        let many = bytes.par_chunks_mut(128 * width).zip(scales.par_chunks_mut(128 * 2)).zip(blocks.par_chunks(128));
        many.for_each(|((bytes, scales), blocks)| {
            let places = bytes.chunks_exact_mut(width).zip(scales.chunks_exact_mut(2));
            for ((bytes, at), block) in places.zip(blocks) {
                let scale = self.best_scale(block);
                at.copy_from_slice(&scale.to_le_bytes());
                self.write_block(block, scale.to_f32(), bytes);
            }
        });
        if scales.as_chunks::<2>().0.iter().any(|&scale| !f16::from_le_bytes(scale).is_finite()) {
            let most = values.iter().fold(0f32, |most, x| most.max(x.abs()));
            return Err(Error::Checkpoint(format!("a weight of {most} is too large for {self:?}; keep it as f32")));
        }
        bytes.append(&mut scales);
        Ok(bytes)
    }

    /// One block's integers from the lowest bit up, into as many bytes as they need.
    fn write_block(self, block: &[f32; BLOCK], scale: f32, bytes: &mut [u8]) {
        let bits = self.bits().unwrap_or(8);
        let (mut waiting, mut filled, mut at) = (0u32, 0, 0);
        for &x in block {
            waiting |= (self.nearest(x, scale) as i32 as u32 & ((1 << bits) - 1)) << filled;
            filled += bits;
            while filled >= 8 {
                bytes[at] = waiting as u8;
                (waiting, filled, at) = (waiting >> 8, filled - 8, at + 1);
            }
        }
    }

    fn nearest(self, x: f32, scale: f32) -> f32 {
        if scale == 0.0 { 0.0 } else { (x / scale).round().clamp(-self.limit(), self.limit()) }
    }

    /// The scale with the smallest squared error among some that cut the largest values off: the fewer bits, the more of
    /// them are worth it.
    fn best_scale(self, block: &[f32; BLOCK]) -> f16 {
        let most = block.iter().fold(0f32, |most, x| most.max(x.abs()));
        let cuts = if self == Scheme::Q8 { 1 } else { 12 };
        let error = |scale: f16| -> f32 {
            let scale = scale.to_f32();
            block.iter().map(|&x| (x - scale * self.nearest(x, scale)).powi(2)).sum()
        };
        let of_cut = |cut: usize| f16::from_f32(most / self.limit() * (1.0 - 0.04 * cut as f32));
        let scales = (0..cuts).map(of_cut);
        scales.min_by(|&a, &b| error(a).total_cmp(&error(b))).unwrap_or(f16::ZERO)
    }

    /// Whether the bytes of `n` values hold finite numbers only.
    pub fn is_finite(self, bytes: &[u8], n: usize) -> bool {
        let halves = |bytes: &[u8]| bytes.as_chunks::<2>().0.iter().all(|&half| f16::from_le_bytes(half).is_finite());
        match self {
            Scheme::F32 => bytes.as_chunks::<4>().0.iter().all(|&x| f32::from_le_bytes(x).is_finite()),
            Scheme::F16 => halves(bytes),
            _ => bytes.get(n / 8 * self.bits().unwrap_or(8)..).is_some_and(halves),
        }
    }

    /// What [`Self::encode`] kept of `n` values.
    ///
    /// # Errors
    /// Another number of bytes than `n` values have.
    pub fn decode(self, bytes: &[u8], n: usize) -> Result<Vec<f32>> {
        if bytes.len() != self.bytes(n) {
            let (found, wanted) = (bytes.len(), self.bytes(n));
            return Err(Error::Checkpoint(format!("{n} values as {self:?} are {wanted} bytes, not {found}")));
        }
        let Some(bits) = self.bits() else {
            return Ok(if self == Scheme::F16 { numbers::from_f16(bytes) } else { numbers::from_f32(bytes) });
        };
        let (integers, scales) = bytes.split_at(n / 8 * bits);
        let scales = numbers::from_f16(scales);
        let mut values = vec![0f32; n];
        let blocks = integers.chunks_exact(BLOCK / 8 * bits).zip(&scales);
        for (values, (bytes, scale)) in values.chunks_exact_mut(BLOCK).zip(blocks) {
            let (mut waiting, mut filled, mut at) = (0u32, 0, 0);
            for value in values {
                while filled < bits {
                    waiting |= u32::from(bytes[at]) << filled;
                    (filled, at) = (filled + 8, at + 1);
                }
                // the sign is the highest of the bits
                let q = ((waiting << (32 - bits)) as i32) >> (32 - bits);
                *value = scale * q as f32;
                (waiting, filled) = (waiting >> bits, filled - bits);
            }
        }
        Ok(values)
    }
}
