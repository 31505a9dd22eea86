//! Download: a base model from a host into a store, piece by piece: a container as it is, a diffusers repository converted
//! on the way. Never more than one shard and one piece of a tensor is held, and what is stored is not fetched again.
mod container;
mod header;
mod hub;
mod reader;

use super::job::Reply;
use crate::models::packed::index::{self, Index};
use crate::models::packed::pack::Precision;
use crate::models::weights::{Part, WeightSource, Weights};
use crate::service::plan::{Kept, Planner};
use crate::{Error, Result};
use burn::tensor::Device;
use reader::Reader;

/// Configs, tokenizers and tables are no longer than this.
const LONGEST_FILE: u64 = 64 << 20;

/// Where files come from: a site, a folder that was dropped on the page.
#[allow(async_fn_in_trait)] // used generically within one thread, never as `dyn`
pub trait Host {
    /// An answer that is being received.
    type Body: Body;

    /// Opens a file, from a byte on where the host can do that; `None` when there is no such file.
    ///
    /// # Errors
    /// [`Error::Network`] for what may go well at another time, anything else for what will not.
    async fn open(&mut self, path: &str, from: u64) -> Result<Option<Self::Body>>;

    /// Waits before the next try, longer after each of several failures.
    async fn wait(&mut self, failures: u32);
}

/// A file as it arrives.
#[allow(async_fn_in_trait)] // as above
pub trait Body {
    /// Where in the file it begins: not where it was asked to, when the host cannot do that.
    fn start(&self) -> u64;

    /// The length of the whole file, if the host says so.
    fn total(&self) -> Option<u64>;

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Network`] when the connection is lost.
    async fn next(&mut self) -> Result<Option<Vec<u8>>>;
}

/// Where files go.
#[allow(async_fn_in_trait)] // as above
pub trait Store {
    /// A whole file; `None` when there is none of that name.
    async fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>>;

    /// Replaces a whole file: whoever is cut off meanwhile leaves the old one.
    ///
    /// # Errors
    /// [`Error::Storage`] when there is no room.
    async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()>;

    /// Removes a file, if it is there.
    async fn remove(&mut self, path: &str) -> Result<()>;

    /// Asked once, before anything large is fetched: whether there is room for `total` bytes, those that are stored already
    /// among them, and a device for such a model.
    ///
    /// # Errors
    /// [`Error::Storage`] or [`Error::Usage`], and nothing is fetched.
    async fn accept(&mut self, total: u64, planner: &Planner) -> Result<()>;
}

/// A store's small files as a source of configs.
struct Configs<'a, S>(&'a mut S);

impl<S: Store> WeightSource for Configs<'_, S> {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        self.0.read(path).await
    }

    async fn fill(&mut self, part: Part, _: &mut Weights) -> Result<()> {
        Err(Error::Checkpoint(format!("{}: has not been fetched yet", part.folder())))
    }
}

/// Asks the store whether it takes a model whose small files it has.
async fn ask<S: Store>(store: &mut S, total: u64, kept: Kept<'_>) -> Result<()> {
    let planner = Planner::new(&mut Configs(store), kept, &Device::flex()).await?;
    store.accept(total, &planner).await
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the host's files that have arrived, be it in an earlier try.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// What a door does while it waits: shows the bytes, and may stop it.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> Reply;

/// Brings a model into the store; `precision` is for hosts that have no container. Called again after anything went wrong, it
/// goes on after the last stored shard.
///
/// # Errors
/// [`Error::Network`] after several tries in vain, [`Error::Storage`], [`Error::Checkpoint`] for what is no model or is damaged,
/// [`Error::Cancelled`].
pub async fn download<H: Host, S: Store>(
    host: &mut H,
    store: &mut S,
    precision: Precision,
    on_progress: OnProgress<'_>,
) -> Result<Index> {
    // what is complete is not asked for again; an index that is damaged is none
    let stored = store.read(index::FILE).await?;
    if let Some(index) = stored.and_then(|bytes| Index::parse(&bytes).ok()) {
        if container::is_whole(store, &index).await? {
            return Ok(index);
        }
        // until it is mended it is no model
        store.remove(index::FILE).await?;
    }
    match whole(host, index::FILE).await? {
        Some(bytes) if Index::is_one(&bytes) => container::mirror(host, store, &bytes, on_progress).await,
        _ => hub::convert(host, store, precision, on_progress).await,
    }
}

/// A small file; `None` when there is none.
async fn whole<H: Host>(host: &mut H, path: &str) -> Result<Option<Vec<u8>>> {
    let Some(mut reader) = Reader::open(host, path, 0).await? else { return Ok(None) };
    reader.rest(LONGEST_FILE).await.map(Some)
}

fn tell(on_progress: OnProgress<'_>, progress: Progress) -> Result<()> {
    match on_progress(progress) {
        Reply::Stop => Err(Error::Cancelled),
        _ => Ok(()),
    }
}
