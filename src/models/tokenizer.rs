//! Tokenizer: words to the ids that the text encoder was trained on.
//!
//! The files are a `tokenizer.json`, or CLIP's `vocab.json` and `merges.txt`, which are made into one here as transformers'
//! `CLIPTokenizer` does. BOS, EOS and padding are ours: what the files say about truncation and padding is ignored.
use crate::models::config::ClipTextConfig;
use crate::models::weights::WeightSource;
use crate::{Error, Result};
use serde_json::{Map, Value, json};

/// The files of a tokenizer's folder (`tokenizer/`, `clip/`), as bytes.
#[derive(Clone, Debug, Default)]
pub struct TokenizerFiles {
    /// The folder's name, for sentences.
    pub folder: String,
    /// `tokenizer.json`
    pub tokenizer: Option<Vec<u8>>,
    /// `vocab.json`
    pub vocab: Option<Vec<u8>>,
    /// `merges.txt`
    pub merges: Option<Vec<u8>>,
    /// `tokenizer_config.json`
    pub config: Option<Vec<u8>>,
    /// `special_tokens_map.json`
    pub special: Option<Vec<u8>>,
}

impl TokenizerFiles {
    /// Reads what a source has in `folder`.
    pub async fn read(source: &mut impl WeightSource, folder: &str) -> Result<Self> {
        Ok(Self {
            folder: folder.into(),
            tokenizer: source.file(&format!("{folder}/tokenizer.json")).await?,
            vocab: source.file(&format!("{folder}/vocab.json")).await?,
            merges: source.file(&format!("{folder}/merges.txt")).await?,
            config: source.file(&format!("{folder}/tokenizer_config.json")).await?,
            special: source.file(&format!("{folder}/special_tokens_map.json")).await?,
        })
    }

    fn error(&self, file: &str, why: impl std::fmt::Display) -> Error {
        let slash = if file.is_empty() { "" } else { "/" };
        Error::Checkpoint(format!("{}{slash}{file}: {why}", self.folder))
    }

    fn object(&self, file: &str, bytes: &Option<Vec<u8>>) -> Result<Map<String, Value>> {
        let Some(bytes) = bytes else { return Ok(Map::new()) };
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(self.error(file, "needs a JSON object; download it again")),
            Err(error) => Err(self.error(file, format!("is not JSON ({error}); download it again"))),
        }
    }
}

/// A text as the text encoder takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// BOS, the text, EOS, padding: always [`Tokenizer::max_length`] ids.
    pub ids: Vec<u32>,
    /// Tokens of the whole text without BOS and EOS, also of what did not fit.
    pub words: usize,
    /// Whether the text was cut: `words` is more than `max_length() - 2`.
    pub truncated: bool,
}

/// Words to ids.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    max_length: usize,
    /// Begins every text.
    pub bos_id: u32,
    /// Ends every text.
    pub eos_id: u32,
    /// Fills the rest; the same as EOS for SD1.5.
    pub pad_id: u32,
}

impl Tokenizer {
    /// Builds the tokenizer of a text encoder with these sizes.
    ///
    /// Errors: files missing or damaged, special tokens that are not in the vocabulary, ids that the encoder does not know.
    pub fn load(files: &TokenizerFiles, encoder: &ClipTextConfig) -> Result<Self> {
        let config = files.object("tokenizer_config.json", &files.config)?;
        let special = files.object("special_tokens_map.json", &files.special)?;
        // a token is a string, or an object with its spelling as "content"
        let token =
            |key: &str| [&config, &special].into_iter().find_map(|map| map.get(key).filter(|value| !value.is_null()));
        let spelling = |key: &str, default: &str| {
            let found = token(key).and_then(|value| value.as_str().or_else(|| value.get("content")?.as_str()));
            found.unwrap_or(default).to_string()
        };
        let bos = spelling("bos_token", "<|startoftext|>");
        let eos = spelling("eos_token", "<|endoftext|>");
        let pad = spelling("pad_token", &eos);
        let unk = spelling("unk_token", "<|endoftext|>");

        let (file, json) = match (&files.tokenizer, &files.vocab, &files.merges) {
            (Some(_), _, _) => ("tokenizer.json", without_extras(files)?),
            (None, Some(_), Some(merges)) => {
                ("vocab.json", clip_tokenizer(files, merges, &unk, [&bos, &eos, &unk, &pad])?)
            }
            (None, None, None) => {
                return Err(
                    files.error("", "the checkpoint has neither tokenizer.json nor vocab.json; download it again")
                );
            }
            (None, Some(_), None) => return Err(files.error("merges.txt", "is missing beside vocab.json; download it")),
            (None, None, Some(_)) => return Err(files.error("vocab.json", "is missing beside merges.txt; download it")),
        };
        let inner: tokenizers::Tokenizer = serde_json::from_value(json)
            .map_err(|error| files.error(file, format!("is not a tokenizer ({error}); download it again")))?;

        let largest = inner.get_vocab(true).into_values().max().unwrap_or_default();
        if largest as usize >= encoder.vocab_size {
            let known = encoder.vocab_size;
            let why = format!(
                "has the id {largest}, but the text encoder knows {known} tokens; they belong to different models"
            );
            return Err(files.error(file, why));
        }
        let id = |token: &str| {
            let missing = || files.error(file, format!("lacks the special token {token:?}; download it again"));
            inner.token_to_id(token).ok_or_else(missing)
        };
        let (bos_id, eos_id, pad_id) = (id(&bos)?, id(&eos)?, id(&pad)?);
        // where the tokenizer knows no limit, its file says 10^30
        let limit = config.get("model_max_length").and_then(Value::as_f64).unwrap_or(f64::INFINITY);
        if limit.is_nan() || limit < 3.0 {
            return Err(
                files.error("tokenizer_config.json", format!("\"model_max_length\" is {limit}, needs 3 or more"))
            );
        }
        let max_length = (limit as usize).min(encoder.max_position_embeddings);
        Ok(Self { inner, max_length, bos_id, eos_id, pad_id })
    }

    /// Positions of the text encoder: BOS, at most `max_length() - 2` words, EOS.
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// Encodes a text; what does not fit is cut and flagged.
    pub fn encode(&self, text: &str) -> Result<Encoded> {
        let failed = |error| Error::Usage(format!("the text {text:?} cannot be turned into tokens: {error}"));
        let encoding = self.inner.encode_fast(text, false).map_err(failed)?;
        let all = encoding.get_ids();
        let room = self.max_length - 2;
        let mut ids = Vec::with_capacity(self.max_length);
        ids.push(self.bos_id);
        ids.extend(all.iter().take(room));
        ids.push(self.eos_id);
        ids.resize(self.max_length, self.pad_id);
        Ok(Encoded { ids, words: all.len(), truncated: all.len() > room })
    }
}

/// `tokenizer.json` without its own padding, truncation and special tokens around the text.
fn without_extras(files: &TokenizerFiles) -> Result<Value> {
    let mut json = files.object("tokenizer.json", &files.tokenizer)?;
    for key in ["truncation", "padding", "post_processor"] {
        json.insert(key.into(), Value::Null);
    }
    let prefix = json.get("model").and_then(|model| model.get("continuing_subword_prefix")).and_then(Value::as_str);
    let kind = json.get("model").and_then(|model| model.get("type")).and_then(Value::as_str);
    if kind != Some("WordPiece") && prefix.is_some_and(|prefix| !prefix.is_empty()) {
        let why = "\"continuing_subword_prefix\" is not empty, which is not supported: CLIP's tokenizer has none";
        return Err(files.error("tokenizer.json", why));
    }
    Ok(Value::Object(json))
}

/// A `tokenizer.json` from `vocab.json` and `merges.txt`: transformers' `CLIPTokenizer`.
fn clip_tokenizer(files: &TokenizerFiles, merges: &[u8], unk: &str, special: [&String; 4]) -> Result<Value> {
    let vocab = files.object("vocab.json", &files.vocab)?;
    let text =
        std::str::from_utf8(merges).map_err(|error| files.error("merges.txt", format!("is not UTF-8 ({error})")))?;
    let merges: Vec<[&str; 2]> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with("#version") && !line.trim().is_empty())
        .map(|(number, line)| match line.split_once(' ').filter(|(_, second)| !second.contains(' ')) {
            Some((first, second)) => Ok([first, second.trim_end()]),
            None => Err(files.error("merges.txt", format!("line {} is {line:?}, needs two tokens", number + 1))),
        })
        .collect::<Result<_>>()?;
    let mut added: Vec<Value> = Vec::new();
    for token in special {
        let Some(id) = vocab.get(token.as_str()) else { continue };
        if !added.iter().any(|other| other["content"] == token.as_str()) {
            added.push(json!({"id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true}));
        }
    }
    added.sort_by_key(|token| token["id"].as_u64());
    let split = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";
    Ok(json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFC"},
            {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
            {"type": "Lowercase"},
        ]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": split}, "behavior": "Removed", "invert": true},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        ]},
        "post_processor": null, "decoder": null,
        "model": {"type": "BPE", "dropout": null, "unk_token": unk, "continuing_subword_prefix": "",
            "end_of_word_suffix": "</w>", "fuse_unk": false, "vocab": vocab, "merges": merges},
    }))
}
