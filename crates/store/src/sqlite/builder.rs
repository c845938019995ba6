use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::job::Queue;
use super::{Shared, Sqlite, writer};
use crate::StoreError;

/// The settings with which a [`Sqlite`] is opened.
#[derive(Clone, Debug)]
#[must_use]
pub struct SqliteBuilder {
    prefix: String,
    pub(super) busy_timeout: Duration,
    pub(super) cache_bytes: u32,
}

impl Default for SqliteBuilder {
    fn default() -> Self {
        Self {
            prefix: "switchboard_".to_owned(),
            busy_timeout: Duration::from_secs(5),
            cache_bytes: 16 << 20,
        }
    }
}

impl SqliteBuilder {
    /// Sets the prefix of all table names. Default: `switchboard_`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long a job waits for another connection that writes. Default: 5 seconds.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets the memory for the writer's page cache, in bytes. Default: 16 MiB. The reader uses a quarter of it in
    /// addition.
    pub fn cache(mut self, bytes: u32) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Opens the file, and creates it if it does not exist.
    ///
    /// # Errors
    /// `BadPrefix`, `CannotOpen`, `NetworkMount` (detected only on Linux), `NotADatabase`, `Corrupt`, `ReadOnly`,
    /// `NoWal`, `DiskFull`, and `Busy` if another process writes for longer than the busy timeout.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<Sqlite, StoreError> {
        self.start(Some(path.as_ref().to_owned())).await
    }

    /// Opens a database in memory, for tests and examples. It is deleted when its last handle is dropped.
    ///
    /// # Errors
    /// `BadPrefix`.
    pub async fn memory(self) -> Result<Sqlite, StoreError> {
        self.start(None).await
    }

    async fn start(self, path: Option<PathBuf>) -> Result<Sqlite, StoreError> {
        if !is_prefix(&self.prefix) {
            return Err(StoreError::BadPrefix { prefix: self.prefix });
        }
        let (queue, orders) = Queue::new();
        let (ready, opened) = oneshot::channel();
        let thread = std::thread::Builder::new().name("switchboard-store".to_owned());
        let writer = move || writer::run(&self, path.as_deref(), &orders, ready);
        thread.spawn(writer).map_err(|_| StoreError::NoThread)?;
        let (shared, reader) = opened.await.unwrap_or(Err(StoreError::Stopped))?;
        Ok(Sqlite { shared, writer: queue, reader })
    }

    pub(super) fn shared(&self, path: Option<PathBuf>) -> Arc<Shared> {
        Arc::new(Shared {
            prefix: self.prefix.clone(),
            path,
            busy_timeout: self.busy_timeout,
            transactions: AtomicU64::new(0),
            jobs: AtomicU64::new(0),
            busy_nanos: AtomicU64::new(0),
            commits: watch::Sender::new(0),
            held: Arc::default(),
        })
    }
}

fn is_prefix(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let rest = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    starts && rest && text.len() <= 40 && !text.starts_with("sqlite_")
}

#[cfg(test)]
mod tests {
    use super::is_prefix;

    #[test]
    fn prefixes_are_checked() {
        for good in ["a", "_", "switchboard_", "a1_b2", &"a".repeat(40)] {
            assert!(is_prefix(good), "{good}");
        }
        for bad in ["", "1a", "A", "a-b", "a b", "a;b", "é", "sqlite_", "sqlite_x", &"a".repeat(41)] {
            assert!(!is_prefix(bad), "{bad}");
        }
    }
}
