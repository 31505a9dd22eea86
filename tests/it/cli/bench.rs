//! Bench: the whole benchmark on two small effects, in shards, killed and resumed, and what it says to bad folders.
use super::program::{fail, folder, program, run, sample, succeed, text};
use crate::metrics::random_lpips_file;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const SMALL: [&str; 8] = ["--edit-steps", "1", "--size", "64", "--segments", "2", "--caption-phrases", "2"];

/// Copies `pairs` pairs of a sample into an effect's folder, and its words.
pub fn effect(root: &Path, name: &str, of: &str, pairs: usize, tests: usize) -> PathBuf {
    let to = root.join(name);
    std::fs::create_dir_all(to.join("test")).unwrap();
    for (folder, n) in [("", pairs), ("test", tests)] {
        for i in 0..n {
            for side in 0..2 {
                let file = Path::new(folder).join(format!("{i}_{side}.png"));
                std::fs::copy(sample(of).join(&file), to.join(&file)).unwrap();
            }
        }
    }
    if tests == 0 {
        std::fs::remove_dir(to.join("test")).unwrap();
    }
    std::fs::copy(sample(of).join("instruction.txt"), to.join("instruction.txt")).unwrap();
    to
}

pub fn bench<'a>(root: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&["bench", "--root", text(root), "--out", text(out)][..], &SMALL, more].concat()
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn shards_make_what_one_run_makes_and_a_second_run_makes_nothing() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let root = path("root");
    std::fs::remove_file(effect(&root, "sea painting", "watercolor", 6, 0).join("instruction.txt")).unwrap();
    std::fs::write(effect(&root, "dog2cat", "dog2cat", 2, 1).join("instruction.txt"), "\n").unwrap();
    let lpips = path("lpips.safetensors");
    std::fs::write(&lpips, random_lpips_file()).unwrap();
    let methods = "nothing,vae,ip2p,visii,instructbrush,no-attn,no-time,no-init";
    let more =
        ["--methods", methods, "--shots", "1", "--steps", "1", "--segments-row", "--lpips", text(&lpips), "--quiet"];
    let [one, all] = [path("one"), path("all")];
    for shard in ["1/2", "2/2"] {
        let out = path(&shard.replace('/', "-"));
        let ended = run(&bench(&root, &out, &[&more[..], &["--shard", shard]].concat()));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    let merge = [
        "bench",
        "merge",
        "--out",
        text(&all),
        text(&path("1-2")).to_owned().leak(),
        text(&path("2-2")).to_owned().leak(),
    ];
    let merged = succeed(&merge);
    let table = succeed(&bench(&root, &one, &more));
    assert_eq!(merged, table, "the same numbers, however the work was divided");
    assert_eq!(json(&one.join("results.json")), json(&all.join("results.json")));
    for words in ["Global", "Local", "all (2 effects)", "w/o Attn", "dog2cat, IP2P: the effect has no words in"] {
        assert!(table.contains(words), "no {words}:\n{table}");
    }
    let results = json(&one.join("results.json"));
    let records = results["records"].as_array().unwrap();
    assert_eq!(records.len(), 16);
    let of = |effect: &str, method: &str| {
        records.iter().find(|it| it["effect"] == effect && it["method"] == method).unwrap().clone()
    };
    // One step of learning each; scales 1.5 and 1 leave two of three branches.
    for (method, steps) in [("nothing", 0), ("ip2p", 0), ("visii", 1), ("instructbrush", 2), ("no-time", 2)] {
        let record = of("sea painting", method);
        assert_eq!((&record["learning_steps"], &record["unet_evaluations"]), (&steps.into(), &(2 * steps).into()));
        for score in ["psnr", "ssim", "lpips", "direction"] {
            assert!(record["scores"][score].is_f64(), "{method}: {record}");
        }
        assert_eq!(record["tests"].as_array().unwrap().len(), 5, "the last five of six");
    }
    assert_eq!(of("sea painting", "nothing")["scores"]["direction"], 1.0, "no change points nowhere");
    assert!(of("sea painting", "visii")["text"].as_str().unwrap().contains(" and "), "a caption");
    assert_eq!(of("sea painting", "visii")["text"], of("sea painting", "no-init")["text"]);
    assert_eq!(
        of("sea painting", "ip2p")["text"],
        "turn it into a painting",
        "where there is no file: TOP-Bench's words"
    );
    let bound = |method: &str| of("dog2cat", method)["scores"]["psnr"].as_f64().unwrap();
    assert!(bound("vae") > bound("nothing") && bound("vae") > bound("instructbrush"), "{table}");
    assert!(of("dog2cat", "ip2p")["scores"].is_null());

    let page = std::fs::read_to_string(one.join("report.html")).unwrap();
    for words in
        ["<svg", "data:image/jpeg;base64,", "sea painting", "in single segments", "t 500…999", "UNet evaluations"]
    {
        assert!(page.contains(words), "no {words}");
    }
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"), "it needs nothing else");
    assert!(one.join("dog2cat/instructbrush-1-pairs-1-steps/instruction.safetensors").is_file());
    assert!(!one.join("dog2cat/no-attn-1-pairs-1-steps-segments").exists(), "the row is InstructBrush's");

    // Again: nothing is made, nothing is copied.
    let record = one.join("sea painting/visii-1-pairs-1-steps/result.json");
    let made = std::fs::metadata(&record).unwrap().modified().unwrap();
    assert_eq!(succeed(&bench(&root, &one, &more)), table);
    assert_eq!(std::fs::metadata(&record).unwrap().modified().unwrap(), made);
    let again = run(&merge);
    assert!(
        again.stderr.contains("0 results copied, 8 that were there already are left as they are"),
        "{}",
        again.stderr
    );
    let twice = ["bench", "merge", "--out", text(&all), merge[4], merge[4]];
    fail(2, &twice, &["is named twice"]);
    // Other settings are another benchmark.
    let other = [&more[..], &["--seed", "7", "--effects", "dog2cat"]].concat();
    fail(2, &bench(&root, &one, &other), &["dog2cat", "edit.seed = 0", "now it is 7", "another --out"]);
    let other = [&more[..], &["--learning-rate", "0.5", "--effects", "dog2cat"]].concat();
    fail(2, &bench(&root, &one, &other), &["dog2cat", "learning.learning_rate = ", "now it is 0.5", "another --out"]);
    let other = path("other");
    succeed(&bench(&root, &other, &[&more[..], &["--seed", "7", "--effects", "dog2cat"]].concat()));
    fail(2, &["bench", "merge", "--out", text(&all), text(&other)], &["two results of one name that are not the same"]);
}

#[test]
fn a_killed_run_goes_on_to_the_same_result() {
    let folder = folder();
    let root = folder.path().join("root");
    effect(&root, "snow", "snow", 2, 1);
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    let more = ["--methods", "nothing,instructbrush", "--shots", "2,1", "--steps", "1", "--quiet"];
    let table = succeed(&bench(&root, &whole, &more));
    for moment in [150, 300, 450, 600, 750, 900] {
        let mut child =
            program(&bench(&root, &killed, &more)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(succeed(&bench(&root, &killed, &more)), table);
    assert_eq!(json(&whole.join("results.json")), json(&killed.join("results.json")));
    assert!(table.contains("LPIPS is empty where no weights were given"), "{table}");
    // Weights that come later need no new learning.
    let (lpips, result) = (folder.path().join("lpips"), killed.join("snow/instructbrush-2-pairs-1-steps"));
    std::fs::write(&lpips, random_lpips_file()).unwrap();
    let made = std::fs::metadata(result.join("instruction.safetensors")).unwrap().modified().unwrap();
    let measured = succeed(&bench(&root, &killed, &[&more[..], &["--lpips", text(&lpips)]].concat()));
    assert!(!measured.contains('–') && !measured.contains("LPIPS is empty"), "{measured}");
    assert_eq!(std::fs::metadata(result.join("instruction.safetensors")).unwrap().modified().unwrap(), made);
    assert_eq!(succeed(&bench(&root, &killed, &more)), measured, "and are not forgotten");
    let left: Vec<_> =
        std::fs::read_dir(killed.join("snow")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "three results and the tests, nothing half done: {left:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_state_and_the_same_command_goes_on() {
    let folder = folder();
    let root = folder.path().join("root");
    effect(&root, "snow", "snow", 1, 1);
    let out = folder.path().join("out");
    let more = ["--methods", "instructbrush", "--shots", "1", "--steps", "100000"];
    let steps = "instructbrush-1-pairs-100000-steps";
    let arguments = bench(&root, &out, &more);
    for round in 0..2 {
        let mut child = program(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut told = Vec::new();
        told.extend(lines.by_ref().take_while(|line| !line.starts_with("step ")));
        assert_eq!(told.iter().any(|line| line.contains("going on after step")), round > 0, "{told:?}");
        fail(2, &arguments, &["another run is writing"]);
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let rest: Vec<String> = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
        assert!(rest.iter().any(|line| line.contains("the same command goes on")), "{rest:?}");
        assert!(out.join(format!("snow/{steps}.state")).is_file() && !out.join("snow").join(steps).exists());
    }
}

#[cfg(unix)]
#[test]
fn what_was_stopped_on_the_way_ends_in_the_same_bytes() {
    let folder = folder();
    let root = folder.path().join("root");
    effect(&root, "snow", "snow", 1, 1);
    let [whole, stopped] = ["whole", "stopped"].map(|name| folder.path().join(name));
    let more = ["--methods", "instructbrush", "--shots", "1", "--steps", "80"];
    let arguments = bench(&root, &stopped, &more);
    let mut child = program(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    lines.by_ref().find(|line| line.starts_with("step ")).unwrap();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    lines.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // a state is not thrown away for other settings
    let other = [&arguments[..], &["--learning-rate", "0.5"]].concat();
    fail(
        2,
        &other,
        &["80-steps.state", "learning_rate = ", "now it is 0.5", "or remove this file to learn from the start"],
    );
    let ended = run(&arguments);
    assert!(ended.code == Some(0) && ended.stderr.contains("going on after step"), "{}", ended.stderr);
    succeed(&bench(&root, &whole, &more));
    let instruction = |out: &Path| {
        let learned = out.join("snow/instructbrush-1-pairs-80-steps/instruction.safetensors");
        std::fs::read(learned).unwrap()
    };
    assert!(instruction(&whole) == instruction(&stopped));
    assert_eq!(json(&whole.join("results.json")), json(&stopped.join("results.json")));
}

#[test]
fn folders_that_cannot_be_used_and_wrong_words() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let (root, out) = (path("root"), path("out"));
    let refuse = |code: i32, more: &[&str], words: &[&str]| {
        fail(code, &bench(&root, &out, more), words);
        assert!(!out.exists());
    };
    refuse(1, &[], &["root", "there is no such folder"]);
    std::fs::create_dir(&root).unwrap();
    refuse(1, &[], &["there are no effects in it"]);
    let snow = effect(&root, "snow", "snow", 2, 1);
    refuse(1, &[], &["10 pairs are asked for, there are 2", "--shots"]);
    refuse(2, &["--effects", "rain"], &["no effect \"rain\"", "snow"]);
    refuse(2, &["--methods", "ip2p,magic"], &["no method \"magic\"", "no-init"]);
    refuse(2, &["--shard", "3/2"], &["part/parts"]);
    refuse(2, &["--shots", "0"], &["from 1"]);
    effect(&root, "few", "snow", 5, 0);
    refuse(1, &["--shots", "1"], &["few", "no test folder", "only 5"]);
    std::fs::remove_dir_all(root.join("few")).unwrap();
    image::RgbImage::new(65, 64).save(snow.join("0_1.png")).unwrap();
    refuse(1, &["--shots", "1"], &["snow", "128×128", "65×64"]);
    std::fs::copy(sample("snow").join("0_1.png"), snow.join("0_1.png")).unwrap();
    let no_weights = snow.join("instruction.txt");
    let ended = run(&bench(
        &root,
        &out,
        &["--shots", "1", "--methods", "instructbrush", "--lpips", text(&no_weights), "--quiet"],
    ));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("lpips") && ended.stderr.contains("safetensors"), "{}", ended.stderr);
    assert!(!out.join("snow").exists(), "it is found out before the work");
    // A page of nothing says so.
    let more = ["--shots", "1", "--methods", "nothing", "--shard", "2/2"];
    let ended = run(&bench(&root, &out, &more));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "There are no results yet.\n");
    assert!(ended.stderr.contains("nothing to do for shard 2/2"), "{}", ended.stderr);
    assert!(std::fs::read_to_string(out.join("report.html")).unwrap().contains("There are no results yet"));
    fail(2, &["bench", "--out", text(&out)], &["--root"]);
    // Results go where nothing else is, and what cannot stand beside them is not made.
    let only = |out: &Path, more: &[&str]| {
        run(&bench(&root, out, &[&["--shots", "10", "--quiet", "--methods"], more].concat()))
    };
    let photos = path("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::write(photos.join("photo.png"), "a picture").unwrap();
    for (taken, why) in [(&photos, "there are other files, first photo.png"), (&root, "is the folder of the effects")] {
        let ended = only(taken, &["nothing"]);
        assert!(ended.code == Some(2) && ended.stderr.contains(why), "{}", ended.stderr);
    }
    assert_eq!(photos.read_dir().unwrap().count(), 1);
    let mixed = path("mixed");
    assert_eq!(only(&mixed, &["nothing,ip2p"]).code, Some(0), "two pairs are enough for who does not learn");
    let ended = only(&mixed, &["vae,ip2p", "--seed", "1"]);
    assert!(ended.code == Some(2) && ended.stderr.contains("edit.seed = 0"), "{}", ended.stderr);
    assert!(!mixed.join("snow/vae").exists());
}
