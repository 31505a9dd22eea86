//! Floor 3, the benchmark: what is measured, what is compared, and how it is told. Plain data, no files.
//!
//! A *result* is one effect learned or edited by one method from one number of pairs: a [`record::Record`]. Records become
//! tables ([`summary`], [`table`]) and a page ([`report`]). Running a method is `service`'s, files are the terminal's.
pub mod comparable;
pub mod methods;
pub mod metrics;
pub mod record;
pub mod report;
pub mod summary;
pub mod table;
pub mod top_bench;
