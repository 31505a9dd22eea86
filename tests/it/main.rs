//! One binary of integration tests: data against a reference, through one check each.
#![allow(clippy::unwrap_used, missing_docs)]
mod noise;
mod devices;
mod tidy;
