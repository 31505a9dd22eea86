//! The terminal's door: arguments in, files and sentences out.
pub mod inspect;

use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
