//! Words of the header: device, model, colours.
use crate::protocol::DeviceInfo;

/// Before the worker says anything.
pub const STARTING: &str = "Starting…";
/// It says nothing for long.
pub const STILL_STARTING: &str =
    "The part of this page that edits is not here yet: the network is slow, or one of its files is missing.";
/// The device's list.
pub const DEVICE: &str = "Device";
/// The page chooses.
pub const AUTO: &str = "Automatic";
/// WebGPU.
pub const GPU: &str = "GPU";
/// WebGPU, products of 16-bit numbers.
pub const GPU_HALF: &str = "GPU, in 16 bits";
/// The processor.
pub const CPU: &str = "CPU";
/// Starts the worker and the model once more.
pub const TRY_AGAIN: &str = "Try again";
/// Works without a GPU.
pub const USE_CPU: &str = "Use the CPU";
/// A GPU that is none.
pub const SOFTWARE: &str = "software renderer: slow";
/// Products are of 16-bit numbers.
pub const HALF: &str = "in 16 bits";
/// Why what ran was stopped.
pub const DEVICE_CHANGED: &str = "The device was changed: what was running there stopped.";
/// The worker is started once more.
pub const STARTED_AGAIN: &str = "The part of this page that edits was started again.";
/// The GPU fails again and again.
pub const CPU_FROM_NOW: &str =
    "The GPU failed twice within a minute, so the CPU is used now. Choose the GPU above to try it again.";
/// Its 16-bit numbers fail again and again.
pub const WHOLE_FROM_NOW: &str =
    "The GPU failed twice within a minute, so it computes in 32 bits now. Choose 16 bits above to try them again.";
/// The colours' button.
pub const THEME_SYSTEM: &str = "Colours: as the system";
/// The colours' button.
pub const THEME_LIGHT: &str = "Colours: light";
/// The colours' button.
pub const THEME_DARK: &str = "Colours: dark";

/// What was computed in 16 bits failed.
pub fn failed_in_half(why: &str) -> String {
    format!("{why} (This was computed in 16 bits: the device \"GPU\" computes in 32.)")
}

/// While the model loads.
pub fn loading(megabytes: f64) -> String {
    format!("Loading the model… {megabytes:.0} MB")
}

/// The model and where it is.
pub fn on_device(model: &str, device: &DeviceInfo) -> String {
    let half = if device.half { HALF } else { "" };
    let software = if device.software { SOFTWARE } else { "" };
    let all = [model, &device.name, half, software];
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// It fell, and another is on its way.
pub fn starts_again(said: &str) -> String {
    format!("{said} It starts again.")
}

/// It failed again and again.
pub fn fell_again(said: &str) -> String {
    format!("{said} It failed twice within a minute, so it does not start again by itself.")
}
