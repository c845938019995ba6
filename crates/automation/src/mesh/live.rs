//! Subscribers that look on: nothing is stored for them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use switchboard_store::StoreError;
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
    received: broadcast::Receiver<Arc<Read>>,
    /// What was published before, and is returned first.
    earlier: VecDeque<Read>,
    catches_up: bool,
    /// What was received, until it was returned.
    open: Option<Arc<Read>>,
    /// The number of the last notice that was returned or passed over.
    last: i64,
    lagged: u64,
    /// Counts the people who were forgotten, here and now.
    forgotten: Arc<AtomicU64>,
}

/// A notice, and how many people had been forgotten when it was read.
#[derive(Debug)]
pub(super) struct Read {
    stored: Stored,
    forgotten: u64,
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
        received: broadcast::Receiver<Arc<Read>>,
        last: i64,
        pattern: Pattern,
        forgotten: Arc<AtomicU64>,
    ) -> Self {
        let (tenant, earlier) = (None, VecDeque::new());
        Self {
            rows,
            pattern,
            tenant,
            received,
            earlier,
            catches_up: true,
            open: None,
            last,
            lagged: 0,
            forgotten,
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

    /// Waits for the next notice. `None` after the last [`Mesh`](super::Mesh) was dropped or the database was closed. If the
    /// future is dropped before it is ready, nothing is lost.
    ///
    /// # Errors
    /// [`MeshError::Store`]. The next call tries again.
    pub async fn next(&mut self) -> Result<Option<LiveEvent>, MeshError> {
        while self.catches_up {
            if self.earlier.is_empty() {
                // What waits here was committed before, so the table has it.
                self.received = self.received.resubscribe();
                let forgotten = self.forgotten.load(Ordering::Relaxed);
                let found = self.rows.after(self.last, self.tenant.as_deref(), READ).await?;
                self.catches_up = !found.is_empty();
                self.earlier = found.into_iter().map(|stored| Read { stored, forgotten }).collect();
            }
            while let Some(read) = self.earlier.front() {
                let event = self.take(read).await?;
                self.last = self.earlier.pop_front().map_or(self.last, |read| read.stored.number);
                if event.is_some() {
                    return Ok(event);
                }
            }
        }
        loop {
            if let Some(read) = &self.open {
                let event = self.take(read).await?;
                self.last = self.last.max(read.stored.number);
                self.open = None;
                if event.is_some() {
                    return Ok(event);
                }
            }
            match self.received.recv().await {
                Ok(read) => self.open = Some(read),
                Err(RecvError::Lagged(dropped)) => {
                    self.lagged = self.lagged.saturating_add(dropped);
                    return Ok(Some(LiveEvent::Lagged(dropped)));
                }
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    async fn take(&self, read: &Read) -> Result<Option<LiveEvent>, MeshError> {
        let number = read.stored.number;
        // It was returned while this subscriber caught up.
        if number <= self.last {
            return Ok(None);
        }
        let wanted = |notice: &Notice| {
            self.tenant.as_ref().is_none_or(|tenant| *tenant == notice.tenant)
                && self.pattern.matches(&notice.name)
        };
        let Some(notice) = read.stored.notice.as_ref().filter(|notice| wanted(notice)) else {
            return Ok(None);
        };
        let notice = if self.forgotten.load(Ordering::Relaxed) == read.forgotten {
            Some(notice.clone())
        } else {
            // Somebody was forgotten since it was read.
            let again = self.rows.after(number - 1, None, 1).await?;
            again.into_iter().find(|stored| stored.number == number).and_then(|stored| stored.notice)
        };
        Ok(notice.map(|notice| LiveEvent::Notice { number, notice }))
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

/// Hands notices to the live subscribers of this process, while there are some.
pub(super) struct Feed {
    rows: Arc<dyn NoticeRows>,
    forgotten: Arc<AtomicU64>,
    /// The task owns the sender, so that its subscribers notice if it ends, for whatever reason.
    sender: Mutex<Option<broadcast::WeakSender<Arc<Read>>>>,
}

impl Feed {
    pub(super) fn new(rows: Arc<dyn NoticeRows>, forgotten: Arc<AtomicU64>) -> Self {
        Self { rows, forgotten, sender: Mutex::new(None) }
    }

    /// Subscribes, and starts the task that reads behind this number if there is none.
    pub(super) fn subscribe(
        self: &Arc<Self>,
        commits: watch::Receiver<u64>,
        newest: i64,
    ) -> broadcast::Receiver<Arc<Read>> {
        let mut known = self.lock();
        if let Some(sender) = known.as_ref().and_then(broadcast::WeakSender::upgrade) {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(QUEUE);
        *known = Some(sender.downgrade());
        tokio::spawn(read(Arc::downgrade(self), sender, commits, newest));
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, Option<broadcast::WeakSender<Arc<Read>>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the task if nobody listens. The sender is dropped while nobody can subscribe.
    fn ends(&self, sender: &mut Option<broadcast::Sender<Arc<Read>>>) -> bool {
        let _known = self.lock();
        if sender.as_ref().is_some_and(|sender| sender.receiver_count() > 0) {
            return false;
        }
        *sender = None;
        true
    }
}

async fn read(
    feed: Weak<Feed>,
    sender: broadcast::Sender<Arc<Read>>,
    mut commits: watch::Receiver<u64>,
    mut last: i64,
) {
    let mut sender = Some(sender);
    let mut failed = false;
    loop {
        commits.borrow_and_update();
        let Some(feed) = feed.upgrade() else { return };
        if feed.ends(&mut sender) {
            return;
        }
        let forgotten = feed.forgotten.load(Ordering::Relaxed);
        match feed.rows.after(last, None, READ).await {
            Ok(found) if !found.is_empty() => {
                failed = false;
                for stored in found {
                    last = stored.number;
                    if let Some(sender) = &sender {
                        // The last subscriber may have gone.
                        drop(sender.send(Arc::new(Read { stored, forgotten })));
                    }
                }
                continue;
            }
            Ok(_) => failed = false,
            Err(MeshError::Store(StoreError::Stopped)) => return,
            Err(error) if !failed => {
                tracing::warn!(%error, "live subscribers get nothing until the database can be read");
                failed = true;
            }
            Err(_) => {}
        }
        drop(feed);
        if failed {
            tokio::time::sleep(POLL).await;
        } else {
            // Notices of other processes are found without a commit of this one.
            drop(tokio::time::timeout(POLL, commits.changed()).await);
        }
    }
}
