//! Memory: about how many numbers are there at once while the UNet runs, from its widths alone.
//!
//! Counted with a GPU's operations in hand: what each holds while it runs, and what waits for later; on a CPU attention holds less. Allocators round up and keep
//! some of what is free; `benches/gpu.rs` shows how much (`memory`).
use super::UNet;
use super::attention::FED_AT_ONCE;
use super::recompute::Piece;
use crate::tensor::ops;

/// What a piece holds while it runs, and what it leaves, in numbers.
struct Held {
    /// Besides what goes in.
    running: u64,
    /// On a tape, for the way back.
    tape: u64,
    /// What goes in, with the skip connection.
    input: u64,
    /// What comes out.
    output: u64,
    takes_skip: bool,
    leaves_skip: bool,
}

impl UNet {
    /// Numbers at most in [`Self::forward`] of `rows` rows, for latents of h × w and a context of `tokens`.
    pub fn numbers_forward(&self, rows: usize, size: [usize; 2], tokens: usize) -> u64 {
        let mut skips = vec![self.first(rows, size)];
        let mut most = 0;
        for held in self.held(rows, size, tokens) {
            if held.takes_skip {
                skips.pop();
            }
            most = most.max(skips.iter().sum::<u64>() + held.input + held.running);
            if held.leaves_skip {
                skips.push(held.output);
            }
        }
        most
    }

    /// Numbers at most in [`Self::gradients`], as [`Self::numbers_forward`].
    pub fn numbers_gradients(&self, rows: usize, size: [usize; 2], tokens: usize) -> u64 {
        let all: Vec<Held> = self.held(rows, size, tokens).collect();
        let kept: u64 = all.iter().map(|held| held.output).sum::<u64>() + self.first(rows, size);
        // a gradient for each number that a piece keeps, at worst, and those of its input
        let most = all.iter().map(|held| held.tape + held.running + 2 * held.input).max();
        kept + most.unwrap_or_default()
    }

    /// Numbers that a tape keeps of all of it: what [`Self::gradients`] saves.
    pub fn numbers_on_tape(&self, rows: usize, size: [usize; 2], tokens: usize) -> u64 {
        self.held(rows, size, tokens).map(|held| held.tape).sum()
    }

    /// Numbers of the largest tensor between two layers.
    pub fn largest(&self, rows: usize, size: [usize; 2]) -> u64 {
        self.held(rows, size, 1).map(|held| held.input.max(held.output)).max().unwrap_or_default()
    }

    /// What the first convolution gives.
    fn first(&self, rows: usize, [h, w]: [usize; 2]) -> u64 {
        rows as u64 * (h * w) as u64 * self.conv_in.c_out() as u64
    }

    fn held(&self, rows: usize, [h, w]: [usize; 2], tokens: usize) -> impl Iterator<Item = Held> {
        let (rows, tokens) = (rows as u64, tokens as u64);
        let (mut h, mut w, mut width) = (h, w, self.conv_in.c_out() as u64);
        let mut skips = vec![(h, w, width)];
        self.pieces().map(move |piece| {
            let pixels = rows * (h * w) as u64;
            match piece {
                Piece::Layer { resnet, attention, takes_skip, leaves_skip } => {
                    let skip = if takes_skip { skips.pop().map_or(0, |(_, _, width)| width) } else { 0 };
                    let (c_in, c) = (width + skip, resnet.width() as u64);
                    // x and the skip together; the normed x and the sum, or the sum, its norm and the shortcut
                    let together = if takes_skip { c_in } else { 0 };
                    let mut running = pixels * (together + (c_in + c).max(3 * c));
                    // norms, silu and sums
                    let mut tape = pixels * c * if takes_skip { 8 } else { 6 };
                    if let Some(attention) = attention {
                        let scores = |keys: u64| (pixels * attention.heads() as u64 * keys).min(ops::SCORES_KEPT);
                        let (own, heard) = (scores(pixels / rows.max(1)), scores(tokens));
                        // x, the tokens, their norm and what comes out, and a band of the feed-forward: 8 widths, 8 with the
                        // bias, both halves; or queries, keys, values, and scores twice
                        let fed = (pixels * c * 8).min(FED_AT_ONCE as u64);
                        running = running.max(pixels * c * 4 + 3 * fed).max(pixels * c * 8 + 2 * own);
                        // queries, keys, values, norms and the gated feed-forward
                        tape += pixels * c * 32 + own + heard;
                    }
                    width = c;
                    let output = pixels * c;
                    if leaves_skip {
                        skips.push((h, w, c));
                    }
                    Held { running, tape, input: pixels * c_in, output, takes_skip, leaves_skip }
                }
                Piece::Down(_) => {
                    (h, w) = (h.div_ceil(2), w.div_ceil(2));
                    skips.push((h, w, width));
                    let output = rows * (h * w) as u64 * width;
                    Held {
                        running: output,
                        tape: 0,
                        input: pixels * width,
                        output,
                        takes_skip: false,
                        leaves_skip: true,
                    }
                }
                Piece::Up(_) => {
                    (h, w) = skips.last().map_or((2 * h, 2 * w), |&(h, w, _)| (h, w));
                    let output = rows * (h * w) as u64 * width;
                    // repeated pixels, then convolved
                    let running = 2 * output;
                    Held { running, tape: output, input: pixels * width, output, takes_skip: false, leaves_skip: false }
                }
            }
        })
    }
}
