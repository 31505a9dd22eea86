//! File: instruction and state files, there and back, and everything bad that can happen to them.
use instructbrush::cli::inspect;
use instructbrush::instruction::file::Precision;
use instructbrush::instruction::state::{Best, State};
use instructbrush::instruction::{About, Instruction, LearnedLayer, Rows, Space, Thumbnails};
use instructbrush::tensor::picture::Picture;
use serde_json::Value;

/// Two segments, layers 3, 2 and 3 wide, two tokens; every number is exact in f16.
fn example() -> Instruction {
    let layer = |segment: usize, layer: usize, width: usize| {
        let number = |at: usize| (at as f32 - 2.5) * 0.25 + segment as f32 + 10.0 * layer as f32;
        let key: Vec<f32> = (0..2 * width).map(number).collect();
        LearnedLayer { value: key.iter().map(|x| -x).collect(), key, width }
    };
    let segment = |s| [3, 2, 3].iter().enumerate().map(|(l, &width)| layer(s, l, width)).collect();
    Instruction {
        segments: vec![segment(0), segment(1)],
        about: About {
            title: "Über-blond \"é\"".into(),
            start: "turn {hair} into\nblonde hair".into(),
            tokens: 2,
            rows: Rows::First,
            space: Space::Text,
            base_model: "ab".repeat(32),
            base_model_title: "Demo IP2P 128".into(),
            resolution: 128,
            guidance_scale: 0.1 + 0.2,
            image_guidance_scale: 1.0,
            steps: 20,
            strength: 1.25,
            steps_per_segment: 100,
            learning_rate: 1e-3,
            seed: u64::MAX,
            pairs: 10,
            thumbnails: None,
            date: "2025-01-02".into(),
            author: "Somebody".into(),
            license: "CC0-1.0".into(),
            description: "Makes hair blonde.".into(),
            tags: "hair,colour".into(),
        },
    }
}

fn picture(side: usize) -> Picture {
    Picture { width: side, height: side / 2, rgb: (0..side * (side / 2) * 3).map(|at| (at % 251) as u8).collect() }
}

/// The sentence with which these bytes are refused.
fn refusal(bytes: &[u8]) -> String {
    Instruction::decode(bytes).unwrap_err().to_string()
}

/// The header as JSON, changed, in front of the numbers as they were or as `data` makes them.
fn rewrite(bytes: &[u8], header: impl FnOnce(&mut Value), data: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut json: Value = serde_json::from_slice(&bytes[8..8 + len]).unwrap();
    let mut numbers = bytes[8 + len..].to_vec();
    header(&mut json);
    data(&mut numbers);
    let json = serde_json::to_vec(&json).unwrap();
    [&(json.len() as u64).to_le_bytes()[..], &json, &numbers].concat()
}

#[test]
fn an_instruction_comes_back_as_it_was_and_as_f16_rounds_it() {
    let mut before = example();
    before.about.thumbnails = Thumbnails::of(&picture(300), &picture(20));
    let bytes = before.encode(Precision::F32).unwrap();
    assert_eq!(Instruction::decode(&bytes).unwrap(), before);
    assert_eq!(bytes, before.clone().encode(Precision::F32).unwrap(), "equal content, equal bytes");

    // Every number exactly: also those that f16 lacks, and the smallest.
    for (at, value) in [f32::MIN_POSITIVE, -0.0, 1.000_000_1, 1e-45, 65504.0, -3.3e38].into_iter().enumerate() {
        before.segments[1][2].key[at] = value;
    }
    let exact = Instruction::decode(&before.encode(Precision::F32).unwrap()).unwrap();
    let bits = |instruction: &Instruction| -> Vec<u32> {
        instruction.segments.iter().flatten().flat_map(|l| l.key.iter().chain(&l.value)).map(|x| x.to_bits()).collect()
    };
    assert_eq!(bits(&exact), bits(&before));

    before.segments[1][2].key = vec![0.1, -0.2, 65504.0, 1234.567, 1e-3, -7.7];
    let bytes = before.encode(Precision::F16).unwrap();
    let rounded = Instruction::decode(&bytes).unwrap();
    assert_eq!(rounded.about, before.about);
    for (there, here) in before.segments[1][2].key.iter().zip(&rounded.segments[1][2].key) {
        assert!((there - here).abs() <= there.abs() / 2048.0, "{there} came back as {here}");
    }
    before.segments[1][2].key[3] = 65520.0;
    let error = before.encode(Precision::F16).unwrap_err().to_string();
    assert!(error.contains("\"segments.1.layers.2.key\" holds 65520, more than f16"), "{error}");
}

/// Golden files: one as this program writes it, one as Python's `safetensors.numpy.save_file` re-saved it (keys and
/// tensors in another order, F16). Python has read the first with the same numbers.
#[test]
fn the_golden_files_are_read_and_the_first_is_written_again() {
    let ours = include_bytes!("../golden/instruction.safetensors");
    assert_eq!(Instruction::decode(ours).unwrap(), example());
    assert!(example().encode(Precision::F16).unwrap() == ours, "the format has changed: is it still version 1?");
    let pythons = include_bytes!("../golden/instruction_python.safetensors");
    assert_eq!(Instruction::decode(pythons).unwrap(), example());
}

#[test]
fn what_the_header_says_wrongly_is_named() {
    let bytes = example().encode(Precision::F32).unwrap();
    let with = |key: &str, value: Option<&str>| {
        rewrite(
            &bytes,
            |json| {
                let keys = json["__metadata__"].as_object_mut().unwrap();
                match value {
                    Some(value) => keys.insert(key.into(), value.into()),
                    None => keys.remove(key),
                };
            },
            |_| {},
        )
    };
    let cases: [(&str, Option<&str>, &str); 20] = [
        ("instructbrush.version", None, "not an instruction file; its header has no \"instructbrush.version\""),
        ("instructbrush.version", Some("2"), "version 2, this program reads 1: update"),
        ("instructbrush.version", Some("one"), "\"instructbrush.version\" is \"one\"; a whole number"),
        ("instructbrush.segments", Some("0"), "\"instructbrush.segments\" is 0; it must be from 1 to 1000"),
        ("instructbrush.segments", Some("1001"), "is 1001; it must be from 1 to 1000"),
        ("instructbrush.segments", Some("3"), "\"segments.2.layers.0.key\" is missing"),
        ("instructbrush.segments", Some("1"), "holds \"segments.1.layers.0.key\", but by its header"),
        ("instructbrush.tokens", Some("3"), "has shape [2, 3]; [3, width] is needed"),
        ("instructbrush.tokens", Some("99999999999999999999"), "a whole number from 0 up is needed"),
        ("instructbrush.tokens", Some("0"), "is 0; it must be from 1"),
        ("instructbrush.rows", Some("last"), "\"last\"; this program knows \"after-bos\" or \"first\""),
        ("instructbrush.space", Some("Text"), "\"Text\"; this program knows \"attention\" or \"text\""),
        ("instructbrush.guidance_scale", Some("NaN"), "guidance_scale\" is NaN; it must be from 0 to 100"),
        ("instructbrush.guidance_scale", Some("-1"), "is -1; it must be from 0 to 100"),
        ("instructbrush.strength", Some("7"), "is 7; it must be from 0 to 1.5"),
        ("instructbrush.seed", Some("-1"), "\"instructbrush.seed\" is \"-1\"; a whole number"),
        ("instructbrush.steps", Some("0"), "\"instructbrush.steps\" is 0"),
        ("instructbrush.start", None, "has no \"instructbrush.start\""),
        ("modelspec.resolution", Some("128x64"), "\"128x64\"; two equal sides"),
        ("modelspec.hash_sha256", Some("0x00"), "do not match \"modelspec.hash_sha256\""),
    ];
    for (key, value, expected) in cases {
        let sentence = refusal(&with(key, value));
        assert!(sentence.starts_with("instruction file: ") && sentence.contains(expected), "{key}: {sentence}");
    }
    let lora =
        rewrite(&bytes, |json| json["__metadata__"] = serde_json::json!({"modelspec.architecture": "a/lora"}), |_| {});
    assert!(refusal(&lora).contains("not an instruction file; its header says \"a/lora\""));
    let bare = rewrite(&bytes, |json| drop(json.as_object_mut().unwrap().remove("__metadata__")), |_| {});
    assert!(refusal(&bare).contains("not an instruction file"));
    // What is free or unknown does not matter.
    for (key, value) in [
        ("modelspec.author", None),
        ("modelspec.hash_sha256", None),
        ("modelspec.architecture", None),
        ("someone.else", Some("x")),
        ("instructbrush.thumbnail_before", Some("data:image/png;base64,AAAA")),
    ] {
        assert!(Instruction::decode(&with(key, value)).is_ok(), "{key}");
    }
}

#[test]
fn thumbnails_that_are_none_are_left_out() {
    let mut instruction = example();
    for bad in [b"no png".to_vec(), Vec::new()] {
        instruction.about.thumbnails = Some(Thumbnails { before: bad.clone(), after: bad });
        let back = Instruction::decode(&instruction.encode(Precision::F16).unwrap()).unwrap();
        assert_eq!(back, example());
    }
    assert_eq!(Thumbnails::of(&picture(0), &picture(8)), None);
}

#[test]
fn damaged_files_are_refused_and_never_panic() {
    let bytes = example().encode(Precision::F32).unwrap();
    let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for cut in 0..bytes.len() {
        assert!(refusal(&bytes[..cut]).contains("fetch it again"), "cut to {cut} bytes");
    }
    assert!(refusal(&[&bytes[..], &[0]].concat()).contains("promises"));
    assert!(refusal(b"\x89PNG\r\n\x1a\n and more").contains("not a .safetensors file"));
    // Every bit of the whole file. Behind the header the checksum notices every one.
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let result = Instruction::decode(&flipped);
        assert!(bit / 8 < 8 + len || result.is_err(), "bit {bit}");
    }

    let first = 8 + len;
    for (value, expected) in [(f32::NAN, "holds NaN in row 1, column 0"), (f32::INFINITY, "holds inf")] {
        let mut nan = bytes.clone();
        nan[first + 12..first + 16].copy_from_slice(&value.to_le_bytes());
        let sentence = refusal(&nan);
        assert!(sentence.contains("\"segments.0.layers.0.key\"") && sentence.contains(expected), "{sentence}");
    }
    let name = "segments.1.layers.2.value";
    let lie = |change: &dyn Fn(&mut serde_json::Map<String, Value>), cut: usize| {
        let change = |json: &mut Value| change(json.as_object_mut().unwrap());
        refusal(&rewrite(&bytes, change, |data| data.truncate(data.len() - cut)))
    };
    let set = |key: &'static str, value: Value| {
        move |json: &mut serde_json::Map<String, Value>| json[name][key] = value.clone()
    };
    let missing = lie(&|json| drop(json.remove(name)), 24);
    assert!(missing.contains("\"segments.1.layers.2.value\" is missing"), "{missing}");
    let shape = lie(&set("shape", serde_json::json!([3, 2])), 0);
    assert!(shape.contains("has shape [3, 2]; [2, width] is needed"), "{shape}");
    let flat = lie(&set("shape", serde_json::json!([6])), 0);
    assert!(flat.contains("has shape [6]"), "{flat}");
    let kind = lie(&set("dtype", "I32".into()), 0);
    assert!(kind.contains("is of type I32"), "{kind}");
    for lies in [serde_json::json!([0, u64::MAX]), serde_json::json!([u64::MAX, 0]), serde_json::json!([-1, 5])] {
        assert!(lie(&set("data_offsets", lies), 0).contains("damaged"));
    }
    assert!(lie(&set("shape", serde_json::json!([u64::MAX, 2])), 0).contains("damaged"));

    let mut narrow = example();
    narrow.segments[1][1] = narrow.segments[1][0].clone();
    let error = narrow.encode(Precision::F32).unwrap_err().to_string();
    assert!(error.contains("layer 1 of segment 1 is 3 wide, in segment 0 2"), "{error}");
    narrow.segments[1].pop();
    let error = narrow.encode(Precision::F32).unwrap_err().to_string();
    assert!(error.contains("segment 1 holds 2 layers, segment 0 3"), "{error}");
}

#[test]
fn another_base_model_is_named() {
    let instruction = example();
    assert!(instruction.check_base(&"ab".repeat(32), "renamed").is_ok());
    let error = instruction.check_base(&"cd".repeat(32), "Other").unwrap_err().to_string();
    assert!(
        error.contains("learned on Demo IP2P 128 (abababababab), but this base model is Other (cdcdcdcdcdcd)"),
        "{error}"
    );
    assert!(instruction.check_layers(&[3, 2, 3], 2).is_ok());
    let says = |widths: &[usize], max| instruction.check_layers(widths, max).unwrap_err().to_string();
    assert!(says(&[3, 2], 77).contains("3 layers, this base model has 2"));
    assert!(says(&[3, 4, 3], 77).contains("layer 1 is 2 wide, this base model's is 4"));
    assert!(says(&[3, 2, 3], 1).contains("rows 0 to 1 of the context"));
}

#[test]
fn inspect_shows_everything_once() {
    let mut instruction = example();
    let text = inspect::describe(&instruction);
    for part in ["Über-blond", "3 (3, 2, 3 wide)", "0.30000000000000004", "18446744073709551615", "64\n", "Demo"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    instruction.about.title = "\u{1b}[2J".into();
    assert!(!inspect::describe(&instruction).contains('\u{1b}'), "a stranger's file writes on our terminal");
    let json = inspect::to_json(&instruction);
    assert_eq!((&json["numbers"], &json["tokens"], &json["rows"]), (&64.into(), &2.into(), &"first".into()));
    assert_eq!(json["layers"], serde_json::json!([3, 2, 3]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.safetensors");
    assert!(
        inspect::run(&path, false)
            .unwrap_err()
            .to_string()
            .contains("broken.safetensors: cannot read the instruction: ")
    );
    std::fs::write(&path, b"short").unwrap();
    let error = inspect::run(&path, true).unwrap_err().to_string();
    assert!(error.contains("broken.safetensors: instruction file: it is 5 bytes long"), "{error}");
    assert!(
        instruction.summary().contains("2 segments × 3 layers × 2 tokens, 64 numbers"),
        "{}",
        instruction.summary()
    );
}

fn state() -> State {
    let list = |scale: f32| vec![vec![scale, 1.0e-45, f32::MAX], vec![], vec![-0.1 * scale]];
    State {
        settings: r#"{"rate":0.001,"pairs":["aa","bb"],"betas":{"first":0.9}}"#.into(),
        step: 7,
        learned: list(1.0),
        first_moment: list(2.0),
        shown: list(4.0),
        second_moment: list(3.0),
        losses: vec![0.1, 0.2, 0.3],
        held_out: vec![(5, 21.123_456_789_012_3), (7, f64::INFINITY)],
        best: Some(Best { step: 5, psnr: 0.1 + 0.2, learned: list(4.0) }),
        start_text: "make it \"snow\"".into(),
        tokens: 3,
    }
}

#[test]
fn a_state_comes_back_exactly_or_not_at_all() {
    let bytes = state().encode().unwrap();
    assert_eq!(State::decode(&bytes).unwrap(), state());
    let bare = State { best: None, held_out: vec![], losses: vec![], ..state() };
    assert_eq!(State::decode(&bare.encode().unwrap()).unwrap(), bare);
    for cut in 0..bytes.len() {
        assert!(State::decode(&bytes[..cut]).is_err(), "cut to {cut} bytes");
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // Padding and the spelling of the JSON (`\u0022`) may differ without a difference in content.
        assert!(State::decode(&flipped).map_or(true, |same| same == state()), "bit {bit}");
    }
    assert!(refusal(&bytes).contains("the state of a learning run"));
    let other = example().encode(Precision::F16).unwrap();
    assert!(State::decode(&other).unwrap_err().to_string().contains("not the state of a learning run"));
    assert!(State { first_moment: vec![], ..state() }.encode().is_err());
}

#[test]
fn a_run_is_continued_with_its_own_settings_only() {
    let state = state();
    assert!(state.check(&state.settings).is_ok());
    assert!(state.check(r#"{ "pairs": ["aa", "bb"], "betas": {"first": 0.9}, "rate": 0.001 }"#).is_ok());
    let says = |settings: &str| state.check(settings).unwrap_err().to_string();
    let first = says(r#"{"rate":0.01,"pairs":["aa","cc"],"betas":{"first":0.9}}"#);
    assert!(first.contains("begun with pairs.1 = \"bb\", now it is \"cc\""), "{first}");
    let gone = says(r#"{"pairs":["aa","bb"],"betas":{"first":0.9}}"#);
    assert!(gone.contains("begun with rate = 0.001, now it is absent"), "{gone}");
    assert!(says("no json").contains("other settings"));
}
