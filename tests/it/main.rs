//! One binary of integration tests: data against a reference, through one check each.
#![allow(clippy::unwrap_used, missing_docs)]
mod cli;
mod config;

mod devices;
mod file;
mod noise;
mod pairs;
mod phrases;
mod pictures;
mod tidy;
mod tokenizer;
mod weights;
