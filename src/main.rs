//! The native door: everything it does is in [`instructbrush::cli`].

#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    instructbrush::cli::main()
}
