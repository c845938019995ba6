//! A durable reader of the log that returns each event at least once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Claim, LogRows, LoggedEvent, Position};
use crate::StoreError;

/// The number of events that one query reads.
const READ: u32 = 256;
/// Before an event is returned, the log stores on disk that this may have happened, so that after a crash the event is
/// returned with `again` set. This is stored for this many events in advance, because each write waits for the disk.
const AHEAD: i64 = 1024;
/// The position is stored after this time at the latest.
const SAVE_AFTER: Duration = Duration::from_secs(1);
/// How often the log is checked for events of other processes.
const POLL: Duration = Duration::from_millis(500);

/// A reader of the log that continues at its stored position, also after a crash.
///
/// It returns each event at least once, in order, and skips none. An event counts as handled when [`next`](Self::next)
/// is called again, or when [`save`](Self::save) is called. That is on disk after one second at most, after `save`, or
/// when the cursor is dropped. After a crash, events that were handled since then are returned again, with `again` set.
pub struct Cursor {
    rows: Arc<dyn LogRows>,
    name: String,
    /// `None` only while it is dropped.
    claim: Option<Claim>,
    commits: watch::Receiver<u64>,
    /// Events that were read, but not returned yet.
    buffer: VecDeque<LoggedEvent>,
    /// The last event that was returned.
    current: i64,
    /// Every event up to this one was handled.
    done: i64,
    /// Events up to this one may have been returned before this cursor was opened.
    again: i64,
    saved: Position,
    saved_at: Instant,
}

/// An event that a cursor returned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handed {
    /// The event.
    pub event: LoggedEvent,
    /// A cursor of this name may have returned it before, without marking it as handled.
    pub again: bool,
}

impl Cursor {
    pub(super) async fn open(rows: Arc<dyn LogRows>, name: &str) -> Result<Self, StoreError> {
        let commits = rows.commits();
        let (claim, saved) = rows.open(name).await?;
        let Position { acknowledged, handed } = saved;
        Ok(Self {
            rows,
            name: name.to_owned(),
            claim: Some(claim),
            commits,
            buffer: VecDeque::new(),
            current: acknowledged,
            done: acknowledged,
            again: handed,
            saved,
            saved_at: Instant::now(),
        })
    }

    /// The name of the cursor.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Marks the last event as handled, and waits for the next one. Events of this process are returned immediately,
    /// those of others within half a second. If the future is dropped before it is ready, no event is lost.
    ///
    /// # Errors
    /// See [`Sqlite::write`](crate::Sqlite::write). The next call tries again. On PostgreSQL also `Locked`, if the
    /// connection that held the lock was lost and another reader has opened the cursor since: this one must end.
    pub async fn next(&mut self) -> Result<Handed, StoreError> {
        self.next_batch(1).await?.pop().ok_or(StoreError::NoRow)
    }

    /// As [`next`](Self::next), but returns all events that can be read at once, at least one and at most `limit`. They
    /// count as handled together, when the next ones are requested.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_batch(&mut self, limit: usize) -> Result<Vec<Handed>, StoreError> {
        self.done = self.current;
        loop {
            self.commits.borrow_and_update();
            if self.buffer.is_empty() {
                self.buffer = self.rows.read(self.current, READ).await?.into();
            }
            let count = limit.clamp(1, self.buffer.len().max(1));
            let Some(last) = self.buffer.get(count - 1).map(|event| event.seq) else {
                self.wait().await?;
                continue;
            };
            if last > self.saved.handed || self.is_late() {
                self.write(last).await?;
            }
            // Nothing waits from here on, so that no event is lost if this future is dropped.
            self.current = last;
            let again = self.again;
            let handed = |event: LoggedEvent| Handed { again: event.seq <= again, event };
            return Ok(self.buffer.drain(..count).map(handed).collect());
        }
    }

    /// Marks the last event as handled, and waits until that is on disk.
    ///
    /// # Errors
    /// See [`Sqlite::write`](crate::Sqlite::write).
    pub async fn save(&mut self) -> Result<(), StoreError> {
        self.done = self.current;
        if self.done > self.saved.acknowledged { self.write(self.current).await } else { Ok(()) }
    }

    /// Waits until it is on disk that everything before the last event was handled. The last one is not marked.
    ///
    /// # Errors
    /// See [`Sqlite::write`](crate::Sqlite::write).
    pub async fn save_before(&mut self) -> Result<(), StoreError> {
        if self.done > self.saved.acknowledged { self.write(self.current).await } else { Ok(()) }
    }

    /// Waits a limited time for new events, then stores the position if it is time to.
    async fn wait(&mut self) -> Result<(), StoreError> {
        if let Ok(changed) = tokio::time::timeout(POLL, self.commits.changed()).await {
            changed.map_err(|_| StoreError::Stopped)?;
        }
        if self.is_late() { self.write(self.current).await } else { Ok(()) }
    }

    fn is_late(&self) -> bool {
        self.done > self.saved.acknowledged && self.saved_at.elapsed() >= SAVE_AFTER
    }

    /// Stores the position and, if `seq` requires it, that further events may have been handed out.
    async fn write(&mut self, seq: i64) -> Result<(), StoreError> {
        let mut position = self.position();
        if seq > position.handed {
            position.handed = seq.saturating_add(AHEAD);
        }
        let claim = self.claim.as_ref().ok_or(StoreError::Stopped)?;
        self.rows.save(claim, position).await?;
        (self.saved, self.saved_at) = (position, Instant::now());
        Ok(())
    }

    fn position(&self) -> Position {
        Position { acknowledged: self.done, handed: self.saved.handed }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if self.done > self.saved.acknowledged || self.current < self.saved.handed {
            // No further event is returned, so the reservation for later events is removed.
            let position = Position { handed: self.current.max(self.again), ..self.position() };
            if let Some(claim) = self.claim.take() {
                self.rows.save_later(claim, position);
            }
        }
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("name", &self.name).field("done", &self.done).finish_non_exhaustive()
    }
}
