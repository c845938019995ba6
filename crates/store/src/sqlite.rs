//! An SQLite database with one writer thread and one reader thread. It has no tables except those of migrations.

mod builder;
mod connection;
mod job;
mod lock;
mod mount;
mod reader;
mod writer;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

pub use builder::SqliteBuilder;

use crate::{Lock, Migrations, StoreError};
use job::Queue;

/// An SQLite database with one writer thread. A clone uses the same database.
///
/// When the last clone is dropped, the threads finish the jobs that they were given, close the file and end.
/// [`close`](Self::close) waits for this.
#[derive(Clone)]
pub struct Sqlite {
    shared: Arc<Shared>,
    writer: Queue,
    /// `None` for a database in memory, which has only one connection.
    reader: Option<Queue>,
}

/// The state that the handles and the threads share.
struct Shared {
    prefix: String,
    path: Option<PathBuf>,
    busy_timeout: Duration,
    transactions: AtomicU64,
    jobs: AtomicU64,
    busy_nanos: AtomicU64,
    commits: watch::Sender<u64>,
    /// Names of the locks of a database in memory.
    held: Arc<Mutex<BTreeSet<String>>>,
}

/// Counters of the writer since the database was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The number of committed transactions. Each that changed something waited for the disk once.
    pub transactions: u64,
    /// The number of jobs in the committed transactions.
    pub jobs: u64,
    /// The time that the writer spent in transactions, committed or not, including the waits for the disk.
    pub busy: Duration,
}

impl Sqlite {
    /// Opens a database, and creates the file if it does not exist. Its journal mode is changed to WAL permanently.
    ///
    /// # Errors
    /// See [`SqliteBuilder::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder().open(path).await
    }

    /// Opens a database in memory, for tests and examples. It is deleted when its last handle is dropped.
    ///
    /// # Errors
    /// Any error of SQLite.
    pub async fn memory() -> Result<Self, StoreError> {
        Self::builder().memory().await
    }

    /// Returns a builder, to set the prefix, the busy timeout or the cache before the database is opened.
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder::default()
    }

    /// Returns the prefix of all table names.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.shared.prefix
    }

    /// The file, with symbolic links resolved. `None` for a database in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.shared.path.as_deref()
    }

    /// Runs `job` in a transaction on the writer thread, and returns after the commit.
    ///
    /// Jobs that wait are committed together, each in its own savepoint: if a job returns `Err` or panics, only that
    /// job is rolled back. A job must not begin, commit or roll back a transaction. Jobs run in the order of the calls.
    /// If the future is dropped, the job still runs, unless the future was never polled.
    ///
    /// # Errors
    /// The error that `job` returns, or a [`StoreError`] if the transaction was not committed: `Busy`, `DiskFull`,
    /// `ReadOnly`, `Disk`, `JobPanicked` and `Stopped`.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.writer.hand(job, false);
        received(answer).await
    }

    /// Passes `job` to the writer thread as [`write`](Self::write) does, but does not wait. Errors are ignored.
    pub(crate) fn write_later<F>(&self, job: F)
    where
        F: FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static,
    {
        drop(self.writer.hand(job, false));
    }

    /// Runs `job` on a separate connection, in parallel with the writer. It sees the data that was committed when it
    /// began.
    ///
    /// One thread runs all reads, so a long read delays the others. A database in memory reads on the writer thread, in
    /// order with the writes.
    ///
    /// # Errors
    /// The error that `job` returns; `ReadOnly` if it writes; `Busy`, `JobPanicked` and `Stopped`.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.reader.as_ref().unwrap_or(&self.writer).hand(job, true);
        received(answer).await
    }

    /// Runs the migrations that were not run on this database yet, in one transaction: all of them or none.
    ///
    /// # Errors
    /// `NewerSchema`, `ChangedMigration`, and the errors of [`write`](Self::write).
    pub async fn migrate(&self, migrations: &'static Migrations) -> Result<(), StoreError> {
        let prefix = self.prefix().to_owned();
        self.write(move |connection| migrations.run(connection, &prefix)).await
    }

    /// Takes a lock. It is released when it is dropped or when the process ends, even after a crash.
    ///
    /// It is an exclusive SQLite transaction on the file `<database>-<prefix><name>.lock`. The file is not deleted.
    ///
    /// # Errors
    /// `Locked` within a tenth of a second, if another process or another handle in this one holds it; `BadName`;
    /// `CannotOpen`.
    pub fn lock(&self, name: &str) -> Result<Lock, StoreError> {
        match self.path() {
            Some(path) => lock::take_file(path, self.prefix(), name),
            None => lock::take_in_process(&self.shared.held, name),
        }
    }

    /// Returns a counter of the commits of this handle and its clones. Each change wakes the tasks that wait for rows.
    ///
    /// Commits of other processes are not counted, so they must be found by polling.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.shared.commits.subscribe()
    }

    /// Returns the counters of the writer since the database was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            transactions: self.shared.transactions.load(Ordering::Relaxed),
            jobs: self.shared.jobs.load(Ordering::Relaxed),
            busy: Duration::from_nanos(self.shared.busy_nanos.load(Ordering::Relaxed)),
        }
    }

    /// Finishes the jobs that were passed before, closes the file and ends the threads. Later calls return `Stopped`.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { prefix, path, .. } = &*self.shared;
        f.debug_struct("Sqlite").field("path", path).field("prefix", prefix).finish_non_exhaustive()
    }
}

async fn received<T, E: From<StoreError>>(answer: oneshot::Receiver<Result<T, E>>) -> Result<T, E> {
    answer.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
}
