//! Consents: what people said about the messages that they want.

use rusqlite::{Row, params};

use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::rows::consent::{ConsentRow, Consented, Consents};
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
/// counts more.
pub(super) fn refused(transaction: &Transaction<'_>, at: Micros, id: i64) -> Result<(), OutboxError> {
    let read = |row: &Row<'_>| {
        let recipient: String = row.get(6)?;
        row_of(&recipient, row)
    };
    for row in transaction.all(&transaction.sql.consent_refused, params![id, at], read)? {
        transaction.log(at, Some(id), None, &Entry::consent(&row))?;
    }
    Ok(())
}

/// Returns the tenants whose queues belong to a sender with one of these addresses.
pub(super) fn tenants_of(
    transaction: &Transaction<'_>,
    addresses: &[String],
) -> Result<Vec<String>, OutboxError> {
    let addresses = serde_json::to_string(addresses).unwrap_or_default();
    transaction.all(&transaction.sql.tenants_of, [addresses], |row| Ok(row.get(0)?))
}
