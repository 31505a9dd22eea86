//! Debian: packages installed with apt-get where that is allowed, and asked for in one sentence where it is not.
use crate::shell::{Result, asked, call, command};

/// Makes sure that packages are installed.
///
/// # Errors
/// A sentence that names the command to run, where this user may not install or there is no apt-get.
pub fn require(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        println!("installed: {}", packages.join(" "));
        return Ok(());
    }
    let list = missing.join(" ");
    if asked("apt-get", &["--version"]).is_none() {
        return Err(format!("{why} needs what Debian calls {list}: install it with your system's package manager"));
    }
    let root = asked("id", &["-u"]).as_deref() == Some("0");
    if !root && asked("sudo", &["-n", "true"]).is_none() {
        return Err(format!("{why} needs {list}: run `sudo apt-get install {list}` and try again"));
    }
    let apt = |arguments: &[&str]| {
        let (program, first) = if root { ("apt-get", None) } else { ("sudo", Some("apt-get")) };
        let words: Vec<&str> = first.into_iter().chain(arguments.iter().copied()).collect();
        call(command(program, &words).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install: Vec<&str> = ["install", "-y", "-qq", "--no-install-recommends"].into_iter().chain(missing).collect();
    apt(&["update", "-qq"])?;
    apt(&install).map_err(|reason| format!("{reason}; {why} needs {list}"))
}

/// Makes sure that programs are there, from these packages where they are not.
pub fn require_programs(programs: &[&str], packages: &[&str], why: &str) -> Result<()> {
    if programs.iter().all(|program| asked(program, &["--version"]).is_some()) {
        return Ok(());
    }
    require(packages, why)
}

fn is_installed(package: &str) -> bool {
    asked("dpkg-query", &["-W", "-f", "${db:Status-Status}", package]).as_deref() == Some("installed")
}
