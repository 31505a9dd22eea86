//! Parts: a step's rows a few at a time, each thread its own. What a part computes stays near its core, and no thread waits for
//! another at each of a step's thousand operations.
use burn::tensor::Device;
use instructbrush::Result;
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::tensor::shares::Shares;
use std::ops::Range;

/// The parts of a step's rows, and who computes them.
pub struct Parts {
    rows: Vec<Range<usize>>,
    shares: Shares,
}

impl Parts {
    /// `rows` in parts of `at_once`, on a GPU in one. Sums over parts depend on these alone, never on how many threads there are.
    ///
    /// # Errors
    /// Threads that do not start.
    pub fn new(device: &Device, rows: usize, at_once: usize) -> Result<Self> {
        let is_cpu = devices::open(DeviceName::Cpu).is_ok_and(|cpu| cpu == *device);
        let at_once = if is_cpu { at_once } else { rows }.max(1);
        let rows: Vec<_> = (0..rows).step_by(at_once).map(|from| from..rows.min(from + at_once)).collect();
        let shares = Shares::new(rows.len().min(Shares::most(device)))?;
        Ok(Self { rows, shares })
    }

    /// f of every part, in their order; of a single one by all threads together.
    ///
    /// # Errors
    /// What `f` returns.
    pub fn map<T: Send>(&self, f: impl Fn(Range<usize>) -> Result<T> + Sync) -> Result<Vec<T>> {
        self.shares.map(self.rows.len(), |idx| f(self.rows[idx].clone())).into_iter().collect()
    }
}
