//! Words: the tokenizer of a closed vocabulary, one id a word; what is no letter stands between words.
use instructbrush::models::config::ClipTextConfig;
use instructbrush::models::tokenizer::{Tokenizer, TokenizerFiles};
use instructbrush::{Error, Result};
use serde_json::{Map, Value, json};

const SPECIAL: [(&str, usize); 3] = [("<bos>", 0), ("<eos>", 1), ("<unk>", 2)];

/// `tokenizer.json` and `tokenizer_config.json` for these words and so many positions.
pub fn files(words: &[&str], positions: usize) -> [(&'static str, Value); 2] {
    let mut vocab: Map<String, Value> = SPECIAL.iter().map(|(token, id)| (token.to_string(), json!(id))).collect();
    for (idx, word) in words.iter().enumerate() {
        vocab.insert(word.to_string(), json!(SPECIAL.len() + idx));
    }
    let added = SPECIAL.map(|(token, id)| {
        json!({"id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": true})
    });
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Lowercase"},
            {"type": "Replace", "pattern": {"Regex": "[^a-z]+"}, "content": " "},
        ]},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": framed(), "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
    });
    let config = json!({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": positions,
        "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<eos>", "unk_token": "<unk>",
    });
    [("tokenizer.json", tokenizer), ("tokenizer_config.json", config)]
}

/// BOS and EOS round a text, for those who take the ids as the file alone makes them: transformers does.
fn framed() -> Value {
    let [(bos, _), (eos, _), _] = SPECIAL;
    let special = |token: &str| json!({"SpecialToken": {"id": token, "type_id": 0}});
    let text = |name: &str, type_id: usize| json!({"Sequence": {"id": name, "type_id": type_id}});
    let token = |(token, id): (&str, usize)| (token.to_string(), json!({"id": token, "ids": [id], "tokens": [token]}));
    json!({
        "type": "TemplateProcessing",
        "single": [special(bos), text("A", 0), special(eos)],
        "pair": [text("A", 0), text("B", 1)],
        "special_tokens": Map::from_iter(SPECIAL[..2].iter().copied().map(token)),
    })
}

/// How many ids there are for so many words.
pub fn vocab_size(words: &[&str]) -> usize {
    SPECIAL.len() + words.len()
}

/// The tokenizer itself.
pub fn tokenizer(words: &[&str], config: &ClipTextConfig) -> Result<Tokenizer> {
    let [(_, tokenizer), (_, about)] = files(words, config.max_position_embeddings);
    let files = TokenizerFiles {
        folder: "tokenizer".into(),
        tokenizer: Some(tokenizer.to_string().into_bytes()),
        config: Some(about.to_string().into_bytes()),
        ..Default::default()
    };
    Tokenizer::load(&files, config)
}

/// Ids and the position of EOS of one text.
///
/// # Errors
/// A word that the vocabulary lacks, or more words than positions: a mistake of the illustrator's.
pub fn encode(tokenizer: &Tokenizer, text: &str) -> Result<(Vec<u32>, usize)> {
    let encoded = tokenizer.encode(text)?;
    if encoded.truncated || encoded.ids.contains(&2) {
        return Err(Error::Usage(format!("the text {text:?} has a word outside the vocabulary, or too many words")));
    }
    Ok((encoded.ids, encoded.words + 1))
}
