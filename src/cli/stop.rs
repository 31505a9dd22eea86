//! Stop: Ctrl-C (and SIGTERM) asks the engine to stop after the current step; the second one ends the program at once.
use super::{STOPPED, print};
use crate::{Error, Result};
use std::sync::atomic::{AtomicU32, Ordering};

/// How often the user has asked; the handler of a signal cannot be handed a reference.
static ASKED: AtomicU32 = AtomicU32::new(0);

/// Begins to listen.
///
/// # Errors
/// [`Error::Io`] when the system refuses.
pub fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if ASKED.fetch_add(1, Ordering::SeqCst) > 0 {
            std::process::exit(i32::from(STOPPED));
        }
        print::note("\nstopping after this step; once more stops at once");
    })
    .map_err(|error| Error::Io { what: "listen", path: "Ctrl-C".into(), source: std::io::Error::other(error) })
}

/// Whether the user has asked to stop.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::SeqCst) > 0
}

/// [`Error::Cancelled`] if the user has asked to stop.
pub fn check() -> Result<()> {
    if is_asked() { Err(Error::Cancelled) } else { Ok(()) }
}
