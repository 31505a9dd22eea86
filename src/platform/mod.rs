//! The only place that knows where the program runs: devices, files, the clock.
#[cfg(not(target_arch = "wasm32"))]
pub mod devices;
#[cfg(not(target_arch = "wasm32"))] // a browser's page has no folders; its worker is handed bytes
pub mod files;
#[cfg(not(target_arch = "wasm32"))]
pub mod folder;
#[cfg(not(target_arch = "wasm32"))] // a browser's page has no folders; its worker is handed bytes
#[cfg(not(target_arch = "wasm32"))]
#[cfg(not(target_arch = "wasm32"))]
pub mod pairs;
