//! The terminal's door, driven as a person would: the built program, real files, exit codes and sentences.
mod bad_input;
mod bench;
mod bench_effects;
mod drawn;
mod end_to_end;
mod interrupted;
mod merge;
mod program;
mod scenes;
mod wrong_use;
