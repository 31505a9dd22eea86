//! Parts: a step's rows a few at a time, each thread its own. What a part computes stays near its core, and no thread waits for
//! another at each of a step's thousand operations.
use burn::tensor::Device;
use instructbrush::platform::devices::{self, DeviceName};
use instructbrush::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The parts of a step's rows, and who computes them.
pub struct Parts {
    rows: Vec<Range<usize>>,
    /// Each has its share of the threads; none where there is one part.
    pools: Vec<ThreadPool>,
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
        let threads = rayon::current_num_threads();
        let n = if rows.len() > 1 { threads.min(rows.len()) } else { 0 };
        let pool = |idx: usize| ThreadPoolBuilder::new().num_threads((threads + idx) / n).build();
        let pools = (0..n).map(pool).collect::<std::result::Result<_, _>>();
        let pools = pools.map_err(|error| Error::Computation(format!("no thread for a part of a step: {error}")))?;
        Ok(Self { rows, pools })
    }

    /// f of every part, in their order; of a single one by all threads together.
    ///
    /// # Errors
    /// What `f` returns.
    pub fn map<T: Send>(&self, f: impl Fn(Range<usize>) -> Result<T> + Sync) -> Result<Vec<T>> {
        if self.pools.is_empty() {
            return self.rows.iter().cloned().map(f).collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some((idx, part)) = self.take(&next) {
                done.push((idx, f(part)));
            }
            done
        };
        let done = std::thread::scope(|scope| {
            let at_work: Vec<_> = self.pools.iter().map(|pool| scope.spawn(|| pool.install(work))).collect();
            at_work.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
        });
        let mut all = Vec::with_capacity(self.rows.len());
        for done in done {
            all.extend(done.map_err(|_| Error::Computation("a part of a step ended in a panic".into()))?);
        }
        all.sort_by_key(|(idx, _)| *idx);
        all.into_iter().map(|(_, value)| value).collect()
    }

    /// The next part that nobody has begun.
    fn take(&self, next: &AtomicUsize) -> Option<(usize, Range<usize>)> {
        let idx = next.fetch_add(1, Ordering::Relaxed);
        Some((idx, self.rows.get(idx)?.clone()))
    }
}
