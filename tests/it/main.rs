//! One binary of integration tests: data against a reference, through one check each.
#![allow(clippy::unwrap_used, missing_docs)]
mod config;

mod devices;
mod noise;
mod phrases;
mod tidy;
mod tokenizer;
mod weights;
mod file;
mod noise;
mod cli;
mod file;
mod phrases;
mod pairs;
mod pictures;
mod tidy;
mod tokenizer;
mod weights;
