//! Effects of the benchmark that are not like the others: of many sizes, with tests that cannot be measured, and without what
//! a method needs.
use super::bench::{bench, effect, json};
use super::program::{folder, run, succeed, text};
use crate::metrics::random_lpips_file;
use std::path::{Path, PathBuf};

/// An effect of grey pairs, of these widths and heights; the last is the test.
fn grey(root: &Path, name: &str, sizes: &[(u32, u32)]) -> PathBuf {
    let to = root.join(name);
    std::fs::create_dir_all(to.join("test")).unwrap();
    for (i, &(width, height)) in sizes.iter().enumerate() {
        let folder = if i + 1 == sizes.len() { to.join("test") } else { to.clone() };
        for side in 0..2 {
            let shade = |x: u32, y: u32| image::Rgb([(x + y) as u8, (2 * x) as u8, 100 * side]);
            let picture = image::RgbImage::from_fn(width, height, shade);
            picture.save(folder.join(format!("{i}_{side}.png"))).unwrap();
        }
    }
    to
}

#[test]
fn pairs_of_many_sizes_are_learned_from_and_one_effect_that_fails_stops_no_other() {
    let folder = folder();
    let [root, out, lpips] = ["root", "out", "lpips.safetensors"].map(|name| folder.path().join(name));
    std::fs::write(&lpips, random_lpips_file()).unwrap();
    grey(&root, "a sliver", &[(64, 64), (64, 64), (64, 64), (400, 40)]);
    grey(&root, "many", &[(64, 64), (96, 64), (80, 128), (96, 128)]);
    let folders = ["bench", "--root", text(&root), "--out", text(&out), "--lpips", text(&lpips)];
    let methods =
        ["--methods", "vae,instructbrush", "--shots", "3", "--steps", "1", "--segments", "1", "--edit-steps", "1"];
    let ended = run(&[&folders[..], &methods, &["--size", "128"]].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("error: a sliver, VAE of the truth: LPIPS takes pictures"), "{}", ended.stderr);
    let results = json(&out.join("results.json"));
    let records = results["records"].as_array().unwrap();
    assert!(records.len() == 2 && records.iter().all(|record| record["effect"] == "many"), "{results}");
    let failed = results["failed"].as_object().unwrap();
    let why = failed["a sliver/instructbrush-3-pairs-1-steps"].as_str().unwrap();
    assert!(failed.len() == 2 && why.contains("results would be 128×13"), "{failed:?}");
    let test = image::open(out.join("many/tests/3_1.png")).unwrap();
    assert_eq!((test.width(), test.height()), (96, 128));
}

#[test]
fn without_clip_only_what_needs_it_is_left_out() {
    let folder = folder();
    let [root, out, model] = ["root", "out", "model"].map(|name| folder.path().join(name));
    effect(&root, "snow", "snow", 1, 1);
    let demo = super::program::root().join("tests/golden/demo");
    for part in demo.read_dir().unwrap().map(Result::unwrap).filter(|part| part.file_name() != "clip") {
        let to = model.join(part.file_name());
        if part.path().is_file() {
            std::fs::create_dir_all(&model).unwrap();
            std::fs::copy(part.path(), to).unwrap();
            continue;
        }
        std::fs::create_dir_all(&to).unwrap();
        for file in part.path().read_dir().unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    let more = ["--methods", "ip2p,visii,instructbrush,no-init", "--shots", "1", "--steps", "1"];
    let ended = run(&bench(&root, &out, &[&more[..], &["--model", text(&model)]].concat()));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for method in ["visii", "no-init"] {
        assert!(
            ended.stderr.contains(&format!("snow: {method} is skipped: it starts from a caption")),
            "{}",
            ended.stderr
        );
    }
    let scored = |method: &str| {
        json(&out.join("results.json"))["records"]
            .as_array()
            .unwrap()
            .iter()
            .any(|record| record["method"] == method && record["scores"]["psnr"].is_f64())
    };
    assert_eq!(["ip2p", "instructbrush", "visii"].map(scored), [true, true, false]);
    // With CLIP it is another benchmark, which is found out before the work.
    let ended = run(&bench(&root, &out, &more));
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("clip = \"none\"") && ended.stderr.contains("another --out"), "{}", ended.stderr);
    assert!(!out.join("snow/visii-1-pairs-1-steps/instruction.safetensors").exists());
}

#[test]
fn an_effect_that_has_changed_is_noticed_before_the_work() {
    let folder = folder();
    let [root, out] = ["root", "out"].map(|name| folder.path().join(name));
    effect(&root, "lava", "lava", 1, 1);
    effect(&root, "snow", "snow", 1, 1);
    succeed(&bench(&root, &out, &["--methods", "nothing,ip2p"]));
    let refuse = |methods: &str, why: &str| {
        let ended = run(&bench(&root, &out, &["--methods", methods]));
        assert!(ended.code == Some(2) && ended.stderr.contains(why), "{}", ended.stderr);
        assert!(!out.join("lava/vae").exists());
    };
    std::fs::write(root.join("snow/instruction.txt"), "let it snow").unwrap();
    refuse("vae,ip2p", "snow/ip2p: this result was made with text = ");
    effect(&root, "snow", "snow", 2, 1);
    refuse("vae", "of snow was made with pairs to compare with = ");
    let test = root.join("snow/test");
    std::fs::remove_file(root.join("snow/1_0.png")).unwrap();
    std::fs::remove_file(root.join("snow/1_1.png")).unwrap();
    for side in ["0.png", "1.png"] {
        std::fs::rename(test.join(format!("0_{side}")), test.join(format!("7_{side}"))).unwrap();
    }
    refuse("vae", "there is no 7_0.png");
}

#[test]
fn words_that_are_too_long_leave_out_one_result_and_what_was_taken_away_is_made_again() {
    let folder = folder();
    let [root, out] = ["root", "out"].map(|name| folder.path().join(name));
    std::fs::write(effect(&root, "lava", "lava", 1, 1).join("instruction.txt"), "word ".repeat(500)).unwrap();
    effect(&root, "snow", "snow", 1, 1);
    let arguments = bench(&root, &out, &["--methods", "ip2p"]);
    let ended = run(&arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("lava, IP2P: the text has 500 tokens"), "{}", ended.stdout);
    let picture = out.join("snow/ip2p/0.png");
    std::fs::remove_file(&picture).unwrap();
    assert_eq!(succeed(&arguments), ended.stdout);
    assert!(picture.is_file());
    // Several effects that cannot be used are told at once.
    for name in ["lava", "snow"] {
        std::fs::write(root.join(name).join("0_0.png"), "no picture").unwrap();
    }
    let ended = run(&arguments);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let told = ended.stderr;
    assert!(told.contains("lava/0_0.png") && told.contains("nor can these effects be used: snow"), "{told}");
}
