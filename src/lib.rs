//! InstructBrush: learn a picture edit from before/after pairs and apply it.
//!
//! The floors of the house, lowest first; a floor uses lower floors only (`tests/it/tidy.rs` holds us to it):
//! [`tensor`] and [`error`], [`models`], [`diffusion`], [`instruction`], [`service`]; [`platform`] stands beside.
pub mod diffusion;
pub mod error;
pub mod instruction;
pub mod models;
pub mod platform;
pub mod service;
pub mod tensor;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;

pub use error::{Error, Result};
