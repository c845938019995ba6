//! Deletes messages: old ones, and those of a person who wants to be forgotten.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::params;

use super::campaign;
use super::recent;
use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::policy::person;
use crate::rows::Finished;
use crate::rows::erase::{Forget, Forgot, Retire, Retired};
use crate::state::Event;
use crate::timing::Micros;

pub(super) fn retire(transaction: &Transaction<'_>, retire: &Retire) -> Result<Retired, OutboxError> {
    let Retire { after, ended_before, limit } = retire;
    let read = |row: &rusqlite::Row<'_>| {
        let (id, ended, created): (i64, Micros, Micros) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((id, ended, created, row.get::<_, i64>(3)?))
    };
    let rows = transaction.all(&transaction.sql.outcome_from, params![after, limit], read)?;
    let full = rows.len() >= usize::try_from(*limit).unwrap_or(usize::MAX);
    let newest = newest(transaction)?;
    recent::delete_over(transaction, *ended_before, i64::from(*limit))?;
    let mut retired = Retired { deleted: 0, next: rows.last().filter(|_| full).map(|(id, ..)| *id) };
    let mut campaigns = HashMap::from([(0, true)]);
    for (id, ended, created, campaign) in rows {
        // Messages have ids in the order of their creation, and none ends before it is created.
        if created >= *ended_before {
            retired.next = None;
            break;
        }
        if ended >= *ended_before || id == newest {
            continue;
        }
        let has_ended = match campaigns.entry(campaign) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(campaign::close(transaction, campaign)?),
        };
        if let Some(record) = transaction.record(id)?.filter(|_| has_ended) {
            transaction.delete(id, &record.progress.state)?;
            retired.deleted += 1;
        }
    }
    Ok(retired)
}

pub(super) fn forget(transaction: &Transaction<'_>, forget: &Forget) -> Result<Forgot, OutboxError> {
    let Forget { at, recipient, tenant, hash, after, limit, actor } = forget;
    transaction.execute(&transaction.sql.forgotten_new, params![hash, at])?;
    let newest = newest(transaction)?;
    let open = transaction.all(&transaction.sql.open_to, [recipient], |_| Ok(()))?.len();
    let until = after.saturating_add(i64::from(*limit));
    let to_them = params![after, until, recipient, tenant];
    let ids: Vec<i64> = transaction.all(&transaction.sql.messages_to, to_them, |row| Ok(row.get(0)?))?;
    let open = u32::try_from(open).unwrap_or(u32::MAX);
    let mut forgot = Forgot { open, next: Some(until).filter(|until| *until < newest), ..Forgot::default() };
    for id in ids {
        let told = Finished { id, ..Finished::from_outside(*at, Event::Cancel) };
        transaction.tell(*at, &told, actor.as_deref())?;
        // While the result of another message to them is not known, these show which ids at the provider are not its.
        if open > 0 {
            continue;
        }
        if id == newest {
            transaction.execute(&transaction.sql.message_blank, [id])?;
        } else if let Some(record) = transaction.record(id)? {
            transaction.delete(id, &record.progress.state)?;
        }
        forgot.deleted += 1;
    }
    if forgot.next.is_none() {
        // Not earlier, or a message that is not cancelled yet would be sent.
        let values = params![recipient, format!("forgotten {hash}"), tenant];
        transaction.execute(&transaction.sql.consent_move, values)?;
        transaction.execute(&transaction.sql.consent_delete, params![recipient, tenant])?;
        transaction.execute(&transaction.sql.recent_forget, params![person(recipient), tenant])?;
    }
    Ok(forgot)
}

pub(super) fn remember(
    transaction: &Transaction<'_>,
    hash: &str,
    recipient: &str,
) -> Result<bool, OutboxError> {
    let before = format!("forgotten {hash}");
    transaction.execute(&transaction.sql.consent_move, params![before, recipient, None::<&str>])?;
    transaction.execute(&transaction.sql.consent_delete, params![before, None::<&str>])?;
    Ok(transaction.execute(&transaction.sql.forgotten_delete, [hash])? > 0)
}

/// Is one of these recipients forgotten?
pub(super) fn is_forgotten(transaction: &Transaction<'_>, hashes: &[String]) -> Result<bool, OutboxError> {
    for hash in hashes {
        if transaction.first(&transaction.sql.forgotten, [hash], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// References at the provider name the id, so the newest message stays, and no id is used again.
pub(super) fn newest(transaction: &Transaction<'_>) -> Result<i64, OutboxError> {
    let newest = transaction.first(&transaction.sql.message_newest, [], |row| Ok(row.get(0)?))?;
    Ok(newest.flatten().unwrap_or(0))
}
