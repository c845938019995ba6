//! Credentials in PostgreSQL.

use async_trait::async_trait;

use super::rows::{CredentialRows, MIGRATIONS, NewRow, Put, REPLACED, Replaced, Row, TABLE};
use super::{CredentialName, CredentialStatus};
use crate::postgres::expand_schema;
use crate::sessions::Sessions;
use crate::{Postgres, StoreError};

pub(super) const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS {s}.user_credentials (
  id text PRIMARY KEY, user_id text NOT NULL, provider text NOT NULL CHECK (provider <> ''),
  label text NOT NULL DEFAULT '', shown text NOT NULL, sealed text NOT NULL, key_id text NOT NULL,
  replaced_token text, replaced_key_id text, replaced_until bigint,
  account_sid text, verified_account text,      -- what the credentials name; what belongs to this row
  status text NOT NULL, status_detail text, checked_at bigint,
  created_at bigint NOT NULL, updated_at bigint NOT NULL, revision bigint NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS user_credentials_name ON {s}.user_credentials (user_id, provider, label);
CREATE UNIQUE INDEX IF NOT EXISTS user_credentials_account ON {s}.user_credentials (provider, verified_account);
CREATE INDEX IF NOT EXISTS user_credentials_replaced ON {s}.user_credentials (replaced_until)
  WHERE replaced_until IS NOT NULL;
";

const ROW: &str = "\
SELECT id, user_id, provider, label, shown, sealed, CASE WHEN replaced_until > {s}.clock() THEN replaced_token END,
  account_sid, verified_account, status, status_detail, checked_at, created_at, updated_at, revision
FROM {s}.user_credentials ";

const INSERT: &str = "\
INSERT INTO {s}.user_credentials
  (id, user_id, provider, label, shown, sealed, key_id, account_sid, status, created_at, updated_at, revision)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'unverified', now, now, 1 FROM (SELECT {s}.clock() AS now) AS clock
ON CONFLICT (user_id, provider, label) DO NOTHING";

const UPDATE: &str = "\
UPDATE {s}.user_credentials SET shown = $3, sealed = $4, key_id = $5, account_sid = $6, verified_account = $7,
  replaced_token = CASE WHEN $8 THEN $9 ELSE replaced_token END,
  replaced_key_id = CASE WHEN $8 THEN $10 ELSE replaced_key_id END,
  replaced_until = CASE WHEN $8 THEN {s}.clock() + $11 ELSE replaced_until END,
  status = 'unverified', status_detail = NULL, updated_at = {s}.clock(), revision = revision + 1
WHERE id = $1 AND revision = $2";

const MARK: &str = "\
UPDATE {s}.user_credentials SET status = $3, status_detail = $4, checked_at = {s}.clock(), revision = revision + 1,
  verified_account = coalesce($5, verified_account)
WHERE id = $1 AND revision = $2";

const FORGET: &str = "\
UPDATE {s}.user_credentials SET replaced_token = NULL, replaced_key_id = NULL, replaced_until = NULL
WHERE replaced_until <= {s}.clock()";

/// What PostgreSQL says when another row has the account already.
const UNIQUE: &str = "23505";

pub(super) struct PostgresCredentials {
    sessions: Sessions,
    find: String,
    list: String,
    of_account: String,
    insert: String,
    update: String,
    mark: String,
    delete: String,
    forget: String,
}

impl PostgresCredentials {
    pub(super) async fn open(postgres: &Postgres) -> Result<Self, StoreError> {
        TABLE.check_postgres(postgres).await?;
        postgres.migrate(&MIGRATIONS).await?;
        let sql = |text: &str| expand_schema(text, postgres.schema());
        let row = |rest: &str| sql(&format!("{ROW}{rest}"));
        Ok(Self {
            sessions: Sessions::new(postgres),
            find: row("WHERE user_id = $1 AND provider = $2 AND label = $3"),
            list: row("WHERE user_id = $1 ORDER BY provider, label"),
            of_account: row("WHERE provider = $1 AND verified_account = $2"),
            insert: sql(INSERT),
            update: sql(UPDATE),
            mark: sql(MARK),
            delete: sql(
                "DELETE FROM {s}.user_credentials WHERE user_id = $1 AND provider = $2 AND label = $3",
            ),
            forget: sql(FORGET),
        })
    }

    async fn insert(&self, new: &NewRow) -> Result<u64, StoreError> {
        let NewRow { id, user, provider, label, shown, sealed, account_sid, .. } = new;
        let (text, key) = (sealed.as_str(), sealed.key_id());
        let connection = self.sessions.acquire().await?;
        connection
            .execute(&self.insert, &[&id, &user, &provider, &label, &shown, &text, &key, &account_sid])
            .await
    }

    async fn update(&self, new: &NewRow, revision: i64) -> Result<u64, StoreError> {
        let NewRow { id, shown, sealed, account_sid, verified_account, replaced, .. } = new;
        let (text, key) = (sealed.as_str(), sealed.key_id());
        let (replaces, kept) = match replaced {
            Replaced::AsBefore => (false, None),
            Replaced::Nothing => (true, None),
            Replaced::By(token) => (true, Some(token)),
        };
        let kept_text = kept.map(|kept| kept.as_str());
        let kept_key = kept.map(|kept| kept.key_id());
        let time = kept.map(|_| REPLACED);
        let connection = self.sessions.acquire().await?;
        connection
            .execute(
                &self.update,
                &[
                    &id,
                    &revision,
                    &shown,
                    &text,
                    &key,
                    &account_sid,
                    &verified_account,
                    &replaces,
                    &kept_text,
                    &kept_key,
                    &time,
                ],
            )
            .await
    }
}

#[async_trait]
impl CredentialRows for PostgresCredentials {
    async fn find(&self, name: &CredentialName<'_>) -> Result<Option<Row>, StoreError> {
        let CredentialName { user, provider, label } = name;
        let connection = self.sessions.acquire().await?;
        let rows = connection.query(&self.find, &[&user, &provider, &label]).await?;
        rows.first().map(row).transpose()
    }

    async fn list(&self, user: &str) -> Result<Vec<Row>, StoreError> {
        let connection = self.sessions.acquire().await?;
        connection.query(&self.list, &[&user]).await?.iter().map(row).collect()
    }

    async fn of_account(&self, provider: &str, account: &str) -> Result<Option<Row>, StoreError> {
        let connection = self.sessions.acquire().await?;
        let rows = connection.query(&self.of_account, &[&provider, &account]).await?;
        rows.first().map(row).transpose()
    }

    async fn put(&self, new: NewRow) -> Result<bool, StoreError> {
        self.forget_replaced().await?;
        let changed = match new.revision {
            None => self.insert(&new).await?,
            Some(revision) => self.update(&new, revision).await?,
        };
        Ok(changed > 0)
    }

    async fn mark(
        &self,
        id: &str,
        revision: i64,
        status: CredentialStatus,
        detail: Option<String>,
        account: Option<String>,
    ) -> Result<Put, StoreError> {
        let connection = self.sessions.acquire().await?;
        let status = status.as_str();
        match connection.execute(&self.mark, &[&id, &revision, &status, &detail, &account]).await {
            Ok(0) => Ok(Put::Changed),
            Ok(_) => Ok(Put::Done),
            Err(StoreError::Postgres { sqlstate: Some(code), .. }) if code == UNIQUE => Ok(Put::AccountTaken),
            Err(error) => Err(error),
        }
    }

    async fn delete(&self, name: &CredentialName<'_>) -> Result<bool, StoreError> {
        let CredentialName { user, provider, label } = name;
        let connection = self.sessions.acquire().await?;
        Ok(connection.execute(&self.delete, &[&user, &provider, &label]).await? > 0)
    }

    async fn forget_replaced(&self) -> Result<(), StoreError> {
        let connection = self.sessions.acquire().await?;
        connection.execute(&self.forget, &[]).await?;
        Ok(())
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    Ok(Row {
        id: row.try_get(0)?,
        user: row.try_get(1)?,
        provider: row.try_get(2)?,
        label: row.try_get(3)?,
        shown: row.try_get(4)?,
        sealed: row.try_get(5)?,
        replaced: row.try_get(6)?,
        account_sid: row.try_get(7)?,
        verified_account: row.try_get(8)?,
        status: CredentialStatus::of(row.try_get(9)?),
        status_detail: row.try_get(10)?,
        checked_at: row.try_get(11)?,
        created_at: row.try_get(12)?,
        updated_at: row.try_get(13)?,
        revision: row.try_get(14)?,
    })
}
