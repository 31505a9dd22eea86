//! Edits: the same seed, picture and text or instruction give the picture that diffusers gives.
use super::reference::{engine, path};
use instructbrush::instruction::Instruction;
use instructbrush::platform::files::read_picture;
use instructbrush::platform::folder::FolderSource;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{EditJob, Event, Heard, Job, Outcome, Reply, SamplerKind};
use instructbrush::tensor::picture::Picture;
use serde_json::{Value, json};

fn cases(file: &str) -> Vec<Value> {
    let json: Value = serde_json::from_slice(&std::fs::read(path(file)).unwrap()).unwrap();
    assert_eq!(json["sampler"], "euler-ancestral");
    json["cases"].as_array().unwrap().clone()
}

/// The edit that a case tells of; settings that it leaves out stay open.
fn edited(engine: &mut Engine<FolderSource>, case: &Value, heard: Heard) -> Picture {
    let steps = case["steps"].as_u64().unwrap() as usize;
    let job = EditJob {
        picture: read_picture(&path(case["picture"].as_str().unwrap())).unwrap(),
        heard,
        strength: case["strength"].as_f64().unwrap_or(1.0),
        steps: Some(steps),
        guidance_scale: case["guidance_scale"].as_f64(),
        image_guidance_scale: case["image_guidance_scale"].as_f64(),
        sampler: SamplerKind::EulerAncestral,
        seed: case["seed"].as_u64().unwrap(),
        size: None,
        segments: Vec::new(),
    };
    let mut seen = Vec::new();
    let outcome = pollster::block_on(engine.run(Job::Edit(Box::new(job)), &mut |event| {
        if let Event::Step { step, .. } = event {
            seen.push(step);
        }
        Reply::Continue
    }));
    assert_eq!(seen, (1..=steps).collect::<Vec<_>>());
    match outcome.unwrap() {
        Outcome::Picture(picture) => picture,
        other => panic!("an edit ended in {other:?}"),
    }
}

/// ≥ 45 dB: a level here and there.
fn check(engine: &mut Engine<FolderSource>, case: &Value, heard: Heard) {
    let got = edited(engine, case, heard);
    let psnr = got.psnr(&read_picture(&path(case["output"].as_str().unwrap())).unwrap()).unwrap();
    eprintln!("{}: {psnr:.1} dB", case["name"]);
    assert!(psnr >= 45.0, "{}: {psnr:.1} dB", case["name"]);
}

#[test]
fn a_text_gives_diffusers_picture() {
    let mut engine = engine();
    for case in cases("tests/golden/edits/edits.json") {
        let text = case["text"].as_str().unwrap();
        check(&mut engine, &case, if text.is_empty() { Heard::Nothing } else { Heard::Text(text.into()) });
    }
}

#[test]
fn an_instruction_gives_the_picture_that_a_diffusers_user_gets() {
    let mut engine = engine();
    for case in cases("tests/golden/edits/instructions.json") {
        let file = std::fs::read(path(case["instruction"].as_str().unwrap())).unwrap();
        let instruction = Instruction::decode(&file).unwrap();
        assert_eq!(instruction.about.base_model, engine.fingerprint(), "the reference's fingerprint is ours");
        check(&mut engine, &case, Heard::Instruction(Box::new(instruction)));
    }
}

#[test]
fn strength_0_is_no_text_and_1_is_the_whole() {
    let mut engine = engine();
    let case = |strength: f64| {
        let picture = "web/samples/dog2cat/test/0_0.png";
        json!({"name": strength, "picture": picture, "strength": strength, "steps": 4, "seed": 7})
    };
    let text = || Heard::Text("turn the dog into a cat".into());
    let nothing = edited(&mut engine, &case(1.0), Heard::Nothing);
    assert!(edited(&mut engine, &case(0.0), text()) == nothing);
    let whole = edited(&mut engine, &case(1.0), text());
    let distances = [0.5, 1.0, 1.5].map(|strength| {
        let edited = edited(&mut engine, &case(strength), text());
        assert_eq!(edited == whole, strength == 1.0);
        nothing.psnr(&edited).unwrap()
    });
    assert!(distances.is_sorted_by(|less, more| less > more), "more strength moves it further: {distances:?}");
}
