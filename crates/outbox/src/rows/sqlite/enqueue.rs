//! Enqueues messages from this program.

use std::collections::HashMap;

use rusqlite::params;
use switchboard::provider::SendKind;

use super::column::kind_word;
use super::erase;
use super::transaction::Transaction;
use crate::crash::{self, Point};
use crate::enqueue::Prepared;
use crate::error::OutboxError;
use crate::policy::{Known, Passes};
use crate::rows::candidate::{Columns, hex};
use crate::rows::record::Entry;
use crate::rows::{Enqueued, NewMessage};
use crate::timing::Micros;

/// Caches the queues of a batch, because most messages of a batch share a few queues.
type Queues = HashMap<(String, SendKind, String), Queue>;

/// A queue, and the address of its sender, if it is known.
#[derive(Clone)]
struct Queue {
    id: i64,
    address: Option<String>,
}

pub(super) fn enqueue(
    transaction: &Transaction<'_>,
    at: Micros,
    new: &[NewMessage],
) -> Result<Vec<Enqueued>, OutboxError> {
    let mut queues = Queues::new();
    let one = |(place, message): (usize, &NewMessage)| {
        if erase::is_forgotten(transaction, &message.hashes)? {
            return Err(OutboxError::Forgotten { place });
        }
        let queue = queue(transaction, &mut queues, message)?;
        match insert(transaction, at, queue.id, message)? {
            Some(id) => {
                refuse(transaction, place, &queue, message)?;
                if let Some(emergency) = &message.emergency {
                    transaction.log(at, Some(id), Some(&emergency.by), &Entry::emergency(emergency))?;
                }
                make_ready(transaction, at, queue.id, id, message)
            }
            None => known(transaction, place, message),
        }
    };
    let enqueued = new.iter().enumerate().map(one).collect();
    crash::at(Point::Inserted);
    enqueued
}

fn queue(
    transaction: &Transaction<'_>,
    queues: &mut Queues,
    message: &NewMessage,
) -> Result<Queue, OutboxError> {
    let NewMessage { tenant, prepared: Prepared { kind, sender, .. }, .. } = message;
    let name = (tenant.clone(), *kind, sender.clone());
    if let Some(queue) = queues.get(&name) {
        return Ok(queue.clone());
    }
    let values = params![tenant, kind_word(*kind), sender];
    let id = match transaction.first(&transaction.sql.queue_find, values, |row| Ok(row.get(0)?))? {
        Some(queue) => queue,
        None => transaction.prepare(&transaction.sql.queue_new)?.insert(values)?,
    };
    let bound = transaction.first(&transaction.sql.queue_address, [id], |row| Ok(row.get(0)?))?;
    let queue = Queue { id, address: bound.or_else(|| message.sender_address()) };
    queues.insert(name, queue.clone());
    Ok(queue)
}

/// Fails if the recipient does not want the message.
fn refuse(
    transaction: &Transaction<'_>,
    place: usize,
    queue: &Queue,
    message: &NewMessage,
) -> Result<(), OutboxError> {
    let NewMessage { tenant, prepared, purpose, .. } = message;
    let values =
        params![prepared.recipient, purpose.as_str(), tenant, queue.address.as_deref(), message.pool()];
    let known = transaction.first(&transaction.sql.consent_known, values, |row| Ok(row.get(0)?))?;
    let known = known.flatten().map(Known::new);
    match message.refused_by(known.as_ref()) {
        Some(because) => Err(OutboxError::Blocked { place, because }),
        None => Ok(()),
    }
}

/// Returns the id of the new message, or `None` if its key already exists.
fn insert(
    transaction: &Transaction<'_>,
    at: Micros,
    queue: i64,
    message: &NewMessage,
) -> Result<Option<i64>, OutboxError> {
    let NewMessage { tenant, key, expires, priority, prepared, purpose, zone, .. } = message;
    let Prepared { recipient, weight, fingerprint, hash, request, .. } = prepared;
    let values = params![
        at,
        tenant,
        key,
        queue,
        recipient,
        priority.number(),
        weight,
        hex(fingerprint),
        hex(hash),
        request,
        expires,
        purpose.as_str(),
        zone,
        message.text_rules,
        message.passes().map(Passes::word),
        message.pool(),
    ];
    let inserted = transaction.execute(&transaction.sql.message_new, values)? > 0;
    Ok(inserted.then(|| transaction.connection.last_insert_rowid()))
}

fn make_ready(
    transaction: &Transaction<'_>,
    at: Micros,
    queue: i64,
    id: i64,
    message: &NewMessage,
) -> Result<Enqueued, OutboxError> {
    let due = message.due.unwrap_or(at);
    transaction.execute(&transaction.sql.ready_new, params![queue, message.priority.number(), due, id])?;
    Ok(Enqueued::New { id, queue, due })
}

fn known(transaction: &Transaction<'_>, place: usize, message: &NewMessage) -> Result<Enqueued, OutboxError> {
    let read = |row: &rusqlite::Row<'_>| {
        let (id, hash, request): (i64, Option<String>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((id, hash, request))
    };
    let known = transaction.first(&transaction.sql.message_known, [&message.tenant, &message.key], read)?;
    let (id, hash, request) = known.ok_or(OutboxError::BadRow("a key is taken by no message"))?;
    // A row that was inserted by plain SQL has no hash.
    let hash = hash.or_else(|| Columns::of_request(&request).map(|columns| columns.hash));
    if hash == Some(hex(&message.prepared.hash)) {
        Ok(Enqueued::Existing { id })
    } else {
        Err(OutboxError::KeyConflict { place, id })
    }
}
