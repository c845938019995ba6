//! The log's rows in SQLite.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use tokio::sync::watch;

use super::{Claim, LogRows, LoggedEvent, NewEvent, Position};
use crate::{Sqlite, StoreError, expand};

/// Without `AUTOINCREMENT`, SQLite reuses numbers only if the newest row is deleted. Here it is never deleted.
pub(super) const TABLES: &str = "\
CREATE TABLE {p}log (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, topic TEXT NOT NULL, subject INTEGER, actor TEXT, detail TEXT
) STRICT;
CREATE TABLE {p}log_floor (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL) STRICT;
INSERT INTO {p}log_floor VALUES (1, 0);
CREATE TABLE {p}cursor (
  name TEXT PRIMARY KEY, acknowledged INTEGER NOT NULL, handed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER {p}log_update BEFORE UPDATE ON {p}log
BEGIN SELECT RAISE(ABORT, 'the log is append-only: its events are not changed'); END;
CREATE TRIGGER {p}log_delete BEFORE DELETE ON {p}log
WHEN OLD.seq >= coalesce((SELECT seq FROM {p}log_floor), 0)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: raise {p}log_floor before you delete old events'); END;
CREATE TRIGGER {p}log_floor_update BEFORE UPDATE ON {p}log_floor
WHEN NEW.seq < OLD.seq OR NEW.seq > coalesce((SELECT max(seq) FROM {p}log), 0)
BEGIN SELECT RAISE(ABORT, '{p}log_floor only rises, and not above the newest event'); END;
CREATE TRIGGER {p}log_floor_cursor BEFORE UPDATE ON {p}log_floor
WHEN EXISTS (SELECT 1 FROM {p}cursor WHERE acknowledged + 1 < NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a row of {p}cursor has not done these events: delete the row if nobody reads it'); END;
";

/// Appends events inside a job of [`Sqlite::write`]. Cloning is cheap: each job gets its own clone.
#[derive(Clone)]
pub struct Appender {
    sql: Arc<str>,
}

impl Appender {
    /// Creates an appender for a job on your own connection, to a database in which
    /// [`Log::MIGRATIONS`](crate::Log::MIGRATIONS) were run with this prefix.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let sql = "INSERT INTO {p}log (at, topic, subject, actor, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
        Self { sql: expand(sql, prefix).into() }
    }

    /// Appends an event in the transaction of `connection`, and returns its number.
    ///
    /// # Errors
    /// Any error of SQLite.
    pub fn append(&self, connection: &Connection, event: &NewEvent<'_>) -> Result<i64, rusqlite::Error> {
        let NewEvent { at_micros, topic, subject, actor, detail } = *event;
        connection.prepare_cached(&self.sql)?.insert(params![at_micros, topic, subject, actor, detail])
    }
}

impl fmt::Debug for Appender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appender").finish_non_exhaustive()
    }
}

pub(super) struct SqliteLog {
    sqlite: Sqlite,
    read: Arc<str>,
    position: Arc<str>,
    save: Arc<str>,
    raise: Arc<str>,
    delete: Arc<str>,
}

impl SqliteLog {
    pub(super) async fn open(sqlite: Sqlite) -> Result<Self, StoreError> {
        sqlite.migrate(&super::MIGRATIONS).await?;
        let sql = |text| Arc::from(expand(text, sqlite.prefix()));
        Ok(Self {
            read: sql(
                "SELECT seq, at, topic, subject, actor, detail FROM {p}log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            ),
            // Numbers that were reserved in advance but do not exist yet were not returned to a reader.
            position: sql("INSERT INTO {p}cursor VALUES (?1, 0, 0)
                 ON CONFLICT DO UPDATE SET handed = min(handed, coalesce((SELECT max(seq) FROM {p}log), 0))
                 RETURNING acknowledged, handed"),
            save: sql("INSERT INTO {p}cursor VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET acknowledged = excluded.acknowledged, handed = excluded.handed"),
            // Up to the first event that is not old enough, that a cursor has not handled, that is beyond the limit, or that
            // is the newest.
            raise: sql("UPDATE {p}log_floor SET seq = max(seq, min(
                   (SELECT coalesce(min(CASE WHEN at >= ?1 THEN seq END), max(seq) + 1)
                    FROM (SELECT seq, at FROM {p}log ORDER BY seq LIMIT ?2)),
                   (SELECT coalesce(min(acknowledged), 9223372036854775806) + 1 FROM {p}cursor),
                   (SELECT max(seq) FROM {p}log)))
                 WHERE EXISTS (SELECT 1 FROM {p}log)"),
            delete: sql("DELETE FROM {p}log WHERE seq < (SELECT seq FROM {p}log_floor)"),
            sqlite,
        })
    }

    fn saving(
        &self,
        name: &str,
        position: Position,
    ) -> impl FnOnce(&Connection) -> Result<(), StoreError> + Send + use<> {
        let (sql, name) = (Arc::clone(&self.save), name.to_owned());
        move |connection| {
            let Position { acknowledged, handed } = position;
            connection.prepare_cached(&sql)?.execute(params![name, acknowledged, handed])?;
            Ok(())
        }
    }
}

#[async_trait]
impl LogRows for SqliteLog {
    async fn read(&self, after: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let sql = Arc::clone(&self.read);
        let events = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![after, limit], event)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.sqlite.read(events).await
    }

    async fn open(&self, name: &str) -> Result<(Claim, Position), StoreError> {
        let lock = self.sqlite.lock(&format!("cursor-{name}"))?;
        let (sql, key) = (Arc::clone(&self.position), name.to_owned());
        let position = move |connection: &Connection| {
            let read = |row: &Row<'_>| Ok(Position { acknowledged: row.get(0)?, handed: row.get(1)? });
            Ok::<_, StoreError>(connection.prepare_cached(&sql)?.query_row([key], read)?)
        };
        let position = self.sqlite.write(position).await?;
        Ok((Claim { name: name.to_owned(), epoch: 0, _lock: lock }, position))
    }

    async fn save(&self, claim: &Claim, position: Position) -> Result<(), StoreError> {
        self.sqlite.write(self.saving(&claim.name, position)).await
    }

    /// The job is queued before the lock is released, so another cursor reads the new position.
    fn save_later(&self, claim: Claim, position: Position) {
        self.sqlite.write_later(self.saving(&claim.name, position));
    }

    async fn delete_before(&self, before: i64, limit: u32) -> Result<u64, StoreError> {
        let (raise, delete) = (Arc::clone(&self.raise), Arc::clone(&self.delete));
        let job = move |connection: &Connection| {
            connection.prepare_cached(&raise)?.execute(params![before, limit])?;
            let deleted = connection.prepare_cached(&delete)?.execute([])?;
            Ok::<_, StoreError>(u64::try_from(deleted).unwrap_or(u64::MAX))
        };
        self.sqlite.write(job).await
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.sqlite.commits()
    }
}

fn event(row: &Row<'_>) -> Result<LoggedEvent, rusqlite::Error> {
    Ok(LoggedEvent {
        seq: row.get(0)?,
        at_micros: row.get(1)?,
        topic: row.get(2)?,
        subject: row.get(3)?,
        actor: row.get(4)?,
        detail: row.get(5)?,
    })
}
