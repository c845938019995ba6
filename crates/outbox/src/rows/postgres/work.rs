//! One transaction: reads and locks the records of messages, changes them in memory, and writes all of them at once.

mod flush;

pub(super) use flush::ReadyRow;

use std::collections::{BTreeMap, BTreeSet};

use switchboard_store::tokio_postgres::Row;
use switchboard_store::{NewEvent, PostgresAppender, Transaction};

use super::column::{self, get};
use super::lapse::Searches;
use super::queues::QueueIds;
use super::seek::{Lane, Place as RowPlace, Seeks};
use super::sql::Sql;
use crate::error::OutboxError;
use crate::rows::record::{Entry, Record};
use crate::rows::{Applied, Finished};
use crate::state::State;
use crate::timing::Micros;

/// How often a message that is in no table is looked for again: another transaction has moved it meanwhile.
const LOOKS: usize = 5;

/// Data that all transactions share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sql: Sql,
    pub(super) log: PostgresAppender,
    pub(super) seeks: Seeks,
    pub(super) queues: QueueIds,
    pub(super) searches: Searches,
}

/// A message that is locked.
struct Loaded {
    stored: Record,
    now: Record,
}

/// An entry of the log, which is written at the end.
struct Logged {
    at: Micros,
    id: Option<i64>,
    actor: Option<String>,
    entry: Entry,
}

impl Logged {
    fn event(&self) -> NewEvent<'_> {
        let Self { at, id, actor, entry } = self;
        let (topic, detail) = (entry.topic, Some(entry.detail.as_str()));
        NewEvent { at_micros: *at, topic, subject: *id, actor: actor.as_deref(), detail }
    }
}

/// The last message of a sender that the provider took.
struct Newest {
    sid: String,
    id: i64,
    at: Micros,
}

pub(super) struct Work<'c> {
    pub(super) transaction: Transaction<'c>,
    pub(super) shared: &'c Shared,
    loaded: BTreeMap<i64, Loaded>,
    log: Vec<Logged>,
    tally: BTreeMap<&'static str, i64>,
    /// The same for each campaign.
    campaigns: BTreeMap<(i64, &'static str), i64>,
    newest: BTreeMap<i64, Newest>,
    second_sids: Vec<(String, i64)>,
    /// The messages that went back to `ready`, at any moment of this transaction.
    back: BTreeSet<i64>,
    /// Messages that have ended, and are deleted.
    deleted: BTreeSet<i64>,
    /// The rows that this transaction puts into `ready`.
    put: Vec<(Lane, RowPlace)>,
}

impl<'c> Work<'c> {
    pub(super) fn new(transaction: Transaction<'c>, shared: &'c Shared) -> Self {
        Self {
            transaction,
            shared,
            loaded: BTreeMap::new(),
            log: Vec::new(),
            tally: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            newest: BTreeMap::new(),
            second_sids: Vec::new(),
            back: BTreeSet::new(),
            deleted: BTreeSet::new(),
            put: Vec::new(),
        }
    }

    /// Reads and locks the records of messages. Those that do not exist are missing afterwards.
    pub(super) async fn load(&mut self, ids: impl IntoIterator<Item = i64>) -> Result<(), OutboxError> {
        let sql = &self.shared.sql;
        let mut missing: BTreeSet<i64> = ids.into_iter().filter(|id| !self.loaded.contains_key(id)).collect();
        for look in 0..LOOKS {
            self.load_from(&sql.open_lock, &mut missing, column::of_open).await?;
            self.load_from(&sql.outcome_lock, &mut missing, column::of_outcome).await?;
            self.load_from(&sql.ready_lock, &mut missing, column::of_ready).await?;
            if missing.is_empty() {
                return Ok(());
            }
            // Between two of these statements, another transaction may have moved a message from a table that was not
            // read yet to one that was.
            let ids: Vec<i64> = missing.iter().copied().collect();
            let exist = self.transaction.query(&sql.messages_exist, &[&ids]).await?;
            missing = exist.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
            if look > 0 {
                tracing::debug!(messages = missing.len(), "messages are looked for again");
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(OutboxError::BadRow("a message is in no table")) }
    }

    /// Reads and locks the records of those messages that are open.
    pub(super) async fn open(&self, ids: &BTreeSet<i64>) -> Result<Vec<(i64, Record)>, OutboxError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = ids.iter().copied().collect();
        let rows = self.transaction.query(&self.shared.sql.open_lock, &[&ids]).await?;
        rows.iter().map(|row| Ok((get(row, 0)?, column::of_open(row)?))).collect()
    }

    async fn load_from(
        &mut self,
        sql: &str,
        missing: &mut BTreeSet<i64>,
        read: fn(&Row) -> Result<Record, OutboxError>,
    ) -> Result<(), OutboxError> {
        if missing.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = missing.iter().copied().collect();
        for row in self.transaction.query(sql, &[&ids]).await? {
            let (id, stored): (i64, Record) = (get(&row, 0)?, read(&row)?);
            missing.remove(&id);
            self.loaded.insert(id, Loaded { now: stored.clone(), stored });
        }
        Ok(())
    }

    /// Takes over a record that was read, and whose row was locked, in another way.
    pub(super) fn adopt(&mut self, id: i64, record: Record) {
        self.loaded.insert(id, Loaded { now: record.clone(), stored: record });
    }

    pub(super) fn record(&self, id: i64) -> Option<&Record> {
        self.loaded.get(&id).map(|loaded| &loaded.now)
    }

    /// Deletes a message that was loaded, if it has ended.
    pub(super) fn delete(&mut self, id: i64) -> bool {
        let has_ended = self.record(id).is_some_and(|record| record.progress.state.is_outcome());
        if has_ended {
            self.deleted.insert(id);
        }
        has_ended
    }

    /// Replaces a record without an event.
    pub(super) fn replace(&mut self, id: i64, record: Record) {
        if let Some(loaded) = self.loaded.get_mut(&id) {
            loaded.now = record;
        }
    }

    /// Applies an event to a message that was loaded.
    pub(super) fn tell(&mut self, at: Micros, told: &Finished, actor: Option<&str>) -> Applied {
        let Some(loaded) = self.loaded.get_mut(&told.id) else { return Applied::Missing };
        let change = match loaded.now.change(at, told) {
            Err(why) => return Applied::Unchanged(loaded.now.progress.clone(), why),
            Ok(change) => change,
        };
        if let (Some(mark), State::Accepted { sid: Some(sid), .. }) =
            (loaded.now.mark, &change.after.progress.state)
        {
            let newest = Newest { sid: sid.clone(), id: told.id, at: change.after.at };
            self.newest.insert(mark.sender, newest);
        }
        if change.after.progress.state == State::Ready {
            self.back.insert(told.id);
        }
        self.second_sids.extend(change.second_sid.map(|sid| (sid, told.id)));
        loaded.now = change.after;
        let progress = loaded.now.progress.clone();
        self.log_all(at, told.id, actor, change.entries);
        Applied::Moved(progress)
    }

    pub(super) fn log(&mut self, at: Micros, id: Option<i64>, actor: Option<&str>, entry: Entry) {
        self.log.push(Logged { at, id, actor: actor.map(column::text), entry });
    }

    fn log_all(&mut self, at: Micros, id: i64, actor: Option<&str>, entries: Vec<Entry>) {
        entries.into_iter().for_each(|entry| self.log(at, Some(id), actor, entry));
    }

    /// Returns after which place a lane is read, if this transaction took the rows up to `taken`. It may have put rows
    /// before that.
    pub(super) fn after(&self, lane: Lane, taken: Option<RowPlace>) -> RowPlace {
        let after = self.shared.seeks.after(lane);
        let after = taken.map_or(after, |taken| taken.max(after));
        let put = self.put.iter().filter(|(put, _)| *put == lane).map(|(_, (due, id))| (*due, id - 1)).min();
        put.map_or(after, |put| put.min(after))
    }

    /// The messages whose records are in memory.
    pub(super) fn loaded(&self) -> impl Iterator<Item = i64> + '_ {
        self.loaded.keys().copied()
    }

    /// Records that a row was put into `ready`.
    pub(super) fn put(&mut self, lane: Lane, row: RowPlace) {
        self.put.push((lane, row));
    }

    /// Writes what is left, the log last, and commits.
    pub(super) async fn commit(mut self) -> Result<(), OutboxError> {
        self.flush().await?;
        self.write_rest().await?;
        let Self { transaction, shared, log, put, .. } = self;
        let events: Vec<NewEvent<'_>> = log.iter().map(Logged::event).collect();
        shared.log.append(&transaction, &events).await?;
        let committed = transaction.commit().await;
        // Even if the answer was lost, the rows may be there.
        put.into_iter().for_each(|(lane, row)| shared.seeks.put(lane, row));
        Ok(committed?)
    }
}
