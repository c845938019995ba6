//! What the provider's list says about an unknown message: one pure function.

use switchboard::phone::Address;
use switchboard::provider::{DeliveryStatus, Likeness};

use crate::rows::check::{Bound, Seen};
use crate::state::ParkReason;
use crate::timing::{Micros, Timing, micros};

/// The message that is looked for.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) to: Address,
    /// The sender: a number, or the id of a pool. Empty if it is not known.
    pub(super) from: String,
    /// Does only this outbox send from this sender?
    pub(super) exclusive: bool,
    /// How long ago it was marked, by the wall clock. It decides only when to give up.
    pub(super) age: Micros,
}

/// One listed message. Times are the provider's.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) sid: String,
    pub(super) status: DeliveryStatus,
    pub(super) to: Option<Address>,
    pub(super) from: Option<Address>,
    pub(super) pool: Option<String>,
    pub(super) created: Option<Micros>,
    /// It was sent over the API, and not received or sent as a reply.
    pub(super) outbound: bool,
    pub(super) likeness: Likeness,
}

/// The result of reading the list for the recipient.
#[derive(Debug, Clone)]
pub(super) enum Read {
    /// The provider cannot list, or what it lists cannot be told apart.
    Impossible,
    /// The credentials may not list.
    Refused,
    /// The list was not read to the time of the mark.
    Incomplete,
    Complete {
        /// The provider's date of the first page.
        date: Micros,
        rows: Vec<Listed>,
        /// When the newest message was created that another list contained before this one was read.
        canary: Option<Micros>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted {
        sid: String,
        status: DeliveryStatus,
    },
    Park {
        why: ParkReason,
        sids: Vec<String>,
    },
    /// The provider does not have it, and will not have it.
    Absent,
    /// Nothing is decided. `proof`: this read proves that it was absent at its date.
    Again {
        proof: bool,
    },
}

/// Says what is known of a message after a read of the provider's list.
pub(super) fn verdict(sent: &Sent, read: &Read, bound: &Bound, seen: &Seen, timing: &Timing) -> Verdict {
    let again = Verdict::Again { proof: false };
    let late = |after, why| if sent.age >= micros(after) { park(why) } else { again.clone() };
    let (date, rows, canary) = match read {
        Read::Impossible | Read::Refused => return late(timing.checks[2], ParkReason::Unlisted),
        Read::Incomplete => return late(timing.check_for, ParkReason::Unproven),
        Read::Complete { date, rows, canary } => (*date, rows, *canary),
    };
    let Candidates { same, opaque, doubtful } = candidates(sent, rows, bound, seen);
    match (same.as_slice(), opaque.as_slice()) {
        ([_], _) | ([], [_]) if bound.rival => parked(ParkReason::Undecided, &same, &opaque),
        ([one], _) => accepted(one),
        ([], [one]) if sent.exclusive => accepted(one),
        ([], [_]) => parked(ParkReason::Opaque, &opaque, &[]),
        ([], []) if !doubtful.is_empty() => parked(ParkReason::Undecided, &doubtful, &[]),
        ([], []) => {
            absent(date, canary, seen, timing).unwrap_or_else(|| late(timing.check_for, ParkReason::Unproven))
        }
        _ => parked(ParkReason::Several, &same, if same.is_empty() { &opaque } else { &[] }),
    }
}

/// The proof of absence: two complete reads, far enough apart, the first after the attempt was over, each with a canary
/// that was created after the attempt was over. `None`: this read proves nothing.
fn absent(date: Micros, canary: Option<Micros>, seen: &Seen, timing: &Timing) -> Option<Verdict> {
    let over = seen.over?;
    if date < over || canary.is_none_or(|created| created < over) {
        return None;
    }
    Some(match seen.absent {
        Some(first) if date.saturating_sub(first) >= micros(timing.absent_gap) => Verdict::Absent,
        Some(_) => Verdict::Again { proof: false },
        None => Verdict::Again { proof: true },
    })
}

struct Candidates<'a> {
    same: Vec<&'a Listed>,
    opaque: Vec<&'a Listed>,
    /// They have the text, and were created before the mark or sent by another sender. So they are probably not this
    /// message, but they forbid to say that it is absent.
    doubtful: Vec<&'a Listed>,
}

fn candidates<'a>(sent: &Sent, rows: &'a [Listed], bound: &Bound, seen: &Seen) -> Candidates<'a> {
    let mut candidates = Candidates { same: Vec::new(), opaque: Vec::new(), doubtful: Vec::new() };
    let earliest = seen.earliest.unwrap_or(Micros::MIN);
    let doubtful_from = seen.doubtful.unwrap_or(earliest);
    for row in rows {
        let is_to = row.to.as_ref().is_none_or(|to| *to == sent.to);
        if !row.outbound || !is_to || bound.sids.contains(&row.sid) {
            continue;
        }
        // A message without a date may be a new one.
        let created = row.created.unwrap_or(Micros::MAX);
        match row.likeness {
            Likeness::Same if created >= earliest && is_from(sent, row) => candidates.same.push(row),
            Likeness::Opaque if created >= earliest && is_from(sent, row) => candidates.opaque.push(row),
            Likeness::Same if created >= doubtful_from => candidates.doubtful.push(row),
            _ => {}
        }
    }
    candidates
}

/// A pool may not have chosen a number yet, and a sender may not be known.
fn is_from(sent: &Sent, row: &Listed) -> bool {
    let unknown = sent.from.is_empty() || (row.from.is_none() && row.pool.is_none());
    let by_number = row.from.as_ref().is_some_and(|from| from.as_str() == sent.from);
    unknown || by_number || row.pool.as_deref() == Some(sent.from.as_str())
}

fn accepted(row: &Listed) -> Verdict {
    Verdict::Accepted { sid: row.sid.clone(), status: row.status.clone() }
}

const fn park(why: ParkReason) -> Verdict {
    Verdict::Park { why, sids: Vec::new() }
}

fn parked(why: ParkReason, rows: &[&Listed], more: &[&Listed]) -> Verdict {
    Verdict::Park { why, sids: rows.iter().chain(more).map(|row| row.sid.clone()).collect() }
}

#[cfg(test)]
mod tests;
