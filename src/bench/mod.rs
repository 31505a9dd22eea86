//! Floor 3, the benchmark: what is measured, what is compared, and how it is told. Plain data, no files.
pub mod metrics;
