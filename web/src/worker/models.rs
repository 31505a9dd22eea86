//! Models: base models that were fetched from elsewhere: each in a drawer of its own, with a note about where it came from.
use super::drawer::{self, Drawer};
use super::host::{Ended, Host, Wish, failure};
use super::lock::Lock;
use super::picked::Picked;
use super::room::{Fetched, needs};
use super::site::Site;
use super::wire::{event, now};
use crate::protocol::{Answer, Event, Failure, FetchAsk, StoredModel};
use crate::words;
use instructbrush::models::config::Recommended;
use instructbrush::models::packed::index::{FILE, Index};
use instructbrush::models::packed::pack::Precision;
use instructbrush::models::packed::read::PackedSource;
use instructbrush::platform::browser;
use instructbrush::service::download::{Store, download};
use instructbrush::service::job::Reply;
use instructbrush::service::plan::{Kept, Planner};
use instructbrush::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;

/// The note.
const ABOUT: &str = "about.json";
/// How often the page hears of bytes, in ms.
const OFTEN: f64 = 100.0;
const PRECISIONS: [Precision; 5] = [Precision::Q8, Precision::Q6, Precision::Q4, Precision::F16, Precision::F32];

#[derive(Serialize, Deserialize)]
struct About {
    address: String,
    precision: String,
}

/// The folder that an address means: `owner/name` or `owner/name@revision` is a repository of the Hugging Face hub.
fn folder(address: &str) -> Result<String, Failure> {
    let address = address.trim();
    let hub = |rest: &str| {
        let (name, revision) =
            rest.trim_end_matches('/').split_once('@').unwrap_or((rest.trim_end_matches('/'), "main"));
        format!("https://huggingface.co/{name}/resolve/{revision}/")
    };
    let is_word = |word: &str| {
        !word.is_empty()
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c))
            && !word.starts_with('.')
    };
    if let Some(rest) = address.strip_prefix("https://huggingface.co/") {
        let mut parts = rest.trim_end_matches('/').splitn(4, '/');
        let (owner, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        return match (is_word(owner) && is_word(name), parts.next(), parts.next()) {
            (true, None, _) => Ok(hub(&format!("{owner}/{name}"))),
            (true, Some("tree" | "resolve"), Some(revision)) => Ok(hub(&format!("{owner}/{name}@{revision}"))),
            _ => Err(Failure::Other(words::models::bad_address(address))),
        };
    }
    if address.starts_with("https://") || address.starts_with("http://") {
        let bare = address.split(['?', '#']).next().unwrap_or_default();
        let bare = bare.strip_suffix(FILE).unwrap_or(bare);
        return Ok(format!("{}/", bare.trim_end_matches('/')));
    }
    match address.split_once('/') {
        Some((owner, name)) if is_word(owner) && is_word(name) => Ok(hub(address)),
        _ => Err(Failure::Other(words::models::bad_address(address))),
    }
}

/// Fetches a model, or the rest of one.
pub async fn fetch(id: u32, host: &Host, ask: FetchAsk, files: &[JsValue]) -> Ended {
    let is_here = !ask.paths.is_empty();
    let root = if is_here { format!("{} {}", ask.address, ask.paths.join("/")) } else { folder(&ask.address)? };
    let precision = PRECISIONS.into_iter().find(|precision| precision.name() == ask.precision).unwrap_or(Precision::Q8);
    let name = name_of(&root, precision);
    let Some(_lock) = Lock::take(&format!("instructbrush-model-{name}")).await else {
        return Err(Failure::Other(words::models::OTHER_TAB.to_owned()));
    };
    let mut drawer = Fetched { drawer: Drawer::open(&name).await.map_err(failure)?, id };
    let about = About { address: ask.address.trim().to_owned(), precision: precision.name().to_owned() };
    let about = serde_json::to_vec(&about).map_err(|error| Failure::Other(error.to_string()))?;
    drawer.write(ABOUT, &about).await.map_err(failure)?;
    let mut said = 0.0;
    let on_progress = &mut |progress: instructbrush::service::download::Progress| {
        if now() - said >= OFTEN || progress.done == progress.total {
            said = now();
            event(id, Event::Fetching { done: progress.done as f64, total: progress.total as f64 });
        }
        if host.wished(id) == Some(Wish::Stop) { Reply::Stop } else { Reply::Continue }
    };
    let fetched = if is_here {
        download(&mut Picked::new(&ask.paths, files, host, id), &mut drawer, precision, on_progress).await
    } else {
        download(&mut Site { root, jobs: host, id, readable: false }, &mut drawer, precision, on_progress).await
    };
    if let Err(error) = fetched {
        // what has nothing of a model is none to go on with
        if !drawer.drawer.has_shards().await.unwrap_or(true) {
            Drawer::throw_away(&name).await.map_err(failure)?;
        }
        return Err(failure(error));
    }
    Ok((Answer::Fetched(describe(&name).await.map_err(failure)?), Vec::new()))
}

fn name_of(root: &str, precision: Precision) -> String {
    let hash = Sha256::digest(format!("{root} {}", precision.name()));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// All models, be they whole or not.
pub async fn list() -> Ended {
    let mut models = Vec::new();
    for name in drawer::names().await.map_err(failure)? {
        models.push(describe(&name).await.map_err(failure)?);
    }
    Ok((Answer::Models(models), Vec::new()))
}

/// Forgets a model; all that are left.
pub async fn forget(name: &str) -> Ended {
    Drawer::throw_away(name).await.map_err(failure)?;
    list().await
}

async fn describe(name: &str) -> Result<StoredModel> {
    let mut drawer = Drawer::open(name).await?;
    let about = drawer.read(ABOUT).await?;
    let about = about.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let about = about.unwrap_or(About { address: name.to_owned(), precision: String::new() });
    let recommended = drawer.read("instructbrush.json").await?.and_then(|json| Recommended::parse(&json).ok());
    let title = recommended.and_then(|recommended| recommended.title).unwrap_or_else(|| about.address.clone());
    let index = drawer.read(FILE).await?.and_then(|bytes| Index::parse(&bytes).ok());
    let bytes = drawer.bytes().await?;
    let needs = match &index {
        None => String::new(),
        // a model that cannot be planned is refused with a sentence when it is used
        Some(index) => {
            let planner = planner(&mut PackedSource::open(drawer).await?, index).await;
            planner.map(|planner| needs(&planner)).unwrap_or_default()
        }
    };
    let (address, precision, whole) = (about.address, about.precision, index.is_some());
    Ok(StoredModel { name: name.to_owned(), title, address, precision, bytes, whole, needs })
}

/// What a stored model takes.
pub async fn planner(source: &mut PackedSource<Drawer>, index: &Index) -> Result<Planner> {
    Planner::new(source, Kept::As(index), &browser::cpu()).await
}

/// A stored model as a source of weights.
pub async fn open(name: &str) -> Result<PackedSource<Drawer>> {
    let missing = |error| match error {
        Error::Checkpoint(_) => Error::Checkpoint(words::models::NOT_THERE.to_owned()),
        other => other,
    };
    PackedSource::open(Drawer::open(name).await?).await.map_err(missing)
}
