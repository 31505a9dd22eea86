//! One binary of integration tests: data against a reference, through one check each.
#![allow(clippy::unwrap_used, missing_docs)]
mod cli;
mod devices;
mod noise;
mod tidy;

mod file;
mod pairs;
mod pictures;
