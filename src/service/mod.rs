//! Floor 4, where work meets the world: it yields, reports and cancels; plain data in and out, no tensor crosses.
mod begin;
pub mod bench;
pub mod convert;
pub mod download;
mod edit;
pub mod engine;
mod invert;
pub mod job;
mod phrases;
pub mod plan;
mod resident;
pub mod settled;
