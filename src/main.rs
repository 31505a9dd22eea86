//! The native door: everything it does is in [`instructbrush::cli`].
fn main() -> std::process::ExitCode {
    instructbrush::cli::main()
}
