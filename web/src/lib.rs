//! The page and its worker: two programs in one crate, which share the protocol and the store.
#[cfg(feature = "view")]
pub mod bridge;
pub mod numbers;
pub mod protocol;
#[cfg(any(feature = "engine", test))]
pub mod recall;
#[cfg(feature = "view")]
pub mod samples;
#[cfg(feature = "view")]
pub mod state;
pub mod store;
#[cfg(feature = "view")]
pub mod ui;
pub mod words;
#[cfg(feature = "engine")]
pub mod worker;
