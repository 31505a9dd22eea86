//! Reader: one file of a host as a stream that goes on where a connection broke.
use super::{Body, Host};
use crate::{Error, Result};

/// Failures in a row, without a byte between them, before it is given up.
const PATIENCE: u32 = 6;

/// A file that is being read.
pub struct Reader<'a, H: Host> {
    host: &'a mut H,
    path: String,
    /// Where in the file the next byte is.
    at: u64,
    total: Option<u64>,
    body: Option<H::Body>,
    /// Received and not yet taken.
    buffer: Vec<u8>,
    failures: u32,
}

impl<'a, H: Host> Reader<'a, H> {
    /// Opens a file, to read from a byte on; `None` when there is no such file.
    pub async fn open(host: &'a mut H, path: &str, from: u64) -> Result<Option<Self>> {
        let (path, buffer) = (path.to_owned(), Vec::new());
        let mut reader = Self { host, path, at: from, total: None, body: None, buffer, failures: 0 };
        Ok(if reader.connect().await? { Some(reader) } else { None })
    }

    /// The length of the whole file, if the host says so.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Opens the file where the next byte is; false when there is none.
    async fn connect(&mut self) -> Result<bool> {
        loop {
            let from = self.at + self.buffer.len() as u64;
            match self.host.open(&self.path, from).await {
                Ok(Some(body)) if self.total.is_some() && body.total().is_some() && body.total() != self.total => {
                    return Err(Error::Checkpoint(format!(
                        "{}: had {} bytes, and has {} now: the file was replaced; download it again",
                        self.path,
                        self.total.unwrap_or_default(),
                        body.total().unwrap_or_default()
                    )));
                }
                Ok(Some(body)) => {
                    self.total = body.total().or(self.total);
                    let skip = from.checked_sub(body.start()).ok_or_else(|| {
                        Error::Checkpoint(format!("{}: the host sent another part than was asked for", self.path))
                    })?;
                    self.body = Some(body);
                    return self.skip(skip).await.map(|()| true);
                }
                Ok(None) => return Ok(false),
                Err(Error::Network(why)) => self.fail(why).await?,
                Err(error) => return Err(error),
            }
        }
    }

    async fn fail(&mut self, why: String) -> Result<()> {
        self.failures += 1;
        if self.failures >= PATIENCE {
            return Err(Error::Network(why));
        }
        self.host.wait(self.failures).await;
        Ok(())
    }

    /// Drops the bytes that a host without ranges sends again. Who reads next connects anew after a loss on the way.
    async fn skip(&mut self, mut n: u64) -> Result<()> {
        while n > 0 {
            let Some(body) = &mut self.body else { return Ok(()) };
            match body.next().await {
                Ok(Some(bytes)) if (bytes.len() as u64) <= n => n -= bytes.len() as u64,
                Ok(Some(bytes)) => {
                    self.buffer.extend_from_slice(&bytes[n as usize..]);
                    return Ok(());
                }
                Ok(None) => {
                    self.body = None;
                    return self
                        .fail(format!("{}: the connection broke again and again; try again later", self.path))
                        .await;
                }
                Err(Error::Network(why)) => {
                    self.body = None;
                    return self.fail(why).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Receives something more; false at the file's end.
    async fn receive(&mut self) -> Result<bool> {
        loop {
            let known = self.total.is_some_and(|total| self.at + self.buffer.len() as u64 >= total);
            if known {
                return Ok(false);
            }
            let Some(body) = &mut self.body else {
                if !self.connect().await? {
                    return Err(Error::Network(format!("{}: is not there any more", self.path)));
                }
                continue;
            };
            match body.next().await {
                Ok(Some(bytes)) if bytes.is_empty() => {}
                Ok(Some(bytes)) => {
                    self.failures = 0;
                    self.buffer.extend_from_slice(&bytes);
                    return Ok(true);
                }
                // without a length nobody can tell an end from a loss
                Ok(None) if self.total.is_none() => return Ok(false),
                Ok(None) => {
                    self.body = None;
                    self.fail(format!("{}: the connection broke again and again; try again later", self.path)).await?;
                }
                Err(Error::Network(why)) => {
                    self.body = None;
                    self.fail(why).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// The file ends before that.
    pub async fn take(&mut self, n: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < n {
            if !self.receive().await? {
                let end = self.at + self.buffer.len() as u64;
                return Err(Error::Checkpoint(format!(
                    "{}: ends after {end} bytes where {} are promised; is the upload complete?",
                    self.path,
                    self.at + n as u64
                )));
            }
        }
        let rest = self.buffer.split_off(n);
        self.at += n as u64;
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Passes over the next `n` bytes.
    pub async fn pass(&mut self, n: u64) -> Result<()> {
        let mut left = n;
        while left > 0 {
            let part = left.min(1 << 20) as usize;
            self.take(part).await?;
            left -= part as u64;
        }
        Ok(())
    }

    /// All that follows.
    ///
    /// # Errors
    /// More than `most` bytes.
    pub async fn rest(&mut self, most: u64) -> Result<Vec<u8>> {
        loop {
            let n = self.buffer.len() as u64;
            if n > most || self.total.is_some_and(|total| total > most) {
                return Err(Error::Checkpoint(format!(
                    "{}: is longer than {most} bytes, which no file of its kind is",
                    self.path
                )));
            }
            if !self.receive().await? {
                self.at += n;
                return Ok(std::mem::take(&mut self.buffer));
            }
        }
    }
}
