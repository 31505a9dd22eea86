//! Tests of plans: what is written comes back, and what others wrote does no harm.
use super::{note, plan_of};
use crate::numbers::MOST_SEED;
use crate::protocol::{Card, MOST_TEXT, Named, Order, Plan, Sampler};
use serde_json::{Value, json};

fn full() -> Plan {
    Plan {
        instruction: Some(Named { id: "i".into(), hash: "h".into(), title: "Mid<b>night".into() }),
        text: "make it “snow” \\ now".into(),
        order: Order::WordsFirst,
        amount: Some(80.0),
        steps: Some(7),
        guidance_scale: Some(2.5),
        image_guidance_scale: Some(0.0),
        sampler: Some(Sampler::Euler),
        seed: MOST_SEED,
        size: Some(192),
        segments: vec![true, false, true],
    }
}

fn in_picture(words: &str) -> String {
    json!({ "version": "0", "text": "of the engine", "strength": 1.0, "page": words }).to_string()
}

#[test]
fn what_is_written_comes_back() {
    let by = |sampler| Plan { text: "snow".into(), sampler, ..Plan::default() };
    for plan in [full(), by(None), by(Some(Sampler::EulerAncestral)), by(Some(Sampler::Lcm))] {
        assert_eq!(plan_of(&in_picture(&note(&plan))), Some(plan));
    }
}

#[test]
fn the_first_notes_say_no_sampler_that_nobody_chose() {
    for (written, read) in [("euler-ancestral", None), ("euler", Some(Sampler::Euler)), ("ddim", None)] {
        let note = json!({ "version": 1, "text": "snow", "sampler": written }).to_string();
        assert_eq!(plan_of(&in_picture(&note)).unwrap().sampler, read, "{written}");
    }
}

#[test]
fn the_programs_own_settings_are_understood() {
    let settings = json!({
        "text": null, "instruction": { "title": "Lava", "file": "lava.safetensors" }, "strength": 1.2, "steps": 20,
        "guidance_scale": 1.5, "image_guidance_scale": 1.0, "sampler": "euler", "seed": 3, "size": 128,
        "before": [{ "text": "make it snow", "instruction": null }],
    });
    let plan = plan_of(&settings.to_string()).unwrap();
    assert_eq!(plan.title(), "make it snow, Lava");
    assert_eq!((plan.order, plan.amount, plan.seed), (Order::WordsFirst, Some(120.0), 3));
    assert_eq!((plan.sampler, plan.steps, plan.size), (Some(Sampler::Euler), Some(20), Some(128)));
}

#[test]
fn what_is_no_plan_is_none() {
    let deep = "[".repeat(90_000);
    let long = in_picture(&"x".repeat(200_000));
    for settings in ["", "null", "[]", "{", "{}", "\u{0}", "{\"text\":5}", deep.as_str(), long.as_str()] {
        assert_eq!(plan_of(settings), None, "{:.40}", settings);
    }
}

#[test]
fn hostile_numbers_stay_in_range() {
    let bad = [json!(-1e308), json!(1e308), json!("5"), json!(null), json!([1]), json!({ "a": 1 }), json!(0.4)];
    for value in bad {
        let all = json!({
            "text": format!("a\u{7}b{}", "ü".repeat(9000)), "instruction": value, "order": value, "amount": value,
            "steps": value, "guidance_scale": value, "image_guidance_scale": value, "sampler": value, "seed": value,
            "size": value, "segments": value,
        });
        for settings in [all.to_string(), in_picture(&all.to_string())] {
            let plan = plan_of(&settings).unwrap();
            assert!(plan.text.starts_with("abü") && plan.text.chars().count() <= MOST_TEXT);
            assert!(plan.amount.is_none_or(|amount| (0.0..=150.0).contains(&amount)));
            assert!(plan.steps.is_none_or(|steps| (1..=1000).contains(&steps)));
            assert!(plan.guidance_scale.is_none_or(|scale| (0.0..=100.0).contains(&scale)));
            assert!(plan.size.is_none_or(|size| (64..=1024).contains(&size) && size % 64 == 0));
            assert!(plan.seed <= MOST_SEED);
        }
    }
    let many = json!({ "text": "a", "segments": vec![Value::Bool(false); 5000] }).to_string();
    assert!(plan_of(&many).unwrap().segments.is_empty());
}

#[test]
fn segments_are_of_their_instruction_only() {
    let card = |segments| Card { segments, ..Card::default() };
    assert_eq!(full().segments_of(&card(3)), [true, false, true]);
    assert!(full().segments_of(&card(5)).is_empty());
    assert!(Plan { segments: vec![true; 3], ..full() }.segments_of(&card(3)).is_empty());
}
