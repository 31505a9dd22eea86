//! Edits: the same seed, picture and text or instruction give the picture that diffusers gives.
use super::reference::{engine, path};
use instructbrush::instruction::Instruction;
use instructbrush::platform::files::read_picture;
use instructbrush::platform::folder::FolderSource;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{EditJob, Event, Heard, Job, Memory, Outcome, Reply, SamplerKind};
use instructbrush::tensor::ops::Compute;
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
        sampler: Some(SamplerKind::EulerAncestral),
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

/// With all parts at hand, and with each on the device only where it works.
#[test]
fn a_text_gives_diffusers_picture() {
    for memory in [Memory::High, Memory::Low] {
        let mut engine = engine();
        engine.set_memory(memory);
        for case in cases("tests/golden/edits/edits.json") {
            let text = case["text"].as_str().unwrap();
            check(&mut engine, &case, if text.is_empty() { Heard::Nothing } else { Heard::Text(text.into()) });
        }
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

/// Where the device computes with halves: another picture, but not to a person's eyes.
#[test]
fn products_of_halves_change_no_picture_much() {
    let mut engine = engine();
    let case = &cases("tests/golden/edits/edits.json")[2];
    let text = || Heard::Text(case["text"].as_str().unwrap().into());
    let whole = edited(&mut engine, case, text());
    if let Err(error) = engine.set_compute(Compute::F16) {
        return assert!(error.to_string().contains("choose f32"), "{error}");
    }
    check(&mut engine, case, text());
    assert!(edited(&mut engine, case, text()) != whole, "products were of 32 bits all the same");
}

#[test]
fn strength_0_is_no_text_and_1_is_the_whole() {
    let mut engine = engine();
    let case = |strength: f64| {
        let picture = "tests/golden/pairs/dog2cat/test/0_0.png";
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

/// A golden instruction on a picture, with some of its segments switched off; and the clean guesses on the way.
fn heard_in_part(engine: &mut Engine<FolderSource>, segments: Vec<bool>) -> instructbrush::Result<(Picture, usize)> {
    let case = cases("tests/golden/edits/instructions.json").remove(1);
    let file = std::fs::read(path(case["instruction"].as_str().unwrap())).unwrap();
    let instruction = Instruction::decode(&file).unwrap();
    let picture = read_picture(&path(case["picture"].as_str().unwrap())).unwrap();
    let heard = Heard::Instruction(Box::new(instruction));
    let job = EditJob { steps: Some(5), segments, ..EditJob::new(picture, heard) };
    let mut previews = 0;
    let outcome = pollster::block_on(engine.run(Job::Edit(Box::new(job)), &mut |event| match event {
        Event::Step { .. } => Reply::Preview,
        Event::Preview { .. } => {
            previews += 1;
            Reply::Continue
        }
        _ => Reply::Continue,
    }));
    match outcome? {
        Outcome::Picture(picture) => Ok((picture, previews)),
        other => panic!("an edit ended in {other:?}"),
    }
}

#[test]
fn a_segment_that_is_off_is_not_heard() {
    let mut engine = engine();
    let (whole, previews) = heard_in_part(&mut engine, Vec::new()).unwrap();
    assert_eq!(previews, 5, "a preview after every step, for the asking");
    assert!(heard_in_part(&mut engine, vec![true; 5]).unwrap().0 == whole);
    let (without, _) = heard_in_part(&mut engine, vec![false; 5]).unwrap();
    let (late, _) = heard_in_part(&mut engine, vec![true, true, false, false, false]).unwrap();
    assert!(late != whole && late != without && whole != without);
    let error = heard_in_part(&mut engine, vec![true; 3]).unwrap_err();
    assert!(error.to_string().starts_with("3 segments are switched on or off, the instruction has 5"), "{error}");
}
