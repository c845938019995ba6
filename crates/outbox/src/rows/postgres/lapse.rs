//! Messages whose worker has disappeared become unknown.

use super::column::get;
use super::work::Work;
use crate::error::OutboxError;
use crate::rows::{Finished, Tick};
use crate::state::Event;
use crate::timing::Micros;

/// The maximum number of messages that one transaction makes unknown.
const MOST: i64 = 256;

/// Makes messages unknown that are past their deadline, except those that this worker has.
pub(super) async fn lapse(work: &mut Work<'_>, tick: &Tick) -> Result<u64, OutboxError> {
    let Some(lease) = tick.lease.as_ref().filter(|lease| lease.lapse) else { return Ok(0) };
    // A message whose result is in this transaction is no longer sending, but that is not written yet.
    let held: Vec<i64> = lease.held.iter().copied().chain(work.loaded()).collect();
    let values: [&(dyn super::ToSql + Sync); 4] = [&tick.at, &Micros::MIN, &held, &MOST];
    let rows = work.transaction.query(&work.shared.sql.open_over, &values).await?;
    let over = rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
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
