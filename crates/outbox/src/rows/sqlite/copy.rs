//! Recognises an old copy of the database.

use rusqlite::params;
use switchboard_store::Sqlite;

use super::tick;
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::copy::Alike;
use crate::rows::record::Entry;
use crate::timing::Micros;

/// Returns the path and, where the system has them, the numbers of the device and the file.
pub(super) fn place(sqlite: &Sqlite) -> Option<String> {
    let path = sqlite.path()?;
    let file = std::fs::metadata(path).ok().and_then(|metadata| number(&metadata)).unwrap_or_default();
    Some(format!("{} {file}", path.display()).trim_end().to_owned())
}

#[cfg(unix)]
fn number(metadata: &std::fs::Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.ino().to_string())
}

#[cfg(not(unix))]
fn number(_: &std::fs::Metadata) -> Option<String> {
    None
}

pub(super) fn place_before(transaction: &Transaction<'_>) -> Result<Option<String>, OutboxError> {
    let place = transaction.first(&transaction.sql.place, [], |row| Ok(row.get(0)?))?;
    Ok(place.flatten())
}

pub(super) fn settle(transaction: &Transaction<'_>, place: Option<&String>) -> Result<(), OutboxError> {
    transaction.execute(&transaction.sql.place_settle, [place])?;
    Ok(())
}

/// A copy gets an identity of its own, so that its references differ from those of the original.
pub(super) fn adopt(
    transaction: &Transaction<'_>,
    at: Micros,
    place: Option<&String>,
    actor: &str,
) -> Result<(), OutboxError> {
    let (clock, before) = (tick::alive(transaction, at)?, tick::guard_since(transaction)?);
    transaction.execute(&transaction.sql.place_settle, [place])?;
    transaction.execute(&transaction.sql.adopt, [before.unwrap_or(clock).min(clock)])?;
    transaction.log(at, None, Some(actor), &Entry { topic: "adopted", detail: "{}".to_owned() })
}

pub(super) fn guard(transaction: &Transaction<'_>, since: Option<Micros>) -> Result<(), OutboxError> {
    transaction.execute(&transaction.sql.guard_set, [since])?;
    Ok(())
}

pub(super) fn unknown_sids(
    transaction: &Transaction<'_>,
    sids: Vec<String>,
) -> Result<Vec<String>, OutboxError> {
    let mut unknown = Vec::new();
    for sid in sids {
        if transaction.first(&transaction.sql.by_sid, [&sid], |_| Ok(()))?.is_none() {
            unknown.push(sid);
        }
    }
    Ok(unknown)
}

pub(super) fn alike(
    transaction: &Transaction<'_>,
    queue: i64,
    sender: i64,
    recipients: &[String],
) -> Result<Vec<Alike>, OutboxError> {
    let recipients = serde_json::to_string(recipients).unwrap_or_default();
    transaction.all(&transaction.sql.alike, params![queue, sender, recipients], |row| {
        Ok(Alike {
            id: row.get(0)?,
            perhaps_sent: row.get(1)?,
            recipient: super::column::text(row, 2)?,
            request: super::column::text(row, 3)?,
        })
    })
}
