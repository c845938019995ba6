//! Marks the messages that a sender may send now.

use std::collections::{BTreeSet, VecDeque};
use std::panic::catch_unwind;

use rusqlite::{Row, params};

use super::column::hex;
use super::due::Dues;
use super::transaction::Transaction;
use crate::enqueue::{Payload, Prepared, Priority};
use crate::error::OutboxError;
use crate::rows::record::Entry;
use crate::rows::{Finished, Marked, Take, Tick};
use crate::state::{Event, ParkReason, State};
use crate::timing::{Micros, micros};
use crate::worker::pace::Pace;

/// The maximum number of rows of a queue that one query reads.
const CHUNK: u32 = 64;

/// A row of `ready` that may be marked.
struct Candidate {
    due: Micros,
    id: i64,
    attempt: u32,
    tries: u32,
    error: Option<String>,
    waits_for: Option<i64>,
    weight: Option<u32>,
    fingerprint: Option<String>,
    expires: Option<Micros>,
    request: String,
}

/// The due rows of one queue and priority, read in chunks.
struct Lane {
    queue: i64,
    priority: Priority,
    read: VecDeque<Candidate>,
    more: bool,
}

/// The decision about a candidate.
enum Verdict {
    Marked(Marked),
    /// It is not marked now.
    Skipped,
    /// The sender's rate allows no further message now.
    Full,
}

/// The result for one sender.
pub(super) struct Taken {
    pub(super) marked: Vec<Marked>,
    pub(super) pace: Pace,
    /// The queues that rows were taken from.
    pub(super) queues: BTreeSet<i64>,
}

/// Marks messages for one sender.
pub(super) struct Taking<'t> {
    transaction: &'t Transaction<'t>,
    tick: &'t Tick,
    take: &'t Take,
    pace: Pace,
    marked: Vec<Marked>,
    /// The queues that were read.
    queues: BTreeSet<i64>,
    /// The number of rows that may still be marked, and that may still be skipped. Both are limited to keep the
    /// transaction short.
    rows: usize,
    skips: u32,
}

impl<'t> Taking<'t> {
    pub(super) fn new(
        transaction: &'t Transaction<'t>,
        tick: &'t Tick,
        take: &'t Take,
        rows: u32,
        skips: u32,
    ) -> Self {
        let rows = usize::try_from(take.rows.min(rows)).unwrap_or(usize::MAX);
        Self {
            transaction,
            tick,
            take,
            pace: take.pace,
            marked: Vec::new(),
            queues: BTreeSet::new(),
            rows,
            skips,
        }
    }

    /// Marks rows by priority. Within a priority, queues take turns.
    pub(super) fn run(mut self, dues: &Dues) -> Result<Taken, OutboxError> {
        if self.may_send()? {
            for priority in Priority::ALL {
                let due = |queue: &&i64| dues.is_due(**queue, priority, self.tick.at);
                let queues = self.take.queues.iter().filter(due);
                let lanes = queues.map(|queue| Lane::new(*queue, priority)).collect();
                if !self.run_lanes(lanes)? {
                    break;
                }
            }
        }
        if self.pace != self.take.pace {
            let values = params![self.take.sender, self.pace.next_free];
            self.transaction.execute(&self.transaction.sql.sender_pace, values)?;
        }
        Ok(Taken { marked: self.marked, pace: self.pace, queues: self.queues })
    }

    /// Checks rate and pause before any row is read. A pause may have been set after the worker last read it.
    fn may_send(&self) -> Result<bool, OutboxError> {
        if { self.pace }.take(self.tick.at, self.take.until, 1).is_none() {
            return Ok(false);
        }
        let values = params![self.take.sender, self.tick.at];
        let stopped =
            self.transaction.first(&self.transaction.sql.sender_stopped, values, |row| Ok(row.get(0)?))?;
        Ok(stopped == Some(false))
    }

    /// Returns `false` if the sender's rate allows no further message now.
    fn run_lanes(&mut self, mut lanes: VecDeque<Lane>) -> Result<bool, OutboxError> {
        while let Some(mut lane) = lanes.pop_front() {
            loop {
                if self.marked.len() >= self.rows || self.skips == 0 {
                    return Ok(false);
                }
                let chunk = self.chunk(lanes.len() + 1);
                let Some(candidate) = lane.next(self.transaction, self.tick.at, chunk)? else { break };
                self.queues.insert(lane.queue);
                match self.consider(lane.queue, lane.priority, candidate)? {
                    Verdict::Full => return Ok(false),
                    Verdict::Skipped => self.skips -= 1,
                    Verdict::Marked(marked) => {
                        self.marked.push(marked);
                        lanes.push_back(lane);
                        break;
                    }
                }
            }
        }
        Ok(true)
    }

    /// Returns how many rows to read from each queue, so that few rows are read without being used.
    fn chunk(&self, lanes: usize) -> u32 {
        let left = u32::try_from((self.rows - self.marked.len()).div_ceil(lanes)).unwrap_or(CHUNK);
        let earliest = self.tick.at.saturating_sub(micros(Pace::CREDIT));
        let time = self.take.until.saturating_sub(self.pace.next_free.max(earliest)).max(0);
        let paced = time / self.pace.time_of(1).max(1) + 1;
        left.min(CHUNK).min(u32::try_from(paced).unwrap_or(CHUNK)).max(1)
    }

    fn consider(
        &mut self,
        queue: i64,
        priority: Priority,
        mut row: Candidate,
    ) -> Result<Verdict, OutboxError> {
        if row.expires.is_some_and(|expires| expires <= self.tick.at) {
            return self.end(&row, Event::Expire, None);
        }
        if let Err(why) = self.prepare(&mut row)? {
            let event = Event::Park { attempt: row.attempt };
            return self.end(&row, event, Some(why));
        }
        let mut pace = self.pace;
        let weight = row.weight.unwrap_or(1);
        let Some(begin) = pace.take(self.tick.at, self.take.until, weight) else { return Ok(Verdict::Full) };
        let marked = self.mark(&row)?;
        self.transaction.execute(&self.transaction.sql.ready_delete, [row.id])?;
        if !marked {
            return self.wait(queue, priority, &row);
        }
        self.pace = pace;
        Ok(Verdict::Marked(Marked {
            id: row.id,
            attempt: row.attempt.saturating_add(1),
            queue,
            sender: self.take.sender,
            weight,
            begin,
            due: row.due,
            tries: row.tries,
            expires: row.expires,
            request: row.request,
        }))
    }

    /// Moves a row out of `ready` without marking it.
    fn end(&self, row: &Candidate, event: Event, why: Option<ParkReason>) -> Result<Verdict, OutboxError> {
        let told = Finished { id: row.id, why, ..Finished::from_outside(self.tick.at, event) };
        self.transaction.tell(self.tick.at, &told, None)?;
        Ok(Verdict::Skipped)
    }

    /// Computes the columns that are empty in rows inserted by plain SQL.
    fn prepare(&self, row: &mut Candidate) -> Result<Result<(), ParkReason>, OutboxError> {
        if row.weight.is_some() && row.fingerprint.is_some() {
            return Ok(Ok(()));
        }
        let prepared = match catch_unwind(|| read(&row.request)) {
            Err(_) => return Ok(Err(ParkReason::Panicked)),
            Ok(None) => return Ok(Err(ParkReason::Unreadable)),
            Ok(Some(prepared)) => prepared,
        };
        let (fingerprint, hash) = (hex(&prepared.fingerprint), hex(&prepared.hash));
        let values = params![row.id, prepared.weight, fingerprint, hash];
        self.transaction.execute(&self.transaction.sql.message_prepare, values)?;
        (row.weight, row.fingerprint) = (Some(prepared.weight), Some(fingerprint));
        Ok(Ok(()))
    }

    /// Marks a row. Returns `false` if it cannot be told apart from an open message.
    fn mark(&self, row: &Candidate) -> Result<bool, OutboxError> {
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
        ];
        Ok(self.transaction.execute(&self.transaction.sql.open_mark, values)? > 0)
    }

    /// Delays a row that cannot be told apart from an open message, until that message may have ended.
    fn wait(&self, queue: i64, priority: Priority, row: &Candidate) -> Result<Verdict, OutboxError> {
        let sql = self.transaction.sql;
        let equal = params![self.take.sender, row.fingerprint];
        let other: Option<i64> = self.transaction.first(&sql.open_equal, equal, |row| Ok(row.get(0)?))?;
        let due = self.tick.equal_due;
        let values = params![queue, priority.number(), due, row.id, row.attempt, row.tries, row.error, other];
        self.transaction.execute(&sql.ready_wait, values)?;
        // Logged only the first time.
        if let Some(other) = other.filter(|other| row.waits_for != Some(*other)) {
            self.transaction.log(self.tick.at, Some(row.id), None, &Entry::waits_for(other))?;
        }
        Ok(Verdict::Skipped)
    }
}

fn read(request: &str) -> Option<Prepared> {
    let payload: Payload = serde_json::from_str(request).ok()?;
    Prepared::of(&payload).ok()
}

impl Lane {
    fn new(queue: i64, priority: Priority) -> Self {
        Self { queue, priority, read: VecDeque::new(), more: true }
    }

    /// Every row that this returned before is no longer due in `ready`, so each query begins at the first row.
    fn next(
        &mut self,
        transaction: &Transaction<'_>,
        at: Micros,
        chunk: u32,
    ) -> Result<Option<Candidate>, OutboxError> {
        if self.read.is_empty() && self.more {
            let values = params![self.queue, self.priority.number(), at, chunk];
            let rows = transaction.all(&transaction.sql.candidates, values, candidate)?;
            self.more = rows.len() >= usize::try_from(chunk).unwrap_or(usize::MAX);
            self.read = rows.into();
        }
        Ok(self.read.pop_front())
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
    })
}
