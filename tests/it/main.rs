//! One binary of integration tests: data against a reference, through one check each.
#![allow(clippy::unwrap_used, missing_docs)]
mod config;
mod devices;
mod tidy;
mod tokenizer;
mod weights;
mod noise;
mod cli;
mod devices;
mod noise;
mod tidy;

mod file;

mod phrases;
mod pairs;
mod pictures;
