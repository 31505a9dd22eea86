//! Bench: groups, means, tables and the page of made-up results; what a recipe and a method mean for learning.
use instructbrush::bench::comparable::check_comparable;
use instructbrush::bench::methods::Method;
use instructbrush::bench::record::{Key, MeasuredWith, Record, Scores};
use instructbrush::bench::summary::Summary;
use instructbrush::bench::top_bench::Group;
use instructbrush::bench::{report, table};
use instructbrush::models::config::Recommended;
use instructbrush::service::bench::{BenchJob, Recipe};
use instructbrush::service::job::{InvertJob, SamplerKind};
use serde_json::json;

fn record(effect: &str, key: Key, psnr: Option<f64>) -> Record {
    let scores = psnr.map(|psnr| Scores { psnr, ssim: 0.5, lpips: Some(0.25), direction: None });
    Record {
        effect: effect.into(),
        group: Group::of(effect),
        key,
        settings: json!({ "base_model": "a", "edit": { "steps": 20 } }),
        measured_with: MeasuredWith { lpips: Some("b".into()), clip: None },
        skipped: psnr.is_none().then(|| "it has no words".into()),
        text: None,
        learning_steps: 5 * key.steps,
        unet_evaluations: 10 * key.steps,
        losses: vec![0.5; key.steps],
        tests: scores.into_iter().collect(),
        scores,
    }
}

#[test]
fn every_effect_of_top_bench_has_its_group() {
    let global = "midnight,sea painting,sketch style,summer,wallpaper,charcoal,painting,painting snow,pencil sketch,purple,\
                  snow,watercolor,lava,rain";
    let local = "boy2girl,glasses,4dboy,apple,cake,cloud kitty,dog2cat,juice,read books,smile,traffic lights";
    for (names, n, group) in [(global, 14, Group::Global), (local, 11, Group::Local), ("teal,snowman", 2, Group::Other)]
    {
        assert_eq!(names.split(',').count(), n);
        for name in names.split(',') {
            for written in [name.to_owned(), name.replace(' ', "_"), name.to_uppercase()] {
                assert_eq!(Group::of(&written), group, "{written}");
            }
        }
    }
}

#[test]
fn tables_are_means_over_the_effects_that_have_a_result() {
    let [many, one] = [10, 1].map(|shots| Key::new(Method::InstructBrush, shots, 100));
    let text = Key::new(Method::Ip2p, 10, 100);
    assert_eq!(text, Key::new(Method::Ip2p, 1, 50), "what is not learned is the same for any number of pairs");
    let records = [
        record("snow", many, Some(20.0)),
        record("snow", one, Some(18.0)),
        record("snow", text, Some(16.0)),
        record("lava", many, Some(10.0)),
        record("lava", text, None),
        record("dog2cat <b>", many, Some(30.0)),
    ];
    let summary = Summary::of(&records);
    let titles: Vec<&str> = summary.groups.iter().map(|table| table.title.as_str()).collect();
    assert_eq!(titles, ["Global", "Other", "all"]);
    let psnr = |table: usize, key: Key| {
        let row = summary.groups[table].rows.iter().find(|row| row.key == key).unwrap();
        (row.effects, row.scores.map(|scores| scores.psnr))
    };
    assert_eq!((psnr(0, many), psnr(0, text), psnr(2, many)), ((2, Some(15.0)), (1, Some(16.0)), (3, Some(20.0))));
    let printed = table::text(&summary);
    for words in [
        "Global (2 effects)",
        "InstructBrush, 1 pair (1 of 2)",
        "15.00   0.5000   0.2500        –",
        "lava, IP2P: it has no words.",
        "Direct. is empty",
    ] {
        assert!(printed.contains(words), "no \"{words}\":\n{printed}");
    }
    assert!(!printed.contains("LPIPS is empty"), "{printed}");
    let page = report::page(&records, &summary, &[]);
    assert!(page.contains("dog2cat &lt;b&gt;") && !page.contains("<b>"), "names are text");
    // one effect of two is no rival of the mean over both
    let best: Vec<&str> = page.split("<td class=\"best\">").skip(1).map(|cell| &cell[..5]).collect();
    assert!(!best.contains(&"16.00") && !best.contains(&"18.00"), "{best:?}");
    assert!(page.contains("<polyline class=\"line m-instructbrush\""));
}

#[test]
fn results_that_cannot_stand_in_one_table_are_refused() {
    let key = Key::new(Method::Ip2p, 1, 1);
    let (one, mut other) = (record("snow", key, Some(1.0)), record("lava", key, Some(1.0)));
    let refused = |other: &Record| check_comparable(&[one.clone(), other.clone()]).unwrap_err().to_string();
    other.settings["edit"]["steps"] = 100.into();
    let told = refused(&other);
    assert!(told.contains("edit.steps = 20") && told.contains("lava with 100"), "{told}");
    other.settings["edit"] = json!({ "steps": 20, "sampler": "lcm" });
    let mut ancestral = one.clone();
    ancestral.settings["edit"]["sampler"] = "euler-ancestral".into();
    let told = check_comparable(&[ancestral, other.clone()]).unwrap_err().to_string();
    assert!(told.contains("edit.sampler = \"euler-ancestral\"") && told.contains("lava with \"lcm\""), "{told}");
    // a result from before the VAE was written down
    let old: Record = serde_json::from_value(serde_json::to_value(&one).unwrap()).unwrap();
    let mut new = one.clone();
    new.settings["vae"] = "b".into();
    let told = check_comparable(&[old, new]).unwrap_err().to_string();
    assert!(told.contains("vae = \"not recorded\""), "{told}");
    other.settings["edit"] = serde_json::Value::Null;
    other.measured_with.lpips = None;
    check_comparable(&[one.clone(), other.clone()]).unwrap();
    assert!(other.measured_with.lacks(&one.measured_with) && !one.measured_with.lacks(&other.measured_with));
    other.measured_with.lpips = Some("c".into());
    assert!(refused(&other).contains("LPIPS' weights"));
    // With which CLIP was not written down either, only that there was one: it is measured again.
    let mut old = serde_json::to_value(&one).unwrap();
    old["measured_with"]["clip"] = true.into();
    let old: Record = serde_json::from_value(old).unwrap();
    let mut new = one.clone();
    new.measured_with.clip = Some("d".into());
    assert!(old.measured_with.lacks(&new.measured_with) && !new.measured_with.lacks(&one.measured_with));
    let told = check_comparable(&[old.clone(), new.clone()]).unwrap_err().to_string();
    assert!(told.contains("Direct.'s CLIP = not recorded"), "{told}");
    new.settings.clone_from(&old.settings);
    assert!(old.is_same_result(&new), "whatever it was measured with");
    // What is measured with one network keeps the scores of another.
    let scores = Scores { psnr: 1.0, ssim: 0.5, lpips: None, direction: Some(0.125) };
    let by_clip = MeasuredWith { lpips: None, clip: Some("d".into()) };
    let both = one.clone().measured(&by_clip, vec![scores], scores);
    let all = Scores { lpips: Some(0.25), ..scores };
    assert_eq!((both.scores, both.tests[0].lpips), (Some(all), Some(0.25)));
    assert!(!both.measured_with.lacks(&by_clip) && !both.measured_with.lacks(&one.measured_with));
}

#[test]
fn a_row_is_learned_in_one_way_and_an_effect_compared_on_one_set_of_pictures() {
    let learned = |effect: &str, shots: usize, learning: serde_json::Value, tests: &str| {
        let mut record = record(effect, Key::new(Method::InstructBrush, shots, 100), Some(1.0));
        record.settings["learning"] = learning;
        record.settings["tests"] = tests.into();
        record
    };
    let one = learned("snow", 10, json!({ "pairs": "a", "learning_rate": 0.03, "segments": 5 }), "t");
    // other pairs, and another row, are no difference
    let lava = learned("lava", 10, json!({ "pairs": "b", "learning_rate": 0.03, "segments": 5 }), "u");
    let few = learned("snow", 1, json!({ "pairs": "c", "learning_rate": 0.01, "segments": 1 }), "t");
    check_comparable(&[one.clone(), lava, few]).unwrap();
    let slow = learned("lava", 10, json!({ "pairs": "b", "learning_rate": 0.01, "segments": 5 }), "u");
    let told = check_comparable(&[one.clone(), slow]).unwrap_err().to_string();
    assert!(told.contains("learning.learning_rate = 0.03") && told.contains("lava with 0.01"), "{told}");
    let others = learned("snow", 1, json!({ "pairs": "c" }), "u");
    let told = check_comparable(&[one.clone(), others.clone()]).unwrap_err().to_string();
    assert!(told.contains("test pictures = \"t\"") && told.contains("snow with \"u\""), "{told}");
    // what was skipped was not compared
    let skipped = Record { skipped: Some("no CLIP".into()), scores: None, ..others };
    check_comparable(&[one, skipped]).unwrap();
}

#[test]
fn the_papers_recipe_is_the_papers_whatever_the_model_says() {
    let recommended = Recommended {
        steps_per_segment: Some(100),
        learning_rate: Some(0.03),
        sampler: Some("lcm".into()),
        ..Recommended::default()
    };
    let settled = |recipe, steps_per_segment| {
        let job = BenchJob {
            method: Method::InstructBrush,
            learning: InvertJob { steps_per_segment, ..InvertJob::new(Vec::new()) },
            reference: Vec::new(),
            tests: Vec::new(),
            text: None,
            edit_steps: None,
            sampler: None,
            recipe,
            lpips: None,
        };
        let BenchJob { learning, edit_steps, sampler, .. } = job.settled(&recommended);
        let scales = (learning.guidance_scale, learning.image_guidance_scale);
        (learning.steps_per_segment, learning.learning_rate, scales, edit_steps, sampler)
    };
    let scales = (Some(7.5), Some(1.5));
    let (published, advised) = (Some(SamplerKind::EulerAncestral), Some(SamplerKind::Lcm));
    assert_eq!(settled(Recipe::Paper, None), (Some(1000), Some(1e-3), scales, Some(100), published));
    let typed = settled(Recipe::Paper, Some(7));
    assert_eq!(typed, (Some(7), Some(1e-3), scales, Some(100), published), "what is typed wins");
    assert_eq!(settled(Recipe::Model, None), (Some(100), Some(0.03), scales, Some(20), advised));
    // As many UNet steps in all, but for Visii, which has its own budget.
    let steps = |method: Method| method.segments(5) * method.steps_per_segment(1000, 5);
    let all = [Method::InstructBrush, Method::NoAttn, Method::NoTime, Method::NoInit, Method::Visii, Method::Ip2p];
    assert_eq!(all.map(steps), [5000, 5000, 5000, 5000, 1000, 0]);
}
