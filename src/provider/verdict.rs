//! The verdict: what became of a request, and whether to repeat it. One pure function, for every adapter.
//!
//! It stands beside [`ProviderError`](super::ProviderError), because a [`Verdict`] can be made in this file only, and
//! only a verdict can make an error retryable: so the compiler proves that nothing else decides this.

use super::{Outcome, RequestClass};

/// What was seen of one attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The request could not be built.
    Unbuilt,
    /// No connection took the request, and none will.
    NotTaken,
    /// A connection took the request; no status line came.
    NoStatus,
    /// A status line came, and it is not a success. `deleting`: it answers a `DELETE`.
    Status {
        /// The HTTP status.
        status: u16,
        /// Is the request a `DELETE`, so that 404 may mean that it was carried out before?
        deleting: bool,
    },
    /// The status is a success, but the body says that the request failed.
    Undone {
        /// The HTTP status.
        status: u16,
    },
    /// The status is a success, but the body is incomplete or stalled.
    Cut,
    /// The status is a success, but the body is too large or cannot be read.
    Unreadable,
}

/// What the provider's own code says about a failure, beyond its HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fact {
    /// What became of the request, where the code knows better than a 4xx.
    pub outcome: Option<Outcome>,
    /// Does the same request succeed later? `Some(false)` stops the repeats of a 429; `Some(true)` makes another 4xx
    /// retryable, though it is never repeated here: the wait is longer than a request may take.
    pub later: Option<bool>,
}

/// What the attempts before this one left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Earlier {
    /// One of them may have been carried out.
    pub perhaps_done: bool,
    /// A 404 may only mean that what was just made cannot be read yet.
    pub in_grace: bool,
}

/// Whether the transport repeats the request by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// No.
    No,
    /// Yes, as one more of the attempts that are allowed.
    Counted,
    /// Yes, however many attempts there were.
    Uncounted,
}

/// What became of a request. Only [`verdict`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    outcome: Outcome,
    repeat: Repeat,
    retryable: bool,
    done: bool,
}

impl Verdict {
    /// Returns what became of the request with all its attempts.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        self.outcome
    }

    /// Returns whether to send it again.
    #[must_use]
    pub const fn repeat(self) -> Repeat {
        self.repeat
    }

    /// Is it safe for the caller to send the same request again, and may that help?
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        self.retryable
    }

    /// Is it no failure at all: a repeated delete that found nothing left to delete?
    #[must_use]
    pub const fn is_done(self) -> bool {
        self.done
    }
}

/// How far a failure allows a repeat, before class and history are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// It does not pass by itself.
    Never,
    /// It may pass, but not within the time of one request: the caller may repeat it.
    Later,
    /// It may pass at once, and repeating is safe unless the request may have been carried out.
    Soon,
    /// It was carried out; repeating it only fetches the answer again.
    ForTheAnswer,
    /// What was just made cannot be read yet.
    InGrace,
}

/// Says what became of a request, from what was seen of its last attempt.
///
/// `class` is what the request does, `fact` what the provider's code adds, `earlier` what happened before this attempt,
/// and `duplicates` whether the caller prefers a duplicate to a gap. This is the whole table of the README; nothing
/// else in this crate decides about repeats.
#[must_use]
pub fn verdict(seen: Seen, class: RequestClass, fact: Fact, earlier: Earlier, duplicates: bool) -> Verdict {
    use Outcome::{Applied, NotApplied, Unknown};

    let create = class == RequestClass::Create;
    let (outcome, again) = match seen {
        Seen::Unbuilt => (NotApplied, Again::Never),
        Seen::NotTaken => (NotApplied, Again::Soon),
        Seen::NoStatus => (Unknown, Again::Soon),
        Seen::Cut => (Applied, Again::ForTheAnswer),
        Seen::Unreadable => (Applied, Again::Never),
        // The status says that it was done, the body that it was not: nobody knows.
        Seen::Undone { .. } => (Unknown, Again::Never),
        Seen::Status { status, deleting } => match status {
            // What an earlier attempt has deleted is not there any more.
            404 if deleting && earlier.perhaps_done => return DONE,
            404 if earlier.in_grace => (NotApplied, Again::InGrace),
            // Switching protocols: the request was read, but its answer is not HTTP.
            100..=199 => (Unknown, Again::Soon),
            200..=299 => (Applied, Again::Never),
            // "Done, see there."
            303 if create => (Unknown, Again::Never),
            300..=399 => (NotApplied, Again::Never),
            // The server gave up waiting, but it may have received the whole request.
            408 => (Unknown, Again::Soon),
            429 if fact.later == Some(false) => (fact.outcome.unwrap_or(NotApplied), Again::Never),
            429 => (fact.outcome.unwrap_or(NotApplied), Again::Soon),
            400..=499 if fact.later == Some(true) => (fact.outcome.unwrap_or(NotApplied), Again::Later),
            400..=499 => (fact.outcome.unwrap_or(NotApplied), Again::Never),
            // Beyond 599 nothing is defined, so nothing is known.
            _ => (Unknown, Again::Soon),
        },
    };
    let outcome = match outcome {
        NotApplied if earlier.perhaps_done && class != RequestClass::Read => Unknown,
        outcome => outcome,
    };
    // Most providers know no idempotency key: to repeat a create that may have been done is to do it twice.
    let safe = !create || outcome == NotApplied;
    let repeat = match again {
        Again::InGrace => Repeat::Uncounted,
        Again::Soon if safe || duplicates => Repeat::Counted,
        // An update is not repeated only to see its answer.
        Again::ForTheAnswer if class == RequestClass::Read => Repeat::Counted,
        _ => Repeat::No,
    };
    let retryable = safe
        && match again {
            Again::Soon | Again::ForTheAnswer => true,
            Again::Later => outcome == NotApplied,
            Again::Never | Again::InGrace => false,
        };
    Verdict { outcome, repeat, retryable, done: false }
}

const DONE: Verdict = Verdict { outcome: Outcome::Applied, repeat: Repeat::No, retryable: false, done: true };

#[cfg(test)]
mod tests;
