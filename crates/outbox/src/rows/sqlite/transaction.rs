//! Shared by all jobs of the writer: reads a message's record from its table, and writes the changed record.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Connection, Params, Row, params};
use switchboard::provider::PickedUpBy;
use switchboard_store::{Appender, NewEvent};

use super::sql::Sql;
use super::{column, read};
use crate::error::OutboxError;
use crate::rows::check::NEWEST_STEP;
use crate::rows::record::{Change, Entry, Place, Record};
use crate::rows::{Applied, Finished, Name};
use crate::state::{Event, State};
use crate::timing::Micros;

/// Data that all jobs share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sql: Sql,
    pub(super) log: Appender,
}

/// Access to the database for a job in the writer's transaction, or for a read.
pub(super) struct Transaction<'c> {
    pub(super) connection: &'c Connection,
    pub(super) sql: &'c Sql,
    log: &'c Appender,
    /// By how much the number of outcomes changes, by state; written once at the end.
    tally: RefCell<BTreeMap<&'static str, i64>>,
    /// The same for each campaign.
    campaigns: RefCell<BTreeMap<(i64, &'static str), i64>>,
    /// The queues to which a message went back.
    refilled: RefCell<Vec<i64>>,
    /// For each sender, the last message that the provider took; written once at the end.
    newest: RefCell<BTreeMap<i64, Newest>>,
}

/// A message that the provider took.
struct Newest {
    sid: String,
    id: i64,
    at: Micros,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c Connection, shared: &'c Shared) -> Self {
        Self {
            connection,
            sql: &shared.sql,
            log: &shared.log,
            tally: RefCell::default(),
            campaigns: RefCell::default(),
            refilled: RefCell::default(),
            newest: RefCell::default(),
        }
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, OutboxError> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// Runs a statement, and returns how many rows it changed.
    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize, OutboxError> {
        Ok(self.prepare(sql)?.execute(values)?)
    }

    /// Reads the first row, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, OutboxError>,
    ) -> Result<Option<T>, OutboxError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(values)?;
        rows.next()?.map(read).transpose()
    }

    /// Reads all rows.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, OutboxError>,
    ) -> Result<Vec<T>, OutboxError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    /// Reads the record of a message. Most results are for open messages, so that table is read first.
    pub(super) fn record(&self, id: i64) -> Result<Option<Record>, OutboxError> {
        if let Some(open) = self.first(&self.sql.open_find, [id], column::of_open)? {
            return Ok(Some(open));
        }
        if let Some(outcome) = self.first(&self.sql.outcome_find, [id], column::of_outcome)? {
            return Ok(Some(outcome));
        }
        self.first(&self.sql.ready_find, [id], column::of_ready)
    }

    /// Applies what somebody decides about a message, or evidence from outside.
    pub(super) fn apply(
        &self,
        at: Micros,
        name: &Name,
        event: Event,
        actor: Option<&str>,
    ) -> Result<Applied, OutboxError> {
        let Some(id) = read::id(self, name)? else { return Ok(Applied::Missing) };
        self.tell(at, &Finished { id, ..Finished::from_outside(at, event) }, actor)
    }

    /// Applies an event to a message.
    pub(super) fn tell(
        &self,
        at: Micros,
        told: &Finished,
        actor: Option<&str>,
    ) -> Result<Applied, OutboxError> {
        let Some(before) = self.record(told.id)? else { return Ok(Applied::Missing) };
        match before.change(at, told) {
            Err(why) => Ok(Applied::Unchanged(before.progress, why)),
            Ok(change) => {
                self.write(told.id, &before, &change)?;
                self.log_all(at, told.id, actor, &change.entries)?;
                Ok(Applied::Moved(change.after.progress))
            }
        }
    }

    /// Replaces a message's record by the new one.
    pub(super) fn write(&self, id: i64, before: &Record, change: &Change) -> Result<(), OutboxError> {
        let after = &change.after;
        self.note_newest(id, before, after);
        if let Some(sid) = &change.second_sid {
            self.execute(&self.sql.second_sid, params![sid, id])?;
        }
        let (from, to) = (Place::of(&before.progress.state), Place::of(&after.progress.state));
        self.count(&before.progress.state, -1);
        self.count(&after.progress.state, 1);
        self.count_campaign(before, -1);
        self.count_campaign(after, 1);
        if from == to {
            return match to {
                Place::Open => self.change_open(id, after),
                Place::Outcome => self.write_outcome(&self.sql.outcome_change, id, after),
                Place::Ready => Ok(()),
            };
        }
        match from {
            Place::Ready => self.execute(&self.sql.ready_delete, [id])?,
            Place::Open => self.execute(&self.sql.open_delete, [id])?,
            // A row in `outcome` never moves to another table.
            Place::Outcome => return Ok(()),
        };
        match to {
            Place::Ready => self.back_to_ready(id, after),
            Place::Open => self.new_open(id, after),
            Place::Outcome => self.write_outcome(&self.sql.outcome_new, id, after),
        }
    }

    fn change_open(&self, id: i64, after: &Record) -> Result<(), OutboxError> {
        let why = after.why.map(crate::state::ParkReason::as_str);
        let (state, no_repeat) = (after.progress.state.as_str(), after.progress.no_repeat);
        let Record { error, next_check, checks, seen, .. } = after;
        let values = params![id, state, no_repeat, why, error, next_check, checks, seen.stored()];
        self.execute(&self.sql.open_change, values)?;
        Ok(())
    }

    /// Changes what the checks of an unknown message showed, and nothing else.
    pub(super) fn note_check(&self, id: i64, after: &Record) -> Result<(), OutboxError> {
        self.change_open(id, after)
    }

    fn note_newest(&self, id: i64, before: &Record, after: &Record) {
        if let (Some(mark), State::Accepted { sid: Some(sid), .. }) = (before.mark, &after.progress.state) {
            let newest = Newest { sid: sid.clone(), id, at: after.at };
            self.newest.borrow_mut().insert(mark.sender, newest);
        }
    }

    /// Inserts into `open` a message that is parked before it was ever marked.
    fn new_open(&self, id: i64, after: &Record) -> Result<(), OutboxError> {
        let Record { progress, at, due, tries, why, error, .. } = after;
        let why = why.map(crate::state::ParkReason::as_str);
        let (state, attempt, no_repeat) = (progress.state.as_str(), progress.attempt, progress.no_repeat);
        let values = params![id, state, attempt, tries, no_repeat, at, due, why, error, after.campaign];
        self.execute(&self.sql.open_new, values)?;
        Ok(())
    }

    fn back_to_ready(&self, id: i64, after: &Record) -> Result<(), OutboxError> {
        let Record { progress, due, tries, error, .. } = after;
        let values = params![id, due, progress.attempt, tries, error];
        let queue = self.first(&self.sql.ready_back, values, |row| Ok(row.get(0)?))?;
        let queue = queue.ok_or(OutboxError::BadRow("an open message is not in the table of messages"))?;
        self.refilled.borrow_mut().push(queue);
        Ok(())
    }

    fn write_outcome(&self, sql: &str, id: i64, after: &Record) -> Result<(), OutboxError> {
        let Record { progress, at, error, segments, delivered, .. } = after;
        let (price, currency) = delivered.stored_price();
        let picked_up_by = delivered.picked_up_by.map(PickedUpBy::as_str);
        let (accepted, sid, status) = column::acceptance(&progress.state);
        let (state, attempt, no_repeat) = (progress.state.as_str(), progress.attempt, progress.no_repeat);
        let campaign = after.campaign;
        self.execute(
            sql,
            params![
                id,
                at,
                state,
                attempt,
                no_repeat,
                accepted,
                sid,
                status,
                error,
                segments,
                campaign,
                delivered.marked,
                delivered.done,
                price,
                currency,
                picked_up_by,
                delivered.pressed,
            ],
        )?;
        Ok(())
    }

    /// Deletes a message that has ended.
    pub(super) fn delete(&self, id: i64, state: &State) -> Result<(), OutboxError> {
        self.count(state, -1);
        for sql in [&self.sql.outcome_delete, &self.sql.second_sid_delete, &self.sql.message_delete] {
            self.execute(sql, [id])?;
        }
        Ok(())
    }

    fn count(&self, state: &State, by: i64) {
        if state.is_outcome() {
            *self.tally.borrow_mut().entry(state.as_str()).or_default() += by;
        }
    }

    /// What was counted for a campaign stays when its messages are deleted.
    fn count_campaign(&self, record: &Record, by: i64) {
        if let Some(word) = record.campaign_word() {
            *self.campaigns.borrow_mut().entry((record.campaign, word)).or_default() += by;
        }
    }

    pub(super) fn log(
        &self,
        at: Micros,
        id: Option<i64>,
        actor: Option<&str>,
        entry: &Entry,
    ) -> Result<(), OutboxError> {
        let event =
            NewEvent { at_micros: at, topic: entry.topic, subject: id, actor, detail: Some(&entry.detail) };
        self.log.append(self.connection, &event)?;
        Ok(())
    }

    pub(super) fn log_all(
        &self,
        at: Micros,
        id: i64,
        actor: Option<&str>,
        entries: &[Entry],
    ) -> Result<(), OutboxError> {
        entries.iter().try_for_each(|entry| self.log(at, Some(id), actor, entry))
    }

    /// Returns the queues to which a message went back.
    pub(super) fn refilled(&self) -> Vec<i64> {
        self.refilled.take()
    }

    /// Writes the collected changes. Every job calls this last.
    pub(super) fn finish(&self) -> Result<(), OutboxError> {
        for (state, by) in self.tally.take().into_iter().filter(|(_, by)| *by != 0) {
            self.execute(&self.sql.tally, params![state, by])?;
        }
        for ((campaign, word), by) in self.campaigns.take().into_iter().filter(|(_, by)| *by != 0) {
            self.execute(&self.sql.campaign_count, params![campaign, word, by])?;
        }
        for (sender, Newest { sid, id, at }) in self.newest.take() {
            self.execute(&self.sql.sender_newest, params![sender, sid, id, at, NEWEST_STEP])?;
        }
        Ok(())
    }
}
