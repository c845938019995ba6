//! An append-only log of events, and readers that store their position. It does not interpret topics or details.

mod cursor;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

pub use cursor::{Cursor, Handed};
#[cfg(feature = "postgres")]
pub use postgres::PostgresAppender;
pub use sqlite::Appender;

use crate::{Database, Lock, Migration, Migrations, StoreError};

/// An append-only log of events.
///
/// An event is appended, by an [`Appender`] or a `PostgresAppender`, inside the transaction of the change that it describes, so that the event
/// exists if and only if the change was committed. The numbers of the events increase in the order of the commits. The
/// database refuses to change events, and to delete those that [retention](Self::MIGRATIONS) has not released.
#[derive(Clone)]
pub struct Log {
    rows: Arc<dyn LogRows>,
}

/// The tables, see [`Log::MIGRATIONS`].
const MIGRATIONS: Migrations = Migrations {
    room: "log",
    list: &[Migration {
        number: 1,
        name: "events that stay, and cursors",
        sql: sqlite::TABLES,
        #[cfg(feature = "postgres")]
        postgres: postgres::TABLES,
        #[cfg(not(feature = "postgres"))]
        postgres: "",
    }],
};

/// An event to append.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewEvent<'a> {
    /// When it happened, in microseconds since 1970 (UTC).
    pub at_micros: i64,
    /// What kind of event it is.
    pub topic: &'a str,
    /// The row that the event is about.
    pub subject: Option<i64>,
    /// The person or program that caused it.
    pub actor: Option<&'a str>,
    /// Further details, as JSON. They are not checked.
    pub detail: Option<&'a str>,
}

/// An event that was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedEvent {
    /// Its number: later commits have higher ones.
    pub seq: i64,
    /// When it happened, in microseconds since 1970 (UTC).
    pub at_micros: i64,
    /// What kind of event it is.
    pub topic: String,
    /// The row that the event is about.
    pub subject: Option<i64>,
    /// The person or program that caused it.
    pub actor: Option<String>,
    /// Further details, as JSON.
    pub detail: Option<String>,
}

/// The stored position of a cursor.
#[derive(Clone, Copy, Debug)]
struct Position {
    /// Every event up to this one was handled.
    acknowledged: i64,
    /// No event after this one was returned to the reader.
    handed: i64,
}

/// The right to move a cursor.
#[derive(Debug)]
struct Claim {
    name: String,
    /// How often the cursor was opened before. Only PostgreSQL needs it, where a lock ends with its connection.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "see above"))]
    epoch: i64,
    _lock: Lock,
}

/// The database operations that the log needs.
#[async_trait]
trait LogRows: Send + Sync {
    /// The events after `after`, oldest first.
    async fn read(&self, after: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError>;
    /// Opens the cursor with this name, and returns its position; a new cursor is before the first event.
    async fn open(&self, name: &str) -> Result<(Claim, Position), StoreError>;
    /// Stores a position. Fails with `Locked` if the cursor was opened again since.
    async fn save(&self, claim: &Claim, position: Position) -> Result<(), StoreError>;
    /// Stores the position without waiting, for a cursor that is dropped. Another cursor of this name can be opened
    /// afterwards.
    fn save_later(&self, claim: Claim, position: Position);
    /// Deletes events, see [`Log::delete_before`].
    async fn delete_before(&self, before: i64, limit: u32) -> Result<u64, StoreError>;
    fn commits(&self) -> watch::Receiver<u64>;
}

impl Log {
    /// The tables of the log, for users who run migrations by hand.
    ///
    /// The table `log_floor` holds the lowest event number that must be kept. To delete old events, raise it first, in
    /// the same transaction: `UPDATE switchboard_log_floor SET seq = 1000; DELETE FROM switchboard_log WHERE seq <
    /// 1000`. It cannot be raised above an event that a cursor has not handled. If a cursor is no longer read, delete
    /// its row from `switchboard_cursor`. The newest event is always kept, so that its number is not used again.
    pub const MIGRATIONS: Migrations = MIGRATIONS;

    /// Opens the log of a database, and creates its tables if they do not exist.
    ///
    /// # Errors
    /// See [`Sqlite::migrate`](crate::Sqlite::migrate).
    pub async fn open(database: impl Into<Database>) -> Result<Self, StoreError> {
        let rows: Arc<dyn LogRows> = match database.into() {
            Database::Sqlite(sqlite) => Arc::new(sqlite::SqliteLog::open(sqlite).await?),
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => Arc::new(postgres::PostgresLog::open(&postgres).await?),
        };
        Ok(Self { rows })
    }

    /// The events after number `after`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`Sqlite::read`](crate::Sqlite::read).
    pub async fn read(&self, after: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        self.rows.read(after, limit).await
    }

    /// Deletes the oldest events that happened before a time (in microseconds since 1970, UTC) and that every cursor has
    /// handled, at most `limit`. Returns their number. The newest event always stays.
    ///
    /// # Errors
    /// See [`Sqlite::write`](crate::Sqlite::write).
    pub async fn delete_before(&self, before_micros: i64, limit: u32) -> Result<u64, StoreError> {
        self.rows.delete_before(before_micros, limit).await
    }

    /// Opens the cursor with this name at its stored position. A new cursor is before the first event. Each name has at
    /// most one reader at a time.
    ///
    /// # Errors
    /// `Locked` if this cursor is already open, in this or another process; `BadName`.
    pub async fn cursor(&self, name: &str) -> Result<Cursor, StoreError> {
        Cursor::open(Arc::clone(&self.rows), name).await
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}
