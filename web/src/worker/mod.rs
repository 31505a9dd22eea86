//! Worker: the engine in a thread of its own; hears requests, runs one job at a time, and does what is quick at once.
mod drawer;
mod edit;
mod files;
mod host;
mod learn;
mod load;
mod lock;
mod look;
mod models;
mod picked;
mod room;
mod saver;
mod site;
mod wire;

pub use host::start;
