//! InstructBrush: learn a picture edit from before/after pairs and apply it.
//!
//! The floors of the house, lowest first; a floor uses lower floors only (`tests/it/tidy.rs` holds us to it):
//! [`tensor`] and [`error`], [`models`], [`diffusion`], [`instruction`], [`scenes`] and [`mod@bench`], [`service`];
//! [`platform`] stands beside.
//!
//! ```no_run
//! use instructbrush::platform::{devices, files::read_picture, folder::FolderSource, pairs::read_pairs};
//! use instructbrush::service::engine::Engine;
//! use instructbrush::service::job::{EditJob, Heard, InvertJob, Job, Outcome, Reply};
//!
//! # async fn example() -> instructbrush::Result<()> {
//! let device = devices::open(devices::DeviceName::Auto)?;
//! let model = FolderSource::open("web/models/demo")?;
//! let mut engine = Engine::load(device, model, &mut |_| Reply::Continue).await?;
//!
//! let job = InvertJob::new(read_pairs("web/samples/midnight".as_ref())?);
//! let mut show = |event| {
//!     println!("{event:?}");
//!     Reply::Continue
//! };
//! let Outcome::Learned(learned) = engine.run(Job::Invert(Box::new(job)), &mut show).await? else { unreachable!() };
//!
//! let heard = Heard::Instruction(Box::new(learned.instruction));
//! let job = EditJob::new(read_picture("photo.jpg".as_ref())?, heard);
//! let Outcome::Picture(edited) = engine.run(Job::Edit(Box::new(job)), &mut show).await? else { unreachable!() };
//! # let _ = edited;
//! # Ok(())
//! # }
//! ```
pub mod bench;
pub mod diffusion;
pub mod error;
pub mod instruction;
pub mod models;
pub mod platform;
pub mod scenes;
pub mod service;
pub mod tensor;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;

pub use error::{Error, Result};
