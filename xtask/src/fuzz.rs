//! Fuzz: every target of fuzz/ for a bounded time, from its seeds, on stable Rust.
//!
//! `cargo fuzz` wants a nightly compiler for its sanitizers. Coverage alone is a stable code generation pass, and in
//! a program without `unsafe` a panic is what there is to find; so the targets are built with that pass and run as
//! the plain programs that they are. `cargo fuzz run TARGET` works too, where there is a nightly.
use crate::shell::{Result, asked, call, cargo, command, root, target};
use crate::stages::Stages;
use std::path::Path;

/// How long each target runs in `cargo xtask test`.
pub const SECONDS: u64 = 20;

/// What `cargo fuzz` passes, less the sanitizer.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Builds all targets and runs each for `seconds`.
pub fn run(stages: &mut Stages, seconds: u64) -> Result<()> {
    let targets = names(&root().join("fuzz/fuzz_targets"))?;
    // Naming the target platform keeps the pass away from build scripts.
    let platform = asked("rustc", &["--print", "host-tuple"]).ok_or("rustc does not say what machine this is")?;
    let folder = target().join("fuzz");
    stages.run("fuzz targets built", |_| {
        let build = ["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &platform, "--target-dir"];
        call(cargo(&build).arg(&folder).env("RUSTFLAGS", COVERAGE))
    })?;
    for name in targets {
        stages.run(&format!("fuzz {name}"), |_| {
            let found = folder.join("found").join(&name);
            std::fs::create_dir_all(&found).map_err(|error| format!("cannot make {}: {error}", found.display()))?;
            let program = folder.join(&platform).join("release").join(&name);
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
