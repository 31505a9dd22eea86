//! Test: everything that a change must pass, cheapest first.
use crate::shell::{Result, call, cargo};
use crate::stages::Stages;
use crate::{e2e, fuzz, tools, wgsl};

/// Runs every stage; `quick` stops after the tests.
pub fn run(stages: &mut Stages, quick: bool) -> Result<()> {
    stages.run("format", |_| call(&mut cargo(&["fmt", "--all", "--check"])))?;
    stages.run("lints", |_| {
        // Not the fuzz targets, which need a C++ compiler: their own stage builds them.
        let ours = ["clippy", "--release", "--workspace", "--exclude", "instructbrush-fuzz", "--all-targets"];
        call(cargo(&ours).args(["--", "-D", "warnings"]))
    })?;
    let mut page = if quick { None } else { e2e::page_beside(stages)? };
    stages.run("tests", |stages| stages.run_tests(&mut cargo(&["test", "--release", "--workspace"])))?;
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
