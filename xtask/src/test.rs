//! Test: everything that a change must pass, cheapest first.
use crate::shell::{Result, call, cargo};
use crate::stages::Stages;
use crate::{e2e, fuzz, tools, wgsl};
use std::process::Command;

/// How everything native is built here: see Cargo.toml. Its folder in `target` has that name.
pub const PROFILE: &str = "checked";

/// With what native tests are built: one build is the CPU's tests', WGSL's, and what the fuzz targets stand on. The lints check
/// the program as it is without.
pub const FEATURES: [&str; 2] = ["--features", "instructbrush/wgpu"];

/// `cargo test` with those features; what follows are further arguments.
pub fn native_tests() -> Command {
    let mut tests = cargo(&["test", "--profile", PROFILE, "--workspace"]);
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // Mesa's drivers complain on the terminal where there is no desktop session.
        tests.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    }
    tests.args(FEATURES);
    tests
}

/// Runs every stage; `quick` stops after the tests.
pub fn run(stages: &mut Stages, quick: bool) -> Result<()> {
    stages.run("format", |_| call(&mut cargo(&["fmt", "--all", "--check"])))?;
    stages.run("lints", |_| {
        // Not the fuzz targets, which need a C++ compiler: their own stage builds them.
        let ours = ["clippy", "--profile", PROFILE, "--workspace", "--exclude", "instructbrush-fuzz", "--all-targets"];
        call(cargo(&ours).args(["--", "-D", "warnings"]))
    })?;
    let mut page = if quick { None } else { e2e::page_beside(stages)? };
    stages.run("tests", |stages| stages.run_tests(&mut native_tests()))?;
    if quick {
        return Ok(());
    }
    let others: [fn(&mut Stages) -> Result<()>; 3] =
        [|stages| stages.run("dependencies", |_| tools::deny()), wgsl::run, |stages| fuzz::run(stages, fuzz::SECONDS)];
    for other in others {
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
