//! Marks the messages that a sender may send now: reads rows in small parts, as the decisions need them.

use std::collections::BTreeSet;

use rusqlite::{Row, params};

use super::column;
use super::due::Dues;
use super::recent;
use super::transaction::Transaction;
use crate::enqueue::Priority;
use crate::error::OutboxError;
use crate::policy::{Known, Passes, Purpose, Spent};
use crate::rows::candidate::{Candidate, Columns};
use crate::rows::choose::{Chooser, Decided, Decision, Wanted};
use crate::rows::record::Entry;
use crate::rows::{Marked, Take, Tick};
use crate::state::State;
use crate::timing::Micros;
use crate::worker::pace::Pace;

/// The result for one sender.
pub(super) struct Taken {
    pub(super) marked: Vec<Marked>,
    pub(super) pace: Pace,
    /// The queues whose rows were changed.
    pub(super) queues: BTreeSet<i64>,
}

/// Marks messages for one sender, at most `rows`.
pub(super) fn take(
    transaction: &Transaction<'_>,
    tick: &Tick,
    take: &Take,
    rows: u32,
    dues: &Dues,
    spent: &mut Spent,
) -> Result<Taken, OutboxError> {
    let mut chooser = Chooser::new(tick, take, rows, dues.due_lanes(&take.queues, tick.at), spent);
    let mut taking = Taking { transaction, tick, take, scope: String::new() };
    let mut taken = Taken { marked: Vec::new(), pace: take.pace, queues: BTreeSet::new() };
    if chooser.may_begin() && !taking.is_stopped()? {
        loop {
            let wanted = chooser.next();
            // Written before further rows are read, so each query begins at the first row of its lane.
            for (id, columns) in chooser.prepared() {
                taking.prepare(id, &columns)?;
            }
            for decided in chooser.decided() {
                taken.queues.insert(decided.queue);
                taking.write(&decided)?;
                taken.marked.extend(decided.marked(take.sender));
            }
            let Some(wanted) = wanted else { break };
            let rows = taking.read(wanted)?;
            let more = rows.len() >= usize::try_from(wanted.rows).unwrap_or(usize::MAX);
            chooser.give(rows, more);
        }
    }
    taken.pace = chooser.pace();
    if taken.pace != take.pace {
        let values = params![take.sender, taken.pace.next_free, taken.pace.step()];
        transaction.execute(&transaction.sql.sender_pace, values)?;
    }
    Ok(taken)
}

struct Taking<'t> {
    transaction: &'t Transaction<'t>,
    tick: &'t Tick,
    take: &'t Take,
    /// The scope of consents about this sender.
    scope: String,
}

impl Taking<'_> {
    /// A pause may have been set after the worker last read it. A sender that does not exist sends nothing either.
    fn is_stopped(&mut self) -> Result<bool, OutboxError> {
        let values = params![self.take.sender, self.tick.at];
        let read = |row: &Row<'_>| {
            let (stopped, address): (bool, String) = (row.get(0)?, row.get(1)?);
            Ok((stopped, address))
        };
        let sender = self.transaction.first(&self.transaction.sql.sender_stopped, values, read)?;
        let Some((stopped, address)) = sender else { return Ok(true) };
        self.scope = format!("sender {address}");
        Ok(stopped)
    }

    fn read(&self, wanted: Wanted) -> Result<Vec<Candidate>, OutboxError> {
        let Wanted { queue, priority, rows } = wanted;
        let values = params![queue, priority.number(), self.tick.at, rows, self.take.sender, self.scope];
        let mut rows = self.transaction.all(&self.transaction.sql.candidates, values, candidate)?;
        for row in &mut rows {
            if row.prepare() {
                let values = params![self.take.sender, row.fingerprint];
                let sql = &self.transaction.sql.open_equal;
                row.equal = self.transaction.first(sql, values, |row| Ok(row.get(0)?))?;
            }
        }
        recent::read(self.transaction, self.tick, &mut rows)?;
        Ok(rows)
    }

    fn prepare(&self, id: i64, columns: &Columns) -> Result<(), OutboxError> {
        let values = params![id, columns.weight, columns.fingerprint, columns.hash];
        self.transaction.execute(&self.transaction.sql.message_prepare, values)?;
        Ok(())
    }

    fn write(&self, decided: &Decided) -> Result<(), OutboxError> {
        let Decided { queue, priority, row, decision } = decided;
        match decision {
            Decision::Mark { .. } => self.mark(row),
            Decision::Wait { other } => {
                self.put_off((*queue, *priority), row, self.tick.equal_due, Some(*other))?;
                let anew = decided.waits_anew().map(Entry::waits_for);
                anew.map_or(Ok(()), |entry| self.transaction.log(self.tick.at, Some(row.id), None, &entry))
            }
            Decision::Defer { until, because, is_logged } => {
                // Its own id says that it was logged.
                self.put_off((*queue, *priority), row, *until, Some(row.id))?;
                if !is_logged {
                    return Ok(());
                }
                self.transaction.log(self.tick.at, Some(row.id), None, &Entry::deferred(*until, because))
            }
            Decision::End(..) | Decision::Block(_) => {
                let told = decided.told(self.tick.at);
                told.map_or(Ok(()), |told| self.transaction.tell(self.tick.at, &told, None).map(drop))
            }
        }
    }

    fn mark(&self, row: &Candidate) -> Result<(), OutboxError> {
        let Tick { epoch, batch, at, deadline, .. } = self.tick;
        let values = params![
            row.id,
            State::Sending.as_str(),
            row.attempt.saturating_add(1),
            row.tries,
            at,
            row.due,
            self.take.sender,
            epoch,
            batch,
            deadline,
            row.fingerprint,
            row.error,
            row.campaign,
        ];
        self.transaction.execute(&self.transaction.sql.open_mark, values)?;
        self.transaction.execute(&self.transaction.sql.ready_delete, [row.id])?;
        Ok(())
    }

    /// Delays a row, until the message that it equals may have ended or a rule allows it.
    fn put_off(
        &self,
        (queue, priority): (i64, Priority),
        row: &Candidate,
        due: Micros,
        other: Option<i64>,
    ) -> Result<(), OutboxError> {
        let sql = self.transaction.sql;
        self.transaction.execute(&sql.ready_delete, [row.id])?;
        let values = params![queue, priority.number(), due, row.id, row.attempt, row.tries, row.error, other];
        self.transaction.execute(&sql.ready_wait, values)?;
        Ok(())
    }
}

fn candidate(row: &Row<'_>) -> Result<Candidate, OutboxError> {
    Ok(Candidate {
        due: row.get(0)?,
        id: row.get(1)?,
        attempt: row.get(2)?,
        tries: row.get(3)?,
        error: row.get(4)?,
        waits_for: row.get(5)?,
        weight: row.get(6)?,
        fingerprint: row.get(7)?,
        expires: row.get(8)?,
        // Text that is not UTF-8 is not JSON either, so the row is parked like any row that cannot be read.
        request: row.get_ref(9)?.as_str().unwrap_or_default().to_owned(),
        equal: row.get(10)?,
        recipient: column::text(row, 11)?,
        purpose: Purpose::named(row.get_ref(12)?.as_str().unwrap_or_default()).unwrap_or_default(),
        zone: row.get(13)?,
        known: row.get::<_, Option<String>>(14)?.map(Known::new),
        tenant: column::text(row, 15)?,
        text_rules: row.get(16)?,
        passes: row.get::<_, Option<String>>(17)?.as_deref().and_then(Passes::of_word),
        campaign: row.get(18)?,
        recent: Default::default(),
        prepared: None,
    })
}
