//! The handle that programs use: enqueue, look up, wait for, cancel and settle messages.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use switchboard::phone::Address;
#[cfg(feature = "postgres")]
use switchboard_store::Postgres;
use switchboard_store::{Database, Log, Sqlite};

use crate::account::Accounts;
use crate::clock::Clock;
use crate::crash::{self, Point};
use crate::enqueue::{Enqueue, Payload, Prepared};
use crate::erase::hashes;
use crate::error::OutboxError;
use crate::events::Events;
use crate::evidence::Ignored;
use crate::hints::Hints;
use crate::message::{Counts, Enqueued, Key, Message, MessageId, PausedSender, timestamp};
use crate::policy::{About, Emergency, Findings, Policy, Ruling, Spend};
use crate::reference::References;
use crate::rows::check::Identity;
#[cfg(feature = "postgres")]
use crate::rows::postgres::PostgresRows;
use crate::rows::record::Entry;
use crate::rows::sqlite::SqliteRows;
use crate::rows::{Applied, Enqueued as EnqueuedRow, NewMessage, Pause, Paused, Rows, Whom};
use crate::settling::Losses;
use crate::state::{Event, Settlement, State, Unchanged};
use crate::timing::Micros;
use crate::worker::WorkerBuilder;

/// The time between two reads of rows that other processes may have changed.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// Messages to be sent, stored in a database.
///
/// Clone is cheap. Any number of processes may enqueue into one SQLite file; one of them runs the worker. On PostgreSQL,
/// any number of processes on any number of machines run workers.
#[derive(Debug, Clone)]
pub struct Outbox(Arc<Inner>, Arc<Policy>);

#[derive(Debug)]
struct Inner {
    rows: Arc<dyn Rows>,
    identity: Identity,
    store: Database,
    log: Log,
    clock: Clock,
    hints: Hints,
    losses: Losses,
    references: RwLock<References>,
    ignored: Ignored,
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

    /// Opens the outbox in a PostgreSQL database, and creates its tables, in the schema `switchboard`, if they do not
    /// exist. For another schema, or TLS, see [`Postgres::builder`] and [`open`](Self::open).
    ///
    /// # Errors
    /// [`OutboxError::Store`] says what to change.
    #[cfg(feature = "postgres")]
    pub async fn postgres(url: &str) -> Result<Self, OutboxError> {
        Self::open(Postgres::connect(url).await?).await
    }

    /// Opens the outbox in a database that is already open, and whose table prefix or schema you can choose.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn open(database: impl Into<Database>) -> Result<Self, OutboxError> {
        let store = database.into();
        let log = Log::open(store.clone()).await?;
        let (rows, clock) = Self::rows_of(store.clone()).await?;
        let identity = rows.identity().await?;
        let references = RwLock::new(References::new(&identity)?);
        let (hints, ignored, losses) = (Hints::default(), Ignored::default(), Losses::default());
        let inner = Inner { rows, identity, store, log, clock, hints, losses, references, ignored };
        Ok(Self(Arc::new(inner), Arc::default()))
    }

    /// Sets the rules that are asked when a message is enqueued with this handle, and again before a worker of this
    /// handle marks a message. Handles that were cloned before keep theirs. Without it, only opt-outs count.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self(self.0, Arc::new(policy))
    }

    async fn rows_of(store: Database) -> Result<(Arc<dyn Rows>, Clock), OutboxError> {
        match store {
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => {
                let rows = PostgresRows::open(postgres).await?;
                let clock = rows.clock().clone();
                Ok((Arc::new(rows), clock))
            }
            Database::Sqlite(sqlite) => Ok((Arc::new(SqliteRows::open(sqlite).await?), Clock::new())),
            // The type may get further databases.
            other => Err(OutboxError::invalid(format!("the outbox cannot use {other:?}"))),
        }
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
    /// A refusal by the policy is an event `refused` in the log, and a warning of a text rule is an event `warned`.
    ///
    /// # Errors
    /// The same as for [`enqueue`](Self::enqueue), for the first message that is refused.
    pub async fn enqueue_all(
        &self,
        messages: impl IntoIterator<Item = Enqueue>,
    ) -> Result<Vec<Enqueued>, OutboxError> {
        let now = self.now();
        let (mut new, mut whom) = (Vec::new(), Vec::new());
        for message in messages {
            whom.push((message.tenant.clone(), message.payload.to().clone()));
            new.push(self.new_message(now, message)?);
        }
        let rows = self.0.rows.enqueue(now, new).await;
        if let Err(OutboxError::Blocked { place, because }) = &rows
            && let Some((tenant, to)) = whom.get(*place)
        {
            self.0.rows.note(now, vec![Entry::refused(tenant, to, because)]).await?;
        }
        let rows = rows?;
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

    pub(crate) fn new_message(&self, now: Micros, message: Enqueue) -> Result<NewMessage, OutboxError> {
        message.check()?;
        let prepared = Prepared::of(&message.payload)?;
        let (identity, policy) = (&self.0.identity, &self.1);
        let at = |at: Option<Timestamp>| at.map(|at| at.as_microsecond());
        let findings = policy.text_findings(&message.payload, message.purpose);
        let by_text = findings.as_ref().and_then(Findings::ruling);
        Ok(NewMessage {
            due: at(message.due),
            expires: at(message.expires),
            priority: message.priority,
            purpose: message.purpose,
            text_rules: policy.text_version(),
            needs_consent: policy.needs_consent(message.purpose),
            hashes: hashes(identity, &message.tenant, &prepared.recipient),
            campaign: 0,
            refused: refused(policy, now, &message, &prepared, by_text),
            warned: findings.iter().flat_map(Findings::warnings).collect(),
            zone: message.zone,
            emergency: message.emergency,
            tenant: message.tenant,
            key: message.key,
            prepared,
        })
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
        self.0.rows.counts().await
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

    /// Accepts that the file of the database was copied or moved, and stores the name of the person who did it. Stop the
    /// worker of the original first, or both send the same messages.
    ///
    /// The copy gets an identity of its own: callbacks of messages that the original sent are ignored. Before the next
    /// worker sends, the provider is asked what it sent since the copy was in use.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if `by` is empty, [`OutboxError::Store`].
    pub async fn adopt_copy(&self, by: &str) -> Result<(), OutboxError> {
        if by.trim().is_empty() {
            return Err(OutboxError::invalid("say who adopts the copy: the log keeps the name"));
        }
        let place = self.0.rows.place().await?;
        self.0.rows.adopt(self.now(), place.now, by.to_owned()).await?;
        let references = References::new(&self.0.rows.identity().await?)?;
        *self.0.references.write().unwrap_or_else(PoisonError::into_inner) = references;
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
    pub fn store(&self) -> &Database {
        &self.0.store
    }

    pub(crate) const fn rules(&self) -> &Arc<Policy> {
        &self.1
    }

    pub(crate) fn rows(&self) -> &Arc<dyn Rows> {
        &self.0.rows
    }

    /// May the database have several workers at the same time?
    pub(crate) fn is_shared(&self) -> bool {
        self.0.store.sqlite().is_none()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    pub(crate) fn log(&self) -> &Log {
        &self.0.log
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn references(&self) -> References {
        self.0.references.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn ignored(&self) -> &Ignored {
        &self.0.ignored
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.0.losses
    }

    pub(crate) fn hints(&self) -> &Hints {
        &self.0.hints
    }

    pub(crate) fn now(&self) -> Micros {
        self.0.clock.now()
    }
}

/// The rule that refuses a message, of those that need no look into the database. What each budget has left is asked before
/// the message is marked.
fn refused(
    policy: &Policy,
    now: Micros,
    message: &Enqueue,
    prepared: &Prepared,
    by_text: Option<Ruling>,
) -> Option<Ruling> {
    let about = About {
        kind: message.payload.kind(),
        to: &prepared.recipient,
        purpose: message.purpose,
        zone: message.zone.as_deref(),
        known: None,
        passes: message.emergency.as_ref().map(Emergency::passes),
    };
    let spend = Spend {
        to: &prepared.recipient,
        tenant: &message.tenant,
        campaign: 0,
        request: &prepared.request,
        is_emergency: message.emergency.is_some(),
    };
    let by_rule = policy.refuses(&about, now);
    by_rule.or(by_text).or_else(|| policy.charges(&spend, now).err())
}

fn not_now(applied: &Applied, verb: &'static str) -> OutboxError {
    match applied {
        Applied::Missing | Applied::Deleted | Applied::OfAnother => OutboxError::NotFound,
        Applied::Moved(progress) | Applied::Unchanged(progress, _) => {
            OutboxError::NotNow { state: progress.state.as_str(), verb }
        }
    }
}
