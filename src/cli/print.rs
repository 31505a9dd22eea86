//! Print: the one place that writes results to stdout and errors to stderr.
use crate::{Error, Result};
use std::io::{ErrorKind, Write};

/// Writes a result to stdout as it is. A reader that has gone away (`| head`) is no error: it has what it wanted.
///
/// # Errors
/// [`Error::Io`] when stdout cannot be written (a full disk).
pub fn text(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io { what: "write", path: "stdout".into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a result and a line end to stdout.
pub fn line(line: &str) -> Result<()> {
    text(&format!("{line}\n"))
}

/// Writes a sentence to stderr; nobody is left to tell when that fails.
pub fn note(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{sentence}");
}

/// Writes an error to stderr, once.
pub fn error(error: &Error) {
    note(&format!("error: {error}"));
}

/// Makes a panic one sentence instead of a dump: it is a bug, and the user should know whose.
pub fn sentence_for_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let what = match (panic.payload().downcast_ref::<&str>(), panic.payload().downcast_ref::<String>()) {
            (Some(what), _) => what,
            (_, Some(what)) => what.as_str(),
            _ => "no message",
        };
        let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
        note(&format!("error: this is a bug in instructbrush, please report it with your command line: {what}{place}"));
    }));
}
