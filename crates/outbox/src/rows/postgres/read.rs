//! Reads that lock nothing.

use switchboard_store::Connection;

use super::column::{self, count, get, kind};
use super::pause::of_account;
use super::work::Shared;
use super::{Row as SqlRow, ToSql};
use crate::error::OutboxError;
use crate::rows::check::Seen;
use crate::rows::{Counts, Held, Look, Name, QueueRow, Row};
use crate::state::Progress;

/// Returns the id of the message with this key, if there is one. If the name is an id, it is returned unchanged.
pub(super) async fn id(
    connection: &Connection,
    shared: &Shared,
    name: &Name,
) -> Result<Option<i64>, OutboxError> {
    match name {
        Name::Id(id) => Ok(Some(*id)),
        Name::Key { tenant, key } => {
            let (tenant, key) = (column::text(tenant), column::text(key));
            let found = connection.query(&shared.sql.message_id, &[&tenant, &key]).await?;
            found.first().map(|row| get(row, 0)).transpose()
        }
    }
}

pub(super) async fn find(
    connection: &Connection,
    shared: &Shared,
    name: &Name,
) -> Result<Option<Row>, OutboxError> {
    let Some(id) = id(connection, shared, name).await? else { return Ok(None) };
    Ok(rows(connection, shared, &[id]).await?.pop())
}

pub(super) async fn unsettled(
    connection: &Connection,
    shared: &Shared,
    after: i64,
    limit: u32,
) -> Result<Vec<Row>, OutboxError> {
    let found = connection.query(&shared.sql.unsettled, &[&after, &i64::from(limit)]).await?;
    let ids = found.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    rows(connection, shared, &ids).await
}

/// Reads messages, by id. Those that do not exist are left out.
pub(super) async fn rows(
    connection: &Connection,
    shared: &Shared,
    ids: &[i64],
) -> Result<Vec<Row>, OutboxError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = connection.query(&shared.sql.message_rows, &[&ids]).await?;
    let rows = found.iter().filter_map(|row| message(row).transpose());
    rows.collect()
}

/// Returns `None` if the message is in no table, which nothing but another program can cause.
fn message(row: &SqlRow) -> Result<Option<Row>, OutboxError> {
    let Some(state) = get::<Option<&str>>(row, 9)? else { return Ok(None) };
    let state = column::state(state, get(row, 16)?, get(row, 17)?, get(row, 18)?)?;
    Ok(Some(Row {
        id: get(row, 0)?,
        tenant: get(row, 1)?,
        key: get(row, 2)?,
        kind: kind(get(row, 3)?)?,
        sender: get(row, 4)?,
        recipient: get(row, 5)?,
        progress: Progress { attempt: count(row, 10)?, no_repeat: get(row, 11)?, state },
        created: get(row, 6)?,
        expires: get(row, 7)?,
        at: get(row, 12)?,
        why: get::<Option<&str>>(row, 14)?.map(column::park_reason).transpose()?,
        error: get(row, 13)?,
        segments: column::segments(row, 19)?,
        delivered: column::delivered(row, 20)?,
        sids: Seen::read(get(row, 15)?).sids,
        campaign: get(row, 8)?,
    }))
}

pub(super) async fn counts(connection: &Connection, shared: &Shared) -> Result<Counts, OutboxError> {
    let mut counts = Counts::default();
    for row in connection.query(&shared.sql.counts, &[]).await? {
        let (state, rows): (&str, i64) = (get(&row, 0)?, get(&row, 1)?);
        counts.set(state, rows)?;
    }
    Ok(counts)
}

/// Reads every lane from its beginning, and notes where its rows begin.
pub(super) async fn look(connection: &Connection, shared: &Shared) -> Result<Look, OutboxError> {
    let (sql, nothing): (_, [&(dyn ToSql + Sync); 0]) = (&shared.sql, []);
    shared.seeks.look_begins();
    let mut queues = Vec::new();
    for row in connection.query(&sql.queues, &nothing).await? {
        queues.extend(queue(&row, shared)?);
    }
    let senders = connection.query(&sql.senders, &nothing).await?;
    let accounts = connection.query(&sql.accounts, &nothing).await?;
    Ok(Look {
        queues,
        senders: senders.iter().map(column::of_sender).collect::<Result<_, _>>()?,
        accounts: accounts.iter().map(of_account).collect::<Result<_, _>>()?,
    })
}

/// Returns `None` if the queue has no ready message.
fn queue(row: &SqlRow, shared: &Shared) -> Result<Option<QueueRow>, OutboxError> {
    let id = get(row, 0)?;
    let mut next_due = None;
    for priority in 0..3_i32 {
        let column = 5 + 2 * usize::try_from(priority).unwrap_or_default();
        let (Some(due), Some(first)) = (get(row, column)?, get(row, column + 1)?) else { continue };
        shared.seeks.found((id, priority), (due, first));
        next_due = Some(next_due.map_or(due, |next: i64| next.min(due)));
    }
    let Some(next_due) = next_due else { return Ok(None) };
    let (tenant, sender, bound) = (get(row, 1)?, get(row, 3)?, get(row, 4)?);
    let held = Held::of(get(row, 11)?, get(row, 12)?);
    Ok(Some(QueueRow { id, tenant, kind: kind(get(row, 2)?)?, sender, bound, next_due, held }))
}
