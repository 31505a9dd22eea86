//! The page and its worker: two programs in one crate, which share the protocol and the store.
pub mod bridge;
pub mod protocol;
pub mod samples;
pub mod state;
pub mod store;
pub mod ui;
pub mod words;
#[cfg(feature = "engine")]
pub mod worker;
