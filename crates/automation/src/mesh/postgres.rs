//! Notices in PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;
use switchboard_store::tokio_postgres::Row;
use switchboard_store::tokio_postgres::types::FromSql;
use switchboard_store::{
    NewEvent, Postgres, PostgresAppender, Session, StoreError, Transaction, expand_schema,
};

use super::rows::{CURSORS, Checked, NoticeRows, Stored, TOPIC};
use super::tables::MIGRATIONS;
use super::{MeshError, Notice, Published};

/// How often it begins again after another process published one of the notices at the same time.
const TRIES: usize = 5;

pub(super) struct PostgresNotices {
    writes: Session,
    reads: Session,
    appender: PostgresAppender,
    known: String,
    insert: String,
    after: String,
    newest: String,
    delete: String,
    forget: String,
}

impl PostgresNotices {
    pub(super) async fn open(postgres: &Postgres) -> Result<Self, StoreError> {
        postgres.migrate(&MIGRATIONS).await?;
        let sql = |text: &str| expand_schema(text, postgres.schema());
        Ok(Self {
            writes: postgres.session(),
            reads: postgres.session(),
            appender: PostgresAppender::new(postgres.schema()),
            known: sql("SELECT seq FROM {s}.notice WHERE source = $1 AND id = $2"),
            insert: sql("INSERT INTO {s}.notice (seq, source, id, name, tenant, subject, time, published, cause, hops, payload)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (source, id) DO NOTHING"),
            after: sql("SELECT seq, source, id, name, tenant, subject, time, cause, hops, payload FROM {s}.notice
                 WHERE seq > $1 AND ($2::text IS NULL OR tenant = $2) ORDER BY seq LIMIT $3"),
            newest: sql("SELECT coalesce(max(seq), 0) FROM {s}.notice"),
            delete: sql(&format!(
                "DELETE FROM {{s}}.notice WHERE seq IN (SELECT seq FROM {{s}}.notice WHERE published < $1 AND seq <= coalesce(
                   (SELECT min(acknowledged) FROM {{s}}.cursor WHERE starts_with(name, '{CURSORS}')), 9223372036854775807)
                   ORDER BY seq LIMIT $2)"
            )),
            forget: sql("UPDATE {s}.notice SET subject = NULL, payload = 'null' WHERE subject = $1"),
        })
    }

    /// Publishes one. `None`: another transaction has committed it since it was looked for.
    async fn one(
        &self,
        transaction: &Transaction<'_>,
        at: i64,
        Checked { notice, payload }: &Checked,
    ) -> Result<Option<Published>, StoreError> {
        let Notice { id, name, source, time, subject, tenant, cause, hops, .. } = notice;
        if let Some(row) = transaction.query(&self.known, &[source, id]).await?.first() {
            return Ok(Some(Published::Existing(row.try_get(0)?)));
        }
        let event = NewEvent { at_micros: at, topic: TOPIC, ..NewEvent::default() };
        let number = self.appender.append_one(transaction, &event).await?;
        let (time, hops) = (time.as_microsecond(), i32::from(*hops));
        let values: [&(dyn switchboard_store::tokio_postgres::types::ToSql + Sync); 11] =
            [&number, source, id, name, tenant, subject, &time, &at, cause, &hops, payload];
        let inserted = transaction.execute(&self.insert, &values).await?;
        Ok((inserted > 0).then_some(Published::New(number)))
    }

    async fn try_publish(&self, at: i64, notices: &[Checked]) -> Result<Option<Vec<Published>>, StoreError> {
        let mut connection = self.writes.acquire().await?;
        let transaction = connection.begin().await?;
        let mut published = Vec::with_capacity(notices.len());
        for notice in notices {
            match self.one(&transaction, at, notice).await? {
                Some(one) => published.push(one),
                None => {
                    transaction.rollback().await?;
                    return Ok(None);
                }
            }
        }
        transaction.commit().await?;
        self.writes.postgres().note_commit();
        Ok(Some(published))
    }
}

#[async_trait]
impl NoticeRows for PostgresNotices {
    async fn publish(&self, at: i64, notices: Vec<Checked>) -> Result<Vec<Published>, MeshError> {
        for _ in 0..TRIES {
            if let Some(published) = self.try_publish(at, &notices).await? {
                return Ok(published);
            }
        }
        Err(StoreError::Busy { waited: None }.into())
    }

    async fn after(&self, number: i64, tenant: Option<&str>, limit: u32) -> Result<Vec<Stored>, MeshError> {
        let connection = self.reads.acquire().await?;
        let rows = connection.query(&self.after, &[&number, &tenant, &i64::from(limit)]).await?;
        rows.iter().map(stored).collect()
    }

    async fn newest(&self) -> Result<i64, MeshError> {
        get(&self.reads.acquire().await?.one(&self.newest, &[]).await?, 0)
    }

    async fn delete_before(&self, at: i64, limit: u32) -> Result<u64, MeshError> {
        Ok(self.writes.acquire().await?.execute(&self.delete, &[&at, &i64::from(limit)]).await?)
    }

    async fn forget(&self, subject: &str) -> Result<u64, MeshError> {
        Ok(self.writes.acquire().await?.execute(&self.forget, &[&subject]).await?)
    }
}

fn stored(row: &Row) -> Result<Stored, MeshError> {
    let hops: i32 = get(row, 8)?;
    Ok(Stored {
        number: get(row, 0)?,
        notice: Notice {
            source: get(row, 1)?,
            id: get(row, 2)?,
            name: get(row, 3)?,
            tenant: get(row, 4)?,
            subject: get(row, 5)?,
            time: Timestamp::from_microsecond(get(row, 6)?).map_err(|_| MeshError::BadRow("its time"))?,
            cause: get(row, 7)?,
            hops: u8::try_from(hops).map_err(|_| MeshError::BadRow("its hops"))?,
            payload: serde_json::from_str(get::<&str>(row, 9)?)
                .map_err(|_| MeshError::BadRow("its payload"))?,
        },
    })
}

fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, MeshError> {
    row.try_get(column).map_err(|error| StoreError::from(error).into())
}
