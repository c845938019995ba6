//! One transaction of a worker: results first, then pauses, then marks.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::params;

use super::due::Dues;
use super::pause::pause;
use super::transaction::Transaction;
use super::{consent, recent, take};
use crate::crash::{self, Point};
use crate::error::OutboxError;
use crate::policy::{Counting, Spent};
use crate::rows::{Applied, Finished, Started, Tick, Ticked};
use crate::state::Event;
use crate::timing::{Micros, micros};

/// If the clock goes back by more than this, no message is sent any more.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The outer error rolls back the whole transaction. The inner error is returned after the results were recorded.
pub(super) fn tick(
    transaction: &Transaction<'_>,
    tick: &Tick,
) -> Result<Result<Ticked, OutboxError>, OutboxError> {
    forget(transaction, tick)?;
    let mut counting = Counting::default();
    for told in &tick.results {
        if told.opted_out {
            consent::refused(transaction, tick.at, told.id, false)?;
        }
        // A result that is recorded again gives nothing back again.
        if let Applied::Moved(_) = transaction.tell(tick.at, told, None)? {
            counting.give_back(&told.not_sent);
        }
    }
    if !tick.results.is_empty() {
        crash::at(Point::Recorded);
    }
    let guarded = guard(transaction, tick)?;
    let ticked = match guarded {
        Ok(()) => Ok(work(transaction, tick, &mut counting)?),
        Err(refused) => Err(refused),
    };
    recent::write(transaction, tick.at, counting)?;
    Ok(ticked)
}

/// Takes back the marks of ticks whose result was lost. Their messages were not sent, even if another worker holds the
/// lease now.
fn forget(transaction: &Transaction<'_>, tick: &Tick) -> Result<(), OutboxError> {
    for batch in &tick.forget {
        let values = params![tick.epoch, batch];
        for id in transaction.all(&transaction.sql.open_of_batch, values, |row| Ok(row.get(0)?))? {
            let Some(record) = transaction.record(id)? else { continue };
            let event = Event::Unmark { attempt: record.progress.attempt };
            let told = Finished { id, ..Finished::from_outside(record.due, event) };
            transaction.tell(tick.at, &told, None)?;
        }
    }
    Ok(())
}

/// Checks that the epoch is the newest and that the clock did not go back. Only marks need this. Results are recorded
/// in any case, because they are evidence.
fn guard(transaction: &Transaction<'_>, tick: &Tick) -> Result<Result<(), OutboxError>, OutboxError> {
    let (epoch, clock, _) = outbox(transaction)?;
    if epoch != tick.epoch {
        return Ok(Err(OutboxError::LostLease));
    }
    let behind = clock.saturating_sub(tick.at);
    if behind > micros(CLOCK_TOLERANCE) {
        return Ok(Err(OutboxError::ClockWentBack { behind_seconds: behind / 1_000_000 }));
    }
    Ok(Ok(()))
}

fn work(transaction: &Transaction<'_>, tick: &Tick, counting: &mut Counting) -> Result<Ticked, OutboxError> {
    transaction.execute(&transaction.sql.outbox_tick, params![tick.at, tick.clean])?;
    for one in &tick.pauses {
        pause(transaction, tick.at, one, None)?;
    }
    // Reads the queues of this tick, and the queues to which a message went back.
    let queues: BTreeSet<i64> =
        tick.take.iter().flat_map(|take| &take.queues).copied().chain(transaction.refilled()).collect();
    let mut dues = Dues::read(transaction, queues)?;
    let mut ticked = Ticked::default();
    let mut left = tick.limit;
    let mut spent = Spent { counting: std::mem::take(counting), ..Spent::default() };
    for take in &tick.take {
        // A sender that got no turn is missing from the answer, so it gets its turn first in the next tick.
        if left == 0 {
            break;
        }
        let taken = take::take(transaction, tick, take, left, &dues, &mut spent)?;
        left = left.saturating_sub(u32::try_from(taken.marked.len()).unwrap_or(u32::MAX));
        ticked.marked.extend(taken.marked);
        ticked.paces.push((take.sender, taken.pace));
        dues.update(transaction, taken.queues)?;
    }
    ticked.wanted = spent.wanted;
    *counting = spent.counting;
    if !ticked.marked.is_empty() {
        crash::at(Point::Marked);
    }
    ticked.next_due = dues.next();
    Ok(ticked)
}

/// Begins an epoch. Messages that earlier workers left `sending` become `unknown`, because they may have been sent.
pub(super) fn start(transaction: &Transaction<'_>, at: Micros) -> Result<Started, OutboxError> {
    let (before, clock, dirty) = outbox(transaction)?;
    let alive = alive(transaction, at)?;
    let (epoch, dirty_starts) = (before.saturating_add(1), dirty.saturating_add(1));
    let left = transaction.all(&transaction.sql.open_before, [epoch], |row| Ok(row.get(0)?))?;
    for id in &left {
        let Some(record) = transaction.record(*id)? else { continue };
        let event = Event::Lost { attempt: record.progress.attempt };
        transaction.tell(at, &Finished { id: *id, ..Finished::from_outside(at, event) }, None)?;
    }
    transaction.execute(&transaction.sql.outbox_start, params![epoch, clock.max(at), dirty_starts])?;
    crash::at(Point::Started);
    let lapsed = u64::try_from(left.len()).unwrap_or(u64::MAX);
    Ok(Started { epoch, lapsed, dirty_starts, clock, alive, guard: guard_since(transaction)? })
}

/// Returns when a worker last wrote, or else when the first message was enqueued.
pub(super) fn alive(transaction: &Transaction<'_>, at: Micros) -> Result<Micros, OutboxError> {
    let (_, clock, _) = outbox(transaction)?;
    let oldest = transaction.first(&transaction.sql.oldest, [], |row| Ok(row.get(0)?))?;
    Ok(if clock == 0 { oldest.unwrap_or(at) } else { clock })
}

pub(super) fn guard_since(transaction: &Transaction<'_>) -> Result<Option<Micros>, OutboxError> {
    Ok(transaction.first(&transaction.sql.guard, [], |row| Ok(row.get(0)?))?.flatten())
}

/// Reads the epoch, the stored clock, and the number of starts after a crash.
fn outbox(transaction: &Transaction<'_>) -> Result<(i64, Micros, u32), OutboxError> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found = transaction.first(&transaction.sql.outbox, [], read)?;
    found.ok_or(OutboxError::BadRow("the table of the outbox itself is empty"))
}
