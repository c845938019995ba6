//! Credentials in SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use super::rows::{CredentialRows, MIGRATIONS, NewRow, Put, REPLACED, Replaced, Row, TABLE};
use super::{CredentialName, CredentialStatus};
use crate::clock::Clock;
use crate::{Sqlite, StoreError, expand};

pub(super) const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS {p}user_credentials (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL, provider TEXT NOT NULL CHECK (provider <> ''),
  label TEXT NOT NULL DEFAULT '', shown TEXT NOT NULL, sealed TEXT NOT NULL, key_id TEXT NOT NULL,
  replaced_token TEXT, replaced_key_id TEXT, replaced_until INTEGER,
  account_sid TEXT, verified_account TEXT,      -- what the credentials name; what belongs to this row
  status TEXT NOT NULL, status_detail TEXT, checked_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS {p}user_credentials_name ON {p}user_credentials (user_id, provider, label);
CREATE UNIQUE INDEX IF NOT EXISTS {p}user_credentials_account ON {p}user_credentials (provider, verified_account);
CREATE INDEX IF NOT EXISTS {p}user_credentials_replaced ON {p}user_credentials (replaced_until)
  WHERE replaced_until IS NOT NULL;
";

/// The columns of a row; `?1` is the time.
const ROW: &str = "\
SELECT id, user_id, provider, label, shown, sealed, CASE WHEN replaced_until > ?1 THEN replaced_token END,
  account_sid, verified_account, status, status_detail, checked_at, created_at, updated_at, revision
FROM {p}user_credentials ";

const INSERT: &str = "\
INSERT INTO {p}user_credentials
  (id, user_id, provider, label, shown, sealed, key_id, account_sid, status, created_at, updated_at, revision)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'unverified', ?9, ?9, 1) ON CONFLICT (user_id, provider, label) DO NOTHING";

const UPDATE: &str = "\
UPDATE {p}user_credentials SET shown = ?3, sealed = ?4, key_id = ?5, account_sid = ?6, verified_account = ?7,
  replaced_token = CASE WHEN ?8 THEN ?9 ELSE replaced_token END,
  replaced_key_id = CASE WHEN ?8 THEN ?10 ELSE replaced_key_id END,
  replaced_until = CASE WHEN ?8 THEN ?11 ELSE replaced_until END,
  status = 'unverified', status_detail = NULL, updated_at = ?12, revision = revision + 1
WHERE id = ?1 AND revision = ?2";

const TAKEN: &str = "\
SELECT EXISTS (SELECT 1 FROM {p}user_credentials WHERE verified_account = ?2 AND id <> ?1
  AND provider = (SELECT provider FROM {p}user_credentials WHERE id = ?1))";

const MARK: &str = "\
UPDATE {p}user_credentials SET status = ?3, status_detail = ?4, checked_at = ?5, revision = revision + 1,
  verified_account = coalesce(?6, verified_account)
WHERE id = ?1 AND revision = ?2";

const FORGET: &str = "\
UPDATE {p}user_credentials SET replaced_token = NULL, replaced_key_id = NULL, replaced_until = NULL
WHERE replaced_until <= ?1";

/// The statements with the prefix.
struct Statements {
    find: String,
    list: String,
    of_account: String,
    insert: String,
    update: String,
    taken: String,
    mark: String,
    delete: String,
    forget: String,
}

pub(super) struct SqliteCredentials {
    sqlite: Sqlite,
    sql: Arc<Statements>,
    clock: Clock,
}

impl SqliteCredentials {
    pub(super) async fn open(sqlite: Sqlite, clock: Clock) -> Result<Self, StoreError> {
        TABLE.check_sqlite(&sqlite).await?;
        sqlite.migrate(&MIGRATIONS).await?;
        let sql = |text: &str| expand(text, sqlite.prefix());
        let row = |rest: &str| sql(&format!("{ROW}{rest}"));
        let sql = Arc::new(Statements {
            find: row("WHERE user_id = ?2 AND provider = ?3 AND label = ?4"),
            list: row("WHERE user_id = ?2 ORDER BY provider, label"),
            of_account: row("WHERE provider = ?2 AND verified_account = ?3"),
            insert: sql(INSERT),
            update: sql(UPDATE),
            taken: sql(TAKEN),
            mark: sql(MARK),
            delete: sql(
                "DELETE FROM {p}user_credentials WHERE user_id = ?1 AND provider = ?2 AND label = ?3",
            ),
            forget: sql(FORGET),
        });
        Ok(Self { sqlite, sql, clock })
    }

    async fn row<P: Params + Send + 'static>(
        &self,
        sql: fn(&Statements) -> &str,
        values: P,
    ) -> Result<Option<Row>, StoreError> {
        let statements = Arc::clone(&self.sql);
        let find = move |connection: &Connection| {
            let row = connection.prepare_cached(sql(&statements))?.query_row(values, row).optional()?;
            Ok(row)
        };
        self.sqlite.read(find).await
    }
}

#[async_trait]
impl CredentialRows for SqliteCredentials {
    async fn find(&self, name: &CredentialName<'_>) -> Result<Option<Row>, StoreError> {
        let CredentialName { user, provider, label } = name;
        let values = (self.clock.now(), user.to_string(), provider.to_string(), label.to_string());
        self.row(|sql| &sql.find, values).await
    }

    async fn list(&self, user: &str) -> Result<Vec<Row>, StoreError> {
        let (sql, user, now) = (Arc::clone(&self.sql), user.to_owned(), self.clock.now());
        let list = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql.list)?;
            let rows = statement.query_map(params![now, user], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.sqlite.read(list).await
    }

    async fn of_account(&self, provider: &str, account: &str) -> Result<Option<Row>, StoreError> {
        let values = (self.clock.now(), provider.to_owned(), account.to_owned());
        self.row(|sql| &sql.of_account, values).await
    }

    async fn put(&self, new: NewRow) -> Result<bool, StoreError> {
        let (sql, clock) = (Arc::clone(&self.sql), self.clock.clone());
        let put = move |connection: &Connection| {
            let now = clock.now();
            connection.prepare_cached(&sql.forget)?.execute([now])?;
            let changed = match new.revision {
                None => insert(connection, &sql, &new, now)?,
                Some(revision) => update(connection, &sql, &new, revision, now)?,
            };
            Ok(changed > 0)
        };
        self.sqlite.write(put).await
    }

    async fn mark(
        &self,
        id: &str,
        revision: i64,
        status: CredentialStatus,
        detail: Option<String>,
        account: Option<String>,
    ) -> Result<Put, StoreError> {
        let (sql, id, now) = (Arc::clone(&self.sql), id.to_owned(), self.clock.now());
        let mark = move |connection: &Connection| {
            let taken =
                connection.prepare_cached(&sql.taken)?.query_row(params![id, account], |row| row.get(0))?;
            if taken {
                return Ok(Put::AccountTaken);
            }
            let values = params![id, revision, status.as_str(), detail, now, account];
            let marked = connection.prepare_cached(&sql.mark)?.execute(values)?;
            Ok(if marked > 0 { Put::Done } else { Put::Changed })
        };
        self.sqlite.write(mark).await
    }

    async fn delete(&self, name: &CredentialName<'_>) -> Result<bool, StoreError> {
        let CredentialName { user, provider, label } = name;
        let values = (user.to_string(), provider.to_string(), label.to_string());
        let sql = Arc::clone(&self.sql);
        let delete =
            move |connection: &Connection| Ok(connection.prepare_cached(&sql.delete)?.execute(values)? > 0);
        self.sqlite.write(delete).await
    }

    async fn forget_replaced(&self) -> Result<(), StoreError> {
        let (sql, now) = (Arc::clone(&self.sql), self.clock.now());
        let forget = move |connection: &Connection| {
            connection.prepare_cached(&sql.forget)?.execute([now])?;
            Ok(())
        };
        self.sqlite.write(forget).await
    }
}

fn insert(connection: &Connection, sql: &Statements, new: &NewRow, now: i64) -> Result<usize, StoreError> {
    let NewRow { id, user, provider, label, shown, sealed, account_sid, .. } = new;
    let (text, key) = (sealed.as_str(), sealed.key_id());
    let values = params![id, user, provider, label, shown, text, key, account_sid, now];
    Ok(connection.prepare_cached(&sql.insert)?.execute(values)?)
}

fn update(
    connection: &Connection,
    sql: &Statements,
    new: &NewRow,
    revision: i64,
    now: i64,
) -> Result<usize, StoreError> {
    let NewRow { id, shown, sealed, account_sid, verified_account, replaced, .. } = new;
    let (text, key) = (sealed.as_str(), sealed.key_id());
    let (replaces, kept) = match replaced {
        Replaced::AsBefore => (false, None),
        Replaced::Nothing => (true, None),
        Replaced::By(token) => (true, Some(token)),
    };
    let kept_text = kept.map(|kept| kept.as_str());
    let kept_key = kept.map(|kept| kept.key_id());
    let until = kept.map(|_| now.saturating_add(REPLACED));
    let values = params![
        id,
        revision,
        shown,
        text,
        key,
        account_sid,
        verified_account,
        replaces,
        kept_text,
        kept_key,
        until,
        now
    ];
    Ok(connection.prepare_cached(&sql.update)?.execute(values)?)
}

fn row(row: &rusqlite::Row<'_>) -> Result<Row, rusqlite::Error> {
    Ok(Row {
        id: row.get(0)?,
        user: row.get(1)?,
        provider: row.get(2)?,
        label: row.get(3)?,
        shown: row.get(4)?,
        sealed: row.get(5)?,
        replaced: row.get(6)?,
        account_sid: row.get(7)?,
        verified_account: row.get(8)?,
        status: CredentialStatus::of(&row.get::<_, String>(9)?),
        status_detail: row.get(10)?,
        checked_at: row.get(11)?,
        created_at: row.get(12)?,
        updated_at: row.get(13)?,
        revision: row.get(14)?,
    })
}
