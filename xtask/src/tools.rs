//! Tools: programs that the checks need and that cargo can build; they live in target/tools.
use crate::shell::{Result, asked, call, cargo, command, target};
use crate::stages::Stages;
use crate::{e2e, wgsl};
use std::path::PathBuf;

/// Licences, bans and advisories of the dependencies.
const CARGO_DENY: (&str, &str) = ("cargo-deny", "0.20.2");

/// Installs every tool.
pub fn run(stages: &mut Stages) -> Result<()> {
    stages.run("cargo-deny", |_| cargo_deny().map(drop))?;
    stages.run("a Vulkan driver", |_| wgsl::driver())?;
    stages.run("browsers", |_| e2e::install())
}

/// Checks the dependencies' licences and sources, and their advisories where the database can be fetched.
pub fn deny() -> Result<()> {
    let program = cargo_deny()?;
    let check = |what: &[&str]| {
        let arguments = [&["--all-features", "check", "--hide-inclusion-graph"], what].concat();
        command(&program, &arguments)
    };
    call(&mut check(&["licenses", "bans", "sources"]))?;
    let fetched = command(&program, &["fetch", "db"]).output().is_ok_and(|output| output.status.success());
    if !fetched {
        println!("advisories are not checked: their database (RustSec's, on GitHub) cannot be fetched from here");
        return Ok(());
    }
    call(&mut check(&["advisories"]))
}

/// Where they are.
pub fn folder() -> PathBuf {
    target().join("tools")
}

/// Builds one, as fast as it can be built: what they do here takes seconds even so.
pub fn install(package: &str, version: &str, arguments: &[&str]) -> Result<()> {
    println!("building {package} {version} into {} (once, minutes)", folder().display());
    let folder = folder().to_string_lossy().into_owned();
    let words = ["install", package, "--version", version, "--root", &folder, "--quiet"];
    let mut build = cargo(&[&words, arguments].concat());
    let profile = [("LTO", "off"), ("OPT_LEVEL", "0"), ("CODEGEN_UNITS", "16"), ("STRIP", "symbols")];
    call(build.envs(profile.map(|(name, value)| (format!("CARGO_PROFILE_RELEASE_{name}"), value))))
}

/// The path of cargo-deny, built on the first call.
fn cargo_deny() -> Result<PathBuf> {
    let (name, version) = CARGO_DENY;
    let own = folder().join("bin").join(name);
    for program in [PathBuf::from(name), own.clone()] {
        if let Some(said) = asked(&program, &["--version"]) {
            println!("{said}: {}", program.display());
            return Ok(program);
        }
    }
    install(name, version, &["--locked"])?;
    Ok(own)
}
