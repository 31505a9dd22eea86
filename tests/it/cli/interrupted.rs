//! Interrupted: a run that was killed or stopped goes on as if nothing had been.
use super::program::{Ended, fail, folder, program, run, sample, succeed, text};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn invert(out: &Path, steps: &str, more: &[&str]) -> Vec<String> {
    let pairs = sample("dog2cat");
    let mut arguments = vec!["invert", "--pairs", text(&pairs), "--out", text(out), "--segments", "2"];
    arguments.extend(["--steps-per-segment", steps, "--start", "none", "--tokens", "2", "--size", "64"]);
    arguments.extend(["--save-every", "0"]);
    arguments.extend(more);
    arguments.into_iter().map(str::to_owned).collect()
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn killed_at_ten_moments_the_instruction_is_the_same_to_the_byte() {
    let (whole, killed) = (folder(), folder());
    // The same name in both: it is the title.
    let reference = whole.path().join("out.safetensors");
    let began = Instant::now();
    succeed(&borrowed(&invert(&reference, "12", &["--quiet"])));
    let whole_run = began.elapsed();

    let out = killed.path().join("out.safetensors");
    let arguments = invert(&out, "12", &["--resume", "--quiet"]);
    let mut random = u64::from(std::process::id());
    for _ in 0..10 {
        // Knuth's MMIX generator; its upper bits are good enough to choose a moment.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = whole_run.mul_f64((random >> 40) as f64 / (1u64 << 24) as f64);
        let mut child = program(&borrowed(&arguments)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    succeed(&borrowed(&arguments));
    assert!(std::fs::read(&reference).unwrap() == std::fs::read(&out).unwrap(), "the files differ");
    let left: Vec<_> = std::fs::read_dir(killed.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.contains(&"out.safetensors.state".into()), "{left:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_the_state_and_says_how_to_go_on() {
    let folder = folder();
    let out = folder.path().join("out.safetensors");
    let arguments = invert(&out, "100000", &[]);
    for signal in ["-INT", "-TERM"] {
        let mut command = program(&borrowed(&arguments));
        if signal == "-TERM" {
            command.arg("--resume");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let first = lines.find(|line| line.starts_with("step ")).unwrap();
        assert!(first.contains("of 100000"), "{first}");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let began = Instant::now();
        let told = lines.collect::<Vec<_>>().join("\n");
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{told}");
        assert!(told.contains("--resume") && told.contains(text(&out)), "{told}");
        assert!(began.elapsed() < Duration::from_secs(30), "it stops after the current step");
        assert!(!out.exists() && folder.path().join("out.safetensors.state").is_file());
    }
    fail(1, &borrowed(&arguments), &["interrupted after step", "--resume", "--restart"]);
    // Other settings are another run; a command that cannot be meant loses no state.
    let state = folder.path().join("out.safetensors.state");
    let kept = std::fs::read(&state).unwrap();
    fail(
        1,
        &borrowed(&invert(&out, "100001", &["--resume", "--quiet"])),
        &[text(&state), "100000", "100001", "--restart"],
    );
    fail(1, &borrowed(&invert(&out, "1", &["--restart", "--held-out", "/no/such"])), &["/no/such"]);
    let (pairs, long) = (sample("dog2cat"), "snow ".repeat(100));
    let too_long = ["invert", "--pairs", text(&pairs), "--out", text(&out), "--restart", "--quiet", "--start", &long];
    fail(2, &too_long, &["shorten"]);
    assert!(std::fs::read(&state).unwrap() == kept);
    fail(1, &["inspect", text(&state)], &["the state of a learning run", "--resume"]);
    let ended = run(&borrowed(&invert(&out, "1", &["--restart", "--quiet"])));
    assert_eq!((ended.code, ended.stdout), (Some(0), format!("{}\n", out.display())), "{}", ended.stderr);
}
