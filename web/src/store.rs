//! Store: IndexedDB as named records, one transaction per function; used by the page and by the worker.
use futures_channel::oneshot;
use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, Query, Transaction, TransactionMode};
use js_sys::{Function, Promise, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{IdbDatabase, IdbTransaction};

/// Name of the database.
const NAME: &str = "instructbrush";
/// Goes up when records change so that an older page could not read them.
const VERSION: u32 = 1;
/// A browser that takes longer to open it, in ms, waits for another tab and does not say so.
const PATIENCE: i32 = 5000;

/// What is kept, each under a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// Learned instructions.
    Instructions,
    /// What was asked of a run that is not finished: pairs and settings.
    Runs,
    /// How far a run is; apart from it, since it is written every few seconds.
    States,
    /// What the user chose.
    Settings,
}

impl Records {
    const ALL: [Self; 4] = [Self::Instructions, Self::Runs, Self::States, Self::Settings];

    fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Runs => "runs",
            Self::States => "states",
            Self::Settings => "settings",
        }
    }
}

/// Why something could not be kept or found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No IndexedDB here: private mode of some browsers, or switched off.
    #[error("this browser keeps nothing for pages here (private mode?): download what you want to keep")]
    Absent,
    /// Written by a newer page.
    #[error("what this browser keeps was written by a newer version of this page: reload to get that version")]
    Newer,
    /// Another tab holds an older one open.
    #[error("another tab with an older version of this page is open: close it, then reload")]
    Blocked,
    /// It was open, and is no more: a newer page needed it, or the user cleared it.
    #[error("another tab has a newer version of this page, or this site's data was cleared: reload this one")]
    Closed,
    /// Something is kept under that key already.
    #[error("something else is kept under that name: reload the page")]
    Taken,
    /// No room.
    #[error(
        "this browser has no room left for this page: delete instructions or other sites' data, or download what you want to keep"
    )]
    Full,
    /// What the browser says.
    #[error("this browser's storage failed ({0}): download what you want to keep")]
    Other(String),
}

impl From<idb::Error> for StoreError {
    fn from(error: idb::Error) -> Self {
        Self::named(&error.to_string())
    }
}

impl StoreError {
    fn named(said: &str) -> Self {
        let says = |name: &str| said.contains(name);
        if says("QuotaExceeded") || says("quota") {
            Self::Full
        } else if says("VersionError") {
            Self::Newer
        } else if says("ConstraintError") {
            Self::Taken
        } else if says("InvalidStateError") {
            Self::Closed
        } else {
            Self::Other(said.to_owned())
        }
    }

    /// While it is opened, browsers say in many ways that they keep nothing.
    fn at_opening(said: &str) -> Self {
        match Self::named(said) {
            Self::Closed => Self::Absent,
            Self::Other(said) if ["SecurityError", "NotAllowed"].iter().any(|name| said.contains(name)) => Self::Absent,
            other => other,
        }
    }
}

/// What a transaction does to one key.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Keeps a value in place of what was there.
    Put(&'a str, &'a JsValue),
    /// Keeps a value where nothing is.
    Add(&'a str, &'a JsValue),
    /// Forgets what is there.
    Delete(&'a str),
}

/// An open database; closed when dropped, or when a newer page needs it.
pub struct Store(Database);

impl Drop for Store {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Store {
    /// Opens it, and makes it where it is not there yet.
    ///
    /// # Errors
    /// [`StoreError`]: there is none, it is a newer one, or another tab blocks it.
    pub async fn open() -> Result<Self, StoreError> {
        let factory = Factory::new().map_err(|_| StoreError::Absent)?;
        let opening = |error: idb::Error| StoreError::at_opening(&error.to_string());
        let mut request = factory.open(NAME, Some(VERSION)).map_err(opening)?;
        request.on_upgrade_needed(|event| {
            let Ok(database) = event.database() else { return };
            for records in Records::ALL {
                if !database.store_names().iter().any(|name| name == records.name()) {
                    // What could not be made is missed, with a sentence, by the first transaction.
                    let _ = database.create_object_store(records.name(), ObjectStoreParams::new());
                }
            }
        });
        let (end, ended) = oneshot::channel();
        let end = Rc::new(Cell::new(Some(end)));
        let blocked = end.clone();
        // Whoever blocks it may do so for hours.
        request.on_blocked(move |_| {
            if let Some(end) = blocked.take() {
                let _ = end.send(Err(StoreError::Blocked));
            }
        });
        let late = end.clone();
        spawn_local(async move {
            pause(PATIENCE).await;
            if let Some(end) = late.take() {
                let _ = end.send(Err(StoreError::Blocked));
            }
        });
        spawn_local(async move {
            let opened = request.await.map(Self::listening).map_err(opening);
            // When nobody waits any more it is dropped, and so closed.
            if let Some(end) = end.take() {
                let _ = end.send(opened);
            }
        });
        ended.await.unwrap_or(Err(StoreError::Absent))
    }

    /// A newer page cannot open it before all older ones have closed it.
    fn listening(database: Database) -> Self {
        let raw: IdbDatabase = database.into();
        let closing = raw.clone();
        let mut database: Database = raw.into();
        database.on_version_change(move |_| closing.close());
        Self(database)
    }

    /// Keeps a value under a key, in place of what was there.
    pub async fn put(&self, records: Records, key: &str, value: &JsValue) -> Result<(), StoreError> {
        self.change(records, &[Change::Put(key, value)]).await
    }

    /// Forgets a key.
    pub async fn delete(&self, records: Records, key: &str) -> Result<(), StoreError> {
        self.change(records, &[Change::Delete(key)]).await
    }

    /// Changes all of it, or nothing.
    ///
    /// # Errors
    /// [`StoreError`]: there is no room, or something is kept where a value was to be added.
    pub async fn change(&self, records: Records, changes: &[Change<'_>]) -> Result<(), StoreError> {
        let transaction: IdbTransaction = self.0.transaction(&[records.name()], TransactionMode::ReadWrite)?.into();
        let store = Transaction::from(transaction.clone()).object_store(records.name())?;
        // What a request says, the transaction says too.
        for change in changes {
            match *change {
                Change::Put(key, value) => drop(store.put(value, Some(&key.into()))?),
                Change::Add(key, value) => drop(store.add(value, Some(&key.into()))?),
                Change::Delete(key) => drop(store.delete(Query::Key(key.into()))?),
            }
        }
        // It is kept when the transaction is complete: a full disk shows at its very end.
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        match JsFuture::from(done).await {
            Ok(_) => Ok(()),
            Err(_) => Err(transaction.error().map_or(StoreError::Closed, |error| {
                StoreError::named(&format!("{}: {}", error.name(), error.message()))
            })),
        }
    }

    /// What is kept under a key.
    pub async fn read(&self, records: Records, key: &str) -> Result<Option<JsValue>, StoreError> {
        let transaction = self.0.transaction(&[records.name()], TransactionMode::ReadOnly)?;
        Ok(transaction.object_store(records.name())?.get(Query::Key(key.into()))?.await?)
    }

    /// Every key and value.
    pub async fn all(&self, records: Records) -> Result<Vec<(String, JsValue)>, StoreError> {
        let transaction = self.0.transaction(&[records.name()], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(records.name())?;
        let keys = store.get_all_keys(None, None)?.await?;
        let values = store.get_all(None, None)?.await?;
        Ok(keys.into_iter().filter_map(|key| key.as_string()).zip(values).collect())
    }
}

/// Waits, in a page and in a worker; where there are no timers, for ever.
async fn pause(ms: i32) {
    let timer = Reflect::get(&js_sys::global(), &"setTimeout".into()).and_then(|timer| timer.dyn_into::<Function>());
    let passed = Promise::new(&mut |resolve, _| {
        if let Ok(timer) = &timer {
            let _ = timer.call2(&JsValue::UNDEFINED, &resolve, &ms.into());
        }
    });
    // It is never refused.
    let _ = JsFuture::from(passed).await;
}
