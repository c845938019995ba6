//! A subscriber whose position is stored.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_store::Cursor;

use super::rows::{NoticeRows, Stored, TOPIC};
use super::{MeshError, Notice, Pattern};

/// How many notices are read at once.
const READ: u32 = 256;

/// A subscriber that continues at its stored position, also after a crash: it gets each notice at least once, in the order
/// of their commits. See [`Mesh::subscribe`](super::Mesh::subscribe).
pub struct Subscription {
    cursor: Cursor,
    rows: Arc<dyn NoticeRows>,
    pattern: Pattern,
    /// The event that the cursor returned last, until its notice was returned: reading that may be cancelled.
    open: Option<(i64, bool)>,
    read: VecDeque<Stored>,
    /// Counts the people who were forgotten, here and now.
    forgotten: Arc<AtomicU64>,
    /// The count when `read` was read.
    read_at: u64,
}

/// A notice that a subscriber got.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivered {
    /// Its number: notices that were committed later have higher ones.
    pub number: i64,
    /// The notice.
    pub notice: Notice,
    /// A subscriber of this name may have got it before, and ended before it was handled.
    pub again: bool,
}

impl Subscription {
    pub(super) const fn new(
        cursor: Cursor,
        rows: Arc<dyn NoticeRows>,
        pattern: Pattern,
        forgotten: Arc<AtomicU64>,
    ) -> Self {
        Self { cursor, rows, pattern, open: None, read: VecDeque::new(), forgotten, read_at: 0 }
    }

    /// Marks the last notice as handled, and waits for the next one. A notice of this process arrives at once, one of
    /// another process within half a second. If the future is dropped before it is ready, no notice is lost.
    ///
    /// # Errors
    /// [`MeshError::Store`]. The next call tries again, but for `Locked`: on PostgreSQL, after a lost connection, another
    /// subscriber of this name may have begun; this one must end.
    pub async fn next(&mut self) -> Result<Delivered, MeshError> {
        loop {
            let (number, again) = match self.open {
                Some(open) => open,
                None => {
                    let handed = self.cursor.next().await?;
                    if handed.event.topic != TOPIC {
                        continue;
                    }
                    *self.open.insert((handed.event.seq, handed.again))
                }
            };
            let notice = self.notice(number).await?;
            self.open = None;
            // Otherwise it was deleted.
            if let Some(notice) = notice.filter(|notice| self.pattern.matches(&notice.name)) {
                return Ok(Delivered { number, notice, again });
            }
        }
    }

    /// Marks the last notice as handled, and waits until that is on disk.
    ///
    /// # Errors
    /// [`MeshError::Store`].
    pub async fn save(&mut self) -> Result<(), MeshError> {
        match self.open {
            None => self.cursor.save().await?,
            // It was read, and its notice was not returned: only what was before is handled.
            Some(_) => self.cursor.save_before().await?,
        }
        Ok(())
    }

    async fn notice(&mut self, number: i64) -> Result<Option<Notice>, MeshError> {
        let forgotten = self.forgotten.load(Ordering::Relaxed);
        if forgotten != self.read_at {
            self.read.clear();
            self.read_at = forgotten;
        }
        while self.read.front().is_some_and(|stored| stored.number < number) {
            self.read.pop_front();
        }
        if self.read.is_empty() {
            self.read = self.rows.after(number - 1, None, READ).await?.into();
        }
        let is_it = |stored: &Stored| stored.number == number;
        Ok(if self.read.front().is_some_and(is_it) {
            self.read.pop_front().and_then(|stored| stored.notice)
        } else {
            None
        })
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("cursor", &self.cursor)
            .field("pattern", &self.pattern)
            .finish_non_exhaustive()
    }
}
