//! Budgets: how much of each part is reserved.

use rusqlite::params;

use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::policy::Bucket;
use crate::rows::budget::{Reserve, Used};

/// Reserves a part of a budget, and returns how much is granted.
pub(super) fn reserve(transaction: &Transaction<'_>, reserve: &Reserve) -> Result<i64, OutboxError> {
    let Bucket { budget, part } = &reserve.bucket;
    let read =
        |row: &rusqlite::Row<'_>| Ok(Used { used: row.get(0)?, alerted: row.get(1)?, most: row.get(2)? });
    let before = transaction.first(&transaction.sql.budget, params![budget, part], read)?.unwrap_or_default();
    let (granted, after, entries) = reserve.of(before);
    if after != before {
        let values = params![budget, part, after.used, after.alerted, after.most];
        transaction.execute(&transaction.sql.budget_set, values)?;
    }
    for entry in &entries {
        transaction.log(reserve.at, None, None, entry)?;
    }
    Ok(granted)
}

/// Gives back what was reserved and not used.
pub(super) fn give_back(transaction: &Transaction<'_>, left: &[(Bucket, i64)]) -> Result<(), OutboxError> {
    for (Bucket { budget, part }, amount) in left {
        transaction.execute(&transaction.sql.budget_give_back, params![budget, part, amount])?;
    }
    Ok(())
}
