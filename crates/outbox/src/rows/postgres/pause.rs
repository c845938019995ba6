//! Pauses of senders and accounts, and which sender a queue belongs to.

use super::column::{self, get, integer, kind_word};
use super::work::Work;
use super::{Row, column::count};
use crate::error::OutboxError;
use crate::rows::record::Entry;
use crate::rows::{AccountRow, NewSender, Pause, Paused, SenderRow, Whom};
use crate::timing::Micros;

/// Sets or ends a pause. If nothing changes, no entry is added to the log.
pub(super) async fn pause(
    work: &mut Work<'_>,
    at: Micros,
    pause: &Pause,
    actor: Option<&str>,
) -> Result<(), OutboxError> {
    let (sql, transaction) = (&work.shared.sql, &work.transaction);
    let changed = match (&pause.whom, &pause.paused) {
        (Whom::Sender(id), Some(Paused { until, times, reason })) => {
            transaction
                .execute(&sql.sender_pause, &[id, until, &integer(*times), &column::text(reason)])
                .await?
        }
        (Whom::Sender(id), None) => transaction.execute(&sql.sender_resume, &[id]).await?,
        (Whom::Account(name), Some(Paused { until, times, reason })) => {
            let values: [&(dyn super::ToSql + Sync); 4] =
                [&column::text(name), until, &integer(*times), &column::text(reason)];
            transaction.execute(&sql.account_pause, &values).await?
        }
        (Whom::Account(name), None) => {
            transaction.execute(&sql.account_resume, &[&column::text(name)]).await?
        }
    };
    if changed > 0 {
        work.log(at, None, actor, Entry::pause(pause));
    }
    Ok(())
}

/// Stores to which sender a queue belongs.
pub(super) async fn bind(work: &Work<'_>, queue: i64, sender: &NewSender) -> Result<SenderRow, OutboxError> {
    let (sql, transaction) = (&work.shared.sql, &work.transaction);
    let (account, kind, address) =
        (column::text(&sender.account), kind_word(sender.kind), column::text(&sender.address));
    let mut found = transaction.query(&sql.sender_find, &[&account, &kind, &address]).await?;
    if found.is_empty() {
        transaction.execute(&sql.sender_new, &[&account, &kind, &address]).await?;
        found = transaction.query(&sql.sender_find, &[&account, &kind, &address]).await?;
    }
    let row = found.first().ok_or(OutboxError::BadRow("a new sender cannot be found"))?;
    let row = column::of_sender(row)?;
    transaction.execute(&sql.queue_bind, &[&queue, &row.id]).await?;
    Ok(row)
}

pub(super) fn of_account(row: &Row) -> Result<AccountRow, OutboxError> {
    let paused = Paused { until: get(row, 1)?, times: count(row, 2)?, reason: get(row, 3)? };
    Ok(AccountRow { name: get(row, 0)?, paused })
}
