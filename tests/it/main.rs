//! One binary of integration tests: data against a reference, through one check each.
#![allow(clippy::unwrap_used, missing_docs)]
mod config;
mod devices;
mod file;
mod noise;
mod pairs;
mod pictures;
mod tidy;
mod tokenizer;
mod weights;
