//! Recognises an old copy of the database.

use switchboard_store::Connection;

use super::column::{self, get};
use super::work::{Shared, Work};
use crate::error::OutboxError;
use crate::rows::copy::{Alike, Place};
use crate::rows::record::Entry;
use crate::timing::Micros;

/// Returns where the database is: the cluster, which keeps its number after a failover, and the numbers of the database
/// and the schema, which a dump that is restored does not have.
pub(super) async fn place(
    connection: &Connection,
    shared: &Shared,
    schema: &str,
) -> Result<Place, OutboxError> {
    let sql = &shared.sql;
    let before = get(&connection.one(&sql.place, &[]).await?, 0)?;
    let may_read: bool = get(&connection.one(&sql.place_may_read, &[]).await?, 0)?;
    let server: String =
        if may_read { get(&connection.one(&sql.place_server, &[]).await?, 0)? } else { String::new() };
    let row = connection.one(&sql.place_schema, &[&schema]).await?;
    let (database, schema): (&str, &str) = (get(&row, 0)?, get(&row, 1)?);
    Ok(Place { before, now: Some(format!("cluster {server} database {database} schema {schema}")) })
}

/// A copy gets an identity of its own, so that its references differ from those of the original.
pub(super) async fn adopt(
    mut work: Work<'_>,
    at: Micros,
    place: Option<String>,
    actor: &str,
) -> Result<(), OutboxError> {
    let (clock, before) = (alive(&work, at).await?, guard_since(&work).await?);
    let since = before.unwrap_or(clock).min(clock);
    work.transaction.execute(&work.shared.sql.adopt, &[&since, &place]).await?;
    work.log(at, None, Some(actor), Entry { topic: "adopted", detail: "{}".to_owned() });
    work.commit().await
}

/// Returns when a worker last wrote, or else when the first message was enqueued.
pub(super) async fn alive(work: &Work<'_>, at: Micros) -> Result<Micros, OutboxError> {
    let clock: Micros = get(&work.transaction.one(&work.shared.sql.outbox, &[]).await?, 2)?;
    if clock != 0 {
        return Ok(clock);
    }
    let oldest = work.transaction.query(&work.shared.sql.oldest, &[]).await?;
    oldest.first().map_or(Ok(at), |row| get(row, 0))
}

pub(super) async fn guard_since(work: &Work<'_>) -> Result<Option<Micros>, OutboxError> {
    get(&work.transaction.one(&work.shared.sql.guard, &[]).await?, 0)
}

pub(super) async fn unknown_sids(
    connection: &Connection,
    shared: &Shared,
    sids: Vec<String>,
) -> Result<Vec<String>, OutboxError> {
    let stored: Vec<String> = sids.iter().map(|sid| column::text(sid)).collect();
    let mut unknown = Vec::new();
    for row in connection.query(&shared.sql.by_sid, &[&stored]).await? {
        if get::<Option<i64>>(&row, 1)?.is_none() {
            unknown.push(get(&row, 0)?);
        }
    }
    Ok(unknown)
}

pub(super) async fn alike(
    connection: &Connection,
    shared: &Shared,
    queue: i64,
    sender: i64,
    recipients: Vec<String>,
) -> Result<Vec<Alike>, OutboxError> {
    let recipients: Vec<String> = recipients.iter().map(|recipient| column::text(recipient)).collect();
    let rows = connection.query(&shared.sql.alike, &[&queue, &sender, &recipients]).await?;
    let alike = |row: &super::Row| {
        Ok(Alike {
            id: get(row, 0)?,
            perhaps_sent: get(row, 1)?,
            recipient: get(row, 2)?,
            request: get(row, 3)?,
        })
    };
    rows.iter().map(alike).collect()
}
