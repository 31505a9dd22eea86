//! Fuzz: every target of fuzz/ for a bounded time, from its seeds, on stable Rust.
//!
//! `cargo fuzz` wants a nightly compiler for its sanitizers. Coverage alone is a stable code generation pass, and in
//! a program without `unsafe` a panic is what there is to find; so the targets are built with that pass and run as
//! the plain programs that they are. The pass is for our own code only, so that the dependencies are those that
//! WGSL's tests have built already: cargo lets a program stand in for the compiler of a workspace's members, and that program
//! is this one. `cargo fuzz run TARGET` works too, where there is a nightly.
use crate::debian;
use crate::shell::{Result, asked, call, cargo, command, root, target};
use crate::stages::Stages;
use crate::test::{FEATURES, PROFILE};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

/// How long each target runs in `cargo xtask test --all`.
pub const SECONDS: u64 = 20;

/// Set where this program stands in for the compiler.
const STANDS_IN: &str = "INSTRUCTBRUSH_XTASK_RUSTC";

/// What `cargo fuzz` passes, less the sanitizer; and checks that such a build does without.
const COVERAGE: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Coverflow-checks=yes",
    "-Cdebug-assertions=yes",
];

/// Compiles one of our crates for fuzzing, if that is what cargo started this program for: the arguments are then the
/// compiler and its arguments.
pub fn compile() -> Option<ExitCode> {
    std::env::var_os(STANDS_IN)?;
    let mut arguments = std::env::args_os().skip(1);
    let mut rustc = Command::new(arguments.next()?);
    let arguments: Vec<OsString> = arguments.collect();
    // Cargo asks the compiler about itself too.
    let compiles = arguments.iter().any(|argument| argument == "--out-dir");
    rustc.args(arguments).args(COVERAGE.iter().filter(|_| compiles));
    match rustc.status() {
        Ok(status) => Some(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))),
        Err(error) => {
            eprintln!("xtask: cannot start the compiler: {error}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// Builds all targets and runs each for `seconds`.
pub fn run(stages: &mut Stages, seconds: u64) -> Result<()> {
    let targets = names(&root().join("fuzz/fuzz_targets"))?;
    let folder = target().join("fuzz");
    stages.run("fuzz targets built", |_| {
        if asked("c++", &["--version"]).is_none() {
            debian::require(&["g++"], "libFuzzer")?; // it is C++
        }
        let own = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
        // of the whole workspace, so that dependencies have the features that the tests' have
        let mut build = cargo(&["build", "--profile", PROFILE, "--workspace"]);
        build.args(FEATURES).args(targets.iter().map(|name| format!("--bin=fuzz-{name}")));
        call(build.env("RUSTC_WORKSPACE_WRAPPER", own).env(STANDS_IN, "1"))
    })?;
    for name in targets {
        stages.run(&format!("fuzz {name}"), |_| {
            let found = folder.join("found").join(&name);
            std::fs::create_dir_all(&found).map_err(|error| format!("cannot make {}: {error}", found.display()))?;
            let program = target().join(PROFILE).join(format!("fuzz-{name}"));
            let time = format!("-max_total_time={seconds}");
            let crashes = format!("-artifact_prefix={}/", found.display());
            let mut fuzz =
                command(program, &[&time, &crashes, "-rss_limit_mb=4096", "-timeout=10", "-print_final_stats=1"]);
            // New inputs go into the first folder, so that the seeds stay as they are.
            let corpus = folder.join("corpus").join(&name);
            std::fs::create_dir_all(&corpus).map_err(|error| format!("cannot make {}: {error}", corpus.display()))?;
            fuzz.arg(corpus);
            let seeds = root().join("fuzz/seeds").join(&name);
            if seeds.is_dir() {
                fuzz.arg(seeds);
            }
            call(&mut fuzz)
        })?;
    }
    Ok(())
}

/// One target per file.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let paths =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let mut names: Vec<_> = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    if names.is_empty() { Err(format!("{} has no targets", folder.display())) } else { Ok(names) }
}
