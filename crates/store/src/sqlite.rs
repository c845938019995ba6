//! A SQLite database with one thread that writes and one that reads. It knows no tables but those of migrations.

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
pub use lock::Lock;

use crate::{Migrations, StoreError};
use job::Queue;

/// A SQLite database with one writer thread. A clone is the same database.
///
/// When the last clone is dropped, the threads finish what was handed to them, close the file and end.
/// [`close`](Self::close) waits for it.
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
    /// Committed transactions. Each waits for the disk once, if it changed anything.
    pub transactions: u64,
    /// Jobs in the committed transactions.
    pub jobs: u64,
    /// The time that the writer spent in transactions, committed or not, with the waits for the disk.
    pub busy: Duration,
}

impl Sqlite {
    /// Opens a database, and makes the file where there is none. Its journal mode becomes WAL, and stays so.
    ///
    /// # Errors
    /// See [`SqliteBuilder::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder().open(path).await
    }

    /// Opens a database in memory, which ends with its last handle: for tests and examples.
    ///
    /// # Errors
    /// Any error of SQLite.
    pub async fn memory() -> Result<Self, StoreError> {
        Self::builder().memory().await
    }

    /// Sets the prefix, the busy timeout or the cache before it opens.
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder::default()
    }

    /// What the names of all tables begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.shared.prefix
    }

    /// The file, with symbolic links resolved. `None` for a database in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.shared.path.as_deref()
    }

    /// Runs `job` in a transaction on the writer thread, and answers after the commit that contains it.
    ///
    /// Jobs that wait are committed together, each in a savepoint of its own: a job that returns `Err` or panics is
    /// rolled back alone. A job must not begin, commit or roll back a transaction. Jobs run in the order of the calls.
    /// Where the future is dropped, the job still runs, unless it was never polled.
    ///
    /// # Errors
    /// What `job` returns; and a [`StoreError`] where the transaction was not committed: `Busy`, `DiskFull`,
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

    /// Hands `job` to the writer thread as [`write`](Self::write) does, and does not wait. Errors are ignored.
    pub(crate) fn write_later<F>(&self, job: F)
    where
        F: FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static,
    {
        drop(self.writer.hand(job, false));
    }

    /// Runs `job` beside the writer, on a connection of its own, and sees what was committed when it began.
    ///
    /// There is one thread for all reads: a long one keeps others waiting. A database in memory reads on the writer
    /// thread, in order with the writes.
    ///
    /// # Errors
    /// What `job` returns; `ReadOnly` where it writes; `Busy`, `JobPanicked` and `Stopped`.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.reader.as_ref().unwrap_or(&self.writer).hand(job, true);
        received(answer).await
    }

    /// Runs the migrations that this database has not seen yet, in one transaction: all of them or none.
    ///
    /// # Errors
    /// `NewerSchema`, `ChangedMigration`, and what [`write`](Self::write) returns.
    pub async fn migrate(&self, migrations: &'static Migrations) -> Result<(), StoreError> {
        let prefix = self.prefix().to_owned();
        self.write(move |connection| migrations.run(connection, &prefix)).await
    }

    /// Takes a lock that is freed when it is dropped or the process dies, however it dies.
    ///
    /// It is an exclusive SQLite transaction on the file `<database>-<prefix><name>.lock`, which stays.
    ///
    /// # Errors
    /// `Locked` within a tenth of a second, where another process or another handle in this one holds it; `BadName`; `CannotOpen`.
    pub fn lock(&self, name: &str) -> Result<Lock, StoreError> {
        match self.path() {
            Some(path) => lock::take_file(path, self.prefix(), name),
            None => lock::take_in_process(&self.shared.held, name),
        }
    }

    /// Counts the commits of this handle and its clones; each change wakes the tasks that wait for rows.
    ///
    /// What other processes commit is not counted: whoever waits for that polls.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.shared.commits.subscribe()
    }

    /// Counters of the writer since the database was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            transactions: self.shared.transactions.load(Ordering::Relaxed),
            jobs: self.shared.jobs.load(Ordering::Relaxed),
            busy: Duration::from_nanos(self.shared.busy_nanos.load(Ordering::Relaxed)),
        }
    }

    /// Finishes what was handed over before, closes the file and ends the threads. Later calls answer `Stopped`.
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
