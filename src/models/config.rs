//! Config: the sizes of each model, read from the checkpoint's own files; nothing of SD1.5 is hard-wired.
