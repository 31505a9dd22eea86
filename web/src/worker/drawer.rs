//! Drawer: a folder of the origin's private file system: where a base model is kept that did not come with the page.
use super::wire::scope;
use crate::words;
use instructbrush::models::packed::read::Files;
use instructbrush::{Error, Result};
use js_sys::{AsyncIterator, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};

/// The folder of all drawers.
const ROOT: &str = "models";

/// Ends the name of a file that is being written: whoever closes the tab meanwhile leaves the old one as it was.
const NEW: &str = "~new";

/// A flat folder; a path's slashes become tildes.
pub struct Drawer(FileSystemDirectoryHandle);

/// What a promise becomes.
async fn done<T: JsCast>(promise: impl Into<JsValue>) -> Result<T, JsValue> {
    JsFuture::from(Promise::from(promise.into())).await.map(JsCast::unchecked_into)
}

fn failed(said: JsValue) -> Error {
    let name = Reflect::get(&said, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
    Error::Storage(match name.as_str() {
        "QuotaExceededError" => words::models::NO_ROOM.to_owned(),
        "NoModificationAllowedError" => words::models::OTHER_TAB.to_owned(),
        _ => words::models::storage_failed(&name),
    })
}

fn is_absent(said: &JsValue) -> bool {
    Reflect::get(said, &"name".into()).is_ok_and(|name| name.as_string().is_some_and(|name| name == "NotFoundError"))
}

async fn root() -> Result<FileSystemDirectoryHandle> {
    let navigator = scope().navigator();
    let has = Reflect::get(&navigator, &"storage".into())
        .is_ok_and(|storage| storage.is_object() && Reflect::has(&storage, &"getDirectory".into()).unwrap_or_default());
    if !has {
        return Err(Error::Storage(words::models::NO_STORE.to_owned()));
    }
    let origin: FileSystemDirectoryHandle = done(navigator.storage().get_directory()).await.map_err(failed)?;
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    done(origin.get_directory_handle_with_options(ROOT, &options)).await.map_err(failed)
}

/// Names of all drawers.
pub async fn names() -> Result<Vec<String>> {
    keys(&root().await?).await
}

async fn keys(folder: &FileSystemDirectoryHandle) -> Result<Vec<String>> {
    let keys: AsyncIterator = folder.keys();
    let mut names = Vec::new();
    loop {
        let next: JsValue = done(keys.next().map_err(failed)?).await.map_err(failed)?;
        if Reflect::get(&next, &"done".into()).map_err(failed)?.is_truthy() {
            names.sort();
            return Ok(names);
        }
        names.extend(Reflect::get(&next, &"value".into()).map_err(failed)?.as_string());
    }
}

impl Drawer {
    /// Opens a drawer by its name, made where there is none.
    pub async fn open(name: &str) -> Result<Self> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        done(root().await?.get_directory_handle_with_options(name, &options)).await.map(Self).map_err(failed)
    }

    /// Throws a drawer away with all that is in it.
    pub async fn throw_away(name: &str) -> Result<()> {
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        match done::<JsValue>(root().await?.remove_entry_with_options(name, &options)).await {
            Err(said) if !is_absent(&said) => Err(failed(said)),
            _ => Ok(()),
        }
    }

    /// Bytes of everything in it.
    pub async fn bytes(&self) -> Result<f64> {
        let mut sum = 0.0;
        for name in keys(&self.0).await? {
            if let Some(file) = self.file(&name).await? {
                sum += file.size();
            }
        }
        Ok(sum)
    }

    /// Whether there are weights in it, be they all or not.
    pub async fn has_shards(&self) -> Result<bool> {
        Ok(keys(&self.0).await?.iter().any(|name| name.ends_with(".bin")))
    }

    async fn file(&self, name: &str) -> Result<Option<File>> {
        let handle: FileSystemFileHandle = match done(self.0.get_file_handle(name)).await {
            Ok(handle) => handle,
            Err(said) if is_absent(&said) => return Ok(None),
            Err(said) => return Err(failed(said)),
        };
        done(handle.get_file()).await.map(Some).map_err(failed)
    }
}

/// Gives a file its name in a folder, in place of the one that has it; web-sys does not know `move` yet, and Safari wants the folder.
async fn rename(handle: &FileSystemFileHandle, folder: &FileSystemDirectoryHandle, name: &str) -> Result<(), JsValue> {
    let rename: Function = Reflect::get(handle, &"move".into())?.dyn_into()?;
    done(rename.call2(handle, folder, &name.into())?).await.map(|_: JsValue| ())
}

fn flat(path: &str) -> String {
    path.replace('/', "~")
}

impl Files for Drawer {
    async fn whole(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.file(&flat(path)).await? else { return Ok(None) };
        let buffer: JsValue = done(file.array_buffer()).await.map_err(failed)?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }
}

impl Drawer {
    /// A whole file; `None` when there is none of that name.
    pub async fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        self.whole(path).await
    }

    /// Replaces a whole file.
    pub async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let name = flat(path);
        let beside = format!("{name}{NEW}");
        let handle: FileSystemFileHandle =
            done(self.0.get_file_handle_with_options(&beside, &options)).await.map_err(failed)?;
        let open: FileSystemSyncAccessHandle = done(handle.create_sync_access_handle()).await.map_err(failed)?;
        let written = open.truncate_with_u32(0).and_then(|()| open.write_with_u8_array(bytes));
        let flushed = open.flush();
        open.close();
        let written = written.and_then(|written| flushed.map(|()| written)).map_err(failed);
        // some browsers write what has room and say how much it was
        let whole = written.and_then(|written| match written < bytes.len() as f64 {
            true => Err(Error::Storage(words::models::NO_ROOM.to_owned())),
            false => Ok(()),
        });
        match whole {
            Ok(()) => rename(&handle, &self.0, &name).await.map_err(failed),
            Err(error) => {
                // its room is needed
                let _ = done::<JsValue>(self.0.remove_entry(&beside)).await;
                Err(error)
            }
        }
    }

    /// Removes a file, if it is there.
    pub async fn remove(&mut self, path: &str) -> Result<()> {
        match done::<JsValue>(self.0.remove_entry(&flat(path))).await {
            Err(said) if !is_absent(&said) => Err(failed(said)),
            _ => Ok(()),
        }
    }
}
