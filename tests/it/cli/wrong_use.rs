//! Wrong use: exit code 2 and a sentence that says what may be typed; and help that shows how.
use super::program::{fail, program, run, sample, succeed, text};
use std::process::Stdio;

const COMMANDS: [&str; 9] =
    ["edit", "invert", "bench", "convert", "phrases", "inspect", "scenes", "devices", "completions"];

#[test]
fn help_is_there_and_the_commands_that_need_one_show_an_example() {
    let help = succeed(&["--help"]);
    for command in COMMANDS {
        assert!(help.contains(command), "{command} is not in\n{help}");
        let own = succeed(&[command, "--help"]);
        assert!(command == "devices" || own.contains("Example"), "{command} shows no example:\n{own}");
    }
    assert!(succeed(&["--version"]).starts_with("instructbrush "));
    // Every option of the contract is in the help.
    for (command, options) in [
        (
            "edit",
            "picture out model text instruction strength steps guidance-scale image-guidance-scale sampler seed size device memory compute",
        ),
        (
            "invert",
            "pairs out model held-out segments steps-per-segment learning-rate start tokens space rows guidance-scale \
             image-guidance-scale seed resume device memory compute",
        ),
        ("phrases", "pairs model vocabulary threshold mode json"),
        ("inspect", "json"),
        ("convert", "model weights out layers device"),
        ("scenes", "effect all list out pairs tests seed size sheet"),
    ] {
        let help = succeed(&[command, "--help"]);
        for option in options.split_whitespace() {
            assert!(help.contains(&format!("--{option}")), "--{option} is not in\n{help}");
        }
    }
}

#[test]
fn every_shell_gets_completions_even_when_it_does_not_listen() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = succeed(&["completions", shell]);
        assert!(script.contains("guidance-scale"), "{shell}");
    }
    fail(2, &["completions", "tcl"], &["tcl", "bash"]);
    // `| head -0`: the reader is gone before we write.
    for arguments in [&["completions", "bash"][..], &["devices"], &["--help"]] {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[test]
fn devices_are_listed_for_people_and_for_programs() {
    let table = succeed(&["devices"]);
    let list: serde_json::Value = serde_json::from_str(&succeed(&["devices", "--json"])).unwrap();
    for device in list.as_array().unwrap() {
        assert!(table.contains(device["name"].as_str().unwrap()));
        assert!(device["available"].as_bool().unwrap() || !device["note"].as_str().unwrap().is_empty());
    }
    assert_eq!(list.as_array().unwrap().len(), 4);
}

#[test]
fn settings_that_cannot_be_meant_are_refused_before_anything_is_loaded() {
    let picture = sample("snow/0_0.png");
    let folder = super::program::folder();
    let out = folder.path().join("out.png");
    let edit = |more: &[&str], words: &[&str]| {
        // A model that does not exist: had loading begun, the exit code would be 1.
        let mut arguments = vec!["edit", "--picture", text(&picture), "--out", text(&out), "--model", "/no/such/model"];
        arguments.extend(more);
        fail(2, &arguments, words);
        assert!(!out.exists());
    };
    edit(&["--steps", "0"], &["--steps", "1 to 1000"]);
    edit(&["--steps", "1001"], &["--steps", "1 to 1000"]);
    edit(&["--steps", "many"], &["--steps", "1 to 1000"]);
    edit(&["--guidance-scale", "-1"], &["--guidance-scale", "0 to 100"]);
    edit(&["--image-guidance-scale", "-0.5"], &["--image-guidance-scale", "0 to 100"]);
    edit(&["--guidance-scale", "inf"], &["--guidance-scale", "0 to 100"]);
    edit(&["--guidance-scale", "NaN"], &["--guidance-scale", "0 to 100"]);
    edit(&["--strength", "1.6"], &["--strength", "0 to 1.5"]);
    edit(&["--strength", "-0.1"], &["--strength", "0 to 1.5"]);
    edit(&["--size", "63"], &["--size", "64 to 2048"]);
    edit(&["--size", "2049"], &["--size", "64 to 2048"]);
    edit(&["--seed", "-1"], &["--seed", "from 0 to 18446744073709551615"]);
    fail(2, &["scenes", "--all", "--seed", "-1"], &["--seed", "from 0 to 18446744073709551615"]);
    edit(&["--sampler", "ddim"], &["--sampler", "euler-ancestral", "euler", "lcm"]);
    edit(&["--device", "tpu"], &["--device", "cuda"]);
    edit(&["--text", "a", "--instruction", "b"], &["--text", "--instruction"]);
    edit(&["--colour"], &["--colour"]);
    fail(2, &["edit", "--out", "x.png"], &["--picture"]);
    fail(2, &["edit", "--picture", text(&picture)], &["--out"]);
    fail(2, &["learn"], &["learn"]);

    let invert = |more: &[&str], words: &[&str]| {
        let pairs = sample("snow");
        let mut arguments = vec!["invert", "--pairs", text(&pairs), "--out", text(&out), "--model", "/no/such/model"];
        arguments.extend(more);
        fail(2, &arguments, words);
        assert!(!out.exists());
    };
    invert(&["--segments", "0"], &["--segments", "1 to 1000"]);
    invert(&["--steps-per-segment", "0"], &["--steps-per-segment"]);
    invert(&["--learning-rate", "0"], &["--learning-rate", "above 0"]);
    invert(&["--learning-rate", "-0.001"], &["--learning-rate", "above 0"]);
    invert(&["--learning-rate", "inf"], &["--learning-rate", "above 0"]);
    invert(&["--guidance-scale", "0"], &["--guidance-scale", "above 0"]);
    invert(&["--tokens", "0"], &["--tokens", "1 to 77"]);
    invert(&["--beta1", "1"], &["--beta1"]);
    invert(&["--weight-decay", "-1"], &["--weight-decay"]);
    invert(&["--space", "pixels"], &["--space", "attention", "text"]);
    invert(&["--rows", "last"], &["--rows", "after-bos", "first"]);
    invert(&["--precision", "f8"], &["--precision", "f16", "f32"]);
    invert(&["--mode", "best"], &["--mode", "relative", "absolute"]);
    invert(&["--resume", "--restart"], &["--resume", "--restart"]);
}

#[test]
fn no_arguments_show_the_help_and_are_wrong_use() {
    let ended = run(&[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("Usage"), "{}", ended.stderr);
}

#[test]
fn an_out_that_would_lose_something_is_refused() {
    let folder = super::program::folder();
    let (a, b) = (folder.path().join("a.png"), folder.path().join("b.png"));
    std::fs::copy(sample("snow/0_0.png"), &a).unwrap();
    std::fs::copy(sample("snow/1_0.png"), &b).unwrap();
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let same_name = folder.path().join("a.jpg");
    std::fs::copy(&a, &same_name).unwrap();
    let (file, into, twice) = (out("c.png"), out(""), out("folder/"));
    let edit = |pictures: &[&str], out: &str, words: &[&str]| {
        let mut arguments = vec!["edit", "--model", "/no/such/model", "--out", out, "--picture"];
        arguments.extend(pictures);
        fail(2, &arguments, words);
    };
    edit(&[text(&a)], text(&a), &["a.png", "its own edit"]);
    edit(&[text(&a), text(&b)], &into, &["its own edit"]);
    edit(&[text(&a), text(&b)], &file, &["c.png", "2 pictures", "folder"]);
    edit(&[text(&a), text(&same_name)], &twice, &["a.jpg", "a.png", "both become"]);
    edit(&[text(&a)], &out("a.gif"), &[".png, .jpg or .webp"]);
    edit(&[text(&a)], &out("a"), &[".png, .jpg or .webp", "/"]);
    assert!(!folder.path().join("folder").exists(), "wrong use makes no folder");
}
