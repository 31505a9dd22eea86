//! E2e: the page in real browsers, driven by the tests in tests/e2e; also the pictures of it for the README.
use crate::shell::{Result, asked, call, cargo, command, root, target};
use crate::stages::Stages;
use crate::test::PROFILE;
use crate::{debian, page, wgsl};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The tests, and the packages that they drive browsers with.
const FOLDER: &str = "tests/e2e";
/// Of them, what measures and so runs alone.
const SPEED: &str = "speed.test.mjs";
/// How many of the other files run at once. Most of the time a scene waits for one core, or for its browser.
const AT_ONCE: usize = 2;
/// What the page is built from.
const SOURCES: [&str; 6] = ["src", "web", "index.html", "Trunk.toml", "Cargo.toml", "Cargo.lock"];
/// Pictures of the page, which are made from it.
const NO_SOURCE: &str = "web/screenshots";
/// The first version of Node.js that has all we use of its test runner.
const NODE: [u32; 2] = [18, 19];

/// Which tests run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What a change must pass.
    Tests,
    /// Also what takes long and only measures.
    Figures,
}

/// Installs what is missing, builds what is older than its sources, and runs the tests.
pub fn run(stages: &mut Stages, extent: Extent) -> Result<()> {
    stages.run("a Vulkan driver", |_| wgsl::driver())?;
    prepare(stages)?;
    // The tests before these have built it already, with what all crates of the workspace ask of their dependencies.
    if is_program_old() {
        stages.run("the program", |_| call(&mut cargo(&["build", "--profile", PROFILE])))?;
    }
    if extent == Extent::Tests {
        let files = test_files()?;
        stages.run("the page in browsers", |stages| stages.run_tests(node(AT_ONCE).args(files)))?;
    }
    stages.run("the page's speed", |stages| {
        let mut tests = node(1);
        if extent == Extent::Figures {
            tests.env("INSTRUCTBRUSH_FIGURES", "1");
        }
        stages.run_tests(tests.arg(format!("{FOLDER}/{SPEED}")))
    })
}

/// Node's test runner, with that many files at once.
fn node(at_once: usize) -> Command {
    let mut tests = command("node", &["--test", "--test-reporter=spec", &format!("--test-concurrency={at_once}")]);
    tests.env_remove("NODE_OPTIONS");
    tests
}

/// Fills web/screenshots from the running page.
pub fn screenshots(stages: &mut Stages) -> Result<()> {
    prepare(stages)?;
    stages.run("screenshots", |_| call(&mut command("node", &[&format!("{FOLDER}/screenshots.mjs")])))
}

/// Starts to build the page, where it is older than its sources, for tests that come later.
pub fn page_beside(stages: &mut Stages) -> Result<Option<page::Beside>> {
    reason_to_build().map(|why| page::beside(stages, &why)).transpose()
}

fn prepare(stages: &mut Stages) -> Result<()> {
    stages.run("browsers", |_| install())?;
    page::build_for(stages, reason_to_build)
}

/// The browsers, Node.js, and the packages that drive the browsers.
pub fn install() -> Result<()> {
    debian::require_programs(&["node", "npm"], &["nodejs", "npm"], "the page's tests")?;
    let said = asked("node", &["--version"]).unwrap_or_default();
    if version(&said) < NODE {
        let [major, minor] = NODE;
        return Err(format!("the page's tests need Node.js {major}.{minor} or later, this is {said}"));
    }
    for browser in ["chromium", "firefox-esr"] {
        debian::require_programs(&[browser], &[browser], "the page's tests")?;
        println!("{}", asked(browser, &["--version"]).unwrap_or_default());
    }
    let folder = root().join(FOLDER);
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&folder.join("package-lock.json")) {
        return Ok(());
    }
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    call(command("npm", &install).current_dir(&folder))
}

/// `v20.20.2` → [20, 20].
fn version(said: &str) -> [u32; 2] {
    let mut numbers = said.trim_start_matches('v').split('.').map(|number| number.parse().unwrap_or(0));
    [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]
}

/// All files of tests but the one that measures.
fn test_files() -> Result<Vec<String>> {
    let entries = std::fs::read_dir(root().join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names = names.filter(|name| name.ends_with(".test.mjs") && name != SPEED);
    Ok(names.map(|name| format!("{FOLDER}/{name}")).collect())
}

/// Why the page in dist will not do, if it will not.
fn reason_to_build() -> Option<String> {
    let dist = root().join("dist");
    let Some(built) = modified(&dist.join("index.html")) else { return Some("there is none".to_owned()) };
    if !dist.join("service-worker.js").exists() {
        return Some("the one in dist is no release".to_owned());
    }
    let newer = SOURCES.iter().find_map(|name| newer(&root().join(name), built));
    newer.map(|path| format!("{} is newer", path.display()))
}

/// Whether the program is missing or older than its sources.
fn is_program_old() -> bool {
    let built = modified(&target().join(PROFILE).join("instructbrush"));
    let sources = ["src", "assets", "Cargo.toml", "Cargo.lock"].map(|name| root().join(name));
    built.is_none_or(|built| sources.iter().any(|path| newer(path, built).is_some()))
}

/// A file at or below a path that was changed later.
fn newer(path: &Path, than: SystemTime) -> Option<PathBuf> {
    if path.ends_with(NO_SOURCE) {
        return None;
    }
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().find_map(|entry| newer(&entry.path(), than)),
        Err(_) => modified(path).is_some_and(|time| time > than).then(|| path.to_owned()),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(version("v20.20.2"), [20, 20]);
        assert!(version("v18.9.1") < super::NODE);
        assert!(version("what?") < super::NODE);
    }
}
