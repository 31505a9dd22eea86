//! Kernels: how a graphics adapter's products are cut up. What suits a GPU does not suit a processor that poses as one.
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// The two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    /// For GPUs: 256 units share what they read.
    Tiles,
    /// For software renderers, where units wait for each other dearly and every number read costs as much as many products: eight
    /// units that know nothing of each other, each with as many sums as there is room for.
    Strips,
}

/// Whether strips are what this process uses.
static STRIPS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// What a thread uses instead.
    static INSTEAD: Cell<Option<Kernels>> = const { Cell::new(None) };
}

/// Puts back what was.
struct Before(Option<Kernels>);

impl Drop for Before {
    fn drop(&mut self) {
        INSTEAD.set(self.0);
    }
}

impl Kernels {
    /// From now on, unless a thread asks otherwise. A process opens one graphics adapter; whoever opens it says what it is.
    pub fn settle(self) {
        STRIPS.store(self == Self::Strips, Ordering::Relaxed);
    }

    /// What `work` queues is cut up so.
    pub fn over<T>(self, work: impl FnOnce() -> T) -> T {
        let _before = Before(INSTEAD.replace(Some(self)));
        work()
    }

    /// Of what this thread queues now.
    #[cfg(any(feature = "wgpu", feature = "cuda"))]
    pub(super) fn now() -> Self {
        INSTEAD.get().unwrap_or(if STRIPS.load(Ordering::Relaxed) { Self::Strips } else { Self::Tiles })
    }
}
