//! The phrase search against `tests/golden/phrases.py`, and where lists and pictures leave it little to find.
use super::reference::{engine, path};
use std::collections::HashMap;

use instructbrush::cli::phrases_report::table;
use instructbrush::instruction::phrases::{BATCH, Mode, PhraseReport, SearchSettings, search, set_feature};
use instructbrush::instruction::vocabulary::{Vocabulary, general_vocabulary, parse_vocabulary};
use instructbrush::platform::pairs::read_pairs;
use instructbrush::service::job::{Job, Outcome, PhraseSettings, PhrasesJob, Reply};
use instructbrush::{Error, Result};
use safetensors::SafeTensors;
use serde_json::Value;

const GOLDEN: &str = include_str!("../golden/phrases.json");
const FEATURES: &[u8] = include_bytes!("../golden/phrases.safetensors");
const PHRASES: &str = include_str!("../../tests/golden/demo/phrases.json");
const WIDTH: usize = 128;
/// As in phrases.py: " and " is also inside "a black and white photo".
const SEPARATOR: &str = " | ";

fn tensor(name: &str) -> Vec<f32> {
    let file = SafeTensors::deserialize(FEATURES).unwrap();
    file.tensor(name).unwrap().data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

/// The search with phrases.py's "bag" in place of CLIP: the normalised sum of the phrases' features over their rank.
fn search_bags(
    vocabulary: &Vocabulary,
    features: &[f32],
    [before, after]: [&[f32]; 2],
    settings: &SearchSettings,
    fits: impl Fn(&str) -> bool,
) -> Result<PhraseReport> {
    let width = before.len();
    let index: HashMap<&str, usize> = vocabulary.phrases.iter().enumerate().map(|(i, p)| (p.as_str(), i)).collect();
    let encode = async |captions: &[String]| {
        assert!((1..=BATCH).contains(&captions.len()));
        let mut rows = Vec::new();
        for caption in captions {
            let mut sum = vec![0f32; width];
            for (rank, phrase) in caption.split(SEPARATOR).enumerate() {
                let row = &features[index[phrase] * width..][..width];
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / (rank + 1) as f32);
            }
            rows.extend(set_feature(&sum, width));
        }
        Ok(rows)
    };
    pollster::block_on(search(vocabulary, features, before, after, settings, fits, encode))
}

fn bags() -> SearchSettings {
    SearchSettings { separator: SEPARATOR.to_owned(), ..SearchSettings::default() }
}

fn listed(names: &[&str]) -> Vocabulary {
    Vocabulary::new(names, |_| true)
}

/// Starts, captions and sensitivities of one search equal the golden ones.
fn check(report: &PhraseReport, captions: Option<&Value>, starts: &Value, what: &str) {
    check_within(1e-9, report, captions, starts, what);
}

fn check_within(limit: f64, report: &PhraseReport, captions: Option<&Value>, starts: &Value, what: &str) {
    let start = serde_json::json!({
        "unique_before": report.unique_before, "unique_after": report.unique_after, "instruction": report.instruction
    });
    assert_eq!(&start, starts, "{what}");
    let Some(captions) = captions else { return };
    for (side, found) in [("before", &report.before), ("after", &report.after)] {
        let wanted = captions[side].as_array().unwrap();
        assert_eq!(found.len(), wanted.len(), "{what} {side}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert_eq!(found.phrase, wanted["phrase"].as_str().unwrap(), "{what} {side}");
            for (name, value) in
                [("own", found.own), ("other", found.other), ("absolute", found.absolute), ("relative", found.relative)]
            {
                let wanted = wanted[name].as_f64().unwrap();
                assert!((value - wanted).abs() < limit, "{what} {side} {}: {name} {value}, not {wanted}", found.phrase);
            }
        }
    }
}

#[test]
fn ten_effects_give_the_twins_captions_and_starts() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let vocabulary = Vocabulary::new(parse_vocabulary(PHRASES, true).unwrap(), |_| true);
    assert_eq!(vocabulary.phrases.len(), 154);
    let features = tensor("vocabulary");
    for (effect, wanted) in golden["effects"].as_object().unwrap() {
        let (before, after) = (tensor(&format!("{effect}.before")), tensor(&format!("{effect}.after")));
        let run = |settings| search_bags(&vocabulary, &features, [&before, &after], &settings, |_| true).unwrap();
        let bag = &wanted["bag"];
        check(&run(bags()), Some(bag), &bag["relative"], effect);
        let absolute = run(SearchSettings { mode: Mode::Absolute, ..bags() });
        check(&absolute, Some(bag), &bag["absolute"], effect);
        let direct = run(SearchSettings { direct: true, ..bags() });
        check(&direct, None, &wanted["direct"], effect);
        assert_eq!(direct.unique_before.as_ref(), direct.before.first().map(|s| &s.phrase), "{effect}");
    }
}

#[test]
fn the_engine_finds_them_with_clip_itself() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let mut engine = engine();
    for (effect, wanted) in golden["effects"].as_object().unwrap() {
        let pairs = read_pairs(&path(&format!("tests/golden/pairs/{effect}"))).unwrap();
        for direct in [false, true] {
            let settings = PhraseSettings { direct, ..PhraseSettings::default() };
            let job = Job::Phrases(Box::new(PhrasesJob { pairs: pairs.clone(), settings }));
            let outcome = pollster::block_on(engine.run(job, &mut |_| Reply::Continue)).unwrap();
            let Outcome::Phrases(report) = outcome else { panic!("{outcome:?}") };
            let (captions, starts) = match direct {
                true => (None, &wanted["direct"]),
                false => (Some(&wanted["clip"]), &wanted["clip"]["relative"]),
            };
            check_within(1e-5, &report, captions, starts, effect);
        }
    }
}

#[test]
fn a_sets_feature_is_the_renormalised_mean() {
    for side in ["midnight.before", "midnight.after"] {
        let feature = set_feature(&tensor(&format!("{side}.pictures")), WIDTH);
        let wanted = tensor(side);
        let worst = feature.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{side}: {worst}");
    }
    assert_eq!(set_feature(&[3.0, 4.0, -3.0, -4.0], 2), [0.0, 0.0]);
    assert_eq!(set_feature(&[], 2), [0.0, 0.0]);
}

#[test]
fn little_to_choose_from_is_no_error() {
    let (x, y): (&[f32], &[f32]) = (&[1.0, 0.0], &[0.0, 1.0]);
    let run = |vocabulary: &Vocabulary, features: &[f32], sets, settings| {
        search_bags(vocabulary, features, sets, &settings, |_| true).unwrap()
    };
    let none = run(&Vocabulary::default(), &[], [x, y], bags());
    assert!(none.before.is_empty() && none.after.is_empty() && none.instruction.is_empty());
    assert!(table(&none).ends_with("(no phrase tells the sets apart: learning would start from the empty text)\n"));

    let one = run(&listed(&["day"]), &[0.8, 0.6], [x, y], bags());
    assert_eq!((one.before.len(), one.after.len()), (1, 1), "r is more than there is");
    assert_eq!(one.instruction, "remove day");
    assert_eq!(run(&listed(&["day"]), &[0.8, 0.6], [y, x], bags()).instruction, "turn it into day");

    let two = listed(&["day", "night"]);
    let features = [0.8, 0.6, 0.6, 0.8];
    let found = run(&two, &features, [x, y], bags());
    assert_eq!(found.instruction, "turn day into night");
    assert!(table(&found).ends_with("\nturn day into night\n"), "{}", table(&found));
    assert_eq!(table(&found).matches('←').count(), 2);
    for direct in [false, true] {
        let equal = run(&two, &features, [x, x], SearchSettings { direct, ..bags() });
        assert_eq!((equal.before.len(), equal.instruction.as_str()), (2, ""), "equal sets, direct: {direct}");
    }
    // A tie goes to the first in the list; a phrase away from its own set describes nothing, however far the other is.
    let ties = run(&listed(&["dusk", "day", "noon"]), &[-0.6, -0.8, 0.8, 0.6, 0.8, 0.6], [x, y], bags());
    assert_eq!(ties.before.iter().map(|s| s.phrase.as_str()).collect::<Vec<_>>()[0], "day");
    assert_eq!(ties.unique_before.as_deref(), Some("day"));
    assert_eq!(ties.before.iter().find(|s| s.phrase == "dusk").unwrap().relative, 0.0);
    let near = run(&two, &features, [x, y], SearchSettings { preselect: 1, ..bags() });
    assert_eq!((near.before.len(), near.after[0].phrase.as_str()), (1, "night"));
}

#[test]
fn texts_never_outgrow_the_context() {
    let words = |limit: usize| move |text: &str| text.split_whitespace().filter(|w| *w != "|").count() <= limit;
    let vocabulary =
        Vocabulary::new(["a bright day", " dark night ", "", "dark night", "one two three four five"], words(4));
    assert_eq!(
        (vocabulary.phrases.as_slice(), vocabulary.too_long),
        (&["a bright day".into(), "dark night".into()][..], 1)
    );
    let features = [0.8, 0.6, 0.6, 0.8];
    let run = |limit| search_bags(&vocabulary, &features, [&[1.0, 0.0], &[0.0, 1.0]], &bags(), words(limit)).unwrap();
    let roomy = run(7);
    assert_eq!((roomy.before.len(), roomy.too_long), (2, 1));
    assert_eq!(roomy.instruction, "turn a bright day into dark night");
    assert_eq!(run(4).before.len(), 1, "the caption stops growing");
    assert_eq!(run(6).instruction, "turn it into dark night", "seven words do not fit");
}

#[test]
fn what_cannot_be_used_is_told() {
    let two = listed(&["day", "night"]);
    let run = |features: &[f32], threshold: f64| {
        search_bags(&two, features, [&[1.0, 0.0], &[0.0, 1.0]], &SearchSettings { threshold, ..bags() }, |_| true)
    };
    assert!(matches!(run(&[0.8, 0.6, 0.6, 0.8], f64::NAN), Err(Error::Usage(_))));
    assert!(matches!(run(&[0.8, f32::NAN, 0.6, 0.8], 0.15), Err(Error::Computation(_))));
    let lines = parse_vocabulary("\u{feff}a cat\r\n# a dog\r\n\r\n", false).unwrap();
    assert_eq!(Vocabulary::new(lines, |_| true).phrases, ["a cat", "# a dog"]);
    for (text, json) in
        [("", false), ("\n \n", false), ("[]", true), ("{\"a\": 1}", true), ("[1]", true), ("a cat", true)]
    {
        assert!(parse_vocabulary(text, json).is_err_and(|error| error.is_usage()), "{text:?}");
    }
}

#[test]
fn the_general_list_is_clean() {
    let general = general_vocabulary();
    assert!((3000..=5000).contains(&general.len()), "{}", general.len());
    assert_eq!(Vocabulary::new(&general, |phrase| phrase.split(' ').count() <= 8).phrases, general);
    for phrase in &general {
        assert!(!phrase.contains(',') && *phrase == phrase.to_lowercase(), "{phrase}");
    }
}
