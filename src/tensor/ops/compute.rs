//! Compute: how exact products are while work is queued.
//!
//! It belongs to the thread that queues, not to a tensor or a model: layers know nothing of it.
use super::is_cpu;
use crate::{Error, Result};
use burn::tensor::{DType, Device};
use std::cell::Cell;

/// In what numbers products are computed; sums, norms and softmax are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compute {
    /// As exactly as the models are tested.
    #[default]
    F32,
    /// Of numbers rounded to 16 bits, summed in 32, and given in 16: on tensor cores where a GPU has some. What is beyond 65,504
    /// is infinite. Attention's scores stay f32, and so do the gradients of weights; other gradients are scaled before (`scaled.rs`).
    F16,
}

thread_local! {
    /// Of what this thread queues.
    static NOW: Cell<Compute> = const { Cell::new(Compute::F32) };
}

/// Puts back what was.
struct Before(Compute);

impl Drop for Before {
    fn drop(&mut self) {
        NOW.set(self.0);
    }
}

impl Compute {
    /// Queues work whose products are computed so, and those of its way back whenever it is gone; F16 only where [`Self::check`]
    /// finds no fault.
    pub fn over<T>(self, work: impl FnOnce() -> T) -> T {
        let _before = Before(NOW.replace(self));
        work()
    }

    /// Of what this thread queues now.
    pub(super) fn now() -> Self {
        NOW.get()
    }

    /// # Errors
    /// [`Error::Device`] where a device cannot.
    pub fn check(self, device: &Device) -> Result<()> {
        let is_cpu = is_cpu(device);
        if self == Self::F32 || (!is_cpu && device.supports_dtype(DType::F16)) {
            return Ok(());
        }
        let what = if is_cpu { "the CPU computes in 32 bits only" } else { "this GPU cannot compute in 16 bits" };
        Err(Error::Device(format!("{what}; choose f32")))
    }
}

#[cfg(test)]
mod tests {
    use super::Compute;

    #[test]
    fn what_was_comes_back() {
        let within = Compute::F16.over(|| (Compute::F32.over(Compute::now), Compute::now()));
        assert_eq!((within, Compute::now()), ((Compute::F32, Compute::F16), Compute::F32));
        assert!(std::panic::catch_unwind(|| Compute::F16.over(|| panic!("on purpose"))).is_err());
        assert_eq!(Compute::now(), Compute::F32);
    }
}
