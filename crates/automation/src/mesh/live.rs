//! Subscribers that look on: nothing is stored for them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::rows::{NoticeRows, Stored};
use super::{MeshError, Notice, Pattern};

/// How many notices wait for a slow subscriber.
const QUEUE: usize = 1_024;
/// How many are read at once.
const READ: u32 = 256;
/// How often notices of other processes are looked for.
const POLL: Duration = Duration::from_millis(500);

/// A subscriber that gets what is published while it exists. See [`Mesh::live`](super::Mesh::live).
pub struct Live {
    rows: Arc<dyn NoticeRows>,
    pattern: Pattern,
    tenant: Option<String>,
    received: broadcast::Receiver<Arc<Stored>>,
    /// What was published before, and is returned first.
    earlier: VecDeque<Stored>,
    catches_up: bool,
    /// The number of the last notice that was returned or passed over.
    last: i64,
    lagged: u64,
}

/// What a live subscriber gets.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LiveEvent {
    /// A notice.
    Notice {
        /// Its number. [`Mesh::live_after`](super::Mesh::live_after) continues behind it.
        number: i64,
        /// The notice.
        notice: Notice,
    },
    /// The subscriber was too slow: so many notices of all names were dropped. Read again what they are about.
    Lagged(u64),
}

impl Live {
    pub(super) fn new(
        rows: Arc<dyn NoticeRows>,
        received: broadcast::Receiver<Arc<Stored>>,
        last: i64,
        pattern: Pattern,
    ) -> Self {
        Self {
            rows,
            pattern,
            tenant: None,
            received,
            earlier: VecDeque::new(),
            catches_up: true,
            last,
            lagged: 0,
        }
    }

    /// Passes over notices of other tenants.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// How many notices were dropped because this subscriber was too slow.
    #[must_use]
    pub const fn lagged(&self) -> u64 {
        self.lagged
    }

    /// Waits for the next notice. `None` after the last [`Mesh`](super::Mesh) was dropped. If the future is dropped before it
    /// is ready, nothing is lost.
    ///
    /// # Errors
    /// [`MeshError::Store`], only while it catches up. The next call tries again.
    pub async fn next(&mut self) -> Result<Option<LiveEvent>, MeshError> {
        while self.catches_up {
            if self.earlier.is_empty() {
                self.earlier = self.rows.after(self.last, self.tenant.as_deref(), READ).await?.into();
                self.catches_up = !self.earlier.is_empty();
            }
            while let Some(stored) = self.earlier.pop_front() {
                if let Some(event) = self.take(&stored) {
                    return Ok(Some(event));
                }
            }
        }
        loop {
            match self.received.recv().await {
                Ok(stored) => {
                    if let Some(event) = self.take(&stored) {
                        return Ok(Some(event));
                    }
                }
                Err(RecvError::Lagged(dropped)) => {
                    self.lagged = self.lagged.saturating_add(dropped);
                    return Ok(Some(LiveEvent::Lagged(dropped)));
                }
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    fn take(&mut self, stored: &Stored) -> Option<LiveEvent> {
        // It was returned while this subscriber caught up.
        if stored.number <= self.last {
            return None;
        }
        self.last = stored.number;
        let Stored { number, notice } = stored;
        let wanted = self.tenant.as_ref().is_none_or(|tenant| *tenant == notice.tenant)
            && self.pattern.matches(&notice.name);
        wanted.then(|| LiveEvent::Notice { number: *number, notice: notice.clone() })
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, tenant, last, lagged, .. } = self;
        f.debug_struct("Live")
            .field("pattern", pattern)
            .field("tenant", tenant)
            .field("last", last)
            .field("lagged", lagged)
            .finish_non_exhaustive()
    }
}

/// Hands notices to the live subscribers of this process.
pub(super) struct Feed {
    sender: broadcast::Sender<Arc<Stored>>,
}

impl Feed {
    /// Starts to read behind this number, until it is dropped.
    pub(super) fn start(rows: Arc<dyn NoticeRows>, commits: watch::Receiver<u64>, last: i64) -> Arc<Self> {
        let feed = Arc::new(Self { sender: broadcast::channel(QUEUE).0 });
        tokio::spawn(read(Arc::downgrade(&feed), rows, commits, last));
        feed
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Stored>> {
        self.sender.subscribe()
    }
}

async fn read(feed: Weak<Feed>, rows: Arc<dyn NoticeRows>, mut commits: watch::Receiver<u64>, mut last: i64) {
    let mut failed = false;
    loop {
        commits.borrow_and_update();
        let found = rows.after(last, None, READ).await;
        let Some(feed) = feed.upgrade() else { return };
        match found {
            Ok(found) if !found.is_empty() => {
                failed = false;
                for stored in found {
                    last = stored.number;
                    // Nobody may be there.
                    drop(feed.sender.send(Arc::new(stored)));
                }
                continue;
            }
            Ok(_) => failed = false,
            Err(error) if !failed => {
                tracing::warn!(%error, "live subscribers get nothing until the database can be read");
                failed = true;
            }
            Err(_) => {}
        }
        drop(feed);
        if failed {
            tokio::time::sleep(POLL).await;
        } else if let Ok(Err(_)) = tokio::time::timeout(POLL, commits.changed()).await {
            // The database was closed.
            return;
        }
    }
}
