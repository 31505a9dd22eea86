//! Program: the built binary with a folder of its own, on the goldens' demo model and the CPU.
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the goldens' pairs.
pub fn sample(path: &str) -> PathBuf {
    root().join("tests/golden/pairs").join(path)
}

/// A folder that goes away with the test.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The program with these arguments, not yet started.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instructbrush"));
    command.args(arguments).current_dir(root());
    command.env("INSTRUCTBRUSH_MODEL", "tests/golden/demo").env("SOURCE_DATE_EPOCH", "1800000000");
    command
}

/// How a run of the program ended.
pub struct Ended {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// All of it.
    pub stdout: String,
    /// All of it.
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Ended {
    program(arguments).output().unwrap().into()
}

/// Runs the program, which must succeed, and returns its stdout.
pub fn succeed(arguments: &[&str]) -> String {
    let ended = run(arguments);
    assert_eq!(ended.code, Some(0), "{arguments:?}\n{}", ended.stderr);
    ended.stdout
}

/// Runs the program, which must fail with this exit code and one error, each of whose words to look for is there, and
/// print no result.
pub fn fail(code: i32, arguments: &[&str], words: &[&str]) {
    let ended = run(arguments);
    let told = &ended.stderr;
    assert_eq!(ended.code, Some(code), "{arguments:?}\n{told}");
    assert_eq!(told.matches("error: ").count(), 1, "one error, once: {arguments:?}\n{told}");
    assert_eq!(ended.stdout, "", "{arguments:?}");
    assert!(!told.contains("panicked") && !told.contains("bug"), "{arguments:?}\n{told}");
    for word in words {
        assert!(told.contains(word), "no \"{word}\": {arguments:?}\n{told}");
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
