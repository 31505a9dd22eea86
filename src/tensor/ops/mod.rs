//! Operations of the networks, as functions of tensors.
mod attention;
mod compute;
mod conv;
#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod cpu_attention;
#[cfg(feature = "flex")]
mod cpu_conv;
#[cfg(feature = "flex")]
mod cpu_math;
#[cfg(feature = "flex")]
mod cpu_unpack;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod gpu;
mod kernels;
mod norm;
mod own;
mod packed;
mod scaled;
mod scores;
mod stock;
mod tape;

pub use attention::attention;
pub use compute::Compute;
pub use conv::conv2d;
pub use kernels::Kernels;
pub use norm::{group_norm, layer_norm};
pub use packed::{AT_ONCE as UNPACKED_AT_ONCE, Packed, packed_conv2d, packed_linear};
pub use scores::AT_ONCE as SCORES_KEPT;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, activation};
use own::OwnOps;
#[cfg(feature = "browser-memory")]
use std::sync::atomic::AtomicU64;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a device is the CPU.
pub(crate) fn is_cpu(device: &Device) -> bool {
    #[cfg(feature = "flex")]
    return *device == Device::flex();
    #[cfg(not(feature = "flex"))]
    return false;
}

/// Bytes in use on a device and bytes that its allocator holds; `None` where nobody counts (the CPU).
///
/// # Errors
/// [`crate::Error::Computation`] from a device that is lost.
pub async fn memory(device: &Device) -> crate::Result<Option<[u64; 2]>> {
    let any = Tensor::<1>::zeros([1], device);
    let usage = Tensor::<1>::from_dispatch(Dispatch::own_memory(any.into_dispatch()));
    let numbers = crate::tensor::readback::read(usage).await?;
    let bytes = |at: usize| (f64::from(numbers[at]) * f64::from(1 << 20)) as u64;
    Ok((numbers[1] > 0.0).then(|| [bytes(0), bytes(1)]))
}

/// Bytes of a tensor that is worth tidying up after.
const LARGE: usize = 512 << 10;

/// Whether [`tidy`] has anything to do.
static TIDIES: AtomicBool = AtomicBool::new(false);

/// From now on [`tidy`] does its work: for a browser's allocator, which keeps buffers by size and gives large ones to small
/// tensors, and so comes to hold twice what is in use.
pub fn keep_tidy() {
    TIDIES.store(true, Ordering::Relaxed);
}

/// Gives free memory back to the device, after work on a tensor that is large and where much of it has gathered.
pub fn tidy<const D: usize>(after: &Tensor<D>) {
    if TIDIES.load(Ordering::Relaxed) && 4 * after.shape().num_elements() > LARGE {
        #[cfg(feature = "browser-memory")]
        note_peak(&after.device());
        let any = Tensor::<1>::zeros([1], &after.device().without_autodiff());
        drop(Tensor::<1>::from_dispatch(Dispatch::own_tidy(any.into_dispatch())));
    }
}

/// Most bytes that an allocator held when it was tidied: for benches.
#[cfg(feature = "browser-memory")]
pub static PEAK: AtomicU64 = AtomicU64::new(0);

/// Raises [`PEAK`] to what a device's allocator holds now.
#[cfg(feature = "browser-memory")]
pub fn note_peak(device: &Device) {
    let any = Tensor::<1>::zeros([1], &device.clone().without_autodiff());
    let usage = Tensor::<1>::from_dispatch(Dispatch::own_memory(any.into_dispatch())).into_data();
    if let Ok(numbers) = usage.try_to_vec::<f32>() {
        let held = (f64::from(numbers[1]) * f64::from(1 << 20)) as u64;
        PEAK.fetch_max(held, Ordering::Relaxed);
    }
}

/// Matrix products over the last two axes; true f32 on every device, which burn's own is not, unless [`Compute`] says otherwise.
///
/// # Shapes
/// left `[.., n, d]`, right `[.., d, m]`, leading axes equal → `[.., n, m]`
pub fn matmul<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    let (a, b) = (left.dims(), right.dims());
    assert!(a[..D - 2] == b[..D - 2] && a[D - 1] == b[D - 2], "matmul: {a:?} and {b:?} do not go together");
    Tensor::from_dispatch(Dispatch::own_matmul(left.into_dispatch(), right.into_dispatch()))
}

/// y = x·W + b.
///
/// # Shapes
/// x `[.., d_in]`, weight `[d_in, d_out]`, bias `[d_out]` → `[.., d_out]`
pub fn linear<const D: usize>(x: Tensor<D>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<D> {
    // one matrix product over all rows: burn's own `linear` would run one per batch entry
    let mut dims = x.dims();
    let [d_in, d_out] = weight.dims();
    assert_eq!(dims[D - 1], d_in, "linear: expected rows of {d_in}, got {:?}", dims);
    let rows: usize = dims[..D - 1].iter().product();
    let y = matmul(x.reshape([rows, d_in]), weight);
    let y = match bias {
        Some(bias) => Tensor::from_dispatch(Dispatch::own_bias(y.into_dispatch(), bias.into_dispatch())),
        None => y,
    };
    dims[D - 1] = d_out;
    y.reshape(dims)
}

/// x·σ(x) (Elfwing et al. 2018).
pub fn silu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::own_silu(x.into_dispatch()))
}

/// x·Φ(x), exact (Hendrycks and Gimpel 2016).
pub fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::own_gelu(x.into_dispatch()))
}

/// softmax over the last axis.
pub fn softmax<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::own_softmax(x.into_dispatch()))
}

/// x·σ(1.702·x): the approximation that OpenAI's CLIP was trained with.
pub fn quick_gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.clone() * activation::sigmoid(x.mul_scalar(1.702))
}

/// a·gelu(b), a and b being the two halves of the last axis (Shazeer 2020).
///
/// # Shapes
/// `[b, n, 2·width]` → `[b, n, width]`
pub fn geglu(x: Tensor<3>) -> Tensor<3> {
    let [_, _, d] = x.dims();
    x.clone().narrow(2, 0, d / 2) * gelu(x.narrow(2, d / 2, d / 2))
}

/// Repeats pixels.
///
/// # Shapes
/// `[b, c, h, w]` → `[b, c, 2h, 2w]`, cut to `size` (at most one row and column less) if given
pub fn upsample_nearest(x: Tensor<4>, size: Option<[usize; 2]>) -> Tensor<4> {
    let [b, c, h, w] = x.dims();
    let [height, width] = size.unwrap_or([2 * h, 2 * w]);
    let doubled = x.reshape([b * c, h, 1, w, 1]).expand([b * c, h, 2, w, 2]).reshape([b, c, 2 * h, 2 * w]);
    if [height, width] == [2 * h, 2 * w] { doubled } else { doubled.slice([0..b, 0..c, 0..height, 0..width]) }
}
