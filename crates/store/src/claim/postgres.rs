//! Webhooks in PostgreSQL.

use async_trait::async_trait;
use switchboard::twilio::webhook::{Binding, Params};
use tokio_postgres::Row;

use super::StoredWebhook;
use super::rows::{
    EVENTS, EventRows, MIGRATIONS, NewEvent, PROVIDER, SIGNATURE, State, StoredAnswer, StoredEvent,
};
use crate::clock::micros;
use crate::postgres::expand_schema;
use crate::sessions::Sessions;
use crate::{Postgres, StoreError};

pub(super) const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS {s}.webhook_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, provider text NOT NULL CHECK (provider <> ''),
  account_sid text, user_id text, event_type text NOT NULL, dedupe_key text NOT NULL,
  claim_ticket bigint, claimed_until bigint, payload text NOT NULL, key_id text,
  answer_status bigint, answer_headers text, answer_body bytea, answer_key_id text,
  attempts bigint NOT NULL DEFAULT 0, error text, received_at bigint NOT NULL, handled_at bigint
);
CREATE UNIQUE INDEX IF NOT EXISTS webhook_events_key ON {s}.webhook_events (provider, dedupe_key);
CREATE INDEX IF NOT EXISTS webhook_events_received ON {s}.webhook_events (provider, received_at);
CREATE INDEX IF NOT EXISTS webhook_events_user ON {s}.webhook_events (provider, user_id, received_at)
  WHERE user_id IS NOT NULL;
CREATE TABLE {s}.webhook_signatures (
  signature text PRIMARY KEY, content text NOT NULL, bound_at bigint NOT NULL
);
CREATE INDEX webhook_signatures_bound ON {s}.webhook_signatures (bound_at);
";

const STATE: &str = "\
SELECT handled_at IS NOT NULL, claim_ticket IS NOT NULL AND claimed_until > {s}.clock(),
       answer_status, answer_headers, answer_body, answer_key_id
FROM {s}.webhook_events WHERE provider = $1 AND dedupe_key = $2";

const CLAIM: &str = "\
INSERT INTO {s}.webhook_events AS e (provider, dedupe_key, account_sid, event_type, payload, key_id, claim_ticket,
                                     claimed_until, received_at, user_id, attempts)
SELECT $1, $2, $3, $4, $5, $6, $7, CASE WHEN $8 < 9223372036854775807 - now THEN now + $8 ELSE 9223372036854775807 END, now, $9, 1
FROM (SELECT {s}.clock() AS now) AS clock
ON CONFLICT (provider, dedupe_key) DO UPDATE SET
  error = CASE WHEN e.claim_ticket IS NULL THEN e.error ELSE 'the handler did not finish within its lease' END,
  claim_ticket = excluded.claim_ticket, claimed_until = excluded.claimed_until, attempts = e.attempts + 1
WHERE e.handled_at IS NULL AND (e.claim_ticket IS NULL OR e.claimed_until <= excluded.received_at)";

const SETTLE: &str = "\
UPDATE {s}.webhook_events SET claim_ticket = NULL, claimed_until = NULL, error = NULL, handled_at = {s}.clock(),
  answer_status = $4, answer_headers = $5, answer_body = $6, answer_key_id = $7
WHERE provider = $1 AND dedupe_key = $2 AND claim_ticket = $3 AND claimed_until > {s}.clock() AND handled_at IS NULL";

const RENEW: &str = "\
UPDATE {s}.webhook_events SET claimed_until =
  CASE WHEN $4 < 9223372036854775807 - {s}.clock() THEN {s}.clock() + $4 ELSE 9223372036854775807 END
WHERE provider = $1 AND dedupe_key = $2 AND claim_ticket = $3 AND claimed_until > {s}.clock() AND handled_at IS NULL";

const RELEASE: &str = "\
UPDATE {s}.webhook_events SET claim_ticket = NULL, claimed_until = NULL, error = $4
WHERE provider = $1 AND dedupe_key = $2 AND claim_ticket = $3 AND handled_at IS NULL";

const BIND: &str = "\
INSERT INTO {s}.webhook_signatures AS b (signature, content, bound_at) VALUES ($1, $2, {s}.clock())
ON CONFLICT (signature) DO UPDATE SET content = excluded.content, bound_at = excluded.bound_at
WHERE b.bound_at <= excluded.bound_at - $3";

const BOUND: &str = "SELECT content = $2 FROM {s}.webhook_signatures WHERE signature = $1";

const SWEEP_EVENTS: &str = "\
DELETE FROM {s}.webhook_events WHERE provider = $1 AND dedupe_key IN (
  SELECT dedupe_key FROM {s}.webhook_events
  WHERE provider = $1 AND received_at <= {s}.clock() - $2 AND (claim_ticket IS NULL OR claimed_until <= {s}.clock())
  ORDER BY received_at LIMIT $3 FOR UPDATE SKIP LOCKED)";

const SWEEP_SIGNATURES: &str = "\
DELETE FROM {s}.webhook_signatures WHERE signature IN (
  SELECT signature FROM {s}.webhook_signatures WHERE bound_at <= {s}.clock() - $1
  ORDER BY bound_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

const RECENT: &str = "\
SELECT account_sid, user_id, event_type, dedupe_key, payload, key_id, attempts, error, answer_status, received_at,
       handled_at
FROM {s}.webhook_events WHERE provider = $1 AND ";

/// The statements with the schema.
pub(super) struct PostgresEvents {
    sessions: Sessions,
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

impl PostgresEvents {
    pub(super) async fn open(postgres: &Postgres) -> Result<Self, StoreError> {
        EVENTS.check_postgres(postgres).await?;
        postgres.migrate(&MIGRATIONS).await?;
        let sql = |text| expand_schema(text, postgres.schema());
        Ok(Self {
            sessions: Sessions::new(postgres),
            state: sql(STATE),
            claim: sql(CLAIM),
            settle: sql(SETTLE),
            renew: sql(RENEW),
            release: sql(RELEASE),
            bind: sql(BIND),
            bound: sql(BOUND),
            sweep_events: sql(SWEEP_EVENTS),
            sweep_signatures: sql(SWEEP_SIGNATURES),
            recent: sql(RECENT) + "$2::text IS NULL ORDER BY received_at DESC LIMIT $3",
            of_user: sql(RECENT) + "user_id = $2 ORDER BY received_at DESC LIMIT $3",
        })
    }
}

#[async_trait]
impl EventRows for PostgresEvents {
    async fn state(&self, key: &str) -> Result<State, StoreError> {
        let connection = self.sessions.acquire().await?;
        let rows = connection.query(&self.state, &[&PROVIDER, &key]).await?;
        Ok(rows.first().map(state).transpose()?.unwrap_or(State::Free))
    }

    async fn claim(&self, event: NewEvent) -> Result<State, StoreError> {
        let NewEvent { key, account_sid, user, event_type, payload, key_id, ticket, lease } = event;
        let connection = self.sessions.acquire().await?;
        let claimed = connection
            .execute(
                &self.claim,
                &[&PROVIDER, &key, &account_sid, &event_type, &payload, &key_id, &ticket, &lease, &user],
            )
            .await?;
        drop(connection);
        if claimed > 0 { Ok(State::Granted) } else { self.state(&key).await }
    }

    async fn settle(&self, key: &str, ticket: i64, answer: StoredAnswer) -> Result<(), StoreError> {
        let StoredAnswer { status, headers, body, key_id } = answer;
        let status = i64::from(status);
        let connection = self.sessions.acquire().await?;
        connection
            .execute(&self.settle, &[&PROVIDER, &key, &ticket, &status, &headers, &body, &key_id])
            .await?;
        Ok(())
    }

    async fn renew(&self, key: &str, ticket: i64, lease: i64) -> Result<bool, StoreError> {
        let connection = self.sessions.acquire().await?;
        Ok(connection.execute(&self.renew, &[&PROVIDER, &key, &ticket, &lease]).await? > 0)
    }

    async fn release(&self, key: &str, ticket: i64, error: String) -> Result<(), StoreError> {
        let connection = self.sessions.acquire().await?;
        connection.execute(&self.release, &[&PROVIDER, &key, &ticket, &error]).await?;
        Ok(())
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, StoreError> {
        let connection = self.sessions.acquire().await?;
        // A signature may be deleted between the two statements: then it is new.
        loop {
            if connection.execute(&self.bind, &[&signature, &content, &micros(SIGNATURE)]).await? > 0 {
                return Ok(Binding::New);
            }
            if let Some(row) = connection.query(&self.bound, &[&signature, &content]).await?.first() {
                return Ok(if row.try_get(0)? { Binding::Same } else { Binding::Different });
            }
        }
    }

    async fn sweep(&self, keep: i64, limit: u32) -> Result<u64, StoreError> {
        let limit = i64::from(limit);
        let connection = self.sessions.acquire().await?;
        let events = connection.execute(&self.sweep_events, &[&PROVIDER, &keep, &limit]).await?;
        let signatures = connection.execute(&self.sweep_signatures, &[&micros(SIGNATURE), &limit]).await?;
        Ok(events + signatures)
    }

    async fn recent(&self, user: Option<&str>, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let connection = self.sessions.acquire().await?;
        let text = if user.is_none() { &self.recent } else { &self.of_user };
        let rows = connection.query(text, &[&PROVIDER, &user, &i64::from(limit)]).await?;
        rows.iter().map(stored).collect()
    }
}

fn state(row: &Row) -> Result<State, StoreError> {
    let (handled, running): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    if !handled {
        return Ok(if running { State::Running } else { State::Free });
    }
    let status = row.try_get::<_, Option<i64>>(2)?.and_then(|status| u16::try_from(status).ok());
    let headers = row.try_get::<_, Option<String>>(3)?.unwrap_or_default();
    Ok(State::Settled(StoredAnswer {
        status: status.unwrap_or_default(),
        headers,
        body: row.try_get(4)?,
        key_id: row.try_get(5)?,
    }))
}

fn stored(row: &Row) -> Result<StoredEvent, StoreError> {
    let status: Option<i64> = row.try_get(8)?;
    let webhook = StoredWebhook {
        account_sid: row.try_get(0)?,
        user_id: row.try_get(1)?,
        event_type: row.try_get(2)?,
        params: Params::default(),
        attempts: u32::try_from(row.try_get::<_, i64>(6)?).unwrap_or(u32::MAX),
        error: row.try_get(7)?,
        answer_status: status.and_then(|status| u16::try_from(status).ok()),
        received_at_micros: row.try_get(9)?,
        handled_at_micros: row.try_get(10)?,
    };
    Ok(StoredEvent { webhook, key: row.try_get(3)?, payload: row.try_get(4)?, key_id: row.try_get(5)? })
}
