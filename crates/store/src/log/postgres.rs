//! The log's rows in PostgreSQL.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio_postgres::Row;

use super::{Claim, LogRows, LoggedEvent, NewEvent, Position};
use crate::postgres::expand_schema;
use crate::{Lock, Postgres, Session, StoreError, Transaction, Value};

pub(super) const TABLES: &str = "\
CREATE TABLE {s}.log (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL, topic text NOT NULL, subject bigint, actor text, detail text
);
CREATE TABLE {s}.log_floor (only_row integer PRIMARY KEY CHECK (only_row = 1), seq bigint NOT NULL);
INSERT INTO {s}.log_floor VALUES (1, 0);
CREATE TABLE {s}.cursor (
  name text PRIMARY KEY, acknowledged bigint NOT NULL, handed bigint NOT NULL,
  epoch bigint NOT NULL                         -- rises each time the cursor is opened
) WITH (fillfactor = 50);

CREATE FUNCTION {s}.log_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION USING ERRCODE = 'SB405', MESSAGE = 'the log is append-only: its events are not changed';
  END IF;
  IF OLD.seq >= coalesce((SELECT seq FROM {s}.log_floor), 0) THEN
    RAISE EXCEPTION USING ERRCODE = 'SB405',
      MESSAGE = 'the log is append-only: raise log_floor before you delete old events';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER log_guard BEFORE UPDATE OR DELETE ON {s}.log FOR EACH ROW EXECUTE FUNCTION {s}.log_guard();

CREATE FUNCTION {s}.log_floor_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq < OLD.seq OR NEW.seq > coalesce((SELECT max(seq) FROM {s}.log), 0) THEN
    RAISE EXCEPTION USING ERRCODE = 'SB405', MESSAGE = 'log_floor only rises, and not above the newest event';
  END IF;
  IF EXISTS (SELECT FROM {s}.cursor WHERE acknowledged + 1 < NEW.seq) THEN
    RAISE EXCEPTION USING ERRCODE = 'SB405',
      MESSAGE = 'a row of cursor has not done these events: delete the row if nobody reads it';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER log_floor_guard BEFORE UPDATE ON {s}.log_floor
FOR EACH ROW EXECUTE FUNCTION {s}.log_floor_guard();
";

/// Appends events inside a transaction on PostgreSQL.
///
/// Numbers are given in the order of the commits, so the transactions that append take turns from here to their commit:
/// append last, and commit at once.
#[derive(Clone)]
pub struct PostgresAppender {
    lock: Arc<str>,
    insert: Arc<str>,
}

impl PostgresAppender {
    /// Creates an appender for a database in which [`Log::MIGRATIONS`](crate::Log::MIGRATIONS) were run in this schema.
    #[must_use]
    pub fn new(schema: &str) -> Self {
        let lock = format!("SELECT pg_advisory_xact_lock(hashtextextended('{schema}.log', 0))");
        let insert = "INSERT INTO {s}.log (at, topic, subject, actor, detail)
            SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[])";
        Self { lock: lock.into(), insert: expand_schema(insert, schema).into() }
    }

    /// Lets no other transaction append until the end of this one, without waiting for the answer. For statements of your
    /// own that append: the numbers that they get are in the order of the commits.
    ///
    /// # Errors
    /// As [`Transaction::start`].
    pub async fn lock(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction.start(&self.lock, Vec::new()).await
    }

    /// Appends events in this order, without waiting for the answer. Does nothing if there are none.
    ///
    /// # Errors
    /// As [`Transaction::start`].
    pub async fn append(
        &self,
        transaction: &Transaction<'_>,
        events: &[NewEvent<'_>],
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        // The lock must be held before the first number is taken, and the server runs this one first.
        self.lock(transaction).await?;
        let at: Vec<i64> = events.iter().map(|event| event.at_micros).collect();
        let subject: Vec<Option<i64>> = events.iter().map(|event| event.subject).collect();
        let text = |of: fn(&NewEvent<'_>) -> Option<String>| events.iter().map(of).collect::<Vec<_>>();
        let topic = text(|event| Some(event.topic.to_owned()));
        let actor = text(|event| event.actor.map(str::to_owned));
        let detail = text(|event| event.detail.map(str::to_owned));
        let values: Vec<Value> =
            vec![Box::new(at), Box::new(topic), Box::new(subject), Box::new(actor), Box::new(detail)];
        transaction.start(&self.insert, values).await
    }
}

impl fmt::Debug for PostgresAppender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresAppender").finish_non_exhaustive()
    }
}

pub(super) struct PostgresLog {
    shared: Arc<Shared>,
}

struct Shared {
    session: Session,
    read: String,
    open: String,
    save: String,
    raise: String,
    delete: String,
}

impl PostgresLog {
    pub(super) async fn open(postgres: &Postgres) -> Result<Self, StoreError> {
        postgres.migrate(&super::MIGRATIONS).await?;
        let sql = |text| expand_schema(text, postgres.schema());
        let shared = Shared {
            session: postgres.session(),
            read: sql(
                "SELECT seq, at, topic, subject, actor, detail FROM {s}.log WHERE seq > $1 ORDER BY seq LIMIT $2",
            ),
            // Numbers that were reserved in advance but do not exist yet were not returned to a reader.
            open: sql("INSERT INTO {s}.cursor AS c VALUES ($1, 0, 0, 1)
                 ON CONFLICT (name) DO UPDATE SET epoch = c.epoch + 1,
                   handed = least(c.handed, coalesce((SELECT max(seq) FROM {s}.log), 0))
                 RETURNING acknowledged, handed, epoch"),
            save: sql("UPDATE {s}.cursor SET acknowledged = $3, handed = $4 WHERE name = $1 AND epoch = $2"),
            // Up to the first event that is not old enough, that a cursor has not handled, that is beyond the limit, or that
            // is the newest.
            raise: sql("UPDATE {s}.log_floor SET seq = greatest(seq, least(
                   (SELECT coalesce(min(seq) FILTER (WHERE at >= $1), max(seq) + 1)
                    FROM (SELECT seq, at FROM {s}.log ORDER BY seq LIMIT $2) AS oldest),
                   (SELECT coalesce(min(acknowledged), 9223372036854775806) + 1 FROM {s}.cursor),
                   (SELECT max(seq) FROM {s}.log)))
                 WHERE EXISTS (SELECT FROM {s}.log)"),
            delete: sql("DELETE FROM {s}.log WHERE seq < (SELECT seq FROM {s}.log_floor)"),
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl Shared {
    async fn save(&self, name: &str, epoch: i64, position: Position) -> Result<(), StoreError> {
        let connection = self.session.acquire().await?;
        let Position { acknowledged, handed } = position;
        let saved = connection.execute(&self.save, &[&name, &epoch, &acknowledged, &handed]).await?;
        if saved == 0 { Err(Lock::refused(name)) } else { Ok(()) }
    }
}

#[async_trait]
impl LogRows for PostgresLog {
    async fn read(&self, after: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let connection = self.shared.session.acquire().await?;
        let rows = connection.query(&self.shared.read, &[&after, &i64::from(limit)]).await?;
        rows.iter().map(event).collect()
    }

    async fn open(&self, name: &str) -> Result<(Claim, Position), StoreError> {
        let lock = self.shared.session.postgres().lock(&format!("cursor-{name}")).await?;
        let connection = self.shared.session.acquire().await?;
        let row = connection.one(&self.shared.open, &[&name]).await?;
        let position = Position { acknowledged: row.try_get(0)?, handed: row.try_get(1)? };
        Ok((Claim { name: name.to_owned(), epoch: row.try_get(2)?, _lock: lock }, position))
    }

    async fn save(&self, claim: &Claim, position: Position) -> Result<(), StoreError> {
        self.shared.save(&claim.name, claim.epoch, position).await
    }

    fn save_later(&self, claim: Claim, position: Position) {
        let shared = Arc::clone(&self.shared);
        // Without a runtime the position stays as it is, as after a crash.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                drop(shared.save(&claim.name, claim.epoch, position).await);
                drop(claim);
            });
        }
    }

    async fn delete_before(&self, before: i64, limit: u32) -> Result<u64, StoreError> {
        let mut connection = self.shared.session.acquire().await?;
        let transaction = connection.begin().await?;
        transaction.execute(&self.shared.raise, &[&before, &i64::from(limit)]).await?;
        let deleted = transaction.execute(&self.shared.delete, &[]).await?;
        transaction.commit().await?;
        Ok(deleted)
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.shared.session.postgres().commits()
    }
}

fn event(row: &Row) -> Result<LoggedEvent, StoreError> {
    Ok(LoggedEvent {
        seq: row.try_get(0)?,
        at_micros: row.try_get(1)?,
        topic: row.try_get(2)?,
        subject: row.try_get(3)?,
        actor: row.try_get(4)?,
        detail: row.try_get(5)?,
    })
}
