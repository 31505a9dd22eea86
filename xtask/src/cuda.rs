//! CUDA: LLVM set up as burn's build wants it, then the build.
//!
//! Burn compiles its CUDA kernels through LLVM, and its build script downloads a bundle of it. Where Debian's own
//! LLVM can be installed instead, that is what is used: the script takes any folder that carries its mark and a
//! `bin/llvm-config`, so a two-line script there that calls Debian's is enough.
use crate::debian;
use crate::shell::{Result, asked, call, cargo, root};
use crate::stages::Stages;
use std::path::{Path, PathBuf};

/// LLVM's static libraries, the C libraries that they link, and the linker's own.
const PACKAGES: [&str; 6] = ["llvm-22-dev", "libz3-dev", "zlib1g-dev", "libzstd-dev", "libxml2-dev", "g++"];

/// Debian's llvm-config, without Polly, which Debian has as a plug-in, not as static libraries; and with -lz3 where it gives the
/// library's whole path, of which the build makes -llibz3.
const LLVM_CONFIG: &str = "#!/bin/bash
set -o pipefail; /usr/lib/llvm-22/bin/llvm-config \"$@\" | sed -E 's/(^| )-lPolly[A-Za-z]*//g; s#(^| )/[^ ]*/lib([a-z0-9]+)[.]so#\\1-l\\2#g'
";

/// Sets up LLVM and builds with `--features cuda`.
pub fn run(stages: &mut Stages) -> Result<()> {
    stages.run("LLVM", |_| set_up())?;
    stages.run("cargo build --features cuda", |_| call(&mut cargo(&["build", "--release", "--features", "cuda"])))
}

/// Does nothing where it has been done.
fn set_up() -> Result<()> {
    let folder = bundle()?;
    let mark = folder.join(".tracel-llvm-installed");
    let config = folder.join("bin/llvm-config");
    let is_ours = std::fs::read_to_string(&config).is_ok_and(|text| text.contains("/usr/lib/llvm-22/"));
    if mark.exists() && !is_ours {
        println!("burn's own LLVM is in {}", folder.display());
        return check(&config);
    }
    if asked("apt-get", &["--version"]).is_none() {
        println!("no apt-get here: the build downloads burn's own LLVM into {}", folder.display());
        return Ok(());
    }
    debian::require(&PACKAGES, "the cuda build")?;
    write(&config, LLVM_CONFIG)?;
    make_executable(&config)?;
    check(&config)?;
    // Last, so that a folder that was left half done is never taken for LLVM.
    write(&mark, "")
}

/// The folder that the build script looks into; its version is the bundler's, from Cargo.lock.
fn bundle() -> Result<PathBuf> {
    let lock = root().join("Cargo.lock");
    let text = std::fs::read_to_string(&lock).map_err(|error| format!("cannot read {}: {error}", lock.display()))?;
    let version = text
        .split_once("name = \"tracel-llvm-bundler\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(version, _)| version)
        .ok_or("Cargo.lock has no tracel-llvm-bundler: has burn changed how it finds LLVM?")?;
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    let data = data.ok_or("no home folder: set HOME")?;
    Ok(data.join("tracel").join(format!("tracel-llvm-{version}")))
}

/// Asks llvm-config what the build will ask.
fn check(config: &Path) -> Result<()> {
    let ask = |what| asked(config, &["--link-static", what]).filter(|said| !said.is_empty());
    match (ask("--version"), ask("--libs"), ask("--libdir")) {
        (Some(version), Some(libraries), Some(folder)) => {
            println!("LLVM {version}, {} static libraries in {folder}", libraries.split_whitespace().count());
            Ok(())
        }
        _ => Err(format!("{} does not answer; remove its folder and try again", config.display())),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .map_err(|error| format!("cannot make {} executable: {error}", path.display()))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}
