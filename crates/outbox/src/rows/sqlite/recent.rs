//! What was sent recently, as far as the limits of a policy count it.

use std::collections::BTreeSet;

use rusqlite::params;

use super::transaction::Transaction;
use crate::error::OutboxError;
use crate::policy::{Counter, Counting, Limit, Recent};
use crate::rows::Tick;
use crate::rows::candidate::Candidate;
use crate::rows::recent::KEPT;
use crate::timing::Micros;

/// Reads what the limits count, for all rows.
pub(super) fn read(
    transaction: &Transaction<'_>,
    tick: &Tick,
    rows: &mut [Candidate],
) -> Result<(), OutboxError> {
    if !tick.policy.has_velocity() {
        return Ok(());
    }
    let limits = rows.iter().flat_map(|row| row.limits(&tick.policy, tick.begin_by));
    let recent = of(transaction, limits.map(|limit: Limit<'_>| limit.counter), tick.at)?;
    rows.iter_mut().for_each(|row| row.recent = recent.clone());
    Ok(())
}

/// Reads what some counters have.
pub(super) fn of(
    transaction: &Transaction<'_>,
    counters: impl Iterator<Item = Counter>,
    at: Micros,
) -> Result<Recent, OutboxError> {
    let mut all = Vec::new();
    for counter in counters.collect::<BTreeSet<Counter>>() {
        let values = params![counter.who, counter.rule, counter.scope, at];
        let read = |row: &rusqlite::Row<'_>| {
            let (until, count): (Micros, i64) = (row.get(0)?, row.get(1)?);
            Ok((counter.clone(), until, count))
        };
        all.extend(transaction.all(&transaction.sql.recent, values, read)?);
    }
    Ok(all.into_iter().collect())
}

/// Writes what a transaction counted, and deletes some of what counts no longer.
pub(super) fn write(
    transaction: &Transaction<'_>,
    at: Micros,
    counting: Counting,
) -> Result<(), OutboxError> {
    let mut written = 0;
    for (count, by) in counting.changes() {
        let sql = if by > 0 { &transaction.sql.recent_add } else { &transaction.sql.recent_give_back };
        let Counter { who, rule, scope } = &count.counter;
        transaction.execute(sql, params![who, rule, scope, count.until, by])?;
        written += 1;
    }
    if written > 0 { delete_over(transaction, at, written * KEPT) } else { Ok(()) }
}

/// Deletes what counts no longer, at most so many rows.
pub(super) fn delete_over(transaction: &Transaction<'_>, at: Micros, most: i64) -> Result<(), OutboxError> {
    transaction.execute(&transaction.sql.recent_over, params![at, most])?;
    Ok(())
}
