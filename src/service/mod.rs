//! Floor 4, where work meets the world: it yields, reports and cancels; plain data in and out, no tensor crosses.
pub mod job;
mod settled;
