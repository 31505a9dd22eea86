//! Vectors: work compiled for the widest that the CPU has, which is known only when the program runs.
//!
//! What is inlined into such work is compiled so, and a call that is left in it is compiled for the narrowest: x86's of four numbers.
//! So the functions that it calls are `#[inline(always)]`, closures of more than a few operations too, and its loops are `for` loops:
//! an iterator's `for_each`, `sum` and `fold` may stay calls.
use pulp::{Arch, Simd, WithSimd};

/// Does `work`, a closure that is `#[inline(always)]`, compiled for the widest vectors.
///
/// `pulp` alone calls a closure that could be called again through a shim of the compiler's, which is not inlined.
#[inline(always)]
pub fn widest<T>(work: impl FnMut() -> T) -> T {
    struct Work<F>(F);

    impl<T, F: FnMut() -> T> WithSimd for Work<F> {
        type Output = T;

        #[inline(always)]
        fn with_simd<S: Simd>(mut self, _: S) -> T {
            (self.0)()
        }
    }
    Arch::new().dispatch(Work(work))
}
