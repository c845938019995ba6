//! An append-only log of events, and readers that store their position. It does not interpret topics or details.

mod cursor;
mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

pub use cursor::{Cursor, Handed};
pub use sqlite::Appender;

use crate::{Lock, Migrations, Sqlite, StoreError};

/// An append-only log of events.
///
/// An event is [appended](Appender::append) inside the transaction of the change that it describes, so that the event
/// exists if and only if the change was committed. The numbers of the events increase in the order of the commits. The
/// database refuses to change events, and to delete those that [retention](Self::MIGRATIONS) has not released.
#[derive(Clone)]
pub struct Log {
    rows: Arc<dyn LogRows>,
    appender: Appender,
}

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

/// The database operations that the log needs.
#[async_trait]
trait LogRows: Send + Sync {
    /// The events after `after`, oldest first.
    async fn read(&self, after: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError>;
    /// Returns the position of the cursor with this name; a new cursor is before the first event.
    async fn position(&self, name: &str) -> Result<Position, StoreError>;
    async fn save(&self, name: &str, position: Position) -> Result<(), StoreError>;
    /// Saves the position without waiting, for a cursor that is dropped.
    fn save_later(&self, name: &str, position: Position);
    fn lock(&self, name: &str) -> Result<Lock, StoreError>;
    fn commits(&self) -> watch::Receiver<u64>;
}

impl Log {
    /// The tables of the log, for users who run migrations by hand.
    ///
    /// The table `log_floor` holds the lowest event number that must be kept. To delete old events, raise it first, in
    /// the same transaction: `UPDATE switchboard_log_floor SET seq = 1000; DELETE FROM switchboard_log WHERE seq <
    /// 1000`. It cannot be raised above an event that a cursor has not handled. If a cursor is no longer read, delete
    /// its row from `switchboard_cursor`. The newest event is always kept, so that its number is not used again.
    pub const MIGRATIONS: Migrations = sqlite::MIGRATIONS;

    /// Opens the log of a database, and creates its tables if they do not exist.
    ///
    /// # Errors
    /// See [`Sqlite::migrate`].
    pub async fn open(sqlite: Sqlite) -> Result<Self, StoreError> {
        let appender = Appender::new(sqlite.prefix());
        Ok(Self { rows: Arc::new(sqlite::SqliteLog::open(sqlite).await?), appender })
    }

    /// Returns the handle that jobs use to append events.
    #[must_use]
    pub fn appender(&self) -> Appender {
        self.appender.clone()
    }

    /// The events after number `after`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`Sqlite::read`].
    pub async fn read(&self, after: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        self.rows.read(after, limit).await
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
