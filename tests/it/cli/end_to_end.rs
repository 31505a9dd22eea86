//! End to end: learn from the samples, look at what was learned, apply it; small sizes, few steps, the real program.
use super::program::{Ended, fail, folder, program, root, run, sample, succeed, text};
use serde_json::Value;
use std::path::Path;

/// Learns a little; `more` may hold further options.
fn invert(out: &Path, more: &[&str]) -> String {
    let pairs = sample("snow");
    let mut arguments = vec!["invert", "--pairs", text(&pairs), "--out", text(out), "--segments", "2"];
    arguments.extend(["--steps-per-segment", "6", "--start", "make it snow", "--size", "64", "--quiet"]);
    arguments.extend(more);
    succeed(&arguments)
}

/// Edits a sample at a small size and returns its pixels.
fn edit(out: &Path, more: &[&str]) -> image::RgbImage {
    let picture = sample("snow/test/0_0.png");
    let mut arguments = vec!["edit", "--picture", text(&picture), "--out", text(out), "--steps", "3", "--size", "64"];
    arguments.extend(more);
    let printed = succeed(&arguments);
    if !more.contains(&"--json") {
        assert_eq!(printed, format!("{}\n", out.display()));
    }
    image::open(out).unwrap().to_rgb8()
}

/// The settings that a PNG carries, found as the JSON object after the key.
fn settings(png: &Path) -> Value {
    let bytes = std::fs::read(png).unwrap();
    let at = bytes.windows(13).position(|window| window == b"instructbrush").unwrap();
    let start = at + bytes[at..].iter().position(|&byte| byte == b'{').unwrap();
    serde_json::Deserializer::from_slice(&bytes[start..]).into_iter().next().unwrap().unwrap()
}

#[test]
fn an_edit_keeps_its_shape_says_its_settings_and_follows_its_seed() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let first = edit(&path("1.png"), &["--text", "make it snow", "--seed", "7"]);
    let again = edit(&path("2.png"), &["--text", "make it snow", "--seed", "7"]);
    let other = edit(&path("3.png"), &["--text", "make it snow", "--seed", "8"]);
    assert_eq!(first.dimensions(), (64, 64), "no larger than the model worked");
    assert!(first == again, "the same seed gives the same picture");
    assert!(first != other, "another seed gives another picture");
    assert_eq!(std::fs::read(path("1.png")).unwrap(), std::fs::read(path("2.png")).unwrap());
    let settings = settings(&path("1.png"));
    assert_eq!(settings["text"], "make it snow");
    assert_eq!((&settings["seed"], &settings["steps"], &settings["size"]), (&7.into(), &3.into(), &64.into()));
    // Not typed: the demo model's recommendations.
    assert_eq!(settings["guidance_scale"], 1.5);
    assert_eq!(settings["image_guidance_scale"], 1.0);
    assert_eq!(settings["sampler"], "euler-ancestral", "where the model says nothing");
    for name in ["out.jpg", "out.webp"] {
        assert_eq!(edit(&path(name), &["--text", "make it snow", "--sampler", "euler"]).dimensions(), (64, 64));
    }
    // Inside 64×64, outside the picture's own aspect ratio.
    let wide = path("wide.png");
    image::open(sample("snow/0_0.png")).unwrap().crop_imm(0, 0, 100, 50).save(&wide).unwrap();
    let out = path("wide_out.png");
    succeed(&["edit", "--picture", text(&wide), "--out", text(&out), "--steps", "1", "--size", "64"]);
    assert_eq!(image::image_dimensions(out).unwrap(), (64, 32));
}

#[test]
fn a_bad_picture_among_many_is_reported_and_the_others_are_edited() {
    let folder = folder();
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::copy(sample("snow/0_0.png"), photos.join("a.png")).unwrap();
    std::fs::write(photos.join("b.png"), b"no picture").unwrap();
    std::fs::copy(sample("snow/1_0.png"), photos.join("c.png")).unwrap();
    let out = folder.path().join("out");
    let arguments = ["edit", "--picture", text(&photos), "--out", text(&out), "--steps", "1", "--size", "64", "--json"];
    let ended = run(&arguments);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("error: ") && ended.stderr.contains("b.png"), "{}", ended.stderr);
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{}", ended.stdout);
    for (line, name) in lines.iter().zip(["a.png", "c.png"]) {
        assert_eq!(line["out"], text(&out.join(name)));
        assert_eq!(line["width"], 64);
        assert_eq!(line["settings"]["text"], Value::Null);
        assert!(out.join(name).is_file());
    }
    assert!(!out.join("b.png").exists());
}

#[test]
fn what_is_learned_can_be_inspected_and_applied() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let (held_out, curve) = (sample("snow/test"), path("curve.csv"));
    let described = ["--title", "Snow", "--author", "Ada", "--license", "CC0-1.0", "--tags", "winter,snow"];
    let mut more = vec!["--held-out", text(&held_out), "--losses", text(&curve), "--json"];
    more.extend(described);
    let out = path("snow.safetensors");
    let report: Value = serde_json::from_str(&invert(&out, &more)).unwrap();
    assert_eq!(report["segments"], 2);
    // The best on the held-out pairs is kept, after however many steps it was.
    assert!((1..=6).contains(&report["steps_per_segment"].as_u64().unwrap()), "{report}");
    assert_eq!(report["bytes"], std::fs::metadata(&out).unwrap().len());
    assert!(report["held_out_psnr"].as_f64().unwrap() > 5.0, "{report}");
    assert!(!path("snow.safetensors.state").exists(), "a finished run leaves no state");
    let curve = std::fs::read_to_string(curve).unwrap();
    assert_eq!(curve.lines().count(), 1 + 6, "{curve}");

    let about: Value = serde_json::from_str(&succeed(&["inspect", text(&out), "--json"])).unwrap();
    for (key, value) in [("title", "Snow"), ("author", "Ada"), ("license", "CC0-1.0"), ("start", "make it snow")] {
        assert_eq!(about[key], value, "{about}");
    }
    assert_eq!(about["date"], "2027-01-15", "the day of SOURCE_DATE_EPOCH");

    let learned = ["--instruction", text(&out)];
    let full = edit(&path("full.png"), &learned);
    let none = edit(&path("none.png"), &[]);
    let zero = edit(&path("zero.png"), &[&learned[..], &["--strength", "0"]].concat());
    assert!(zero == none, "strength 0 is the edit without a text");
    assert!(full != none, "strength 1 is another");
    assert_eq!(settings(&path("full.png"))["instruction"]["title"], "Snow");
}

#[test]
fn phrases_are_found_and_printed() {
    let pairs = sample("snow");
    let table = succeed(&["phrases", "--pairs", text(&pairs), "--quiet"]);
    let report: Value = serde_json::from_str(&succeed(&["phrases", "--pairs", text(&pairs), "--json"])).unwrap();
    for found in report["after"].as_array().unwrap() {
        assert!(table.contains(found["phrase"].as_str().unwrap()), "{table}");
    }
    assert_eq!(report["after"].as_array().unwrap().len(), 5);
}

#[test]
fn quiet_is_quiet_and_a_text_too_long_is_a_sentence() {
    let folder = folder();
    let (picture, out) = (sample("snow/0_0.png"), folder.path().join("out.png"));
    let arguments =
        ["edit", "--picture", text(&picture), "--out", text(&out), "--steps", "1", "--size", "64", "--quiet"];
    let ended = run(&arguments);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    std::fs::remove_file(&out).unwrap();
    let long = "snow ".repeat(100);
    let ended = Ended::from(program(&arguments).args(["--text", &long]).output().unwrap());
    assert!(matches!(ended.code, Some(1 | 2)), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("error: ") && !ended.stderr.contains("bug"), "{}", ended.stderr);
    assert!(!out.exists());
}

#[test]
fn the_demo_model_is_inside_the_program() {
    let folder = folder();
    let picture = root().join("web/samples/snow/test/0_0.png");
    let pairs = root().join("web/samples/snow");
    let run = |model: Option<&str>, out: &str| {
        let away = |arguments: &[&str]| {
            let mut program = program(arguments);
            program.current_dir(folder.path()).env_remove("INSTRUCTBRUSH_MODEL");
            if let Some(model) = model {
                program.env("INSTRUCTBRUSH_MODEL", root().join(model));
            }
            let ended = Ended::from(program.output().unwrap());
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            ended.stdout
        };
        let edit = [
            "edit",
            "--picture",
            text(&picture),
            "--text",
            "have it snow",
            "--steps",
            "1",
            "--out",
            out,
            "--size",
            "64",
        ];
        away(&edit);
        let found = away(&["phrases", "--pairs", text(&pairs)]);
        (image::open(folder.path().join(out)).unwrap().to_rgb8(), found)
    };
    let (own, folders) = (run(None, "own.png"), run(Some("web/models/demo"), "folder.png"));
    assert!(own.0 == folders.0, "another picture");
    assert_eq!(own.1, folders.1);
}

/// A model that was converted is a model: f16 of an f16 model has the same numbers, auto finds fewer bits, and what was
/// learned with the whole model applies with the small one.
#[test]
fn a_converted_model_edits_and_knows_instructions() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let (half, small) = (path("half"), path("small"));
    let shipped = root().join("web/models/demo");
    succeed(&["convert", "--model", text(&shipped), "--weights", "f16", "--out", text(&half), "--quiet"]);
    let told = succeed(&["convert", "--model", text(&shipped), "--out", text(&small), "--quiet", "--layers"]);
    assert!(told.contains("q6") && told.contains("unet: conv_in.weight") && told.contains("The UNet says"), "{told}");
    // the model that is compiled into the program is that folder, file for file
    let own = path("own");
    let words = ["convert", "--weights", "f16", "--out", text(&own), "--quiet"];
    assert!(program(&words).env_remove("INSTRUCTBRUSH_MODEL").output().unwrap().status.success());
    let index = |model: &Path| std::fs::read_to_string(model.join("index.json")).unwrap();
    let listed = |model: &Path| -> Value { serde_json::from_str(&index(model)).unwrap() };
    assert_eq!(listed(&own)["parts"], listed(&half)["parts"]);
    for (name, file) in listed(&half)["files"].as_object().unwrap() {
        assert!(name.ends_with(".md") || &listed(&own)["files"][name] == file, "{name}");
    }

    let same = |model: &Path, name: &str, more: &[&str]| {
        let mut words = vec!["--model", text(model)];
        words.extend(more);
        edit(&path(name), &words)
    };
    let words = ["--text", "make it snow"];
    // the same numbers, summed in another order
    let (whole, converted) = (same(&shipped, "whole.png", &words), same(&half, "half.png", &words));
    let apart = whole.iter().zip(converted.iter()).map(|(&a, &b)| a.abs_diff(b)).max();
    assert!(apart <= Some(1), "f16 as it was: {apart:?} levels apart");

    let learned = path("snow.safetensors");
    invert(&learned, &["--model", text(&shipped)]);
    let words = ["--instruction", text(&learned)];
    let (whole, small_too) = (same(&shipped, "whole2.png", &words), same(&small, "small.png", &words));
    let square: f64 = whole.iter().zip(small_too.iter()).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
    let psnr = 10.0 * (255.0f64.powi(2) * whole.len() as f64 / square).log10();
    assert!(psnr > 30.0, "{psnr:.1} dB between both models' pictures");

    // into the folder where one stands
    let here = path("here");
    std::fs::create_dir(&here).unwrap();
    let words = ["convert", "--model", text(&shipped), "--weights", "f16", "--out", ".", "--quiet"];
    let ended: Ended = program(&words).current_dir(&here).output().unwrap().into();
    assert_eq!((ended.code, index(&here)), (Some(0), index(&half)), "{}", ended.stderr);

    fail(2, &["convert", "--out", text(&half)], &["there is something already"]);
    std::fs::remove_file(half.join("unet-000.bin")).unwrap();
    let picture = sample("snow/0_0.png");
    let out = path("never.png");
    let broken = ["edit", "--model", text(&half), "--picture", text(&picture), "--out", text(&out), "--text", "snow"];
    fail(1, &broken, &["unet-000.bin is missing"]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with('.')), "nothing half done is left: {left:?}");
}
