//! Notices in SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use switchboard_store::rusqlite::{Connection, OptionalExtension, Row, params};
use switchboard_store::{Appender, NewEvent, Sqlite, StoreError, expand};

use super::rows::{CURSORS, Checked, NoticeRows, Stored, TOPIC};
use super::tables::MIGRATIONS;
use super::{MeshError, Notice, Published};

const COLUMNS: &str =
    "SELECT seq, source, id, name, tenant, subject, time, cause, hops, payload FROM {p}notice";

pub(super) struct SqliteNotices {
    sqlite: Sqlite,
    appender: Appender,
    known: Arc<str>,
    insert: Arc<str>,
    after: Arc<str>,
    after_of_tenant: Arc<str>,
    newest: Arc<str>,
    delete: Arc<str>,
    forget: Arc<str>,
}

impl SqliteNotices {
    pub(super) async fn open(sqlite: Sqlite) -> Result<Self, StoreError> {
        sqlite.migrate(&MIGRATIONS).await?;
        let sql = |text: &str| Arc::from(expand(text, sqlite.prefix()));
        Ok(Self {
            appender: Appender::new(sqlite.prefix()),
            known: sql("SELECT seq FROM {p}notice WHERE source = ?1 AND id = ?2"),
            insert: sql("INSERT INTO {p}notice (seq, source, id, name, tenant, subject, time, published, cause, hops, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
            after: sql(&format!("{COLUMNS} WHERE seq > ?1 ORDER BY seq LIMIT ?2")),
            after_of_tenant: sql(&format!("{COLUMNS} WHERE seq > ?1 AND tenant = ?3 ORDER BY seq LIMIT ?2")),
            newest: sql("SELECT coalesce(max(seq), 0) FROM {p}notice"),
            delete: sql(&format!(
                "DELETE FROM {{p}}notice WHERE seq IN (
                   SELECT seq FROM (SELECT seq, published FROM {{p}}notice ORDER BY seq LIMIT ?2)
                   WHERE published < ?1 AND seq <= coalesce(
                     (SELECT min(acknowledged) FROM {{p}}cursor WHERE name GLOB '{CURSORS}*'), 9223372036854775807))"
            )),
            forget: sql("UPDATE {p}notice SET subject = NULL, payload = 'null'
                 WHERE subject = ?1 AND (?2 IS NULL OR tenant = ?2)"),
            sqlite,
        })
    }
}

#[async_trait]
impl NoticeRows for SqliteNotices {
    async fn publish(&self, at: i64, notices: Vec<Checked>) -> Result<Vec<Published>, MeshError> {
        let (appender, known, insert) =
            (self.appender.clone(), Arc::clone(&self.known), Arc::clone(&self.insert));
        let one = move |connection: &Connection, Checked { notice, payload }: &Checked| {
            let mut find = connection.prepare_cached(&known)?;
            let found = find.query_row(params![notice.source, notice.id], |row| row.get(0)).optional()?;
            if let Some(number) = found {
                return Ok(Published::Existing(number));
            }
            let Notice { id, name, source, time, subject, tenant, cause, hops, .. } = notice;
            let number = appender
                .append(connection, &NewEvent { at_micros: at, topic: TOPIC, ..NewEvent::default() })?;
            connection.prepare_cached(&insert)?.execute(params![
                number,
                source,
                id,
                name,
                tenant,
                subject,
                time.as_microsecond(),
                at,
                cause,
                hops,
                payload
            ])?;
            Ok::<_, StoreError>(Published::New(number))
        };
        let all =
            move |connection: &Connection| notices.iter().map(|notice| one(connection, notice)).collect();
        Ok(self.sqlite.write::<_, StoreError, _>(all).await?)
    }

    async fn after(&self, number: i64, tenant: Option<&str>, limit: u32) -> Result<Vec<Stored>, MeshError> {
        let (sql, tenant) = match tenant {
            Some(tenant) => (Arc::clone(&self.after_of_tenant), Some(tenant.to_owned())),
            None => (Arc::clone(&self.after), None),
        };
        let read = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let one = |row: &Row<'_>| Ok(Stored::of(row.get(0)?, notice(row)));
            let rows = match tenant {
                Some(tenant) => {
                    statement.query_map(params![number, limit, tenant], one)?.collect::<Result<_, _>>()?
                }
                None => statement.query_map(params![number, limit], one)?.collect::<Result<_, _>>()?,
            };
            Ok::<Vec<Stored>, StoreError>(rows)
        };
        Ok(self.sqlite.read(read).await?)
    }

    async fn newest(&self) -> Result<i64, MeshError> {
        let sql = Arc::clone(&self.newest);
        let read = move |connection: &Connection| {
            Ok::<i64, StoreError>(connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
        };
        Ok(self.sqlite.read(read).await?)
    }

    async fn delete_before(&self, at: i64, limit: u32) -> Result<u64, MeshError> {
        let sql = Arc::clone(&self.delete);
        let delete = move |connection: &Connection| {
            Ok::<_, StoreError>(connection.prepare_cached(&sql)?.execute(params![at, limit])? as u64)
        };
        Ok(self.sqlite.write(delete).await?)
    }

    async fn forget(&self, tenant: Option<&str>, subject: &str) -> Result<u64, MeshError> {
        let (sql, subject) = (Arc::clone(&self.forget), subject.to_owned());
        let tenant = tenant.map(ToOwned::to_owned);
        let forget = move |connection: &Connection| {
            Ok::<_, StoreError>(connection.prepare_cached(&sql)?.execute(params![subject, tenant])? as u64)
        };
        Ok(self.sqlite.write(forget).await?)
    }
}

fn notice(row: &Row<'_>) -> Result<Notice, MeshError> {
    let payload: String = get(row, 9)?;
    Ok(Notice {
        source: get(row, 1)?,
        id: get(row, 2)?,
        name: get(row, 3)?,
        tenant: get(row, 4)?,
        subject: get(row, 5)?,
        time: Timestamp::from_microsecond(get(row, 6)?).map_err(|_| MeshError::BadRow("its time"))?,
        cause: get(row, 7)?,
        hops: get(row, 8)?,
        payload: serde_json::from_str(&payload).map_err(|_| MeshError::BadRow("its payload"))?,
    })
}

fn get<T: switchboard_store::rusqlite::types::FromSql>(row: &Row<'_>, column: usize) -> Result<T, MeshError> {
    row.get(column).map_err(|error| StoreError::from(error).into())
}
