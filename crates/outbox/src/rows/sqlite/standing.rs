//! What the database says about a message that is not stored.

use rusqlite::params;

use super::transaction::Transaction;
use super::{enqueue, erase, recent};
use crate::error::OutboxError;
use crate::rows::standing::{Question, Standing};

pub(super) fn standing(transaction: &Transaction<'_>, question: &Question) -> Result<Standing, OutboxError> {
    let Question { at, message, buckets, counters } = question;
    let mut standing = Standing {
        is_forgotten: erase::is_forgotten(transaction, &message.hashes)?,
        known: enqueue::known_consent(transaction, message)?,
        recent: recent::of(transaction, counters.iter().cloned(), *at)?,
        ..Standing::default()
    };
    for bucket in buckets {
        let values = params![bucket.budget, bucket.part];
        let used = transaction.first(&transaction.sql.budget, values, |row| Ok(row.get(0)?))?;
        standing.used.insert(bucket.clone(), used.unwrap_or(0));
    }
    Ok(standing)
}
