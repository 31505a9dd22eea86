//! The only place that knows where the program runs: devices, files, the clock.
#[cfg(not(target_arch = "wasm32"))]
pub mod devices;
