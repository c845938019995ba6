//! Pauses of senders and accounts, and which sender a queue belongs to.

use rusqlite::params;
use serde_json::json;

use super::column::{self, kind_word};
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::record::Entry;
use crate::rows::{AccountRow, NewSender, Pause, Paused, SenderRow, Whom};
use crate::timing::Micros;

/// Sets or ends a pause. If nothing changes, no entry is added to the log.
pub(super) fn pause(
    transaction: &Transaction<'_>,
    at: Micros,
    pause: &Pause,
    actor: Option<&str>,
) -> Result<(), OutboxError> {
    let sql = transaction.sql;
    let changed = match (&pause.whom, &pause.paused) {
        (Whom::Sender(id), Some(Paused { until, times, reason })) => {
            transaction.execute(&sql.sender_pause, params![id, until, times, reason])?
        }
        (Whom::Sender(id), None) => transaction.execute(&sql.sender_resume, [id])?,
        (Whom::Account(name), Some(Paused { until, times, reason })) => {
            transaction.execute(&sql.account_pause, params![name, until, times, reason])?
        }
        (Whom::Account(name), None) => transaction.execute(&sql.account_resume, [name])?,
    };
    if changed == 0 { Ok(()) } else { transaction.log(at, None, actor, &Entry::pause(pause)) }
}

impl Entry {
    /// The log entry of a pause that begins or ends.
    pub(crate) fn pause(pause: &Pause) -> Self {
        let mut detail = match &pause.whom {
            Whom::Sender(id) => json!({ "sender": id }),
            Whom::Account(name) => json!({ "account": name }),
        };
        if let (Some(paused), Some(detail)) = (&pause.paused, detail.as_object_mut()) {
            detail.insert("untilMicros".to_owned(), paused.until.into());
            detail.insert("times".to_owned(), paused.times.into());
            detail.insert("reason".to_owned(), paused.reason.clone().into());
        }
        let topic = if pause.paused.is_some() { "paused" } else { "resumed" };
        Self { topic, detail: detail.to_string() }
    }
}

/// Stores to which sender a queue belongs.
pub(super) fn bind(
    transaction: &Transaction<'_>,
    queue: i64,
    sender: &NewSender,
) -> Result<SenderRow, OutboxError> {
    let sql = transaction.sql;
    let values = params![sender.account, kind_word(sender.kind), sender.address];
    let known = transaction.first(&sql.sender_find, values, column::of_sender)?;
    let row = match known {
        Some(row) => row,
        None => {
            transaction.execute(&sql.sender_new, values)?;
            let made = transaction.first(&sql.sender_find, values, column::of_sender)?;
            made.ok_or(OutboxError::BadRow("a new sender cannot be found"))?
        }
    };
    transaction.execute(&sql.queue_bind, [queue, row.id])?;
    Ok(row)
}

pub(super) fn of_account(row: &rusqlite::Row<'_>) -> Result<AccountRow, OutboxError> {
    let paused = Paused { until: row.get(1)?, times: row.get(2)?, reason: row.get(3)? };
    Ok(AccountRow { name: row.get(0)?, paused })
}
