//! Messages whose worker has disappeared become unknown.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::column::get;
use super::work::Work;
use crate::error::OutboxError;
use crate::rows::{Finished, Tick};
use crate::state::Event;
use crate::timing::Micros;

/// The maximum number of messages that one transaction makes unknown.
const MOST: i64 = 256;

/// Messages whose deadline was over this long before the last search are searched for again only now and then: each
/// search from the beginning walks over all messages that were removed while somebody keeps an old snapshot.
const MARGIN: Micros = 60_000_000;
/// How often all are searched, and less often if that takes long.
const FULL: Duration = Duration::from_secs(60);

/// The last searches of this process.
#[derive(Debug, Default)]
pub(super) struct Searches(Mutex<Option<Search>>);

#[derive(Debug, Clone, Copy)]
struct Search {
    /// The time up to which deadlines were searched.
    until: Micros,
    /// When all were searched, and how long that took.
    full_at: Instant,
    cost: Duration,
}

impl Searches {
    /// Returns the deadline after which messages are searched for. `None`: all of them.
    fn after(&self) -> Option<Micros> {
        let search = (*self.lock())?;
        let is_recent = search.full_at.elapsed() < FULL.max(search.cost * 20);
        is_recent.then(|| search.until.saturating_sub(MARGIN))
    }

    fn done(&self, until: Micros, began: Instant, full: bool) {
        let mut last = self.lock();
        let search = match *last {
            Some(search) if !full => Search { until, ..search },
            _ => Search { until, full_at: Instant::now(), cost: began.elapsed() },
        };
        *last = Some(search);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Search>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes messages unknown that are past their deadline, except those that this worker has.
pub(super) async fn lapse(work: &mut Work<'_>, tick: &Tick) -> Result<u64, OutboxError> {
    let Some(lease) = tick.lease.as_ref().filter(|lease| lease.lapse) else { return Ok(0) };
    // A message whose result is in this transaction is no longer sending, but that is not written yet.
    let held: Vec<i64> = lease.held.iter().copied().chain(work.loaded()).collect();
    let (began, after) = (Instant::now(), work.shared.searches.after());
    let values: [&(dyn super::ToSql + Sync); 4] = [&tick.at, &after.unwrap_or(Micros::MIN), &held, &MOST];
    let rows = work.transaction.query(&work.shared.sql.open_over, &values).await?;
    let over = rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    // If there are more, the next search begins where this one did.
    if over.len() < usize::try_from(MOST).unwrap_or(usize::MAX) {
        work.shared.searches.done(tick.at, began, after.is_none());
    }
    lose(work, tick.at, &over).await
}

pub(super) async fn lose(work: &mut Work<'_>, at: Micros, ids: &[i64]) -> Result<u64, OutboxError> {
    work.load(ids.iter().copied()).await?;
    for id in ids {
        let Some(record) = work.record(*id) else { continue };
        let event = Event::Lost { attempt: record.progress.attempt };
        work.tell(at, &Finished { id: *id, ..Finished::from_outside(at, event) }, None);
    }
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}
