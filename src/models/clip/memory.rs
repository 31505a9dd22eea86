//! Memory: how much goes through the towers at a time, and about how many numbers are there at once while they work.
use super::Clip;
use crate::models::config::{ClipConfig, ClipTextConfig};
use crate::tensor::ops;

/// Pictures that go through the image tower at a time.
pub const PICTURES: usize = 8;
/// Numbers inside the text tower's feed-forward at a time, 32 MiB: its widest tensor.
const WIDEST: usize = 8 << 20;

impl ClipTextConfig {
    /// Texts of so many tokens that go through the text tower at a time.
    pub fn texts_at_once(&self, tokens: usize) -> usize {
        (WIDEST / (tokens * self.intermediate_size).max(1)).max(1)
    }
}

impl Clip {
    /// Numbers at most while pictures or texts become features.
    pub fn numbers(config: &ClipConfig) -> u64 {
        let (text, vision) = (&config.text, &config.vision);
        let tokens = text.max_position_embeddings;
        let texts = tower(text.texts_at_once(tokens), tokens, text.hidden_size, text.intermediate_size, text.n_heads);
        let tokens = vision.patches() + 1;
        let pictures = tower(PICTURES, tokens, vision.hidden_size, vision.intermediate_size, vision.n_heads);
        texts.max(pictures)
    }
}

/// One layer: what came in and its norm, with query, key, value, scores and their sum, or with the feed-forward.
fn tower(rows: usize, tokens: usize, width: usize, d_hidden: usize, heads: usize) -> u64 {
    let [rows, tokens, width, d_hidden, heads] = [rows, tokens, width, d_hidden, heads].map(|n| n as u64);
    let scores = (rows * heads * tokens * tokens).min(ops::SCORES_KEPT);
    let attention = 6 * rows * tokens * width + 2 * scores;
    let feed_forward = rows * tokens * (2 * width + 2 * d_hidden);
    attention.max(feed_forward)
}
