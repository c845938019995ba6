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
use crate::policy::{Known, Passes, Ruling};
use crate::rows::candidate::{Columns, hex};
use crate::rows::{Each, Enqueued, NewMessage};
use crate::timing::Micros;

/// Caches the queues of a batch, because most messages of a batch share a few queues.
type Queues = HashMap<(String, SendKind, String, i64), Queue>;

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
    let one = |(place, message)| one(transaction, at, &mut queues, place, message);
    let enqueued = new.iter().enumerate().map(one).collect();
    crash::at(Point::Inserted);
    enqueued
}

/// Enqueues each message that may be enqueued.
pub(super) fn each(
    transaction: &Transaction<'_>,
    at: Micros,
    new: &[NewMessage],
) -> Result<Vec<Each>, OutboxError> {
    let mut queues = Queues::new();
    let mut each = Vec::with_capacity(new.len());
    for (place, message) in new.iter().enumerate() {
        each.push(match one(transaction, at, &mut queues, place, message) {
            Err(error) if !error.is_of_one_message() => return Err(error),
            one => one,
        });
    }
    crash::at(Point::Inserted);
    Ok(each)
}

/// If it fails for a reason of this message, nothing was written.
fn one(
    transaction: &Transaction<'_>,
    at: Micros,
    queues: &mut Queues,
    place: usize,
    message: &NewMessage,
) -> Each {
    if erase::is_forgotten(transaction, &message.hashes)? {
        return Err(OutboxError::Forgotten { place });
    }
    let queue = find_queue(transaction, queues, message)?;
    let because = refused(transaction, queue.as_ref(), message)?;
    // What is enqueued already is not refused, and needs no new queue.
    if (because.is_some() || queue.is_none())
        && let Some(known) = known(transaction, place, message)?
    {
        return Ok(known);
    }
    if let Some(because) = because {
        return Err(OutboxError::Blocked { place, because });
    }
    let queue = match queue {
        Some(queue) => queue,
        None => new_queue(transaction, queues, message)?,
    };
    let Some(id) = insert(transaction, at, queue.id, message)? else {
        let known = known(transaction, place, message)?;
        return known.ok_or(OutboxError::BadRow("a key is taken by no message"));
    };
    for (by, entry) in message.entries() {
        transaction.log(at, Some(id), by, &entry)?;
    }
    make_ready(transaction, at, queue.id, id, message)
}

fn name(message: &NewMessage) -> (String, SendKind, String, i64) {
    let NewMessage { tenant, prepared: Prepared { kind, sender, .. }, campaign, .. } = message;
    (tenant.clone(), *kind, sender.clone(), *campaign)
}

fn find_queue(
    transaction: &Transaction<'_>,
    queues: &mut Queues,
    message: &NewMessage,
) -> Result<Option<Queue>, OutboxError> {
    let name = name(message);
    if let Some(queue) = queues.get(&name) {
        return Ok(Some(queue.clone()));
    }
    let values = params![name.0, kind_word(name.1), name.2, name.3];
    let Some(id) = transaction.first(&transaction.sql.queue_find, values, |row| Ok(row.get(0)?))? else {
        return Ok(None);
    };
    let queue = Queue { id, address: address(transaction, message)? };
    queues.insert(name, queue.clone());
    Ok(Some(queue))
}

/// The address of the sender: the one that the message names, or that of the tenant's other messages that name none.
fn address(transaction: &Transaction<'_>, message: &NewMessage) -> Result<Option<String>, OutboxError> {
    if let Some(address) = message.sender_address() {
        return Ok(Some(address));
    }
    let (tenant, kind, sender, _) = name(message);
    let values = params![tenant, kind_word(kind), sender];
    transaction.first(&transaction.sql.sender_bound, values, |row| Ok(row.get(0)?))
}

fn new_queue(
    transaction: &Transaction<'_>,
    queues: &mut Queues,
    message: &NewMessage,
) -> Result<Queue, OutboxError> {
    let name = name(message);
    let values = params![name.0, kind_word(name.1), name.2, name.3];
    let id = transaction.prepare(&transaction.sql.queue_new)?.insert(values)?;
    let queue = Queue { id, address: address(transaction, message)? };
    queues.insert(name, queue.clone());
    Ok(queue)
}

/// Returns the rule that refuses the message, for what its recipient said.
fn refused(
    transaction: &Transaction<'_>,
    queue: Option<&Queue>,
    message: &NewMessage,
) -> Result<Option<Ruling>, OutboxError> {
    Ok(message.refused_by(consent(transaction, queue, message)?.as_ref()))
}

/// Returns what the recipient of a message that is not stored said about such messages.
pub(super) fn known_consent(
    transaction: &Transaction<'_>,
    message: &NewMessage,
) -> Result<Option<Known>, OutboxError> {
    let queue = find_queue(transaction, &mut Queues::new(), message)?;
    consent(transaction, queue.as_ref(), message)
}

fn consent(
    transaction: &Transaction<'_>,
    queue: Option<&Queue>,
    message: &NewMessage,
) -> Result<Option<Known>, OutboxError> {
    let NewMessage { tenant, prepared, purpose, .. } = message;
    let address = match queue {
        Some(queue) => queue.address.clone(),
        None => address(transaction, message)?,
    };
    let values = params![prepared.recipient, purpose.as_str(), tenant, address, message.pool()];
    let known = transaction.first(&transaction.sql.consent_known, values, |row| Ok(row.get(0)?))?;
    Ok(known.flatten().map(Known::new))
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
        message.campaign,
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

/// Returns the message that has the key, if there is one.
fn known(
    transaction: &Transaction<'_>,
    place: usize,
    message: &NewMessage,
) -> Result<Option<Enqueued>, OutboxError> {
    let read = |row: &rusqlite::Row<'_>| {
        let (id, hash, request): (i64, Option<String>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((id, hash, request))
    };
    let known = transaction.first(&transaction.sql.message_known, [&message.tenant, &message.key], read)?;
    let Some((id, hash, request)) = known else { return Ok(None) };
    // A row that was inserted by plain SQL has no hash.
    let hash = hash.or_else(|| Columns::of_request(&request).map(|columns| columns.hash));
    if hash == Some(hex(&message.prepared.hash)) {
        Ok(Some(Enqueued::Existing { id }))
    } else {
        Err(OutboxError::KeyConflict { place, id })
    }
}
