//! A durable reader of the log that hands out each event at least once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{LogRows, LoggedEvent, Position};
use crate::{Lock, StoreError};

/// Events that are read at once.
const READ: u32 = 256;
/// Before an event is handed out, this is stored on disk, so that after a crash it comes with `again` set. It is stored for
/// this many events in advance, because each write waits for the disk.
const AHEAD: i64 = 1024;
/// The position is stored after this time at the latest.
const SAVE_AFTER: Duration = Duration::from_secs(1);
/// How often the log is checked for events of other processes.
const POLL: Duration = Duration::from_millis(500);

/// A reader of the log that continues where it was left, also after a crash.
///
/// It hands out each event at least once, in order, and skips none. An event is done when [`next`](Self::next) is called
/// again, or [`save`](Self::save). What is done is on disk after a second at the latest, after `save`, or when the
/// cursor is dropped: a crash repeats what was done since, marked as `again`.
pub struct Cursor {
    rows: Arc<dyn LogRows>,
    name: String,
    commits: watch::Receiver<u64>,
    /// Events that were read, but not handed out yet.
    buffer: VecDeque<LoggedEvent>,
    /// The last event that was handed out.
    current: i64,
    /// Every event up to this one was handled.
    done: i64,
    /// Events up to this one may have been handed out before this cursor was opened.
    again: i64,
    saved: Position,
    saved_at: Instant,
    /// This field must be the last, so that it is dropped last: the position is queued before another cursor can be opened.
    _lock: Lock,
}

/// An event that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handed {
    /// The event.
    pub event: LoggedEvent,
    /// It may have been handed out before by a cursor of this name, which did not mark it as handled.
    pub again: bool,
}

impl Cursor {
    pub(super) async fn open(rows: Arc<dyn LogRows>, name: &str) -> Result<Self, StoreError> {
        let lock = rows.lock(&format!("cursor-{name}"))?;
        let commits = rows.commits();
        let saved = rows.position(name).await?;
        let Position { acknowledged, handed } = saved;
        Ok(Self {
            rows,
            name: name.to_owned(),
            commits,
            buffer: VecDeque::new(),
            current: acknowledged,
            done: acknowledged,
            again: handed,
            saved,
            saved_at: Instant::now(),
            _lock: lock,
        })
    }

    /// The name that it was opened by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Marks the event before as done, and waits for the next. Events of this process come at once, those of others
    /// within half a second. Where the future is dropped before it is ready, no event is lost.
    ///
    /// # Errors
    /// See [`Sqlite::write`](crate::Sqlite::write). The next call tries again.
    pub async fn next(&mut self) -> Result<Handed, StoreError> {
        self.done = self.current;
        loop {
            self.commits.borrow_and_update();
            if self.buffer.is_empty() {
                self.buffer = self.rows.read(self.current, READ).await?.into();
            }
            let Some(seq) = self.buffer.front().map(|event| event.seq) else {
                self.wait().await?;
                continue;
            };
            if seq > self.saved.handed || self.is_late() {
                self.write(seq).await?;
            }
            if let Some(event) = self.buffer.pop_front() {
                self.current = seq;
                return Ok(Handed { again: seq <= self.again, event });
            }
        }
    }

    /// Marks the event before as done, and waits until that is on disk.
    ///
    /// # Errors
    /// See [`Sqlite::write`](crate::Sqlite::write).
    pub async fn save(&mut self) -> Result<(), StoreError> {
        self.done = self.current;
        if self.done > self.saved.acknowledged { self.write(self.current).await } else { Ok(()) }
    }

    /// Waits a limited time for new events, then stores the position if that is overdue.
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
        self.rows.save(&self.name, position).await?;
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
            // No further event is handed out, so the advance marks are removed.
            let position = Position { handed: self.current.max(self.again), ..self.position() };
            self.rows.save_later(&self.name, position);
        }
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("name", &self.name).field("done", &self.done).finish_non_exhaustive()
    }
}
