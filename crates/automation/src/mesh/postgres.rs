//! Notices in PostgreSQL.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use async_trait::async_trait;
use jiff::Timestamp;
use switchboard_store::tokio_postgres::Row;
use switchboard_store::tokio_postgres::types::{FromSql, ToSql};
use switchboard_store::{Postgres, PostgresAppender, Session, StoreError, Transaction, expand_schema};

use super::rows::{CURSORS, Checked, NoticeRows, Stored, TOPIC};
use super::tables::MIGRATIONS;
use super::{MeshError, Notice, Published};

/// How often it begins again after another process published one of the notices at the same time.
const TRIES: usize = 5;

const COLUMNS: &str =
    "SELECT seq, source, id, name, tenant, subject, time, cause, hops, payload FROM {s}.notice";

pub(super) struct PostgresNotices {
    writes: Session,
    reads: Session,
    appender: PostgresAppender,
    known: String,
    insert: String,
    after: String,
    after_of_tenant: String,
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
            known: sql("SELECT k.place, n.seq FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (source, id, place)
                 JOIN {s}.notice AS n USING (source, id)"),
            // The numbers are given in the order of the notices.
            insert: sql(&format!(
                "WITH event AS (INSERT INTO {{s}}.log (at, topic) SELECT $1, '{TOPIC}' FROM generate_series(1, $2) RETURNING seq),
                   place AS (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM event)
                 INSERT INTO {{s}}.notice (seq, source, id, name, tenant, subject, time, published, cause, hops, payload)
                 SELECT p.seq, n.source, n.id, n.name, n.tenant, n.subject, n.time, $1, n.cause, n.hops, n.payload
                 FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[],
                   $10::integer[], $11::text[]) WITH ORDINALITY
                   AS n (source, id, name, tenant, subject, time, cause, hops, payload, place) JOIN place AS p USING (place)
                 ON CONFLICT (source, id) DO NOTHING RETURNING seq"
            )),
            after: sql(&format!("{COLUMNS} WHERE seq > $1 ORDER BY seq LIMIT $2")),
            after_of_tenant: sql(&format!("{COLUMNS} WHERE seq > $1 AND tenant = $3 ORDER BY seq LIMIT $2")),
            newest: sql("SELECT coalesce(max(seq), 0) FROM {s}.notice"),
            delete: sql(&format!(
                "DELETE FROM {{s}}.notice WHERE seq IN (
                   SELECT seq FROM (SELECT seq, published FROM {{s}}.notice ORDER BY seq LIMIT $2) AS oldest
                   WHERE published < $1 AND seq <= coalesce(
                     (SELECT min(acknowledged) FROM {{s}}.cursor WHERE starts_with(name, '{CURSORS}')), 9223372036854775807))"
            )),
            forget: sql("UPDATE {s}.notice SET subject = NULL, payload = 'null'
                 WHERE subject = $1 AND ($2::text IS NULL OR tenant = $2)"),
        })
    }

    /// The numbers of those that were published before, by their places.
    async fn known(
        &self,
        transaction: &Transaction<'_>,
        notices: &[Checked],
    ) -> Result<HashMap<usize, i64>, StoreError> {
        let texts =
            |of: fn(&Notice) -> &str| notices.iter().map(|one| of(&one.notice)).collect::<Vec<&str>>();
        let (sources, ids) = (texts(|notice| &notice.source), texts(|notice| &notice.id));
        let mut known = HashMap::new();
        for row in transaction.query(&self.known, &[&sources, &ids]).await? {
            let place: i64 = row.try_get(0)?;
            known.insert(usize::try_from(place - 1).unwrap_or(usize::MAX), row.try_get(1)?);
        }
        Ok(known)
    }

    /// `None`: another transaction has committed one of them since they were looked for.
    async fn insert(
        &self,
        transaction: &Transaction<'_>,
        at: i64,
        new: &[&Checked],
    ) -> Result<Option<Vec<i64>>, StoreError> {
        if new.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let texts = |of: fn(&Notice) -> Option<&str>| {
            new.iter().map(|one| of(&one.notice)).collect::<Vec<Option<&str>>>()
        };
        let payloads: Vec<&str> = new.iter().map(|one| one.payload.as_str()).collect();
        let count = i32::try_from(new.len()).unwrap_or(i32::MAX);
        let values: [&(dyn ToSql + Sync); 11] = [
            &at,
            &count,
            &texts(|notice| Some(&notice.source)),
            &texts(|notice| Some(&notice.id)),
            &texts(|notice| Some(&notice.name)),
            &texts(|notice| Some(&notice.tenant)),
            &texts(|notice| notice.subject.as_deref()),
            &new.iter().map(|one| one.notice.time.as_microsecond()).collect::<Vec<i64>>(),
            &texts(|notice| notice.cause.as_deref()),
            &new.iter().map(|one| i32::from(one.notice.hops)).collect::<Vec<i32>>(),
            &payloads,
        ];
        self.appender.lock(transaction).await?;
        let rows = transaction.query(&self.insert, &values).await?;
        let mut numbers = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
        numbers.sort_unstable();
        Ok((numbers.len() == new.len()).then_some(numbers))
    }

    async fn try_publish(&self, at: i64, notices: &[Checked]) -> Result<Option<Vec<Published>>, StoreError> {
        let mut connection = self.writes.acquire().await?;
        let transaction = connection.begin().await?;
        let known = self.known(&transaction, notices).await?;
        let (mut new, mut places) = (Vec::new(), Vec::new());
        let mut named: HashMap<(&str, &str), usize> = HashMap::new();
        for (place, checked) in notices.iter().enumerate() {
            places.push(match known.get(&place) {
                Some(number) => Place::Known(*number),
                None => match named.entry((&checked.notice.source, &checked.notice.id)) {
                    Entry::Occupied(earlier) => Place::Again(*earlier.get()),
                    Entry::Vacant(vacant) => {
                        vacant.insert(new.len());
                        new.push(checked);
                        Place::New(new.len() - 1)
                    }
                },
            });
        }
        let Some(numbers) = self.insert(&transaction, at, &new).await? else {
            transaction.rollback().await?;
            return Ok(None);
        };
        transaction.commit().await?;
        self.writes.postgres().note_commit();
        let number = |place: usize| numbers.get(place).copied().unwrap_or_default();
        let published = places.into_iter().map(|place| match place {
            Place::Known(number) => Published::Existing(number),
            Place::New(place) => Published::New(number(place)),
            Place::Again(place) => Published::Existing(number(place)),
        });
        Ok(Some(published.collect()))
    }
}

/// What becomes of a notice of a list.
enum Place {
    /// It has this number already.
    Known(i64),
    /// It is new: its place among the new ones.
    New(usize),
    /// The same as an earlier one of the list.
    Again(usize),
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
        let (connection, limit) = (self.reads.acquire().await?, i64::from(limit));
        let rows = match tenant {
            Some(tenant) => connection.query(&self.after_of_tenant, &[&number, &limit, &tenant]).await?,
            None => connection.query(&self.after, &[&number, &limit]).await?,
        };
        rows.iter().map(|row| Ok(Stored::of(get(row, 0)?, notice(row)))).collect()
    }

    async fn newest(&self) -> Result<i64, MeshError> {
        get(&self.reads.acquire().await?.one(&self.newest, &[]).await?, 0)
    }

    async fn delete_before(&self, at: i64, limit: u32) -> Result<u64, MeshError> {
        Ok(self.writes.acquire().await?.execute(&self.delete, &[&at, &i64::from(limit)]).await?)
    }

    async fn forget(&self, tenant: Option<&str>, subject: &str) -> Result<u64, MeshError> {
        Ok(self.writes.acquire().await?.execute(&self.forget, &[&subject, &tenant]).await?)
    }
}

fn notice(row: &Row) -> Result<Notice, MeshError> {
    let hops: i32 = get(row, 8)?;
    Ok(Notice {
        source: get(row, 1)?,
        id: get(row, 2)?,
        name: get(row, 3)?,
        tenant: get(row, 4)?,
        subject: get(row, 5)?,
        time: Timestamp::from_microsecond(get(row, 6)?).map_err(|_| MeshError::BadRow("its time"))?,
        cause: get(row, 7)?,
        hops: u8::try_from(hops).map_err(|_| MeshError::BadRow("its hops"))?,
        payload: serde_json::from_str(get::<&str>(row, 9)?).map_err(|_| MeshError::BadRow("its payload"))?,
    })
}

fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, MeshError> {
    row.try_get(column).map_err(|error| StoreError::from(error).into())
}
