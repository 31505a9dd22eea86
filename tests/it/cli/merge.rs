//! Merge: parts of a benchmark, from folders that are no parts and results that do not fit to parts that are missing.
use super::bench::{bench, effect, json};
use super::program::{Ended, fail, folder, run, succeed, text};
use crate::metrics::random_lpips_file;
use std::path::Path;

/// Two effects without learning, in as many parts.
fn root(folder: &Path) -> std::path::PathBuf {
    let root = folder.join("root");
    effect(&root, "snow", "snow", 1, 1);
    effect(&root, "lava", "lava", 1, 1);
    root
}

fn merge(out: &Path, shards: &[&Path]) -> Ended {
    let shards: Vec<&str> = shards.iter().map(|shard| text(shard)).collect();
    run(&[&["bench", "merge", "--out", text(out)], &shards[..]].concat())
}

#[test]
fn what_cannot_be_merged_is_not_begun() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let (root, out) = (root(folder.path()), path("out"));
    let refuse = |shards: &[&Path], words: &[&str]| {
        let shards: Vec<&str> = shards.iter().map(|shard| text(shard)).collect();
        fail(2, &[&["bench", "merge", "--out", text(&out)], &shards[..]].concat(), words);
        assert!(!out.exists());
    };
    // folders of folders, but no results
    refuse(&[&root], &["root", "there are no results in it"]);
    let [one, other] = [path("one"), path("other")];
    let make = |out: &Path, effect: &str, more: &[&str]| {
        succeed(&bench(&root, out, &[&["--methods", "ip2p", "--effects", effect], more].concat()))
    };
    make(&one, "snow", &[]);
    make(&other, "lava", &["--image-guidance-scale", "1.25"]);
    refuse(&[&one, &other], &["edit.image_guidance_scale", "1.25", "its own --out"]);
    refuse(&[&one, &path("nowhere")], &["nowhere", "there is no such folder"]);
    let photos = path("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::write(photos.join("photo.png"), "a picture").unwrap();
    fail(2, &["bench", "merge", "--out", text(&photos), text(&one)], &["other files, first photo.png"]);
    assert_eq!(photos.read_dir().unwrap().count(), 1);
}

#[test]
fn parts_that_are_empty_missing_or_measured_again_are_merged_and_told() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let (root, out) = (root(folder.path()), path("out"));
    let part = |i: usize| path(&format!("part{i}"));
    let shard = |i: usize, more: &[&str]| {
        let shard = format!("{i}/4");
        succeed(&bench(&root, &part(i), &[&["--methods", "nothing", "--shard", &shard], more].concat()))
    };
    (1..=3).for_each(|i| drop(shard(i, &[])));
    let not_begun = path("not begun");
    std::fs::create_dir(&not_begun).unwrap();
    let ended = merge(&out, &[&part(1), &part(3), &not_begun]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("part3: 0 results copied"), "{}", ended.stderr);
    assert!(ended.stdout.contains("1 of 2 results missing, first snow/nothing: "), "{}", ended.stdout);
    let ended = merge(&out, &[&part(2)]);
    assert!(!ended.stdout.contains("missing"), "{}", ended.stdout);
    assert!(ended.stdout.contains("(2 effects)") && ended.stdout.contains('–'), "{}", ended.stdout);
    // Scores that came later replace a result that lacks them, and are not lost to one that does.
    let lpips = path("lpips.safetensors");
    std::fs::write(&lpips, random_lpips_file()).unwrap();
    let earlier = path("earlier");
    std::fs::create_dir_all(earlier.join("lava")).unwrap();
    for name in ["nothing", "tests"] {
        let (from, to) = (part(1).join("lava").join(name), earlier.join("lava").join(name));
        std::fs::create_dir(&to).unwrap();
        for file in from.read_dir().unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    let measured = ["--lpips", text(&lpips)];
    for i in [1, 2] {
        shard(i, &measured);
    }
    let ended = merge(&out, &[&part(1), &part(2), &earlier]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let results = json(&out.join("results.json"));
    let records = results["records"].as_array().unwrap();
    assert!(records.len() == 2 && records.iter().all(|record| record["scores"]["lpips"].is_f64()), "{results}");
}

#[test]
fn what_was_skipped_and_is_made_later_is_merged() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let (root, out, part) = (path("root"), path("out"), path("part"));
    let words = effect(&root, "snow", "snow", 1, 1).join("instruction.txt");
    let made = std::fs::read(&words).unwrap();
    std::fs::write(&words, "").unwrap();
    let again = || {
        succeed(&bench(&root, &part, &["--methods", "ip2p", "--shard", "1/1"]));
        let ended = merge(&out, &[&part]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    };
    assert!(again().contains("snow, IP2P: the effect has no words"));
    std::fs::write(&words, made).unwrap();
    assert!(!again().contains("no words"));
    assert!(out.join("snow/ip2p/0.png").is_file());
}
