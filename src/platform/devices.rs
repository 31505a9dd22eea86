//! Device: where the numbers live, chosen at run time among those that this build and this machine offer.
//!
//! Which devices are built in is decided by cargo's features (`flex`, `wgpu`, `vulkan`, `cuda`); which of them the
//! machine has is asked here, and only here. A device is opened once in the life of a process and then shared: the
//! runtimes below refuse to be set up twice.
use crate::{Error, Result};
use burn::tensor::{Device, Tensor};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

#[cfg(feature = "wgpu")]
use crate::tensor::ops::Kernels;
#[cfg(feature = "wgpu")]
use burn::tensor::wgpu::{WgpuBackend, wgpu};

/// What `--device` may say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeviceName {
    /// The fastest that is there: cuda, vulkan, wgpu on real hardware, else the CPU.
    #[default]
    Auto,
    /// The processor, through burn-flex.
    Cpu,
    /// Any adapter; through WGSL, the shaders that a browser runs too, unless vulkan is built in as well.
    Wgpu,
    /// A Vulkan adapter through SPIR-V, with cooperative matrices where it has them.
    Vulkan,
    /// An NVIDIA GPU.
    Cuda,
}

impl DeviceName {
    /// Every name, in the order of `instructbrush devices`.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Cpu, Self::Cuda, Self::Vulkan, Self::Wgpu];

    /// As typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }

    /// The cargo feature that builds it in.
    fn feature(self) -> &'static str {
        match self {
            Self::Auto | Self::Cpu => "flex",
            other => other.as_str(),
        }
    }

    /// Whether this program was built with it.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Auto => true,
            Self::Cpu => cfg!(feature = "flex"),
            Self::Wgpu => cfg!(feature = "wgpu"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Cuda => cfg!(feature = "cuda"),
        }
    }
}

impl std::fmt::Display for DeviceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for DeviceName {
    type Err = Error;

    /// # Errors
    /// [`Error::Usage`] for a word that is no device.
    fn from_str(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::Usage(format!("\"{word}\" is not a device; choose one of {known}"))
        })
    }
}

/// One line of `instructbrush devices`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What to type after `--device`; never `auto`.
    pub name: DeviceName,
    /// What it is, as it calls itself; empty when it is not there.
    pub description: String,
    /// Whether it can be opened here.
    pub available: bool,
    /// Why not, or what to know; may be empty.
    pub note: String,
}

/// Devices opened so far.
static OPENED: Mutex<Vec<(DeviceName, Device)>> = Mutex::new(Vec::new());

/// Opens a device and lets it compute one small product, so that a device that is there but does not work is a
/// sentence now instead of a wrong picture later.
///
/// # Errors
/// [`Error::Device`]: not built in, not there, or it computes wrongly; the sentence says what to do.
pub fn open(name: DeviceName) -> Result<Device> {
    if name != DeviceName::Auto {
        return open_named(name);
    }
    let found = [DeviceName::Cuda, DeviceName::Vulkan, DeviceName::Wgpu]
        .into_iter()
        .filter(|&name| name.is_built_in() && is_hardware(name))
        .find_map(|name| open_named(name).ok());
    found.map_or_else(|| open_named(DeviceName::Cpu), Ok)
}

/// What this build and this machine offer; opens nothing.
pub fn list() -> Vec<DeviceInfo> {
    DeviceName::ALL.into_iter().filter(|&name| name != DeviceName::Auto).map(describe).collect()
}

fn open_named(name: DeviceName) -> Result<Device> {
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, device)) = opened.iter().find(|(known, _)| *known == name) {
        return Ok(device.clone());
    }
    let device = match name {
        #[cfg(feature = "flex")]
        DeviceName::Cpu => Device::flex(),
        #[cfg(feature = "wgpu")]
        DeviceName::Wgpu => wgpu_device(name, graphics_api())?,
        #[cfg(feature = "vulkan")]
        DeviceName::Vulkan => wgpu_device(name, WgpuBackend::Vulkan)?,
        #[cfg(feature = "cuda")]
        DeviceName::Cuda => cuda_device()?,
        _ => return Err(Error::Device(not_built(name))),
    };
    try_out(name, &device)?;
    opened.push((name, device.clone()));
    Ok(device)
}

/// `[1, 2, 3]·[1, 2, 3]ᵀ = 14`, with a panic of the driver's bindings turned into a sentence: they panic where a
/// library or a driver is missing, and there is no way to ask first.
fn try_out(name: DeviceName, device: &Device) -> Result<()> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let product = catch_unwind(AssertUnwindSafe(|| {
        let row = Tensor::<2>::from_data([[1.0f32, 2.0, 3.0]], device);
        row.clone().matmul(row.transpose()).into_data().convert::<f32>().try_into_vec::<f32>()
    }));
    set_hook(hook);
    match product {
        Ok(Ok(values)) if values == [14.0] => Ok(()),
        Ok(got) => Err(Error::Device(format!(
            "{name} computes wrongly: 1·1 + 2·2 + 3·3 gave {got:?}, not 14; update its driver, or use --device cpu"
        ))),
        Err(panic) => Err(Error::Device(format!(
            "{name} is there but does not start ({}); update its driver, or use --device cpu",
            first_line(&*panic)
        ))),
    }
}

/// The first line of what a panic said.
fn first_line(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    said.and_then(|text| text.lines().next()).unwrap_or("no reason given").to_owned()
}

fn not_built(name: DeviceName) -> String {
    let feature = name.feature();
    let how = if name == DeviceName::Cuda {
        "with `cargo xtask cuda`".to_owned()
    } else {
        format!("with `cargo build --release --features {feature}`")
    };
    format!("this program was built without {feature}; build it {how}")
}

fn describe(name: DeviceName) -> DeviceInfo {
    if !name.is_built_in() {
        return DeviceInfo { name, description: String::new(), available: false, note: not_built(name) };
    }
    let found = hardware(name).into_iter().chain(software(name)).collect::<Vec<_>>();
    let note = if found.is_empty() {
        absent(name)
    } else if is_hardware(name) {
        String::new()
    } else {
        "a software renderer: slow, and never chosen by auto".to_owned()
    };
    DeviceInfo { name, description: found.join(", "), available: !found.is_empty(), note }
}

/// Why a device that is built in is not there, and what to do.
fn absent(name: DeviceName) -> String {
    match name {
        DeviceName::Cuda => "no NVIDIA GPU answered; install NVIDIA's driver, or use --device cpu".to_owned(),
        _ => format!("no graphics adapter answered to {name}; install a Vulkan driver, or use --device cpu"),
    }
}

fn is_hardware(name: DeviceName) -> bool {
    !hardware(name).is_empty()
}

/// What the real devices behind a name call themselves.
fn hardware(name: DeviceName) -> Vec<String> {
    match name {
        DeviceName::Cpu => {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            vec![format!("{threads} threads, {}", std::env::consts::ARCH)]
        }
        #[cfg(feature = "wgpu")]
        DeviceName::Wgpu | DeviceName::Vulkan => {
            adapters(name).into_iter().filter(|info| !is_software(info)).map(called).collect()
        }
        #[cfg(feature = "cuda")]
        DeviceName::Cuda => (0..cuda_devices().len()).map(|index| format!("NVIDIA GPU {index}")).collect(),
        _ => Vec::new(),
    }
}

/// What the software renderers behind a name call themselves.
fn software(name: DeviceName) -> Vec<String> {
    match name {
        #[cfg(feature = "wgpu")]
        DeviceName::Wgpu | DeviceName::Vulkan => adapters(name).into_iter().filter(is_software).map(called).collect(),
        _ => Vec::new(),
    }
}

#[cfg(feature = "wgpu")]
fn adapters(name: DeviceName) -> Vec<wgpu::AdapterInfo> {
    // Vulkan's loader does not bear instances that come and go on several threads at once.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let backends = if name == DeviceName::Vulkan { wgpu::Backends::VULKAN } else { wgpu::Backends::PRIMARY };
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    pollster::block_on(instance.enumerate_adapters(backends)).iter().map(wgpu::Adapter::get_info).collect()
}

#[cfg(feature = "wgpu")]
fn is_software(info: &wgpu::AdapterInfo) -> bool {
    info.device_type == wgpu::DeviceType::Cpu
}

#[cfg(feature = "wgpu")]
fn called(info: wgpu::AdapterInfo) -> String {
    format!("{} ({:?})", info.name, info.backend)
}

/// The API of the first adapter, so that what is opened is what is listed. Where vulkan is built in, its pinned API is
/// a device of that name, and this one stays with burn's own choice.
#[cfg(feature = "wgpu")]
fn graphics_api() -> WgpuBackend {
    let first = adapters(DeviceName::Wgpu).first().map(|info| info.backend);
    match first {
        Some(wgpu::Backend::Vulkan) if cfg!(not(feature = "vulkan")) => WgpuBackend::Vulkan,
        Some(wgpu::Backend::Metal) => WgpuBackend::Metal,
        Some(wgpu::Backend::Dx12) => WgpuBackend::Dx12,
        _ => WgpuBackend::Auto,
    }
}

/// The adapter that the graphics API recommends, a software renderer where there is nothing else: who asks for it by
/// name gets it.
#[cfg(feature = "wgpu")]
fn wgpu_device(name: DeviceName, api: WgpuBackend) -> Result<Device> {
    use burn::tensor::wgpu::WgpuInitError;
    // Left alone, burn would go on to OpenGL, which is too narrow for these kernels and is not listed.
    if adapters(name).is_empty() {
        return Err(Error::Device(absent(name)));
    }
    let kernels = if is_hardware(name) { Kernels::Tiles } else { Kernels::Strips };
    kernels.settle();
    Device::wgpu_options().graphics_api(api).init().map_err(|error| match error {
        WgpuInitError::AdapterUnavailable { .. } => Error::Device(absent(name)),
        other => Error::Device(format!("{name} does not start ({other}); update its driver, or use --device cpu")),
    })
}

#[cfg(feature = "cuda")]
fn cuda_devices() -> Vec<Device> {
    Device::enumerate(burn::tensor::DeviceType::Cuda).into_vec()
}

#[cfg(feature = "cuda")]
fn cuda_device() -> Result<Device> {
    crate::tensor::ops::Kernels::Tiles.settle();
    cuda_devices().into_iter().next().ok_or_else(|| Error::Device(absent(DeviceName::Cuda)))
}
