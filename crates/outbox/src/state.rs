//! The states of a message, and the one function that moves it from one to the next.
//!
//! This module has no clock, no database and no provider. Every store calls [`step`] for the row that it has read,
//! inside the transaction that writes the result. So this is the only place that decides which changes of state are
//! allowed.
//!
//! The state of a message is the table its row is in: `ready`; `open` for [`Sending`](State::Sending),
//! [`Unknown`](State::Unknown) and [`Parked`](State::Parked); `outcome` for the rest.
//!
//! There are two kinds of events. *Decisions* (mark, cancel, expire, settle) are refused if the state does not allow them.
//! *Evidence* about an attempt (accepted, refused, lost) is always applied, whatever the lease or the epoch: a late
//! answer is also true if its worker has lost its lease. Evidence about an older attempt cannot undo a newer one; it
//! can only show that the message was accepted.

use serde::{Deserialize, Serialize};
use switchboard::provider::DeliveryStatus;

/// The progress of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The number of the last attempt that was marked; 0 before the first.
    pub attempt: u32,
    /// It was cancelled while an attempt was open. If that attempt was not sent, the message is not tried again.
    pub no_repeat: bool,
    /// Its state.
    pub state: State,
}

/// The state of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum State {
    /// It waits to be sent.
    Ready,
    /// An attempt is marked: the request may have been sent, or may still be sent.
    Sending,
    /// The answer to an attempt was lost. The message may have been sent, and is not sent again without evidence.
    Unknown,
    /// A person must decide: see [`ParkReason`].
    Parked,
    /// The provider accepted it.
    #[serde(rename_all = "camelCase")]
    Accepted {
        /// The attempt that was accepted.
        attempt: u32,
        /// The provider's id, if it is known.
        sid: Option<String>,
        /// The last reported delivery status.
        #[serde(rename = "deliveryStatus")]
        status: DeliveryStatus,
    },
    /// The provider refused it, and would refuse every further attempt.
    Rejected,
    /// It was not sent before it expired.
    Expired,
    /// The policy refused it before it was sent; the error says which rule, and how to proceed.
    Blocked,
    /// It was cancelled before it was sent.
    Cancelled,
    /// A person closed it without knowing whether it was sent.
    Abandoned,
}

impl State {
    /// The names of all states.
    pub const WORDS: [&str; 10] = [
        "ready",
        "sending",
        "unknown",
        "parked",
        "accepted",
        "rejected",
        "expired",
        "blocked",
        "cancelled",
        "abandoned",
    ];

    /// Is there an open attempt, whose result is not known yet?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Sending | Self::Unknown | Self::Parked)
    }

    /// Has sending ended? A delivery status may still follow.
    #[must_use]
    pub const fn is_outcome(&self) -> bool {
        !matches!(self, Self::Ready | Self::Sending | Self::Unknown | Self::Parked)
    }

    /// Does it wait for a person, or for evidence?
    #[must_use]
    pub const fn is_unsettled(&self) -> bool {
        matches!(self, Self::Unknown | Self::Parked)
    }

    /// Returns the name of the state, for example `sending`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Parked => "parked",
            Self::Accepted { .. } => "accepted",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
            Self::Abandoned => "abandoned",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted { status, sid: Some(sid), .. } => write!(f, "accepted ({sid}, {status})"),
            Self::Accepted { status, sid: None, .. } => write!(f, "accepted ({status})"),
            other => f.write_str(other.as_str()),
        }
    }
}

/// An event that may change the state of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A worker marks the next attempt, before the first byte is sent.
    Mark,
    /// The request of the attempt was certainly not sent: its mark is taken back.
    Unmark {
        /// The attempt.
        attempt: u32,
    },
    /// The provider has the message: its answer or signed evidence says so.
    Accepted {
        /// The attempt.
        attempt: u32,
        /// The provider's id, if it is known.
        sid: Option<String>,
        /// The first status.
        status: DeliveryStatus,
    },
    /// The provider certainly does not have the message.
    Refused {
        /// The attempt.
        attempt: u32,
        /// May the unchanged message be sent again later?
        again: bool,
    },
    /// The answer was lost, or the worker that marked it is gone.
    Lost {
        /// The attempt.
        attempt: u32,
    },
    /// The message cannot be handled without a person.
    Park {
        /// The last attempt.
        attempt: u32,
    },
    /// Somebody cancels the message.
    Cancel,
    /// The message was not sent before its expiry time.
    Expire,
    /// The policy refuses the message.
    Block,
    /// A person decides what happened to the message.
    Settle(Settlement),
    /// The provider reports the delivery status of a message that it has accepted.
    Report {
        /// The provider's id.
        sid: String,
        /// The status.
        status: DeliveryStatus,
    },
}

/// A person's decision about a message that is unknown or parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Settlement {
    /// It was sent; with its id at the provider, if the person knows it.
    WasSent(Option<String>),
    /// It was not sent, so it is sent again. **If this is wrong, the recipient gets it twice.**
    WasNotSent,
    /// Nobody can find out whether it was sent, or it is no longer important: it is not sent again.
    GiveUp,
}

/// Why a message is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParkReason {
    /// Its stored request cannot be read.
    Unreadable,
    /// The code that handled it panicked.
    Panicked,
    /// The provider has several messages that may be this one.
    Several,
    /// The provider has one message that may be this one, but its text cannot be compared: it was redacted, or it comes
    /// from a template. Other programs may also send from this sender.
    Opaque,
    /// The provider has a message with this text, and it is not certain that it is this one.
    Undecided,
    /// The provider does not have it, and the worker was not told to send such messages again.
    Absent,
    /// The provider does not list its messages, or refuses to.
    Unlisted,
    /// For a day, no list could prove that the provider does not have it.
    Unproven,
}

impl ParkReason {
    pub(crate) const ALL: [Self; 8] = [
        Self::Unreadable,
        Self::Panicked,
        Self::Several,
        Self::Opaque,
        Self::Undecided,
        Self::Absent,
        Self::Unlisted,
        Self::Unproven,
    ];

    /// Returns the name of the reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Panicked => "panicked",
            Self::Several => "several",
            Self::Opaque => "opaque",
            Self::Undecided => "undecided",
            Self::Absent => "absent",
            Self::Unlisted => "unlisted",
            Self::Unproven => "unproven",
        }
    }

    /// Returns the reason with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

impl std::fmt::Display for ParkReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "its stored request cannot be read",
            Self::Panicked => "the program panicked while it handled the message",
            Self::Several => "the provider has several messages that may be this one",
            Self::Opaque => {
                "the provider has one message that may be this one, but its text cannot be compared"
            }
            Self::Undecided => "the provider has a message with this text, but it may not be this one",
            Self::Absent => "the provider does not have it",
            Self::Unlisted => "the provider does not list what was sent",
            Self::Unproven => "for a day, no list could prove that the provider does not have it",
        })
    }
}

/// The result of an event for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The state changed.
    Moved(Progress),
    /// The state changed, and the message may have been sent although it should not have been.
    Anomaly(Progress, Anomaly),
    /// Nothing changes.
    Unchanged(Unchanged),
}

impl Step {
    /// Returns the new progress, if the state changed.
    #[must_use]
    pub const fn moved(&self) -> Option<&Progress> {
        match self {
            Self::Moved(progress) | Self::Anomaly(progress, _) => Some(progress),
            Self::Unchanged(_) => None,
        }
    }
}

/// A message that was sent although it should not have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// Two attempts were accepted: the recipient got it twice.
    Doubled,
    /// An earlier attempt was accepted while a later attempt is open, whose result is not known.
    PerhapsDoubled,
    /// The message was rejected, expired, cancelled or abandoned, but the provider has it.
    SentAfterAll,
}

impl Anomaly {
    /// Returns the name that the event log uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Doubled => "doubled",
            Self::PerhapsDoubled => "perhaps_doubled",
            Self::SentAfterAll => "sent_after_all",
        }
    }
}

/// Why nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unchanged {
    /// The event contains nothing new.
    Known,
    /// The event is about an earlier attempt, and newer information exists.
    Stale,
    /// The state of the message does not allow this.
    NotNow,
    /// The event names an attempt that was never marked in this database. So the database must be an old copy.
    FromTheFuture,
}

/// Returns the result of an event for a message.
#[must_use]
pub fn step(now: &Progress, event: &Event) -> Step {
    match event {
        Event::Mark => decide(State::Ready == now.state, || now.marked()),
        Event::Expire => decide(State::Ready == now.state, || now.to(State::Expired)),
        Event::Block => decide(State::Ready == now.state, || now.to(State::Blocked)),
        Event::Cancel => cancel(now),
        Event::Settle(settlement) => settle(now, settlement),
        Event::Unmark { attempt } | Event::Refused { attempt, again: true } => {
            about(now, *attempt, Progress::again)
        }
        Event::Refused { attempt, again: false } => about(now, *attempt, |now| now.to(State::Rejected)),
        Event::Lost { attempt } => lost(now, *attempt),
        Event::Park { attempt } => park(now, *attempt),
        Event::Accepted { attempt, sid, status } => accepted(now, *attempt, sid.as_deref(), status),
        Event::Report { sid, status } => report(now, sid, status),
    }
}

impl Progress {
    /// The progress of a message that was just enqueued.
    #[must_use]
    pub const fn new() -> Self {
        Self { attempt: 0, no_repeat: false, state: State::Ready }
    }

    fn to(&self, state: State) -> Self {
        Self { state, ..self.clone() }
    }

    fn marked(&self) -> Self {
        Self { attempt: self.attempt.saturating_add(1), ..self.to(State::Sending) }
    }

    /// The progress after an attempt that was certainly not sent.
    fn again(&self) -> Self {
        self.to(if self.no_repeat { State::Cancelled } else { State::Ready })
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

fn decide(allowed: bool, then: impl FnOnce() -> Progress) -> Step {
    if allowed { Step::Moved(then()) } else { Step::Unchanged(Unchanged::NotNow) }
}

/// Applies proof that an attempt was not sent. The proof affects only the open attempt.
fn about(now: &Progress, attempt: u32, then: impl FnOnce(&Progress) -> Progress) -> Step {
    if attempt > now.attempt {
        return Step::Unchanged(Unchanged::FromTheFuture);
    }
    if attempt == now.attempt && now.state.is_open() {
        return Step::Moved(then(now));
    }
    Step::Unchanged(Unchanged::Stale)
}

fn lost(now: &Progress, attempt: u32) -> Step {
    match &now.state {
        _ if attempt > now.attempt => Step::Unchanged(Unchanged::FromTheFuture),
        State::Sending if attempt == now.attempt => Step::Moved(now.to(State::Unknown)),
        State::Unknown if attempt == now.attempt => Step::Unchanged(Unchanged::Known),
        _ => Step::Unchanged(Unchanged::Stale),
    }
}

/// This is also allowed from `ready`, because a request that cannot be read cannot be sent.
fn park(now: &Progress, attempt: u32) -> Step {
    match &now.state {
        _ if attempt > now.attempt => Step::Unchanged(Unchanged::FromTheFuture),
        _ if attempt < now.attempt => Step::Unchanged(Unchanged::Stale),
        State::Ready | State::Sending | State::Unknown => Step::Moved(now.to(State::Parked)),
        State::Parked => Step::Unchanged(Unchanged::Known),
        _ => Step::Unchanged(Unchanged::Stale),
    }
}

fn cancel(now: &Progress) -> Step {
    match &now.state {
        State::Ready => Step::Moved(now.to(State::Cancelled)),
        state if state.is_open() && !now.no_repeat => {
            Step::Moved(Progress { no_repeat: true, ..now.clone() })
        }
        State::Cancelled => Step::Unchanged(Unchanged::Known),
        state if state.is_open() => Step::Unchanged(Unchanged::Known),
        _ => Step::Unchanged(Unchanged::NotNow),
    }
}

fn settle(now: &Progress, settlement: &Settlement) -> Step {
    let to = match settlement {
        Settlement::WasSent(sid) => {
            now.to(State::Accepted { attempt: now.attempt, sid: sid.clone(), status: DeliveryStatus::Queued })
        }
        Settlement::WasNotSent => now.again(),
        Settlement::GiveUp => now.to(State::Abandoned),
    };
    decide(now.state.is_unsettled(), || to)
}

fn accepted(now: &Progress, attempt: u32, sid: Option<&str>, status: &DeliveryStatus) -> Step {
    let to = || {
        let sid = sid.map(ToOwned::to_owned);
        now.to(State::Accepted { attempt, sid, status: status.clone() })
    };
    match &now.state {
        _ if attempt > now.attempt || attempt == 0 => Step::Unchanged(Unchanged::FromTheFuture),
        State::Accepted { .. } => accepted_again(now, attempt, sid, status),
        // The late answer arrived before the message was sent again.
        State::Ready => Step::Moved(to()),
        _ if now.state.is_open() && attempt == now.attempt => Step::Moved(to()),
        _ if now.state.is_open() => Step::Anomaly(to(), Anomaly::PerhapsDoubled),
        _ => Step::Anomaly(to(), Anomaly::SentAfterAll),
    }
}

/// The provider already has the message. The event is a repeated report, adds the missing id, or shows a second
/// message.
fn accepted_again(now: &Progress, attempt: u32, sid: Option<&str>, status: &DeliveryStatus) -> Step {
    let State::Accepted { attempt: first, sid: known, status: before } = &now.state else {
        return Step::Unchanged(Unchanged::NotNow);
    };
    let same = match (known.as_deref(), sid) {
        (Some(known), Some(sid)) => known == sid,
        _ => *first == attempt,
    };
    if !same {
        return Step::Anomaly(now.clone(), Anomaly::Doubled);
    }
    let state = State::Accepted {
        attempt: *first,
        sid: known.clone().or_else(|| sid.map(ToOwned::to_owned)),
        status: before.clone().fold(status.clone()),
    };
    if state == now.state { Step::Unchanged(Unchanged::Known) } else { Step::Moved(now.to(state)) }
}

fn report(now: &Progress, sid: &str, status: &DeliveryStatus) -> Step {
    match &now.state {
        State::Accepted { attempt, sid: Some(known), .. } if known == sid => {
            accepted_again(now, *attempt, Some(sid), status)
        }
        _ => Step::Unchanged(Unchanged::Stale),
    }
}

#[cfg(test)]
mod tests;
