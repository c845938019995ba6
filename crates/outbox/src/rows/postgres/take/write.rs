//! Writes what was decided for all senders of a transaction.

use std::collections::HashSet;

use super::Taking;
use crate::error::OutboxError;
use crate::rows::candidate::Columns;
use crate::rows::choose::{Decided, Decision};
use crate::rows::postgres::column::{get, integer};
use crate::rows::postgres::due::number;
use crate::rows::postgres::recent;
use crate::rows::postgres::work::{ReadyRow, Work};
use crate::rows::record::Entry;

/// What is written besides the decisions themselves.
#[derive(Default)]
pub(super) struct Writes {
    /// The computed columns of rows that plain SQL inserted.
    pub(super) prepared: Vec<(i64, Columns)>,
}

impl Taking<'_> {
    pub(super) async fn write(&mut self, work: &mut Work<'_>) -> Result<(), OutboxError> {
        self.prepare(work).await?;
        let decided = self.still_there(work).await?;
        self.log(work, &decided);
        work.flush().await?;
        self.mark(work, &decided).await?;
        self.wait(work, &decided).await?;
        recent::write(work, self.tick.at, std::mem::take(&mut self.counting)).await?;
        let marked = decided.into_iter().filter_map(|(sender, one)| one.marked(sender));
        self.ticked.marked.extend(marked);
        self.pace(work).await
    }

    async fn prepare(&mut self, work: &Work<'_>) -> Result<(), OutboxError> {
        let prepared = std::mem::take(&mut self.writes.prepared);
        if prepared.is_empty() {
            return Ok(());
        }
        let values = values![
            prepared.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            prepared.iter().map(|(_, columns)| integer(columns.weight)).collect::<Vec<_>>(),
            prepared.iter().map(|(_, columns)| columns.fingerprint.clone()).collect::<Vec<_>>(),
            prepared.iter().map(|(_, columns)| columns.hash.clone()).collect::<Vec<_>>(),
        ];
        work.transaction.start(&work.shared.sql.messages_prepare, values).await?;
        Ok(())
    }

    /// Removes the rows from `ready`. Those that were cancelled since they were read are left out.
    async fn still_there(&mut self, work: &Work<'_>) -> Result<Vec<(i64, Decided)>, OutboxError> {
        let decided = std::mem::take(&mut self.decided);
        if decided.is_empty() {
            return Ok(decided);
        }
        let ids: Vec<i64> = decided.iter().map(|(_, one)| one.row.id).collect();
        let gone = work.transaction.query(&work.shared.sql.ready_delete, &[&ids]).await?;
        let gone = gone.iter().map(|row| get(row, 0)).collect::<Result<HashSet<i64>, _>>()?;
        let (there, cancelled): (Vec<_>, Vec<_>) =
            decided.into_iter().partition(|(_, one)| gone.contains(&one.row.id));
        for (_, one) in &cancelled {
            if let Decision::Mark { counts, .. } = &one.decision {
                self.counting.give_back(counts);
            }
        }
        Ok(there)
    }

    /// Ends the messages that expired or cannot be read, and logs the others that are put aside, in order.
    fn log(&self, work: &mut Work<'_>, decided: &[(i64, Decided)]) {
        for (_, one) in decided {
            if let Decision::Defer { until, because, is_logged } = &one.decision {
                if !is_logged {
                    continue;
                }
                work.log(self.tick.at, Some(one.row.id), None, Entry::deferred(*until, because));
            } else if let Some(told) = one.told(self.tick.at) {
                work.adopt(one.row.id, one.row.record());
                work.tell(self.tick.at, &told, None);
            } else if let Some(other) = one.waits_anew() {
                work.log(self.tick.at, Some(one.row.id), None, Entry::waits_for(other));
            }
        }
    }

    async fn mark(&self, work: &Work<'_>, decided: &[(i64, Decided)]) -> Result<(), OutboxError> {
        let marks: Vec<&(i64, Decided)> = decided.iter().filter(|(_, one)| one.is_mark()).collect();
        if marks.is_empty() {
            return Ok(());
        }
        let values = values![
            marks.iter().map(|(_, one)| one.row.id).collect::<Vec<_>>(),
            marks.iter().map(|(_, one)| integer(one.row.attempt.saturating_add(1))).collect::<Vec<_>>(),
            marks.iter().map(|(_, one)| integer(one.row.tries)).collect::<Vec<_>>(),
            marks.iter().map(|(_, one)| one.row.due).collect::<Vec<_>>(),
            marks.iter().map(|(sender, _)| *sender).collect::<Vec<_>>(),
            marks.iter().map(|(_, one)| one.row.fingerprint.clone()).collect::<Vec<_>>(),
            self.tick.at,
            self.tick.epoch,
            self.tick.batch,
            self.tick.deadline,
            marks.iter().map(|(_, one)| one.row.error.clone()).collect::<Vec<_>>(),
            marks.iter().map(|(_, one)| one.row.campaign).collect::<Vec<_>>(),
        ];
        work.transaction.start(&work.shared.sql.open_mark, values).await?;
        Ok(())
    }

    /// Delays rows, until the messages that they equal may have ended or a rule allows them.
    async fn wait(&self, work: &mut Work<'_>, decided: &[(i64, Decided)]) -> Result<(), OutboxError> {
        let row = |(_, one): &(i64, Decided)| {
            let (due, waits_for) = match &one.decision {
                Decision::Wait { other } => (self.tick.equal_due, Some(*other)),
                // Its own id says that it was logged.
                Decision::Defer { until, .. } => (*until, Some(one.row.id)),
                Decision::Mark { .. } | Decision::End(..) | Decision::Block(_) => return None,
            };
            Some(ReadyRow {
                queue: one.queue,
                priority: number(one.priority),
                due,
                id: one.row.id,
                attempt: one.row.attempt,
                tries: one.row.tries,
                error: one.row.error.clone(),
                waits_for,
            })
        };
        let rows: Vec<ReadyRow> = decided.iter().filter_map(row).collect();
        work.insert_ready(&rows).await
    }

    async fn pace(&self, work: &Work<'_>) -> Result<(), OutboxError> {
        if self.served.is_empty() {
            return Ok(());
        }
        let values = values![
            self.served.iter().map(|served| served.sender).collect::<Vec<_>>(),
            self.served.iter().map(|served| served.next_free).collect::<Vec<_>>(),
            self.served.iter().map(|served| served.owner).collect::<Vec<_>>(),
            self.served.iter().map(|served| served.lease_until).collect::<Vec<_>>(),
        ];
        work.transaction.start(&work.shared.sql.senders_pace, values).await?;
        Ok(())
    }
}
