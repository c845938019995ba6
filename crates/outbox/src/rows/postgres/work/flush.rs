//! Writes the records of a transaction that changed, each table with one statement.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::provider::{DeliveryStatus, PickedUpBy};

use super::{Loaded, Work};
use crate::error::OutboxError;
use crate::rows::check::NEWEST_STEP;
use crate::rows::postgres::column::{self, get, integer};
use crate::rows::record::{Place, Record};
use crate::state::{ParkReason, State};
use crate::timing::Micros;

/// The records to write, by what is to be done.
#[derive(Default)]
struct Writes {
    ready_delete: Vec<i64>,
    open_delete: Vec<i64>,
    open_change: Vec<(i64, Record)>,
    open_new: Vec<(i64, Record)>,
    outcome_change: Vec<(i64, Record)>,
    outcome_new: Vec<(i64, Record)>,
    ready_new: Vec<(i64, Record)>,
}

/// A row of `ready` to insert.
pub(in crate::rows::postgres) struct ReadyRow {
    pub(in crate::rows::postgres) queue: i64,
    pub(in crate::rows::postgres) priority: i32,
    pub(in crate::rows::postgres) due: Micros,
    pub(in crate::rows::postgres) id: i64,
    pub(in crate::rows::postgres) attempt: u32,
    pub(in crate::rows::postgres) tries: u32,
    pub(in crate::rows::postgres) error: Option<String>,
    pub(in crate::rows::postgres) waits_for: Option<i64>,
}

impl Writes {
    fn add(&mut self, id: i64, stored: &Record, now: Record) {
        let (from, to) = (Place::of(&stored.progress.state), Place::of(&now.progress.state));
        match (from, to) {
            (Place::Open, Place::Open) if stays(stored, &now) => return self.open_change.push((id, now)),
            (Place::Outcome, Place::Outcome) => return self.outcome_change.push((id, now)),
            // A row in `outcome` never moves to another table.
            (Place::Outcome, _) => return,
            (Place::Open, _) => self.open_delete.push(id),
            (Place::Ready, _) => self.ready_delete.push(id),
        }
        match to {
            Place::Ready => self.ready_new.push((id, now)),
            Place::Open => self.open_new.push((id, now)),
            Place::Outcome => self.outcome_new.push((id, now)),
        }
    }
}

/// Whether a message that is open before and after a transaction was open all the time. If it was `ready` meanwhile, it
/// has lost its mark, and its row is made anew.
fn stays(stored: &Record, now: &Record) -> bool {
    let kept = |record: &Record| (record.progress.attempt, record.tries, record.at, record.due, record.mark);
    kept(stored) == kept(now)
}

fn ids(rows: &[(i64, Record)]) -> Vec<i64> {
    rows.iter().map(|(id, _)| *id).collect()
}

/// Makes one list of each row's values for a column.
fn column<'r, T>(rows: &'r [(i64, Record)], of: impl Fn(&'r Record) -> T) -> Vec<T> {
    rows.iter().map(|(_, record)| of(record)).collect()
}

fn word(reason: Option<ParkReason>) -> Option<&'static str> {
    reason.map(ParkReason::as_str)
}

impl Work<'_> {
    /// Writes the records that changed, and forgets all.
    pub(in crate::rows::postgres) async fn flush(&mut self) -> Result<(), OutboxError> {
        let mut writes = Writes::default();
        for (id, Loaded { stored, now }) in std::mem::take(&mut self.loaded) {
            if stored != now {
                self.count(&stored.progress.state, -1);
                self.count(&now.progress.state, 1);
                self.count_campaign(&stored, -1);
                self.count_campaign(&now, 1);
            }
            if self.deleted.contains(&id) {
                self.count(&now.progress.state, -1);
            }
            if stored != now {
                writes.add(id, &stored, now);
            }
        }
        self.leave(&writes).await?;
        self.write_open(&writes).await?;
        self.write_outcomes(&writes).await?;
        self.back_to_ready(writes.ready_new).await?;
        self.delete_ended().await
    }

    async fn delete_ended(&mut self) -> Result<(), OutboxError> {
        let ids: Vec<i64> = std::mem::take(&mut self.deleted).into_iter().collect();
        if !ids.is_empty() {
            let sql = &self.shared.sql;
            for sql in [&sql.outcome_delete, &sql.second_sid_delete, &sql.messages_delete] {
                self.transaction.start(sql, values![ids.clone()]).await?;
            }
        }
        Ok(())
    }

    fn count(&mut self, state: &State, by: i64) {
        if state.is_outcome() {
            *self.tally.entry(state.as_str()).or_default() += by;
        }
    }

    /// What was counted for a campaign stays when its messages are deleted.
    fn count_campaign(&mut self, record: &Record, by: i64) {
        if let Some(word) = record.campaign_word() {
            *self.campaigns.entry((record.campaign, word)).or_default() += by;
        }
    }

    /// Deletes the rows that move to another table.
    async fn leave(&self, writes: &Writes) -> Result<(), OutboxError> {
        let sql = &self.shared.sql;
        for (sql, ids) in [(&sql.ready_leave, &writes.ready_delete), (&sql.open_delete, &writes.open_delete)]
        {
            if !ids.is_empty() {
                self.transaction.start(sql, values![ids.clone()]).await?;
            }
        }
        Ok(())
    }

    async fn write_open(&self, writes: &Writes) -> Result<(), OutboxError> {
        let sql = &self.shared.sql;
        let rows = &writes.open_change;
        if !rows.is_empty() {
            let values = values![
                ids(rows),
                column(rows, |row| row.progress.state.as_str()),
                column(rows, |row| row.progress.no_repeat),
                column(rows, |row| word(row.why)),
                column(rows, |row| row.error.clone()),
                column(rows, |row| row.next_check),
                column(rows, |row| integer(row.checks)),
                column(rows, |row| row.seen.stored().as_deref().map(column::text)),
            ];
            self.transaction.start(&sql.open_change, values).await?;
        }
        let rows = &writes.open_new;
        if !rows.is_empty() {
            let values = values![
                ids(rows),
                column(rows, |row| row.progress.state.as_str()),
                column(rows, |row| integer(row.progress.attempt)),
                column(rows, |row| integer(row.tries)),
                column(rows, |row| row.progress.no_repeat),
                column(rows, |row| row.at),
                column(rows, |row| row.due),
                column(rows, |row| word(row.why)),
                column(rows, |row| row.error.clone()),
                column(rows, |row| row.campaign),
            ];
            self.transaction.start(&sql.open_new, values).await?;
        }
        Ok(())
    }

    async fn write_outcomes(&self, writes: &Writes) -> Result<(), OutboxError> {
        let sql = &self.shared.sql;
        for (sql, rows) in
            [(&sql.outcome_change, &writes.outcome_change), (&sql.outcome_new, &writes.outcome_new)]
        {
            if rows.is_empty() {
                continue;
            }
            let values = values![
                ids(rows),
                column(rows, |row| row.at),
                column(rows, |row| row.progress.state.as_str()),
                column(rows, |row| integer(row.progress.attempt)),
                column(rows, |row| row.progress.no_repeat),
                column(rows, |row| acceptance(row).map(|(attempt, ..)| integer(attempt))),
                column(rows, |row| acceptance(row).and_then(|(_, sid, _)| sid.map(column::text))),
                column(rows, |row| acceptance(row).map(|(.., status)| column::text(status.as_str()))),
                column(rows, |row| row.error.clone()),
                column(rows, |row| row.segments.map(integer)),
                column(rows, |row| row.campaign),
                column(rows, |row| row.delivered.marked),
                column(rows, |row| row.delivered.done),
                column(rows, |row| row.delivered.stored_price().0),
                column(rows, |row| row.delivered.stored_price().1.map(column::text)),
                column(rows, |row| row.delivered.picked_up_by.map(PickedUpBy::as_str)),
                column(rows, |row| row.delivered.pressed.as_deref().map(column::text)),
            ];
            self.transaction.start(sql, values).await?;
        }
        Ok(())
    }

    async fn back_to_ready(&mut self, rows: Vec<(i64, Record)>) -> Result<(), OutboxError> {
        if rows.is_empty() {
            return Ok(());
        }
        let lanes = self.lanes(&ids(&rows)).await?;
        let row = |(id, record): (i64, Record)| {
            let Record { progress, due, tries, error, .. } = record;
            let (queue, priority) = lanes.get(&id).copied()?;
            Some(ReadyRow {
                queue,
                priority,
                due,
                id,
                attempt: progress.attempt,
                tries,
                error,
                waits_for: None,
            })
        };
        let rows: Option<Vec<ReadyRow>> = rows.into_iter().map(row).collect();
        let rows = rows.ok_or(OutboxError::BadRow("an open message is not in the table of messages"))?;
        self.insert_ready(&rows).await
    }

    /// Returns the queue and priority of messages.
    async fn lanes(&self, ids: &[i64]) -> Result<BTreeMap<i64, (i64, i32)>, OutboxError> {
        let rows = self.transaction.query(&self.shared.sql.messages_lane, &[&ids]).await?;
        rows.iter().map(|row| Ok((get(row, 0)?, (get(row, 1)?, get(row, 2)?)))).collect()
    }

    pub(in crate::rows::postgres) async fn insert_ready(
        &mut self,
        rows: &[ReadyRow],
    ) -> Result<(), OutboxError> {
        if rows.is_empty() {
            return Ok(());
        }
        let values = values![
            rows.iter().map(|row| row.queue).collect::<Vec<_>>(),
            rows.iter().map(|row| row.priority).collect::<Vec<_>>(),
            rows.iter().map(|row| row.due).collect::<Vec<_>>(),
            rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            rows.iter().map(|row| integer(row.attempt)).collect::<Vec<_>>(),
            rows.iter().map(|row| integer(row.tries)).collect::<Vec<_>>(),
            rows.iter().map(|row| row.error.clone()).collect::<Vec<_>>(),
            rows.iter().map(|row| row.waits_for).collect::<Vec<_>>(),
        ];
        self.transaction.start(&self.shared.sql.ready_new, values).await?;
        rows.iter().for_each(|row| self.put((row.queue, row.priority), (row.due, row.id)));
        Ok(())
    }

    /// Returns the queues to which a message went back since the last call.
    pub(in crate::rows::postgres) async fn refilled(&mut self) -> Result<BTreeSet<i64>, OutboxError> {
        let ids: Vec<i64> = std::mem::take(&mut self.back).into_iter().collect();
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        Ok(self.lanes(&ids).await?.into_values().map(|(queue, _)| queue).collect())
    }

    /// Writes what is not part of a message's record.
    pub(super) async fn write_rest(&mut self) -> Result<(), OutboxError> {
        let sql = &self.shared.sql;
        let (sids, ids): (Vec<String>, Vec<i64>) = std::mem::take(&mut self.second_sids)
            .into_iter()
            .map(|(sid, id)| (column::text(&sid), id))
            .unzip();
        if !ids.is_empty() {
            self.transaction.start(&sql.second_sids, values![sids, ids]).await?;
        }
        let newest = std::mem::take(&mut self.newest);
        if !newest.is_empty() {
            let senders: Vec<i64> = newest.keys().copied().collect();
            let sids: Vec<String> = newest.values().map(|newest| column::text(&newest.sid)).collect();
            let ids: Vec<i64> = newest.values().map(|newest| newest.id).collect();
            let at: Vec<i64> = newest.values().map(|newest| newest.at).collect();
            self.transaction.start(&sql.senders_newest, values![senders, sids, ids, at, NEWEST_STEP]).await?;
        }
        let tally = std::mem::take(&mut self.tally);
        let (states, rows): (Vec<&str>, Vec<i64>) = tally.into_iter().filter(|(_, by)| *by != 0).unzip();
        if !states.is_empty() {
            self.transaction.start(&sql.tally, values![states, rows]).await?;
        }
        let campaigns = std::mem::take(&mut self.campaigns).into_iter().filter(|(_, by)| *by != 0);
        let (names, rows): (Vec<(i64, &str)>, Vec<i64>) = campaigns.unzip();
        if !names.is_empty() {
            let (campaigns, words): (Vec<i64>, Vec<&str>) = names.into_iter().unzip();
            self.transaction.start(&sql.campaign_count, values![campaigns, words, rows]).await?;
        }
        Ok(())
    }
}

/// The accepted attempt, the provider's id and the delivery status of an accepted message.
fn acceptance(record: &Record) -> Option<(u32, Option<&str>, &DeliveryStatus)> {
    match &record.progress.state {
        State::Accepted { attempt, sid, status } => Some((*attempt, sid.as_deref(), status)),
        _ => None,
    }
}
