//! Completions: a script that teaches a shell our options.
use super::{Cli, print};
use crate::Result;
use clap::CommandFactory;

/// Prints the script.
pub fn run(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "instructbrush", &mut script);
    print::text(&String::from_utf8_lossy(&script))
}
