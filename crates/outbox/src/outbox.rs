//! The handle that programs use: enqueue, look up, wait for, cancel and settle messages.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use switchboard::ProviderError;
use switchboard::phone::Address;
use switchboard::provider::{SendKind, Sender};
use switchboard_store::Log;
use switchboard_store::Sqlite;
use tokio::sync::Notify;

use crate::account::Accounts;
use crate::clock::Clock;
use crate::crash::{self, Point};
use crate::enqueue::{Enqueue, Payload, Prepared};
use crate::error::OutboxError;
use crate::events::Events;
use crate::rows::sqlite::SqliteRows;
use crate::rows::{Applied, Enqueued as EnqueuedRow, Name, NewMessage, Pause, Paused, Row, Rows, Whom};
use crate::state::{Event, ParkReason, Settlement, State, Unchanged};
use crate::timing::Micros;
use crate::worker::WorkerBuilder;

/// The time between two reads of rows that other processes may have changed.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// Messages to be sent, stored in a database.
///
/// Clone is cheap. Any number of processes may enqueue into one SQLite file; one of them runs the worker.
#[derive(Debug, Clone)]
pub struct Outbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rows: Arc<dyn Rows>,
    store: Sqlite,
    log: Log,
    clock: Clock,
    hints: Hints,
}

/// Notifies the worker of this process of messages that were enqueued here: their queues, and when the first message of
/// each is due.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints(Arc<HintsInner>);

#[derive(Debug, Default)]
struct HintsInner {
    due: Mutex<HashMap<i64, Micros>>,
    notify: Notify,
}

impl Hints {
    fn put(&self, queue: i64, due: Micros) {
        let mut all = self.0.due.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(queue).and_modify(|known| *known = due.min(*known)).or_insert(due);
    }

    fn wake(&self) {
        self.0.notify.notify_one();
    }

    pub(crate) async fn changed(&self) {
        self.0.notify.notified().await;
    }

    pub(crate) fn drain(&self) -> HashMap<i64, Micros> {
        std::mem::take(&mut self.0.due.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The result of an `enqueue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// The message is on disk, and will be sent.
    New(MessageId),
    /// A message was already enqueued under this key. It is not sent a second time.
    Existing(MessageId),
}

impl Enqueued {
    /// Returns the id of the message.
    #[must_use]
    pub const fn id(self) -> MessageId {
        match self {
            Self::New(id) | Self::Existing(id) => id,
        }
    }

    /// Is the message new?
    #[must_use]
    pub const fn is_new(self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// The number of a message in its outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub(crate) i64);

impl MessageId {
    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A message in the outbox. It does not contain the text, which stays in the database.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Its tenant; empty if it has none.
    pub tenant: String,
    /// Its key.
    pub key: String,
    /// Is it a text or a call?
    pub kind: SendKind,
    /// The recipient.
    pub to: Address,
    /// The sender that the message names, if it can be read.
    pub from: Option<Sender>,
    /// Its state.
    pub state: State,
    /// How often it was marked for sending.
    pub attempts: u32,
    /// It was cancelled while an attempt was being sent. It is not sent again.
    pub cancel_requested: bool,
    /// When it was enqueued.
    pub enqueued: Timestamp,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// For a ready message: when it is due. For others: since when its row has been in the table of its state.
    pub at: Timestamp,
    /// Why it is parked.
    pub parked: Option<ParkReason>,
    /// The provider's last error, if there was one.
    pub error: Option<ProviderError>,
    /// The number of billed segments, if the provider reported it.
    pub segments: Option<u32>,
}

impl Message {
    fn of(row: Row) -> Self {
        // A row with an unreadable field is still shown, because a person must be able to find it.
        let error = row.error.as_deref().and_then(|error| serde_json::from_str(error).ok());
        Self {
            id: MessageId(row.id),
            tenant: row.tenant,
            key: row.key,
            kind: row.kind,
            to: Address::from(row.recipient.as_str()),
            from: sender_of(&row.sender).unwrap_or_default(),
            attempts: row.progress.attempt,
            cancel_requested: row.progress.no_repeat,
            state: row.progress.state,
            enqueued: timestamp(row.created),
            expires: row.expires.map(timestamp),
            at: timestamp(row.at),
            parked: row.why,
            error,
            segments: row.segments,
        }
    }
}

pub(crate) fn sender_of(stored: &str) -> Result<Option<Sender>, OutboxError> {
    let sender = (!stored.is_empty()).then(|| serde_json::from_str(stored)).transpose();
    sender.map_err(|_| OutboxError::BadRow("its sender"))
}

/// Converts a stored time. If a [`Timestamp`] cannot represent it (as with the end of the year 9999), the nearest
/// possible time is returned.
pub(crate) fn timestamp(at: Micros) -> Timestamp {
    let nearest = if at < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(at).unwrap_or(nearest)
}

/// The number of messages in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Counts {
    /// They wait to be sent.
    pub ready: u64,
    /// They are being sent.
    pub sending: u64,
    /// Their answer was lost.
    pub unknown: u64,
    /// They wait for a person.
    pub parked: u64,
    /// The provider took them.
    pub accepted: u64,
    /// The provider refused them.
    pub rejected: u64,
    /// They were not sent in time.
    pub expired: u64,
    /// They were cancelled before they were sent.
    pub cancelled: u64,
    /// A person ended them without knowing whether they were sent.
    pub abandoned: u64,
}

/// A sender or an account that is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PausedSender {
    /// The account.
    pub account: String,
    /// The sender: a number, or the id of a pool; `None` if the whole account is paused.
    pub sender: Option<Address>,
    /// The end of the pause. Then a single message is sent to test whether the provider accepts messages again.
    pub until: Timestamp,
    /// The number of pauses in a row.
    pub times: u32,
    /// The reason that the provider gave, as one word.
    pub reason: String,
}

impl Outbox {
    /// Opens an SQLite database, and creates the file and the outbox's tables if they do not exist.
    ///
    /// The file may be your program's own database: the name of every table of the outbox begins with `switchboard_`.
    ///
    /// # Errors
    /// [`OutboxError::Store`] says what to change, for example: the file cannot be written, its tables are from a newer
    /// version, or it is on a network file system.
    pub async fn sqlite(path: impl AsRef<Path>) -> Result<Self, OutboxError> {
        Self::open(Sqlite::open(path).await?).await
    }

    /// Opens an outbox in memory, for tests and trials. Its content is lost when the process ends.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn memory() -> Result<Self, OutboxError> {
        Self::open(Sqlite::memory().await?).await
    }

    /// Opens the outbox in a database that is already open, and whose table prefix you can choose.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn open(store: Sqlite) -> Result<Self, OutboxError> {
        let log = Log::open(store.clone()).await?;
        let rows: Arc<dyn Rows> = Arc::new(SqliteRows::open(store.clone(), log.appender()).await?);
        let (clock, hints) = (Clock::new(), Hints::default());
        Ok(Self(Arc::new(Inner { rows, store, log, clock, hints })))
    }

    /// Enqueues a text or a call under a key. When this returns, the message is on disk.
    ///
    /// Enqueuing the same key and message again, after an error or from another process, changes nothing.
    ///
    /// # Errors
    /// [`OutboxError::KeyConflict`] if the key belongs to another message, [`OutboxError::Invalid`] if the message
    /// could never be sent.
    pub async fn enqueue(
        &self,
        key: impl Into<String>,
        message: impl Into<Payload>,
    ) -> Result<Enqueued, OutboxError> {
        let enqueued = self.enqueue_all([Enqueue::new(key, message)]).await?;
        enqueued.first().copied().ok_or(OutboxError::NotFound)
    }

    /// Enqueues many messages in one transaction: all of them, or none. Batches of a few thousand messages are fastest.
    ///
    /// # Errors
    /// The same as for [`enqueue`](Self::enqueue), for the first message that is refused.
    pub async fn enqueue_all(
        &self,
        messages: impl IntoIterator<Item = Enqueue>,
    ) -> Result<Vec<Enqueued>, OutboxError> {
        let new = messages.into_iter().map(new_message).collect::<Result<Vec<_>, _>>()?;
        let rows = self.0.rows.enqueue(self.now(), new).await?;
        crash::at(Point::Enqueued);
        let enqueued = rows.into_iter().map(|row| match row {
            EnqueuedRow::Existing { id } => Enqueued::Existing(MessageId(id)),
            EnqueuedRow::New { id, queue, due } => {
                self.0.hints.put(queue, due);
                Enqueued::New(MessageId(id))
            }
        });
        let enqueued: Vec<Enqueued> = enqueued.collect();
        self.0.hints.wake();
        Ok(enqueued)
    }

    /// Returns the message with this key.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`].
    pub async fn get(&self, key: impl Into<Key>) -> Result<Message, OutboxError> {
        let row = self.0.rows.find(key.into().0).await?;
        row.map(Message::of).ok_or(OutboxError::NotFound)
    }

    /// Waits until a message is no longer ready or being sent, and returns it.
    ///
    /// The message may then be unknown or parked, and wait for a person or for evidence to settle it. Changes by a
    /// worker in another process are noticed within half a second.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`].
    pub async fn wait(&self, key: impl Into<Key>) -> Result<Message, OutboxError> {
        let key = key.into();
        let mut commits = self.0.store.commits();
        loop {
            commits.borrow_and_update();
            let message = self.get(key.clone()).await?;
            if !matches!(message.state, State::Ready | State::Sending) {
                return Ok(message);
            }
            // Commits of other messages also wake this task. Each of them costs one small read.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(500), commits.changed()).await;
        }
    }

    /// Waits until no message is ready or being sent: each message has a final state, is unknown, or is parked.
    ///
    /// This includes messages that are due much later, and messages whose sender is paused. It also includes a message
    /// that cannot be told apart from an unknown message: it waits until the unknown message is settled.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn drained(&self) -> Result<Counts, OutboxError> {
        let mut commits = self.0.store.commits();
        loop {
            commits.borrow_and_update();
            let counts = self.counts().await?;
            if counts.ready + counts.sending == 0 {
                return Ok(counts);
            }
            // Counting reads every ready row, so it is not repeated after each commit.
            tokio::time::sleep(LOOK_AGAIN).await;
            let _ = tokio::time::timeout(LOOK_AGAIN, commits.changed()).await;
        }
    }

    /// Cancels a message. Returns `true` if it is certain that the message was not sent and will not be sent.
    ///
    /// Returns `false` if an attempt is under way, or if its answer was lost. The message may have been sent, but it is
    /// not sent again.
    ///
    /// # Errors
    /// [`OutboxError::NotNow`] if it is too late to cancel it, [`OutboxError::NotFound`].
    pub async fn cancel(&self, key: impl Into<Key>, by: &str) -> Result<bool, OutboxError> {
        let progress = match self.apply(key.into(), Event::Cancel, by).await? {
            Applied::Moved(progress) | Applied::Unchanged(progress, Unchanged::Known) => progress,
            other => return Err(not_now(&other, "cancelled")),
        };
        Ok(progress.state == State::Cancelled)
    }

    /// Lists the messages after a given one that are unknown or parked, so that a person can decide about them. The
    /// oldest comes first.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn unsettled(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<Message>, OutboxError> {
        let rows = self.0.rows.unsettled(after.map_or(0, MessageId::get), limit).await?;
        Ok(rows.into_iter().map(Message::of).collect())
    }

    /// Settles a message that is unknown or parked, by a person's decision. The event log stores the person's name.
    ///
    /// # Errors
    /// [`OutboxError::NotNow`] if the message is neither unknown nor parked, [`OutboxError::NotFound`].
    pub async fn settle(
        &self,
        key: impl Into<Key>,
        settlement: Settlement,
        by: &str,
    ) -> Result<State, OutboxError> {
        if by.trim().is_empty() {
            return Err(OutboxError::invalid("say who settles it: the log keeps the name"));
        }
        match self.apply(key.into(), Event::Settle(settlement), by).await? {
            Applied::Moved(progress) => {
                self.0.hints.wake();
                Ok(progress.state)
            }
            other => Err(not_now(&other, "settled")),
        }
    }

    async fn apply(&self, key: Key, event: Event, by: &str) -> Result<Applied, OutboxError> {
        let actor = (!by.is_empty()).then(|| by.to_owned());
        self.0.rows.apply(self.now(), key.0, event, actor).await
    }

    /// Counts the messages in each state.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn counts(&self) -> Result<Counts, OutboxError> {
        let counts = self.0.rows.counts().await?;
        Ok(Counts {
            ready: counts.ready,
            sending: counts.sending,
            unknown: counts.unknown,
            parked: counts.parked,
            accepted: counts.accepted,
            rejected: counts.rejected,
            expired: counts.expired,
            cancelled: counts.cancelled,
            abandoned: counts.abandoned,
        })
    }

    /// Lists the senders and accounts that are paused, with the reason.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn paused(&self) -> Result<Vec<PausedSender>, OutboxError> {
        let look = self.0.rows.look().await?;
        let senders = look
            .senders
            .into_iter()
            .filter_map(|row| Some((row.sender.account, Some(row.sender.address), row.paused?)));
        let accounts = look.accounts.into_iter().map(|row| (row.name, None, row.paused));
        let entry = |(account, sender, paused): (String, Option<String>, Paused)| {
            let sender = sender.map(Address::from);
            let Paused { until, times, reason } = paused;
            PausedSender { account, sender, until: timestamp(until), times, reason }
        };
        Ok(senders.chain(accounts).map(entry).collect())
    }

    /// Ends the pauses of an account and of all its senders immediately, and stores the name of the person who did it.
    /// The worker notices within a second.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn resume(&self, account: &str, by: &str) -> Result<(), OutboxError> {
        let look = self.0.rows.look().await?;
        let of_account =
            look.senders.iter().filter(|row| row.sender.account == account && row.paused.is_some());
        let senders: Vec<Whom> = of_account.map(|row| Whom::Sender(row.id)).collect();
        for whom in senders.into_iter().chain([Whom::Account(account.to_owned())]) {
            let pause = Pause { whom, paused: None };
            self.0.rows.pause(self.now(), pause, Some(by.to_owned())).await?;
        }
        self.0.hints.wake();
        Ok(())
    }

    /// Opens the durable cursor with this name on the event log. See [`Events`].
    ///
    /// # Errors
    /// [`OutboxError::Store`] if the cursor is already open.
    pub async fn events(&self, name: &str) -> Result<Events, OutboxError> {
        Ok(Events::new(self.0.log.cursor(name).await?))
    }

    /// Prepares a worker that sends the enqueued messages: `outbox.worker(account).spawn().await?`.
    pub fn worker(&self, accounts: impl Accounts) -> WorkerBuilder {
        WorkerBuilder::new(self.clone(), Arc::new(accounts))
    }

    /// Returns the database, for other packages that store their tables in it.
    #[must_use]
    pub fn store(&self) -> &Sqlite {
        &self.0.store
    }

    pub(crate) fn rows(&self) -> &Arc<dyn Rows> {
        &self.0.rows
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn hints(&self) -> &Hints {
        &self.0.hints
    }

    fn now(&self) -> Micros {
        self.0.clock.now()
    }
}

/// Identifies a message: by its key, by its tenant and key, or by its id.
#[derive(Debug, Clone)]
pub struct Key(Name);

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self(Name::Key { tenant: String::new(), key: key.to_owned() })
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self(Name::Key { tenant: String::new(), key })
    }
}

impl From<(&str, &str)> for Key {
    fn from((tenant, key): (&str, &str)) -> Self {
        Self(Name::Key { tenant: tenant.to_owned(), key: key.to_owned() })
    }
}

impl From<MessageId> for Key {
    fn from(id: MessageId) -> Self {
        Self(Name::Id(id.0))
    }
}

fn new_message(message: Enqueue) -> Result<NewMessage, OutboxError> {
    message.check()?;
    let prepared = Prepared::of(&message.payload)?;
    let at = |at: Option<Timestamp>| at.map(|at| at.as_microsecond());
    Ok(NewMessage {
        due: at(message.due),
        expires: at(message.expires),
        priority: message.priority,
        tenant: message.tenant,
        key: message.key,
        prepared,
    })
}

fn not_now(applied: &Applied, verb: &'static str) -> OutboxError {
    match applied {
        Applied::Missing => OutboxError::NotFound,
        Applied::Moved(progress) | Applied::Unchanged(progress, _) => {
            OutboxError::NotNow { state: progress.state.as_str(), verb }
        }
    }
}
