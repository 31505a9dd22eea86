//! The native door: everything it does is in [`instructbrush::cli`].

#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // inside the pool of the CPU kernels: a thread outside would fall asleep and be woken at each operation
    rayon::scope(|_| instructbrush::cli::main())
}
