//! The only place that knows where the program runs: devices, files, the clock.
//!
//! A browser's page has no folders: its worker is handed bytes.
pub mod breathe;
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(not(target_arch = "wasm32"))]
pub mod container;
#[cfg(not(target_arch = "wasm32"))]
pub mod devices;
pub mod embedded;
#[cfg(not(target_arch = "wasm32"))]
pub mod files;
#[cfg(not(target_arch = "wasm32"))]
pub mod folder;
#[cfg(any(test, target_arch = "wasm32"))]
mod off;
#[cfg(not(target_arch = "wasm32"))]
pub mod pairs;
