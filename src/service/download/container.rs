//! Container: mirrors what `convert` wrote, file by file; a file that is stored and whole is not fetched again.
use super::reader::Reader;
use super::{Host, OnProgress, Progress, Store, ask, tell};
use crate::models::packed::index::{self, Blob, Index, shard_name};
use crate::models::packed::pack::SHARD;
use crate::models::weights::Part;
use crate::service::plan::Kept;
use crate::{Error, Result};

/// How often a file is fetched that arrives damaged.
const TRIES: usize = 3;

/// Fetches all files of a container's index, then stores the index.
pub async fn mirror<H: Host, S: Store>(
    host: &mut H,
    store: &mut S,
    index: &[u8],
    on_progress: OnProgress<'_>,
) -> Result<Index> {
    let parsed = Index::parse(index)?;
    let mut progress = Progress { done: 0, total: parsed.total() };
    tell(on_progress, progress)?;
    for (idx, (path, blob)) in blobs(&parsed).into_iter().enumerate() {
        if idx == parsed.files.len() {
            ask(store, progress.total, Kept::As(&parsed)).await?;
        }
        let stored = store.read(&path).await?;
        if stored.is_none_or(|bytes| Blob::of(&bytes) != *blob) {
            let bytes = fetch(host, &path, blob, progress, on_progress).await?;
            store.write(&path, &bytes).await?;
        }
        progress.done += blob.bytes as u64;
        tell(on_progress, progress)?;
    }
    store.write(index::FILE, index).await?;
    Ok(parsed)
}

/// Whether every file of an index is stored as the index says.
pub async fn is_whole<S: Store>(store: &mut S, index: &Index) -> Result<bool> {
    for (path, blob) in blobs(index) {
        if store.read(&path).await?.is_none_or(|bytes| Blob::of(&bytes) != *blob) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Paths and hashes of all files, the small ones first.
fn blobs(parsed: &Index) -> Vec<(String, &Blob)> {
    let mut files: Vec<(String, &Blob)> = parsed.files.iter().map(|(path, blob)| (path.clone(), blob)).collect();
    for part in [Part::UNet, Part::Vae, Part::TextEncoder, Part::Clip] {
        let shards = parsed.part(part).map(|content| content.shards.as_slice()).unwrap_or_default();
        files.extend(shards.iter().enumerate().map(|(idx, blob)| (shard_name(part, idx), blob)));
    }
    files
}

/// One file; a damaged one is fetched again, for a bit may flip on the way.
async fn fetch<H: Host>(
    host: &mut H,
    path: &str,
    blob: &Blob,
    before: Progress,
    on_progress: OnProgress<'_>,
) -> Result<Vec<u8>> {
    let mut left = TRIES;
    loop {
        left -= 1;
        let Some(mut reader) = Reader::open(host, path, 0).await? else {
            return Err(Error::Checkpoint(format!("{path} is missing on the host; convert the model again")));
        };
        let mut bytes = Vec::with_capacity(blob.bytes.min(SHARD));
        while bytes.len() < blob.bytes {
            // as small as makes a moving bar
            let n = (blob.bytes - bytes.len()).min(1 << 20);
            match reader.take(n).await {
                Ok(part) => bytes.extend(part),
                // shorter than the index says: the check below has the sentence
                Err(Error::Checkpoint(_)) => break,
                Err(error) => return Err(error),
            }
            tell(on_progress, Progress { done: before.done + bytes.len() as u64, ..before })?;
        }
        match blob.check(path, bytes) {
            Err(_) if left > 0 => {}
            checked => return checked,
        }
    }
}
