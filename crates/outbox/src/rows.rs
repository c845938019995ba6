//! The storage of the rows: one private trait, and an implementation for each database.
//!
//! Every method is one transaction: `Ok` means that it was committed, and after `Err` it may have been committed or not.
//! The caller acts on a result only after the method has returned. The store decides nothing about a message: it reads a row, asks
//! [`step`](crate::state::step), and writes the answer.

#[macro_use]
mod statements;

pub(crate) mod budget;
#[cfg_attr(
    not(feature = "campaign"),
    allow(dead_code, reason = "only a program with campaigns creates them")
)]
pub(crate) mod campaign;
mod candidate;
pub(crate) mod check;
mod choose;
pub(crate) mod consent;
#[cfg(test)]
mod contract;
pub(crate) mod copy;
pub(crate) mod delivered;
pub(crate) mod erase;
pub(crate) mod history;
pub(crate) mod list;
#[cfg(test)]
pub(crate) mod memory;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod recent;
pub(crate) mod record;
pub(crate) mod sqlite;
pub(crate) mod standing;
mod tick;

use std::sync::Arc;

use async_trait::async_trait;
use switchboard::provider::{SendKind, Sender};

use self::budget::Reserve;
use self::campaign::{CampaignChange, CampaignRow, NewCampaign, Stopped, Tally};
use self::check::{Bound, Canary, Checked, Claim, Identity, Proof, Reported, Unknown};
use self::consent::{ConsentRow, Consented, Consents, KnownSender, ListConsents};
use self::copy::{Alike, Place};
use self::delivered::Delivered;
use self::erase::{Forget, Forgot, Retire, Retired};
use self::history::{Histories, Select};
use self::list::{List, Listed};
use self::record::Entry;
use self::standing::{Question, Standing};
pub(crate) use self::tick::{Finished, Foreign, Lease, Marked, Source, Take, Tick, Ticked};
use crate::enqueue::{Prepared, Priority};
use crate::error::OutboxError;
pub(crate) use crate::message::Counts;
use crate::message::{address, sender_of};
use crate::policy::{Bucket, Emergency, Known, Passes, Purpose, Ruling, Sending};
use crate::state::{Event, ParkReason, Progress, State, Unchanged};
use crate::timing::Micros;

#[cfg_attr(
    not(feature = "campaign"),
    allow(dead_code, reason = "only a program with campaigns creates them")
)]
#[async_trait]
pub(crate) trait Rows: std::fmt::Debug + Send + Sync + 'static {
    /// Enqueues messages, all or none. If one of the keys exists with another payload, all fail, and the error has the
    /// position of that message.
    async fn enqueue(&self, at: Micros, new: Vec<NewMessage>) -> Result<Vec<Enqueued>, OutboxError>;

    /// Enqueues messages of a campaign, each that may be enqueued. The errors are those of single messages.
    async fn enqueue_each(
        &self,
        at: Micros,
        campaign: i64,
        new: Arc<[NewMessage]>,
    ) -> Result<Vec<Each>, OutboxError>;

    /// Creates a campaign. If there is one with this name, it is returned unchanged.
    async fn open_campaign(
        &self,
        at: Micros,
        new: NewCampaign,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError>;

    /// Reads a campaign, and how many of its messages are neither ready nor being sent.
    async fn campaign(
        &self,
        tenant: String,
        name: String,
    ) -> Result<Option<(CampaignRow, Tally)>, OutboxError>;

    /// Lists the campaigns of a tenant with a lower id than `before`, the newest first.
    async fn campaigns(
        &self,
        tenant: String,
        before: i64,
        limit: u32,
    ) -> Result<Vec<CampaignRow>, OutboxError>;

    /// Changes a campaign. While it is paused or stopped, its messages are not marked.
    async fn change_campaign(
        &self,
        at: Micros,
        id: i64,
        change: CampaignChange,
        actor: Option<String>,
    ) -> Result<CampaignRow, OutboxError>;

    /// Cancels messages of a campaign: first those that wait to be sent, `limit` at most, and then those that are being
    /// sent or unknown, which are not sent again.
    async fn cancel_campaign(
        &self,
        at: Micros,
        id: i64,
        limit: u32,
        actor: Option<String>,
    ) -> Result<Stopped, OutboxError>;

    /// Adds entries to the log that belong to no message.
    async fn note(&self, at: Micros, entries: Vec<Entry>) -> Result<(), OutboxError>;

    /// Reads one message.
    async fn find(&self, name: Name) -> Result<Option<Row>, OutboxError>;

    /// Lists the messages that wait for a person or for evidence, by id.
    async fn unsettled(&self, after: i64, limit: u32) -> Result<Vec<Row>, OutboxError>;

    /// Lists messages of a tenant, the newest first.
    async fn list(&self, list: List) -> Result<Listed, OutboxError>;

    /// Reads the messages with these ids, by id.
    async fn messages(&self, ids: Vec<i64>) -> Result<Vec<Row>, OutboxError>;

    /// Reads the requests of the messages with these ids, by id.
    async fn requests(&self, ids: Vec<i64>) -> Result<Vec<(i64, String)>, OutboxError>;

    /// Counts the messages by state. Reads every row except those in `outcome`.
    async fn counts(&self) -> Result<Counts, OutboxError>;

    /// Applies a person's decision about one message, or evidence from a webhook.
    async fn apply(
        &self,
        at: Micros,
        name: Name,
        event: Event,
        actor: Option<String>,
    ) -> Result<Applied, OutboxError>;

    /// Begins an epoch, which names a worker. If the worker is `alone`, earlier workers can no longer mark messages, and
    /// messages that they left `sending` become `unknown`. Otherwise, a tick makes them unknown after their deadline.
    async fn start(&self, at: Micros, alone: bool) -> Result<Started, OutboxError>;

    /// Lists the queues with ready rows, those that are held too, each with the time at which its first row is due, and all senders and
    /// accounts.
    async fn look(&self) -> Result<Look, OutboxError>;

    /// Stores which sender a queue belongs to. A new sender is created; the stored pace of a known sender is kept.
    async fn bind(&self, queue: i64, sender: NewSender) -> Result<SenderRow, OutboxError>;

    /// Records results, sets pauses, and marks messages that may be sent, in this order.
    ///
    /// Fails with [`OutboxError::LostLease`] if another worker has begun a later epoch. Nothing is marked then, but the
    /// results are recorded.
    async fn tick(&self, tick: Tick) -> Result<Ticked, OutboxError>;

    /// Gives back the senders that a worker leased, so that others need not wait for the end of the lease.
    async fn release(&self, epoch: i64) -> Result<(), OutboxError>;

    /// Sets or ends a pause.
    async fn pause(&self, at: Micros, pause: Pause, actor: Option<String>) -> Result<(), OutboxError>;

    /// Returns where the database is, and where it was when a worker last started.
    async fn place(&self) -> Result<Place, OutboxError>;

    /// Stores where the database is.
    async fn settle_place(&self, place: Option<String>) -> Result<(), OutboxError>;

    /// Gives a copy a new identity, with the same key, and stores where it is. The next worker compares it with the
    /// provider.
    async fn adopt(&self, at: Micros, place: Option<String>, actor: String) -> Result<(), OutboxError>;

    /// Stores that the database must be compared with what the provider sent since a time, or that this was done.
    async fn guard(&self, since: Option<Micros>) -> Result<(), OutboxError>;

    /// Returns those ids of the provider that belong to no message.
    async fn unknown_sids(&self, sids: Vec<String>) -> Result<Vec<String>, OutboxError>;

    /// Returns the messages to these recipients that wait in a queue, and those that its sender may have sent with an id
    /// that is not known.
    async fn alike(
        &self,
        queue: i64,
        sender: i64,
        recipients: Vec<String>,
    ) -> Result<Vec<Alike>, OutboxError>;

    /// Deletes old messages that have ended, in the order of their ids.
    async fn retire(&self, retire: Retire) -> Result<Retired, OutboxError>;

    /// Cancels and deletes the messages to a person, in the order of their ids, and refuses further ones.
    async fn forget(&self, forget: Forget) -> Result<Forgot, OutboxError>;

    /// Allows messages to a person again. Returns `false` if they were allowed. What the person said before counts again.
    async fn remember(&self, hash: String, recipient: String) -> Result<bool, OutboxError>;

    /// Returns the identity of this database, which never changes.
    async fn identity(&self) -> Result<Identity, OutboxError>;

    /// Stores consents. When this returns, no message that they refuse is marked any more.
    async fn consent(&self, consents: Consents) -> Result<Consented, OutboxError>;

    /// Reads what a person said, by scope and purpose.
    async fn consents(&self, recipient: String) -> Result<Vec<ConsentRow>, OutboxError>;

    /// Lists the consents for scopes, the newest first.
    async fn consents_of(&self, list: ListConsents) -> Result<Vec<ConsentRow>, OutboxError>;

    /// Reserves a part of a budget, and returns how much is granted: 0 if what is left is too small.
    async fn reserve(&self, reserve: Reserve) -> Result<i64, OutboxError>;

    /// Gives back what was reserved and not used.
    async fn give_back(&self, left: Vec<(Bucket, i64)>) -> Result<(), OutboxError>;

    /// Reads what the policy needs to know about a message that is not stored.
    async fn standing(&self, question: Question) -> Result<Standing, OutboxError>;

    /// Returns the senders with these addresses, once for each tenant that has a queue of theirs, in their order.
    async fn senders_of(&self, addresses: Vec<String>) -> Result<Vec<KnownSender>, OutboxError>;

    /// Applies the proof of a callback. If the message or the attempt was never stored here, this database is an old
    /// copy, and the log gets the event `stale_copy`.
    async fn prove(&self, at: Micros, proof: Proof) -> Result<Applied, OutboxError>;

    /// Applies what the provider says about the messages with these ids, each in turn. Several messages are one transaction.
    async fn reported(&self, at: Micros, reported: Vec<Reported>) -> Result<Vec<Applied>, OutboxError>;

    /// Reads a page of messages and what became of them.
    async fn histories(&self, select: Select) -> Result<Histories, OutboxError>;

    /// Claims unknown messages whose check is due, those that are due longest first.
    async fn claim(&self, claim: Claim) -> Result<Vec<Unknown>, OutboxError>;

    /// Records the result of a check, if the message is still unknown. It is not accepted with an id that belongs to
    /// another message.
    async fn checked(&self, at: Micros, checked: Checked) -> Result<Applied, OutboxError>;

    /// Returns what is known of these ids of the provider, for the check of message `id`. `since`: equal messages that
    /// ended before that do not count.
    async fn bound(&self, id: i64, sids: Vec<String>, since: Micros) -> Result<Bound, OutboxError>;

    /// Returns the last messages of an account's senders that were accepted, the newest first.
    async fn canaries(&self, account: String, kind: SendKind, limit: u32)
    -> Result<Vec<Canary>, OutboxError>;
}

/// A message to insert.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    pub(crate) tenant: String,
    pub(crate) key: String,
    pub(crate) due: Option<Micros>,
    pub(crate) expires: Option<Micros>,
    pub(crate) priority: Priority,
    pub(crate) prepared: Prepared,
    pub(crate) purpose: Purpose,
    /// The recipient's time zone, if the program knows it.
    pub(crate) zone: Option<String>,
    /// The identity of the rules that its text was held against.
    pub(crate) text_rules: Option<String>,
    pub(crate) emergency: Option<Emergency>,
    /// It is refused if no consent of the recipient is recorded.
    pub(crate) needs_consent: bool,
    /// The campaign it belongs to; 0 for none.
    pub(crate) campaign: i64,
    /// The rule of the policy that refuses it, unless it is enqueued already.
    pub(crate) refused: Option<Ruling>,
    /// What rules warn of. It is enqueued nevertheless.
    pub(crate) warned: Vec<Ruling>,
    /// The keyed hashes under which this recipient may be forgotten.
    pub(crate) hashes: [String; 2],
}

impl NewMessage {
    /// The pool of the sender that the message names, if it also names a number of it.
    pub(crate) fn pool(&self) -> Option<String> {
        match sender_of(&self.prepared.sender).ok().flatten() {
            Some(Sender::Pool { id, number: Some(_) }) => Some(id),
            _ => None,
        }
    }

    /// What limits ask about it.
    pub(crate) fn sending(&self) -> Sending<'_> {
        let Self { tenant, prepared, purpose, .. } = self;
        Sending { kind: prepared.kind, to: &prepared.recipient, tenant, purpose: *purpose }
    }

    /// The rules that it passes because it is an emergency.
    pub(crate) fn passes(&self) -> Option<Passes> {
        self.emergency.as_ref().map(Emergency::passes)
    }

    /// What is logged when it is inserted, each with who decided it. The warnings of a campaign are logged once for all its
    /// messages.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Option<&str>, Entry)> {
        let emergency = self.emergency.as_ref();
        let emergency = emergency.map(|one| (Some(one.by.as_str()), Entry::emergency(one)));
        let warned = self.warned.iter().filter(|_| self.campaign == 0);
        emergency.into_iter().chain(warned.map(|because| (None, Entry::warned(because))))
    }

    /// The rule that refuses it, also for what its recipient said.
    pub(crate) fn refused_by(&self, known: Option<&Known>) -> Option<Ruling> {
        let passes = self.passes() == Some(Passes::ConsentToo);
        let by_consent = || Known::refuses(known, self.needs_consent).filter(|_| !passes);
        self.refused.clone().or_else(by_consent)
    }

    /// The address of the sender that the message names.
    pub(crate) fn sender_address(&self) -> Option<String> {
        sender_of(&self.prepared.sender).ok().flatten().as_ref().map(address)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enqueued {
    /// The message is new; with its queue, and the time at which it is due.
    New { id: i64, queue: i64, due: Micros },
    /// Its key exists already, with the same payload.
    Existing { id: i64 },
}

/// What happened to one of many messages.
pub(crate) type Each = Result<Enqueued, OutboxError>;

/// The key or the id by which a caller names a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Key { tenant: String, key: String },
    Id(i64),
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) tenant: String,
    pub(crate) key: String,
    pub(crate) kind: SendKind,
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) progress: Progress,
    pub(crate) created: Micros,
    pub(crate) expires: Option<Micros>,
    /// When it is due, in `ready`; when it was marked, in `open`; when it was moved there, in `outcome`.
    pub(crate) at: Micros,
    /// Why it is parked.
    pub(crate) why: Option<ParkReason>,
    /// The last error, as JSON of a [`ProviderError`](switchboard::ProviderError).
    pub(crate) error: Option<String>,
    /// The segments that the provider bills.
    pub(crate) segments: Option<u32>,
    /// What else is known of its delivery.
    pub(crate) delivered: Delivered,
    /// The ids of messages at the provider that may be this one, while it is open.
    pub(crate) sids: Vec<String>,
    /// The campaign it belongs to; 0 for none.
    pub(crate) campaign: i64,
}

/// What an event did to one message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Applied {
    /// There is no such message.
    Missing,
    /// There was such a message, and it was deleted.
    Deleted,
    /// It is not the tenant's, or another tenant has a message with this id of the provider.
    OfAnother,
    /// Its state changed, or what is known of its delivery.
    Moved(Progress),
    /// Its state did not change, with the reason.
    Unchanged(Progress, Unchanged),
}

impl Applied {
    /// Will the message certainly not be sent, by this change?
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Moved(progress) if progress.state == State::Cancelled)
    }

    /// Does evidence name a message or an attempt that was never stored here? Then this database is an old copy.
    pub(crate) const fn is_stale_copy(&self) -> bool {
        matches!(self, Self::Missing | Self::Unchanged(_, Unchanged::FromTheFuture))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Started {
    pub(crate) epoch: i64,
    /// Messages of earlier workers that are unknown from now on.
    pub(crate) lapsed: u64,
    /// The number of starts since the last tick with `clean` set, including this start.
    pub(crate) dirty_starts: u32,
    /// The latest time that was stored.
    pub(crate) clock: Micros,
    /// When the database was last in use, as far as it shows: when a worker wrote, or else when its first message was
    /// enqueued.
    pub(crate) alive: Micros,
    /// The database must be compared with what the provider sent since then.
    pub(crate) guard: Option<Micros>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Look {
    pub(crate) queues: Vec<QueueRow>,
    pub(crate) senders: Vec<SenderRow>,
    pub(crate) accounts: Vec<AccountRow>,
}

/// A queue: the messages of one tenant, of one kind, with the same sender field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueRow {
    pub(crate) id: i64,
    pub(crate) tenant: String,
    pub(crate) kind: SendKind,
    pub(crate) sender: String,
    /// The sender that the queue was resolved to.
    pub(crate) bound: Option<i64>,
    pub(crate) next_due: Micros,
    /// Its messages are not sent.
    pub(crate) held: Option<Held>,
}

/// Why the messages of a queue are not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Its campaign is paused.
    Paused,
    /// This campaign was stopped, and its messages are to be cancelled.
    Stopped(i64),
}

impl Held {
    pub(crate) fn of(held: bool, stopped: Option<i64>) -> Option<Self> {
        stopped.map(Self::Stopped).or(held.then_some(Self::Paused))
    }
}

/// A sender of an account. Several queues may belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewSender {
    pub(crate) account: String,
    pub(crate) kind: SendKind,
    pub(crate) address: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SenderRow {
    pub(crate) id: i64,
    pub(crate) sender: NewSender,
    /// When the next message may begin, by the sender's rate.
    pub(crate) next_free: Micros,
    pub(crate) paused: Option<Paused>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountRow {
    pub(crate) name: String,
    pub(crate) paused: Paused,
}

/// A pause. When its time is over, one message at a time is sent to test whether the pause is still needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paused {
    pub(crate) until: Micros,
    /// The number of pauses in a row without an accepted message between them.
    pub(crate) times: u32,
    pub(crate) reason: String,
}

/// The sender or the account that is paused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whom {
    Sender(i64),
    Account(String),
}

/// Sets a pause, or ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) whom: Whom,
    pub(crate) paused: Option<Paused>,
}
