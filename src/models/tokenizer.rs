//! Tokenizer: words to the ids that the text encoder was trained on.
