//! Host: files that can be asked for and a store that they go to, with all the ways of failing.
use instructbrush::models::packed::read::Files;
use instructbrush::service::download::{Body, Host, Store};
use instructbrush::service::plan::Planner;
use instructbrush::{Error, Result};
use std::collections::BTreeMap;

pub type Tree = BTreeMap<String, Vec<u8>>;

/// A host of files with all the ways of failing.
#[derive(Clone, Default)]
pub struct Site {
    pub files: Tree,
    /// Answers from the first byte on, whatever was asked.
    pub without_ranges: bool,
    /// Says no lengths.
    pub without_lengths: bool,
    /// After how many bytes each of the next answers breaks off.
    pub cuts: Vec<usize>,
    /// A file that arrives with a flipped bit, so many times.
    pub flips: Option<(String, usize)>,
    /// Whether nothing arrives at all.
    pub down: bool,
    /// What was asked for, from which byte.
    pub asked: Vec<(String, u64)>,
    pub waits: Vec<u32>,
}

pub struct Answer {
    bytes: Vec<u8>,
    at: usize,
    start: u64,
    total: Option<u64>,
    cut: Option<usize>,
}

impl Host for Site {
    type Body = Answer;

    async fn open(&mut self, path: &str, from: u64) -> Result<Option<Answer>> {
        if self.down {
            return Err(Error::Network(format!("{path}: no answer; is there a network?")));
        }
        let Some(mut bytes) = self.files.get(path).cloned() else { return Ok(None) };
        self.asked.push((path.to_owned(), from));
        if let Some((flipped, left)) = self.flips.as_mut().filter(|(flipped, left)| flipped == path && *left > 0) {
            let half = bytes.len() / 2;
            bytes[half] ^= 4;
            *left -= usize::from(flipped == path);
        }
        let start = if self.without_ranges { 0 } else { from };
        let total = (!self.without_lengths).then_some(bytes.len() as u64);
        // configs are small: only weights break
        let cut = if bytes.len() > 100_000 { self.cuts.pop() } else { None };
        Ok(Some(Answer { bytes: bytes.split_off((start as usize).min(bytes.len())), at: 0, start, total, cut }))
    }

    async fn wait(&mut self, failures: u32) {
        self.waits.push(failures);
    }
}

impl Body for Answer {
    fn start(&self) -> u64 {
        self.start
    }

    fn total(&self) -> Option<u64> {
        self.total
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.cut.is_some_and(|cut| self.at >= cut) {
            return Err(Error::Network("the connection is lost".into()));
        }
        let end = (self.at + 65_536).min(self.cut.unwrap_or(usize::MAX)).min(self.bytes.len());
        let part = self.bytes[self.at..end].to_vec();
        self.at = end;
        Ok((!part.is_empty()).then_some(part))
    }
}

/// A browser's store with a quota.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    pub files: Tree,
    pub quota: Option<usize>,
    /// What is told to be free beforehand.
    pub room: Option<u64>,
}

impl Store for Shelf {
    async fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let used: usize = self.files.values().map(Vec::len).sum();
        if self.quota.is_some_and(|quota| used + bytes.len() > quota) {
            return Err(Error::Storage("the browser's store is full".into()));
        }
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn remove(&mut self, path: &str) -> Result<()> {
        self.files.remove(path);
        Ok(())
    }

    async fn accept(&mut self, total: u64, planner: &Planner) -> Result<()> {
        assert!(planner.plan(64).edit > 100_000, "a plan of the model that comes");
        match self.room.filter(|&room| room < total) {
            Some(room) => Err(Error::Storage(format!("{total} bytes, {room} are free"))),
            None => Ok(()),
        }
    }
}

impl Files for Shelf {
    async fn whole(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        self.read(path).await
    }
}
