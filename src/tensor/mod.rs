//! Ground: operations that burn lacks or does slowly, PyTorch's noise, pictures, readback.
pub mod alignment;
pub mod decode;
mod encode;
pub mod noise;
pub mod ops;
pub mod picture;
pub mod readback;
pub mod resample;
pub mod shares;
pub(crate) mod vectors;
