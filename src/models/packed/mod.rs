//! Packed: a container of weights for browsers and small GPUs: shards of 32 MB at most, each with its hash, tensors as floats
//! or as small integers with a scale for every 32 of them. ARCHITECTURE.md has the format.
pub mod index;
pub mod pack;
pub mod read;
pub mod scheme;
