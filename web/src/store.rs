//! Store: IndexedDB as named records, one transaction per function; used by the page and by the worker.
use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, Query, TransactionMode};
use wasm_bindgen::JsValue;

/// Name of the database.
const NAME: &str = "instructbrush";
/// Goes up when records change so that an older page could not read them.
const VERSION: u32 = 1;

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
        if said.contains("QuotaExceeded") || said.contains("quota") {
            Self::Full
        } else if said.contains("VersionError") {
            Self::Newer
        } else {
            Self::Other(said.to_owned())
        }
    }
}

/// An open database.
pub struct Store(Database);

impl Store {
    /// Opens it, and makes it where it is not there yet.
    ///
    /// # Errors
    /// [`StoreError`]: there is none, it is a newer one, or another tab blocks it.
    pub async fn open() -> Result<Self, StoreError> {
        let factory = Factory::new().map_err(|_| StoreError::Absent)?;
        let mut request = factory.open(NAME, Some(VERSION)).map_err(|error| StoreError::named(&error.to_string()))?;
        request.on_upgrade_needed(|event| {
            let Ok(database) = event.database() else { return };
            for records in Records::ALL {
                if !database.store_names().iter().any(|name| name == records.name()) {
                    // What could not be made is missed, with a sentence, by the first transaction.
                    let _ = database.create_object_store(records.name(), ObjectStoreParams::new());
                }
            }
        });
        let database = request.await?;
        Ok(Self(database))
    }

    /// Keeps a value under a key, in place of what was there.
    pub async fn put(&self, records: Records, key: &str, value: &JsValue) -> Result<(), StoreError> {
        let transaction = self.0.transaction(&[records.name()], TransactionMode::ReadWrite)?;
        transaction.object_store(records.name())?.put(value, Some(&key.into()))?.await?;
        transaction.commit()?.await?;
        Ok(())
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

    /// Forgets a key.
    pub async fn delete(&self, records: Records, key: &str) -> Result<(), StoreError> {
        let transaction = self.0.transaction(&[records.name()], TransactionMode::ReadWrite)?;
        transaction.object_store(records.name())?.delete(Query::Key(key.into()))?.await?;
        transaction.commit()?.await?;
        Ok(())
    }
}
