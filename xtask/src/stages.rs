//! Stage: one part of a command, with its name, how long it took and how many tests it ran.
use crate::shell::{self, Result};
use std::process::Command;
use std::time::{Duration, Instant};

/// What has been done so far.
pub struct Stages {
    done: Vec<(String, Duration, &'static str)>,
    passed: u64,
    failed: u64,
}

impl Stages {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { done: Vec::new(), passed: 0, failed: 0 }
    }

    /// Does one stage, says so, and keeps its time.
    pub fn run(&mut self, name: &str, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        println!("\n=== {name}");
        let begin = Instant::now();
        let done = work(self);
        self.done.push((name.to_owned(), begin.elapsed(), if done.is_ok() { "" } else { "FAILED" }));
        done.map_err(|reason| format!("{name}: {reason}"))
    }

    /// Runs a command that ends in the closing lines of `cargo test` or of Node's test runner, and adds them up.
    pub fn run_tests(&mut self, command: &mut Command) -> Result<()> {
        let before = self.passed + self.failed;
        let outcome = shell::call_watched(command, |line| {
            if let Some((passed, failed)) = closing_line(line) {
                self.passed += passed;
                self.failed += failed;
            }
        });
        outcome?;
        if self.passed + self.failed == before {
            return Err(format!("`{}` ran no test", shell::shown(command)));
        }
        Ok(())
    }

    /// How long each stage took, and how many tests there were.
    pub fn print(&self) {
        if self.done.is_empty() {
            return;
        }
        println!();
        for (name, time, note) in &self.done {
            println!("{:>7.1} s  {name} {note}", time.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, time, _)| *time).sum();
        println!("{:>7.1} s  in all", total.as_secs_f64());
        if self.passed + self.failed > 0 {
            println!("{} passed, {} failed", self.passed, self.failed);
        }
    }
}

/// `test result: ok. 14 passed; 0 failed; …` → (14, 0), and so do Node's `ℹ pass 14` and `ℹ fail 0` together.
fn closing_line(line: &str) -> Option<(u64, u64)> {
    if let Some(count) = line.strip_prefix("ℹ ") {
        return match count.split_once(' ')? {
            ("pass", passed) => Some((passed.parse().ok()?, 0)),
            // One that took too long.
            ("fail" | "cancelled", failed) => Some((0, failed.parse().ok()?)),
            _ => None,
        };
    }
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = counts.split("; ");
    let mut count = |what: &str| counts.next()?.strip_suffix(what)?.trim().parse().ok();
    Some((count("passed")?, count("failed")?))
}

#[cfg(test)]
mod tests {
    use super::closing_line;

    #[test]
    fn cargo_test_is_counted() {
        let ok = "test result: ok. 14 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.08s";
        assert_eq!(closing_line(ok), Some((14, 0)));
        let failed = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(closing_line(failed), Some((1, 2)));
        assert_eq!(closing_line("14 passed; 0 failed"), None);
    }

    #[test]
    fn the_test_runner_of_node_is_counted() {
        assert_eq!(closing_line("ℹ pass 14"), Some((14, 0)));
        assert_eq!(closing_line("ℹ fail 1"), Some((0, 1)));
        assert_eq!(closing_line("ℹ cancelled 2"), Some((0, 2)));
        assert_eq!(closing_line("ℹ duration_ms 1200.5"), None);
        assert_eq!(closing_line("✔ pass 14"), None);
    }
}
