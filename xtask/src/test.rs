//! Test: everything that a change must pass, cheapest first.
use crate::shell::{Result, call, cargo};
use crate::stages::Stages;
use crate::{e2e, fuzz, tools, wgsl};
use std::process::Command;

/// How everything native is built here: see Cargo.toml. Its folder in `target` has that name.
pub const PROFILE: &str = "checked";

/// With what lints read all code, and native tests are built where WGSL's follow: one build is the CPU's tests', WGSL's, and what
/// the fuzz targets stand on.
pub const FEATURES: [&str; 2] = ["--features", "instructbrush/wgpu"];

/// How much is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Format, lints and tests.
    Quick,
    /// What a change must pass, in at most an hour and a half of two cores.
    Change,
    /// Also kernels natively on a graphics adapter, which browsers try otherwise, and the fuzz targets.
    All,
}

/// `cargo test`; what follows are further arguments.
pub fn native_tests() -> Command {
    let mut tests = cargo(&["test", "--profile", PROFILE, "--workspace"]);
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // Mesa's drivers complain on the terminal where there is no desktop session.
        tests.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    }
    tests
}

/// Runs the stages.
pub fn run(stages: &mut Stages, extent: Extent) -> Result<()> {
    stages.run("format", |_| call(&mut cargo(&["fmt", "--all", "--check"])))?;
    stages.run("lints", |_| {
        // The GPU's half too, which nothing else in a change's checks compiles natively. Not the fuzz targets, which need a
        // C++ compiler: their own stage builds them.
        let ours = ["clippy", "--profile", PROFILE, "--workspace", "--exclude", "instructbrush-fuzz", "--all-targets"];
        call(cargo(&ours).args(FEATURES).args(["--", "-D", "warnings"]))
    })?;
    let mut page = if extent == Extent::Quick { None } else { e2e::page_beside(stages)? };
    let features: &[&str] = if extent == Extent::All { &FEATURES } else { &[] };
    stages.run("tests", |stages| stages.run_tests(native_tests().args(features)))?;
    if extent == Extent::Quick {
        return Ok(());
    }
    let others: [fn(&mut Stages) -> Result<()>; 3] =
        [|stages| stages.run("dependencies", |_| tools::deny()), wgsl::run, |stages| fuzz::run(stages, fuzz::SECONDS)];
    let count = if extent == Extent::All { others.len() } else { 1 };
    for other in &others[..count] {
        if let Some(page) = &mut page {
            page.check()?;
        }
        other(stages)?;
    }
    if let Some(page) = &mut page {
        stages.run("the page, built meanwhile", |_| page.wait())?;
    }
    e2e::run(stages, e2e::Extent::Tests)
}
