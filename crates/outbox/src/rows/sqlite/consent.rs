//! Consents: what people said about the messages that they want.

use std::cmp::Reverse;

use rusqlite::{Row, params};

use super::column;
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::consent::{ConsentPlace, ConsentRow, Consented, Consents, KnownSender, ListConsents};
use crate::rows::record::Entry;
use crate::timing::Micros;

/// Stores consents, each if it is newer than what is stored.
pub(super) fn store(transaction: &Transaction<'_>, consents: &Consents) -> Result<Consented, OutboxError> {
    let mut consented = Consented::default();
    for row in consents.once_each() {
        let ConsentRow { recipient, scope, purpose, source, at, proof, .. } = row;
        let values = params![recipient, scope, purpose, row.word(), source, at, consents.recorded, proof];
        let changed = transaction.execute(&transaction.sql.consent_set, values)? > 0;
        consented.changed += u64::from(changed);
        if changed && !consents.many {
            transaction.log(consents.recorded, None, consents.actor.as_deref(), &Entry::consent(row))?;
        }
    }
    if consents.many {
        let entry = Entry::consents(consents, consented.changed);
        transaction.log(consents.recorded, None, consents.actor.as_deref(), &entry)?;
        return Ok(consented);
    }
    let mut recipients: Vec<&str> = consents.rows.iter().map(|row| row.recipient.as_str()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    for recipient in recipients {
        consented.open += transaction.all(&transaction.sql.open_to, [recipient], |_| Ok(()))?.len() as u64;
    }
    Ok(consented)
}

/// Reads what a person said, by scope and purpose.
pub(super) fn of_recipient(
    transaction: &Transaction<'_>,
    recipient: &str,
) -> Result<Vec<ConsentRow>, OutboxError> {
    transaction.all(&transaction.sql.consents, [recipient], |row| row_of(recipient, row))
}

/// Lists consents. Each scope is read by the index, and then they are merged.
pub(super) fn list(
    transaction: &Transaction<'_>,
    list: &ListConsents,
) -> Result<Vec<ConsentRow>, OutboxError> {
    let ConsentPlace { at, recipient, purpose, scope: last } = &list.after;
    let mut rows = Vec::new();
    for scope in &list.scopes {
        let values = params![scope, at, recipient, purpose, last, list.limit];
        rows.extend(transaction.all(&transaction.sql.consents_of, values, with_recipient)?);
    }
    rows.sort_by_cached_key(|row| Reverse(row.place()));
    rows.truncate(usize::try_from(list.limit).unwrap_or(usize::MAX));
    Ok(rows)
}

fn with_recipient(row: &Row<'_>) -> Result<ConsentRow, OutboxError> {
    let recipient: String = row.get(6)?;
    row_of(&recipient, row)
}

fn row_of(recipient: &str, row: &Row<'_>) -> Result<ConsentRow, OutboxError> {
    Ok(ConsentRow {
        recipient: recipient.to_owned(),
        scope: row.get(0)?,
        purpose: row.get(1)?,
        opted_out: row.get::<_, String>(2)? == "out",
        source: row.get(3)?,
        at: row.get(4)?,
        proof: row.get(5)?,
    })
}

/// The provider refused a message because its recipient has opted out. What they said after the message was marked
/// counts more. If only the message's tenant says so (`of_tenant`), it does not count for a sender that another
/// tenant has on another account.
pub(super) fn refused(
    transaction: &Transaction<'_>,
    at: Micros,
    id: i64,
    of_tenant: bool,
) -> Result<(), OutboxError> {
    for row in
        transaction.all(&transaction.sql.consent_refused, params![id, at, of_tenant], with_recipient)?
    {
        transaction.log(at, Some(id), None, &Entry::consent(&row))?;
    }
    Ok(())
}

/// Returns the senders with these addresses, once for each tenant that has a queue of theirs.
pub(super) fn senders_of(
    transaction: &Transaction<'_>,
    addresses: &[String],
) -> Result<Vec<KnownSender>, OutboxError> {
    let addresses = serde_json::to_string(addresses).unwrap_or_default();
    let read = |row: &Row<'_>| {
        Ok(KnownSender { address: row.get(0)?, account: row.get(1)?, tenant: column::text(row, 2)? })
    };
    transaction.all(&transaction.sql.senders_of, [addresses], read)
}
