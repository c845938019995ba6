//! Webhooks in SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use switchboard::twilio::webhook::{Binding, Params};

use super::StoredWebhook;
use super::rows::{
    EVENTS, EventRows, MIGRATIONS, NewEvent, PROVIDER, SIGNATURE, State, StoredAnswer, StoredEvent,
};
use crate::clock::{Clock, micros};
use crate::{Sqlite, StoreError, expand};

/// The statements use no `id`, so that a table of the host may have one of another type.
pub(super) const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS {p}webhook_events (
  id INTEGER PRIMARY KEY, provider TEXT NOT NULL CHECK (provider <> ''), account_sid TEXT, user_id TEXT,
  event_type TEXT NOT NULL, dedupe_key TEXT NOT NULL, claim_ticket INTEGER, claimed_until INTEGER,
  payload TEXT NOT NULL, key_id TEXT,
  answer_status INTEGER, answer_headers TEXT, answer_body BLOB, answer_key_id TEXT,
  attempts INTEGER NOT NULL DEFAULT 0, error TEXT, received_at INTEGER NOT NULL, handled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS {p}webhook_events_key ON {p}webhook_events (provider, dedupe_key);
CREATE INDEX IF NOT EXISTS {p}webhook_events_received ON {p}webhook_events (provider, received_at);
CREATE INDEX IF NOT EXISTS {p}webhook_events_user ON {p}webhook_events (provider, user_id, received_at)
  WHERE user_id IS NOT NULL;
CREATE TABLE {p}webhook_signatures (
  signature TEXT PRIMARY KEY, content TEXT NOT NULL, bound_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}webhook_signatures_bound ON {p}webhook_signatures (bound_at);
";

const STATE: &str = "\
SELECT handled_at IS NOT NULL, claim_ticket IS NOT NULL AND claimed_until > ?3,
       answer_status, answer_headers, answer_body, answer_key_id
FROM {p}webhook_events WHERE provider = ?1 AND dedupe_key = ?2";

const CLAIM: &str = "\
INSERT INTO {p}webhook_events (provider, dedupe_key, account_sid, event_type, payload, key_id, claim_ticket,
                               claimed_until, received_at, user_id, attempts)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)
ON CONFLICT (provider, dedupe_key) DO UPDATE SET
  error = CASE WHEN claim_ticket IS NULL THEN error ELSE 'the handler did not finish within its lease' END,
  claim_ticket = excluded.claim_ticket, claimed_until = excluded.claimed_until, attempts = attempts + 1
WHERE handled_at IS NULL AND (claim_ticket IS NULL OR claimed_until <= excluded.received_at)";

const SETTLE: &str = "\
UPDATE {p}webhook_events SET claim_ticket = NULL, claimed_until = NULL, error = NULL, handled_at = ?4,
  answer_status = ?5, answer_headers = ?6, answer_body = ?7, answer_key_id = ?8
WHERE provider = ?1 AND dedupe_key = ?2 AND claim_ticket = ?3 AND claimed_until > ?4 AND handled_at IS NULL";

const RENEW: &str = "\
UPDATE {p}webhook_events SET claimed_until = ?5
WHERE provider = ?1 AND dedupe_key = ?2 AND claim_ticket = ?3 AND claimed_until > ?4 AND handled_at IS NULL";

const RELEASE: &str = "\
UPDATE {p}webhook_events SET claim_ticket = NULL, claimed_until = NULL, error = ?4
WHERE provider = ?1 AND dedupe_key = ?2 AND claim_ticket = ?3 AND handled_at IS NULL";

const BIND: &str = "\
INSERT INTO {p}webhook_signatures (signature, content, bound_at) VALUES (?1, ?2, ?3)
ON CONFLICT (signature) DO UPDATE SET content = excluded.content, bound_at = excluded.bound_at
WHERE bound_at <= excluded.bound_at - ?4";

const BOUND: &str = "SELECT content = ?2 FROM {p}webhook_signatures WHERE signature = ?1";

const SWEEP_EVENTS: &str = "\
DELETE FROM {p}webhook_events WHERE provider = ?1 AND dedupe_key IN (
  SELECT dedupe_key FROM {p}webhook_events
  WHERE provider = ?1 AND received_at <= ?2 AND (claim_ticket IS NULL OR claimed_until <= ?3)
  ORDER BY received_at LIMIT ?4)";

const SWEEP_SIGNATURES: &str = "\
DELETE FROM {p}webhook_signatures WHERE signature IN (
  SELECT signature FROM {p}webhook_signatures WHERE bound_at <= ?1 ORDER BY bound_at LIMIT ?2)";

const RECENT: &str = "\
SELECT account_sid, user_id, event_type, dedupe_key, payload, key_id, attempts, error, answer_status, received_at,
       handled_at
FROM {p}webhook_events WHERE provider = ?1 AND ";

/// The statements with the prefix.
struct Statements {
    state: String,
    claim: String,
    settle: String,
    renew: String,
    release: String,
    bind: String,
    bound: String,
    sweep_events: String,
    sweep_signatures: String,
    recent: String,
    of_user: String,
}

pub(super) struct SqliteEvents {
    sqlite: Sqlite,
    sql: Arc<Statements>,
    clock: Clock,
}

impl SqliteEvents {
    pub(super) async fn open(sqlite: Sqlite, clock: Clock) -> Result<Self, StoreError> {
        EVENTS.check_sqlite(&sqlite).await?;
        sqlite.migrate(&MIGRATIONS).await?;
        let sql = |text| expand(text, sqlite.prefix());
        let sql = Arc::new(Statements {
            state: sql(STATE),
            claim: sql(CLAIM),
            settle: sql(SETTLE),
            renew: sql(RENEW),
            release: sql(RELEASE),
            bind: sql(BIND),
            bound: sql(BOUND),
            sweep_events: sql(SWEEP_EVENTS),
            sweep_signatures: sql(SWEEP_SIGNATURES),
            recent: sql(RECENT) + "?2 IS NULL ORDER BY received_at DESC LIMIT ?3",
            of_user: sql(RECENT) + "user_id = ?2 ORDER BY received_at DESC LIMIT ?3",
        });
        Ok(Self { sqlite, sql, clock })
    }
}

#[async_trait]
impl EventRows for SqliteEvents {
    async fn state(&self, key: &str) -> Result<State, StoreError> {
        let (sql, key, now) = (Arc::clone(&self.sql), key.to_owned(), self.clock.now());
        self.sqlite.read(move |connection| state(connection, &sql, &key, now)).await
    }

    async fn claim(&self, event: NewEvent) -> Result<State, StoreError> {
        let (sql, clock) = (Arc::clone(&self.sql), self.clock.clone());
        let claim = move |connection: &Connection| {
            let now = clock.now();
            let NewEvent { key, account_sid, user, event_type, payload, key_id, ticket, lease } = event;
            let until = now.saturating_add(lease);
            let values =
                params![PROVIDER, key, account_sid, event_type, payload, key_id, ticket, until, now, user];
            match connection.prepare_cached(&sql.claim)?.execute(values)? {
                0 => state(connection, &sql, &key, now),
                _ => Ok(State::Granted),
            }
        };
        self.sqlite.write(claim).await
    }

    async fn settle(&self, key: &str, ticket: i64, answer: StoredAnswer) -> Result<(), StoreError> {
        let (sql, key, clock) = (Arc::clone(&self.sql), key.to_owned(), self.clock.clone());
        let settle = move |connection: &Connection| {
            let StoredAnswer { status, headers, body, key_id } = answer;
            let values = params![PROVIDER, key, ticket, clock.now(), status, headers, body, key_id];
            connection.prepare_cached(&sql.settle)?.execute(values)?;
            Ok(())
        };
        self.sqlite.write(settle).await
    }

    async fn renew(&self, key: &str, ticket: i64, lease: i64) -> Result<bool, StoreError> {
        let (sql, key, clock) = (Arc::clone(&self.sql), key.to_owned(), self.clock.clone());
        let renew = move |connection: &Connection| {
            let now = clock.now();
            let values = params![PROVIDER, key, ticket, now, now.saturating_add(lease)];
            Ok(connection.prepare_cached(&sql.renew)?.execute(values)? > 0)
        };
        self.sqlite.write(renew).await
    }

    async fn release(&self, key: &str, ticket: i64, error: String) -> Result<(), StoreError> {
        let (sql, key) = (Arc::clone(&self.sql), key.to_owned());
        let release = move |connection: &Connection| {
            connection.prepare_cached(&sql.release)?.execute(params![PROVIDER, key, ticket, error])?;
            Ok(())
        };
        self.sqlite.write(release).await
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, StoreError> {
        let (sql, clock) = (Arc::clone(&self.sql), self.clock.clone());
        let (signature, content) = (signature.to_owned(), content.to_owned());
        let bind = move |connection: &Connection| {
            let values = params![signature, content, clock.now(), micros(SIGNATURE)];
            if connection.prepare_cached(&sql.bind)?.execute(values)? > 0 {
                return Ok(Binding::New);
            }
            let values = params![signature, content];
            let same = connection.prepare_cached(&sql.bound)?.query_row(values, |row| row.get(0))?;
            Ok(if same { Binding::Same } else { Binding::Different })
        };
        self.sqlite.write(bind).await
    }

    async fn sweep(&self, keep: i64, limit: u32) -> Result<u64, StoreError> {
        let (sql, now) = (Arc::clone(&self.sql), self.clock.now());
        let sweep = move |connection: &Connection| {
            let values = params![PROVIDER, now.saturating_sub(keep), now, limit];
            let events = connection.prepare_cached(&sql.sweep_events)?.execute(values)?;
            let values = params![now.saturating_sub(micros(SIGNATURE)), limit];
            let signatures = connection.prepare_cached(&sql.sweep_signatures)?.execute(values)?;
            Ok((events + signatures) as u64)
        };
        self.sqlite.write(sweep).await
    }

    async fn recent(&self, user: Option<&str>, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let (sql, user) = (Arc::clone(&self.sql), user.map(str::to_owned));
        let recent = move |connection: &Connection| {
            let text = if user.is_none() { &sql.recent } else { &sql.of_user };
            let mut statement = connection.prepare_cached(text)?;
            let rows = statement.query_map(params![PROVIDER, user, limit], stored)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.sqlite.read(recent).await
    }
}

fn state(connection: &Connection, sql: &Statements, key: &str, now: i64) -> Result<State, StoreError> {
    let read = |row: &Row<'_>| {
        let (handled, running): (bool, bool) = (row.get(0)?, row.get(1)?);
        if !handled {
            return Ok(if running { State::Running } else { State::Free });
        }
        let (status, headers) = (row.get(2)?, row.get::<_, Option<String>>(3)?.unwrap_or_default());
        Ok(State::Settled(StoredAnswer { status, headers, body: row.get(4)?, key_id: row.get(5)? }))
    };
    let found = connection.prepare_cached(&sql.state)?.query_row(params![PROVIDER, key, now], read);
    Ok(found.optional()?.unwrap_or(State::Free))
}

fn stored(row: &Row<'_>) -> Result<StoredEvent, rusqlite::Error> {
    let webhook = StoredWebhook {
        account_sid: row.get(0)?,
        user_id: row.get(1)?,
        event_type: row.get(2)?,
        params: Params::default(),
        attempts: row.get(6)?,
        error: row.get(7)?,
        answer_status: row.get(8)?,
        received_at_micros: row.get(9)?,
        handled_at_micros: row.get(10)?,
    };
    Ok(StoredEvent { webhook, key: row.get(3)?, payload: row.get(4)?, key_id: row.get(5)? })
}
