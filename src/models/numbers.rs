//! Numbers: little-endian floats of any width as f32.
//!
//! Every conversion goes block by block through a small buffer, because the bytes of a file need not be aligned.
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use sha2::{Digest, Sha256};

const BLOCK: usize = 4096;

/// f32 from bytes.
pub fn from_f32(bytes: &[u8]) -> Vec<f32> {
    convert(bytes, |from: &[f32], to| to.copy_from_slice(from))
}

/// f16 from bytes as f32.
pub fn from_f16(bytes: &[u8]) -> Vec<f32> {
    convert(bytes, |from: &[f16], to| from.convert_to_f32_slice(to))
}

/// bf16 from bytes as f32.
pub fn from_bf16(bytes: &[u8]) -> Vec<f32> {
    convert(bytes, |from: &[bf16], to| from.convert_to_f32_slice(to))
}

/// f64 from bytes as f32 (rounded).
pub fn from_f64(bytes: &[u8]) -> Vec<f32> {
    convert(bytes, |from: &[f64], to| {
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from as f32;
        }
    })
}

fn convert<T: bytemuck::Pod>(bytes: &[u8], block: impl Fn(&[T], &mut [f32])) -> Vec<f32> {
    let size = size_of::<T>();
    let mut values = vec![0f32; bytes.len() / size];
    let mut aligned = [T::zeroed(); BLOCK];
    for (from, to) in bytes.chunks(BLOCK * size).zip(values.chunks_mut(BLOCK)) {
        let aligned = &mut aligned[..to.len()];
        bytemuck::cast_slice_mut(aligned).copy_from_slice(&from[..to.len() * size]);
        block(aligned, to);
    }
    values
}

/// No NaN, no infinity: no exponent of all ones. A loop without branches, which compiles to vector code.
pub fn all_finite(values: &[f32]) -> bool {
    const EXPONENT: u32 = 0x7f80_0000;
    !values.iter().fold(false, |bad, value| bad | (value.to_bits() & EXPONENT == EXPONENT))
}

/// SHA-256 of the values rounded to f16 (nearest, ties to even), little-endian.
pub fn digest_as_f16(values: &[f32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut rounded = [f16::ZERO; BLOCK];
    for block in values.chunks(BLOCK) {
        let rounded = &mut rounded[..block.len()];
        rounded.convert_from_f32_slice(block);
        hash.update(bytemuck::cast_slice::<f16, u8>(rounded));
    }
    hash.finalize().into()
}
