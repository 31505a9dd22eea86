//! Tokenizer: the same ids as transformers', from either kind of files.
use instructbrush::models::config::ClipTextConfig;
use instructbrush::models::tokenizer::{Tokenizer, TokenizerFiles};
use instructbrush::platform::folder::FolderSource;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn root(model: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(model)
}

/// The files of a model's tokenizer folder and its text encoder's sizes.
fn files(model: &str, folder: &str) -> (TokenizerFiles, ClipTextConfig) {
    let mut source = FolderSource::open(root(model)).unwrap();
    let files = pollster::block_on(TokenizerFiles::read(&mut source, folder)).unwrap();
    let config = std::fs::read(root(model).join("text_encoder/config.json")).unwrap();
    (files, ClipTextConfig::parse(&config).unwrap())
}

#[test]
fn ids_are_those_of_transformers() {
    let golden: Value = serde_json::from_slice(&std::fs::read(root("").join("tokens.json")).unwrap()).unwrap();
    for (model, golden) in golden.as_object().unwrap() {
        for folder in ["tokenizer", "clip"] {
            let (files, config) = files(model, folder);
            let tokenizer = Tokenizer::load(&files, &config).unwrap();
            assert_eq!(json!(tokenizer.max_length()), golden["positions"], "{model}/{folder}");
            let special = [tokenizer.bos_id, tokenizer.eos_id, tokenizer.pad_id];
            assert_eq!(json!(special), json!([golden["bos"], golden["eos"], golden["pad"]]), "{model}/{folder}");
            for case in golden["cases"].as_array().unwrap() {
                let text = case["text"].as_str().unwrap();
                let encoded = tokenizer.encode(text).unwrap();
                assert_eq!(json!(encoded.ids), case["ids"], "{model}/{folder}: {text:?}");
                let room = tokenizer.max_length() - 2;
                assert_eq!(json!(encoded.words.min(room)), case["words"], "{model}/{folder}: {text:?}");
                assert_eq!(encoded.truncated, encoded.words > room);
            }
        }
    }
}

/// What transformers and diffusers read: they take BOS and EOS from the file alone.
#[test]
fn the_shipped_file_frames_a_text_by_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/models/demo");
    let config = ClipTextConfig::parse(&std::fs::read(folder.join("text_encoder/config.json")).unwrap()).unwrap();
    for part in ["tokenizer", "clip"] {
        let mut source = FolderSource::open(&folder).unwrap();
        let files = pollster::block_on(TokenizerFiles::read(&mut source, part)).unwrap();
        let alone = tokenizers::Tokenizer::from_file(folder.join(part).join("tokenizer.json")).unwrap();
        for text in ["", "turn the day into night", "a pencil sketch"] {
            let ours = Tokenizer::load(&files, &config).unwrap().encode(text).unwrap();
            let theirs = alone.encode(text, true).unwrap();
            assert_eq!(theirs.get_ids(), &ours.ids[..ours.words + 2], "{part}: {text:?}");
        }
    }
}

#[test]
fn a_long_text_is_cut_counted_and_flagged() {
    let (files, config) = files("demo", "tokenizer");
    let tokenizer = Tokenizer::load(&files, &config).unwrap();
    let long = tokenizer.encode(&"make it snow ".repeat(20)).unwrap();
    assert_eq!((long.words, long.truncated, long.ids.len()), (60, true, 32));
    assert_eq!((long.ids[0], long.ids[31]), (tokenizer.bos_id, tokenizer.eos_id));
}

#[test]
fn unusable_files_get_a_sentence() {
    #[track_caller]
    fn check(change: impl Fn(&mut TokenizerFiles, &mut ClipTextConfig), wanted: &str) {
        let (mut files, mut config) = files("small_a", "tokenizer");
        change(&mut files, &mut config);
        let error = Tokenizer::load(&files, &config).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    check(
        |files, _| (files.vocab, files.merges) = (None, None),
        "tokenizer: the checkpoint has neither tokenizer.json nor vocab.json; download it again",
    );
    check(|files, _| files.merges = None, "tokenizer/merges.txt: is missing beside vocab.json; download it");
    check(|files, _| files.vocab = Some(b"{".into()), "tokenizer/vocab.json: is not JSON (");
    check(
        |files, _| files.merges = Some(b"#version: 0.2\na b c\n".into()),
        "tokenizer/merges.txt: line 2 is \"a b c\", needs two tokens",
    );
    check(|files, _| files.merges = Some(b"zzzz qqqq\n".into()), "tokenizer/vocab.json: is not a tokenizer (");
    check(|files, _| files.tokenizer = Some(b"{}".into()), "tokenizer/tokenizer.json: is not a tokenizer (");
    check(
        |files, _| files.config = Some(b"{\"bos_token\": {\"content\": \"<s>\"}}".into()),
        "tokenizer/vocab.json: lacks the special token \"<s>\"; download it again",
    );
    check(
        |files, _| files.config = Some(b"{\"model_max_length\": 2}".into()),
        "tokenizer/tokenizer_config.json: \"model_max_length\" is 2, needs 3 or more",
    );
    check(
        |_, config| config.vocab_size = 100,
        "tokenizer/vocab.json: has the id 564, but the text encoder knows 100 tokens; they belong to different models",
    );
}
