//! Shares: pieces of work side by side on the CPU, each with its share of the threads. Operations on small tensors are too short to be
//! spread over threads, whole batches are not; and what a piece computes stays near its core.
use super::ops::is_cpu;
use crate::{Error, Result};
use burn::tensor::Device;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Who does work side by side.
#[derive(Debug)]
pub struct Shares {
    /// None where there is one piece at a time: all threads are its.
    pools: Vec<ThreadPool>,
}

impl Shares {
    /// How many pieces at a time are of use: one for each thread of the CPU, one on a GPU.
    pub fn most(device: &Device) -> usize {
        if is_cpu(device) { rayon::current_num_threads() } else { 1 }
    }

    /// `n` pieces at a time.
    ///
    /// # Errors
    /// [`Error::Computation`]: threads that do not start.
    pub fn new(n: usize) -> Result<Self> {
        let threads = rayon::current_num_threads();
        let n = if n > 1 { n.min(threads) } else { 0 };
        let pool = |idx: usize| ThreadPoolBuilder::new().num_threads((threads + idx) / n).build();
        let pools = (0..n).map(pool).collect::<std::result::Result<_, _>>();
        let pools = pools.map_err(|error| Error::Computation(format!("no thread for a part of the work: {error}")))?;
        Ok(Self { pools })
    }

    /// f(0), …, f(n − 1). Which of them run side by side is nobody's to know, so that f must not depend on it.
    pub fn map<T: Send>(&self, n: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
        if self.pools.len() < 2 || n < 2 {
            return (0..n).map(f).collect();
        }
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(n)));
        each(&self.pools, &|| {
            loop {
                let idx = next.fetch_add(1, Ordering::Relaxed);
                if idx >= n {
                    return;
                }
                let value = f(idx);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((idx, value));
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(idx, _)| *idx);
        done.into_iter().map(|(_, value)| value).collect()
    }
}

/// Does `work` once in each pool at the same time; a panic in one is this thread's once all have ended.
fn each(pools: &[ThreadPool], work: &(dyn Fn() + Sync)) {
    match pools {
        [] => {}
        [last] => last.install(work),
        [first, rest @ ..] => first.in_place_scope(|scope| {
            scope.spawn(|_| work());
            each(rest, work);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::Shares;
    use std::panic::AssertUnwindSafe;
    use std::sync::Barrier;

    #[test]
    fn pieces_run_side_by_side_and_come_back_in_order() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        pool.install(|| {
            let shares = Shares::new(3).unwrap();
            assert_eq!(shares.pools.iter().map(|pool| pool.current_num_threads()).sum::<usize>(), 4);
            // each waits for the two others: one after another they would wait for ever
            let all = Barrier::new(3);
            let found = shares.map(6, |idx| {
                all.wait();
                10 * idx
            });
            assert_eq!(found, [0, 10, 20, 30, 40, 50]);
            assert_eq!(Shares::new(1).unwrap().map(3, |idx| idx), [0, 1, 2]);
            let map = AssertUnwindSafe(|| shares.map(6, |idx| assert!(idx != 4, "on purpose")));
            assert!(std::panic::catch_unwind(map).is_err());
        });
    }
}
