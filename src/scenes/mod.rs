//! Scenes: drawn pictures with captions, and edits of them whose truth is known exactly.
//!
//! A small base model is trained on these pictures, and the drawn benchmark measures edits by them.
pub mod air;
pub mod canvas;
pub mod color;
pub mod dice;
pub mod effects;
pub mod kinds;
pub mod parts;
pub mod region;
pub mod scene;
pub mod shape;
pub mod style;
pub mod texture;
pub mod vocabulary;

pub use effects::{
    Effect, Group, Pair, Sample, effect, effects, training_caption, training_instruction, training_picture,
    training_sample,
};
pub use scene::Scene;
