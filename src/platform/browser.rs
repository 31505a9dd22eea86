//! Browser: the devices of a worker, each opened once in its life and tried out before use.
use super::off::off;
#[cfg(feature = "wgpu")]
use crate::models::packed::scheme::Scheme;
#[cfg(feature = "wgpu")]
use crate::tensor::ops::{self, Kernels};
use crate::tensor::readback::read;
use crate::{Error, Result};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData, activation::softmax};

/// Kernels that may wait for one submission: few, so that no submission is long enough for a watchdog.
#[cfg(feature = "wgpu")]
const TASKS: usize = 32;
/// How far a device's numbers may be from the CPU's, relative to the largest.
const TOLERANCE: f32 = 1e-3;
/// The same of products of halves, which are rounded to 11 bits on their way in and out.
#[cfg(feature = "wgpu")]
const TOLERANCE_HALF: f32 = 1e-2;

/// The processor, one thread.
pub fn cpu() -> Device {
    Device::flex()
}

/// The adapter that WebGPU offers, tried out; whether it is a software renderer, only a browser's own words tell.
///
/// # Errors
/// [`Error::Device`]: it does not open, or it computes wrongly.
#[cfg(feature = "wgpu")]
pub async fn gpu(is_software: bool) -> Result<Device> {
    let kernels = if is_software { Kernels::Strips } else { Kernels::Tiles };
    kernels.settle();
    let opened = Device::wgpu_options().tasks_max(TASKS).init_with_setup_async().await;
    let (device, _) = opened.map_err(|error| Error::Device(format!("the GPU does not open ({error}); use the CPU")))?;
    ops::keep_tidy();
    try_out(&device).await?;
    Ok(device)
}

/// Lets a device that [`gpu`] opened compute products of halves and their gradient, and compares with the CPU.
///
/// # Errors
/// [`Error::Device`]: it has no halves, or computes wrongly with them. [`Error::Computation`]: it was lost.
#[cfg(feature = "wgpu")]
pub async fn try_out_half(device: &Device) -> Result<()> {
    if ops::Compute::F16.check(device).is_err() {
        return Err(Error::Device("this GPU does not compute in 16 bits".to_owned()));
    }
    let [half, whole] = [products(device, ops::Compute::F16)?, products(&cpu(), ops::Compute::F32)?];
    let mut most = 0f32;
    for (half, whole) in half.into_iter().zip(whole) {
        most = most.max(off(&read(half).await?, &read(whole).await?));
    }
    if most < TOLERANCE_HALF {
        return Ok(());
    }
    Err(Error::Device(format!("the GPU computes wrongly in 16 bits (a test is {most:.1e} off)")))
}

/// What has halves in it, a convolution, a product, and one with packed rows; and its gradient.
#[cfg(feature = "wgpu")]
fn products(device: &Device, compute: ops::Compute) -> Result<[Tensor<1>; 2]> {
    let x = waves([1, 4, 8, 8], 0.37, device).autodiff().require_grad();
    let mut weight = ops::Packed::new(64, 8);
    weight.push(Scheme::Q8.encode(&wave(16 * 64, 0.71))?, 16, device);
    let y = compute.over(|| {
        let y = ops::conv2d(x.clone(), waves([8, 4, 3, 3], 0.53, device), Tensor::zeros([8], device), 1, 1);
        let rows = ops::linear(y.reshape([8, 64]), waves([1, 1, 64, 64], 0.29, device).reshape([64, 64]), None);
        ops::packed_linear(rows, &weight, None).reshape([8 * 16])
    });
    let upstream = waves([1, 1, 8, 16], 0.43, device).reshape([8 * 16]);
    let gradients = (y.clone() * upstream.mul_scalar(1e-9)).sum().backward(); // less than a half holds
    let missing = || Error::Device("the GPU gave no gradient in 16 bits".into());
    Ok([y.inner(), x.grad(&gradients).ok_or_else(missing)?.reshape([4 * 8 * 8])])
}

/// Lets a device compute what the models are made of (a convolution, a softmax, a product, and their gradient) and
/// compares with the CPU: pipelines that fail to build give zeros in a browser, without a word.
async fn try_out(device: &Device) -> Result<()> {
    let (loss, gradient) = numbers(device).await?;
    let (loss_cpu, gradient_cpu) = numbers(&cpu()).await?;
    let off = off(&gradient, &gradient_cpu).max(off(&[loss], &[loss_cpu]));
    if off < TOLERANCE {
        return Ok(());
    }
    Err(Error::Device(format!(
        "the GPU computes wrongly: a test gave {loss}, the CPU {loss_cpu} (and numbers are up to {off:.1e} off); update the \
         browser or the GPU's driver, or use the CPU"
    )))
}

/// A loss and its gradient with respect to a convolution's input.
async fn numbers(device: &Device) -> Result<(f32, Vec<f32>)> {
    let x = waves([1, 4, 8, 8], 0.37, device).autodiff().require_grad();
    let kernel = waves([8, 4, 3, 3], 0.53, device);
    let y = conv2d(x.clone(), kernel, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
    let rows = y.reshape([8, 64]);
    let scores = softmax(rows.clone().matmul(rows.clone().transpose()).mul_scalar(0.1), 1);
    let loss = (scores.matmul(rows) * waves([1, 1, 8, 64], 0.29, device).reshape([8, 64])).sum();
    let gradients = loss.backward();
    let missing = || Error::Device("the GPU gave no gradient; use the CPU".into());
    let gradient = x.grad(&gradients).ok_or_else(missing)?;
    let loss = read(loss.inner()).await?;
    Ok((loss.first().copied().ok_or_else(missing)?, read(gradient).await?))
}

/// Numbers that go up and down.
fn wave(n: usize, step: f32) -> Vec<f32> {
    (0..n).map(|i| (i as f32 * step).sin()).collect()
}

fn waves(shape: [usize; 4], step: f32, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(wave(shape.iter().product(), step), shape), device)
}
