//! Reads that do not go through the writer.

use rusqlite::params;

use super::column;
use super::due::{by_priority, earliest};
use super::pause::of_account;
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::{Counts, Held, Look, Name, QueueRow, Row};

/// Returns the id of the message with this key, if there is one. If the name is an id, it is returned unchanged.
pub(super) fn id(transaction: &Transaction<'_>, name: &Name) -> Result<Option<i64>, OutboxError> {
    match name {
        Name::Id(id) => Ok(Some(*id)),
        Name::Key { tenant, key } => {
            transaction.first(&transaction.sql.message_id, [tenant, key], |row| Ok(row.get(0)?))
        }
    }
}

pub(super) fn find(transaction: &Transaction<'_>, name: &Name) -> Result<Option<Row>, OutboxError> {
    match id(transaction, name)? {
        Some(id) => row(transaction, id),
        None => Ok(None),
    }
}

fn row(transaction: &Transaction<'_>, id: i64) -> Result<Option<Row>, OutboxError> {
    let Some(record) = transaction.record(id)? else { return Ok(None) };
    transaction.first(&transaction.sql.message_row, [id], |row| {
        Ok(Row {
            id: row.get(0)?,
            tenant: column::text(row, 1)?,
            key: column::text(row, 2)?,
            kind: column::kind(&row.get::<_, String>(3)?)?,
            sender: column::text(row, 4)?,
            recipient: column::text(row, 5)?,
            progress: record.progress,
            created: row.get(6)?,
            expires: row.get(7)?,
            at: record.at,
            why: record.why,
            error: record.error,
            segments: record.segments,
            delivered: record.delivered,
            sids: record.seen.sids,
            campaign: row.get(8)?,
        })
    })
}

pub(super) fn unsettled(
    transaction: &Transaction<'_>,
    after: i64,
    limit: u32,
) -> Result<Vec<Row>, OutboxError> {
    let ids: Vec<i64> =
        transaction.all(&transaction.sql.unsettled, params![after, limit], |row| Ok(row.get(0)?))?;
    rows(transaction, &ids)
}

/// Reads messages in the order of the given ids. Those that do not exist are left out.
pub(super) fn rows(transaction: &Transaction<'_>, ids: &[i64]) -> Result<Vec<Row>, OutboxError> {
    let rows = ids.iter().map(|id| row(transaction, *id)).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

pub(super) fn counts(transaction: &Transaction<'_>) -> Result<Counts, OutboxError> {
    let mut counts = Counts::default();
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    for (state, rows) in transaction.all(&transaction.sql.counts, [], read)? {
        counts.set(&state, rows)?;
    }
    Ok(counts)
}

pub(super) fn look(transaction: &Transaction<'_>) -> Result<Look, OutboxError> {
    let sql = transaction.sql;
    let queues = transaction.all(&sql.queues, [], queue)?;
    Ok(Look {
        queues: queues.into_iter().flatten().collect(),
        senders: transaction.all(&sql.senders, [], column::of_sender)?,
        accounts: transaction.all(&sql.accounts, [], of_account)?,
    })
}

/// Returns `None` if the queue has no ready message.
fn queue(row: &rusqlite::Row<'_>) -> Result<Option<QueueRow>, OutboxError> {
    let Some(next_due) = earliest(by_priority(row, 5)?) else { return Ok(None) };
    Ok(Some(QueueRow {
        id: row.get(0)?,
        tenant: column::text(row, 1)?,
        kind: column::kind(&row.get::<_, String>(2)?)?,
        sender: column::text(row, 3)?,
        bound: row.get(4)?,
        next_due,
        held: Held::of(row.get(8)?, row.get(9)?),
    }))
}
