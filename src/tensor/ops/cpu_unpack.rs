//! Unpacking on the CPU.
use super::own::PackedShape;
use half::f16;
use rayon::prelude::*;

const BLOCK: usize = 32;
/// Numbers in one task.
const TASK: usize = 8192;

/// The numbers that `shape` says, of the words of a piece.
pub fn unpack(words: &[i32], shape: PackedShape) -> Vec<f32> {
    let PackedShape { bits, n, first, rows, row } = shape;
    let mut numbers = vec![0f32; rows * row];
    let half = |at: usize| f16::from_bits((words[at / 2] as u32 >> (16 * (at % 2))) as u16).to_f32();
    if bits == 16 {
        numbers.par_chunks_mut(TASK).enumerate().for_each(|(task, numbers)| {
            numbers.iter_mut().enumerate().for_each(|(at, number)| *number = half(first + task * TASK + at));
        });
        return numbers;
    }
    let scales = n / BLOCK * bits * 2;
    numbers.par_chunks_mut(TASK).enumerate().for_each(|(task, numbers)| {
        let block = (first + task * TASK) / BLOCK;
        for (idx, numbers) in numbers.chunks_mut(BLOCK).enumerate() {
            let scale = half(scales + block + idx);
            let words = &words[(block + idx) * bits..][..bits];
            for (at, number) in numbers.iter_mut().enumerate() {
                let (word, shift) = (at * bits / 32, at * bits % 32);
                let mut low = words[word] as u32 >> shift;
                if shift + bits > 32 {
                    low |= (words[word + 1] as u32) << (32 - shift);
                }
                // the sign is the highest of the bits
                *number = scale * (((low << (32 - bits)) as i32) >> (32 - bits)) as f32;
            }
        }
    });
    numbers
}
