//! What was sent recently, as far as the limits of a policy count it.

use std::collections::BTreeSet;

use super::column::{get, text};
use super::work::Work;
use crate::error::OutboxError;
use crate::policy::{Count, Counter, Counting, Recent};
use crate::rows::Tick;
use crate::rows::candidate::Candidate;
use crate::rows::recent::KEPT;
use crate::timing::Micros;

/// Reads what the limits count, for all rows with one statement.
pub(super) async fn read<'r>(
    work: &Work<'_>,
    tick: &Tick,
    rows: impl Iterator<Item = &'r mut Candidate>,
) -> Result<(), OutboxError> {
    if !tick.policy.has_velocity() {
        return Ok(());
    }
    let mut rows: Vec<&mut Candidate> = rows.collect();
    let limits = rows.iter().flat_map(|row| row.limits(&tick.policy, tick.begin_by));
    let recent = of(work, limits.map(|limit| limit.counter).collect(), tick.at).await?;
    rows.iter_mut().for_each(|row| row.recent = recent.clone());
    Ok(())
}

/// Reads what some counters have.
pub(super) async fn of(
    work: &Work<'_>,
    counters: BTreeSet<Counter>,
    at: Micros,
) -> Result<Recent, OutboxError> {
    if counters.is_empty() {
        return Ok(Recent::default());
    }
    let texts = |of: fn(&Counter) -> &str| counters.iter().map(|one| text(of(one))).collect::<Vec<String>>();
    let (who, rules, scopes) = (texts(|one| &one.who), texts(|one| &one.rule), texts(|one| &one.scope));
    let rows = work.transaction.query(&work.shared.sql.recent, &[&who, &rules, &scopes, &at]).await?;
    let row = |row: &super::Row| {
        let counter = Counter { who: get(row, 0)?, rule: get(row, 1)?, scope: get(row, 2)? };
        Ok((counter, get(row, 3)?, get(row, 4)?))
    };
    rows.iter().map(row).collect()
}

/// Writes what a transaction counted, and deletes some of what counts no longer.
pub(super) async fn write(work: &Work<'_>, at: Micros, counting: Counting) -> Result<(), OutboxError> {
    let (more, less): (Vec<_>, Vec<_>) = counting.changes().partition(|(_, by)| *by > 0);
    let written = i64::try_from(more.len() + less.len()).unwrap_or(i64::MAX);
    let sql = &work.shared.sql;
    change(work, &sql.recent_add, &more).await?;
    change(work, &sql.recent_give_back, &less).await?;
    if written > 0 { delete_over(work, at, written.saturating_mul(KEPT)).await } else { Ok(()) }
}

async fn change(work: &Work<'_>, sql: &str, changes: &[(Count, i64)]) -> Result<(), OutboxError> {
    if changes.is_empty() {
        return Ok(());
    }
    let texts = |of: fn(&Counter) -> &str| {
        changes.iter().map(|(count, _)| text(of(&count.counter))).collect::<Vec<String>>()
    };
    let values = values![
        texts(|one| &one.who),
        texts(|one| &one.rule),
        texts(|one| &one.scope),
        changes.iter().map(|(count, _)| count.until).collect::<Vec<i64>>(),
        changes.iter().map(|(_, by)| *by).collect::<Vec<i64>>(),
    ];
    work.transaction.start(sql, values).await?;
    Ok(())
}

/// Deletes what counts no longer, at most so many rows.
pub(super) async fn delete_over(work: &Work<'_>, at: Micros, most: i64) -> Result<(), OutboxError> {
    work.transaction.start(&work.shared.sql.recent_over, values![at, most]).await?;
    Ok(())
}
