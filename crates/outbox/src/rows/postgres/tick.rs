//! One transaction of a worker: results first, then what is past its deadline, then pauses, then marks.

use std::collections::BTreeSet;
use std::time::Duration;

use super::column::{count, get};
use super::take::Taking;
use super::work::Work;
use super::{consent, copy, lapse, pause, recent};
use crate::crash::{self, Point};
use crate::error::OutboxError;
use crate::policy::Counting;
use crate::rows::{Applied, Finished, Started, Tick, Ticked, Whom};
use crate::state::{Event, State};
use crate::timing::{Micros, micros};

/// If the clock goes back by more than this, no message is sent any more.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);
/// How often the time is stored. A row that every transaction changed would hold up the others.
const CLOCK_STEP: Micros = 1_000_000;
/// After how many transactions the tally is put together.
const COMPACT: i64 = 256;

/// The inner error is returned after the results were recorded.
pub(super) async fn tick(
    mut work: Work<'_>,
    tick: &Tick,
) -> Result<Result<Ticked, OutboxError>, OutboxError> {
    work.transaction.start(&work.shared.sql.tick_lock, values![tick.epoch]).await?;
    work.transaction.start(&work.shared.sql.consent_read, Vec::new()).await?;
    if tick.is_counting() {
        // First, so that nobody who waits for it holds what others need.
        work.transaction.start(&work.shared.sql.recent_lock, Vec::new()).await?;
    }
    let (stored, counting) = results(&mut work, tick).await?;
    if let Err(refused) = stored.guard(tick) {
        recent::write(&work, tick.at, counting).await?;
        work.commit().await?;
        return Ok(Err(refused));
    }
    let lapsed = lapse::lapse(&mut work, tick).await?;
    work.flush().await?;
    if !tick.results.is_empty() {
        crash::at(Point::Recorded);
    }
    if tick.at >= stored.clock.saturating_add(CLOCK_STEP) || (tick.clean && stored.dirty_starts > 0) {
        work.transaction.start(&work.shared.sql.outbox_tick, values![tick.at, tick.clean]).await?;
    }
    pauses(&mut work, tick).await?;
    let refilled = work.refilled().await?;
    let (mut ticked, taken) = Taking::new(tick, counting).run(&mut work).await?;
    let touched: BTreeSet<i64> =
        tick.take.iter().flat_map(|take| &take.queues).copied().chain(refilled).collect();
    ticked.next_due = taken.dues(&work, touched).await?.next();
    ticked.lapsed = lapsed;
    if !ticked.marked.is_empty() {
        crash::at(Point::Marked);
    }
    if tick.batch % COMPACT == 0 {
        work.transaction.start(&work.shared.sql.tally_compact, Vec::new()).await?;
        work.transaction.start(&work.shared.sql.campaign_compact, Vec::new()).await?;
    }
    let shared = work.shared;
    work.commit().await?;
    taken.committed(&shared.seeks);
    Ok(Ok(ticked))
}

/// Takes back the marks of ticks whose result was lost, and records results. This happens even if another worker holds
/// the lease now, because it is evidence.
async fn results(work: &mut Work<'_>, tick: &Tick) -> Result<(Stored, Counting), OutboxError> {
    let mut forgotten: Vec<i64> = Vec::new();
    if !tick.forget.is_empty() {
        let sql = &work.shared.sql.open_of_batch;
        for row in work.transaction.query(sql, &[&tick.epoch, &tick.forget]).await? {
            forgotten.push(get(&row, 0)?);
        }
    }
    let ids = tick.results.iter().map(|told| told.id).chain(forgotten.iter().copied()).collect();
    // The first error is the one that counts: the others follow from it.
    let (open, stored) = tokio::join!(work.open(&ids), Stored::read(work));
    let (open, stored) = (open?, stored?);
    open.into_iter().for_each(|(id, record)| work.adopt(id, record));
    // Few have moved to another table.
    work.load(ids).await?;
    for batch in &tick.forget {
        for id in &forgotten {
            let Some(record) = work.record(*id) else { continue };
            let of_batch = record.mark.is_some_and(|mark| mark.epoch == tick.epoch && mark.batch == *batch);
            if of_batch && matches!(record.progress.state, State::Sending | State::Unknown) {
                let event = Event::Unmark { attempt: record.progress.attempt };
                let told = Finished { id: *id, ..Finished::from_outside(record.due, event) };
                work.tell(tick.at, &told, None);
            }
        }
    }
    let mut counting = Counting::default();
    for told in &tick.results {
        if told.opted_out {
            consent::refused(work, tick.at, told.id, false).await?;
        }
        // A result that is recorded again gives nothing back again.
        if let Applied::Moved(_) = work.tell(tick.at, told, None) {
            counting.give_back(&told.not_sent);
        }
    }
    Ok((stored, counting))
}

/// The row of the outbox.
struct Stored {
    epoch: i64,
    oldest: i64,
    clock: Micros,
    dirty_starts: u32,
}

impl Stored {
    async fn read(work: &Work<'_>) -> Result<Self, OutboxError> {
        let row = work.transaction.one(&work.shared.sql.outbox, &[]).await?;
        Ok(Self {
            epoch: get(&row, 0)?,
            oldest: get(&row, 1)?,
            clock: get(&row, 2)?,
            dirty_starts: count(&row, 3)?,
        })
    }

    /// Checks that the worker may still mark, and that the clock did not go back.
    fn guard(&self, tick: &Tick) -> Result<(), OutboxError> {
        if !(self.oldest..=self.epoch).contains(&tick.epoch) {
            return Err(OutboxError::LostLease);
        }
        let behind = self.clock.saturating_sub(tick.at);
        if behind > micros(CLOCK_TOLERANCE) {
            return Err(OutboxError::ClockWentBack { behind_seconds: behind / 1_000_000 });
        }
        Ok(())
    }
}

/// Sets and ends pauses, after the senders were locked in the order of their ids.
async fn pauses(work: &mut Work<'_>, tick: &Tick) -> Result<(), OutboxError> {
    if tick.pauses.is_empty() {
        return Ok(());
    }
    let paused = tick.pauses.iter().filter_map(|pause| match pause.whom {
        Whom::Sender(id) => Some(id),
        Whom::Account(_) => None,
    });
    let senders: Vec<i64> = paused.chain(tick.take.iter().map(|take| take.sender)).collect();
    work.transaction.query(&work.shared.sql.senders_lock, &[&senders]).await?;
    for one in &tick.pauses {
        pause::pause(work, tick.at, one, None).await?;
    }
    Ok(())
}

/// Begins an epoch. If the worker is alone, messages that earlier workers left `sending` become `unknown`, because they
/// may have been sent.
pub(super) async fn start(mut work: Work<'_>, at: Micros, alone: bool) -> Result<Started, OutboxError> {
    let sql = &work.shared.sql;
    let (alive, guard) = (copy::alive(&work, at).await?, copy::guard_since(&work).await?);
    let row = work.transaction.one(&sql.outbox_start, &[&at, &alone]).await?;
    let (epoch, dirty_starts, clock) = (get(&row, 0)?, count(&row, 1)?, get(&row, 2)?);
    let mut lapsed = 0;
    if alone {
        work.transaction.execute(&sql.senders_free, &[]).await?;
        let left = work.transaction.query(&sql.open_sending, &[]).await?;
        let left = left.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
        lapsed = lapse::lose(&mut work, at, &left).await?;
    }
    crash::at(Point::Started);
    work.commit().await?;
    Ok(Started { epoch, lapsed, dirty_starts, clock, alive, guard })
}
