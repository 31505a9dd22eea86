//! One error type: each says in a sentence what was wrong, with both values, and what to do.
use std::path::PathBuf;

/// Everything that a user can cause; [`Error::is_usage`] tells wrong use from failure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that cannot be meant: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// A picture that cannot be read or used.
    #[error("{0}")]
    Picture(String),
    /// A folder or list of exemplar pairs that cannot be used.
    #[error("{0}")]
    Pairs(String),
    /// A base model's folder or one of its parts.
    #[error("{0}")]
    Checkpoint(String),
    /// An instruction file, or the state of an inversion.
    #[error("{0}")]
    Instruction(String),
    /// A device that is not there, or that computes wrongly.
    #[error("{0}")]
    Device(String),
    /// A host that does not answer, or not to the end: another time it may.
    #[error("{0}")]
    Network(String),
    /// A browser's store that has no room or does not work.
    #[error("{0}")]
    Storage(String),
    /// The computation itself went wrong (NaN, a lost device).
    #[error("{0}")]
    Computation(String),
    /// A file that cannot be read or written.
    #[error("{path}: cannot {what}: {source}", path = path.display())]
    Io {
        /// What was tried: "read", "write", …
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The user stopped it.
    #[error("stopped")]
    Cancelled,
}

impl Error {
    /// True for wrong use (exit code 2), false for failure (exit code 1).
    pub fn is_usage(&self) -> bool {
        matches!(self, Error::Usage(_))
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
