//! Decides which ready messages of a sender are marked now, and which are put aside. It does no I/O: a store passes in
//! the rows that it asks for, and carries out what it decides.

use std::collections::{HashMap, VecDeque};

use super::candidate::{Candidate, Columns};
#[cfg(feature = "postgres")]
use super::record::Record;
use super::{Finished, Marked, Take, Tick};
use crate::enqueue::Priority;
use crate::policy::{Asked, Bucket, Count, Exceeded, Limit, Paid, Ruling, Spend, Spent};
use crate::state::{Event, ParkReason};
use crate::timing::{Micros, micros};
use crate::worker::pace::Pace;

/// The maximum number of rows of a lane that it asks for at once.
const CHUNK: u32 = 256;
/// The maximum number of rows that one transaction expires, parks or delays, shared by its senders; and the minimum for
/// each sender.
const SKIPS: u32 = 256;
const SKIPS_EACH: u32 = 16;

/// A row that a rule puts off is asked about again after this time at the earliest.
const SOONEST: Micros = 1_000_000;

/// The due rows of one queue and priority.
#[derive(Debug)]
struct Lane {
    queue: i64,
    priority: Priority,
    read: VecDeque<Candidate>,
    more: bool,
}

/// The rows that are needed to decide further: the first ones of a queue and priority that were not passed in yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) queue: i64,
    pub(crate) priority: Priority,
    /// The number of rows that are useful. More may be passed in.
    pub(crate) rows: u32,
}

/// What becomes of a row.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) queue: i64,
    pub(crate) priority: Priority,
    pub(crate) row: Candidate,
    pub(crate) decision: Decision,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// It is marked, and may begin at this time. The provider may deliver it until `latest`.
    Mark { begin: Micros, latest: Option<Micros>, charges: Vec<(Bucket, i64)>, counts: Vec<Count> },
    /// It leaves `ready` because it expired or cannot be read.
    End(Event, Option<ParkReason>),
    /// It leaves `ready` because a rule refuses it.
    Block(Ruling),
    /// A rule puts it off.
    Defer { until: Micros, because: Ruling, is_logged: bool },
    /// It waits because it cannot be told apart from this open message.
    Wait { other: i64 },
}

/// The decision about one row, before its consequences for the sender.
enum Verdict {
    Decided(Decision),
    /// The sender's rate allows no further message now.
    Full,
}

/// Decides for one sender.
#[derive(Debug)]
pub(crate) struct Chooser<'t> {
    tick: &'t Tick,
    take: &'t Take,
    pace: Pace,
    /// The lanes of the current priority, in the order of their turns.
    lanes: VecDeque<Lane>,
    /// The lanes of the later priorities.
    later: VecDeque<VecDeque<Lane>>,
    /// The number of rows that may still be marked, and that may still be put aside. Both are limited to keep the
    /// transaction short.
    rows: u32,
    skips: u32,
    /// The fingerprints of the rows that were marked here, with their ids.
    marked: HashMap<String, i64>,
    decided: Vec<Decided>,
    prepared: Vec<(i64, Columns)>,
    /// What the transaction spends and counts, shared by its senders.
    spent: &'t mut Spent,
}

impl<'t> Chooser<'t> {
    /// Begins with the queues that have a due row, by priority. `rows` is how many the transaction may still mark.
    pub(crate) fn new(
        tick: &'t Tick,
        take: &'t Take,
        rows: u32,
        due: [Vec<i64>; 3],
        spent: &'t mut Spent,
    ) -> Self {
        let lanes = |(priority, queues): (Priority, Vec<i64>)| {
            queues
                .into_iter()
                .map(|queue| Lane { queue, priority, read: VecDeque::new(), more: true })
                .collect()
        };
        let senders = u32::try_from(tick.take.len()).unwrap_or(u32::MAX);
        Self {
            tick,
            take,
            pace: take.pace,
            lanes: VecDeque::new(),
            later: Priority::ALL.into_iter().zip(due).map(lanes).collect(),
            rows: take.rows.min(rows),
            skips: SKIPS.checked_div(senders).unwrap_or(SKIPS).max(SKIPS_EACH),
            marked: HashMap::new(),
            decided: Vec::new(),
            prepared: Vec::new(),
            spent,
        }
    }

    /// Continues with the stored pace of a sender that another worker had.
    #[cfg(feature = "postgres")]
    pub(crate) fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Does the sender's rate allow a message now?
    pub(crate) fn may_begin(&self) -> bool {
        { self.pace }.take(self.tick.at, self.take.until, 1).is_some()
    }

    /// Decides as far as the rows that were passed in allow. Returns which rows it needs next, or `None` at the end.
    ///
    /// Rows are marked by priority. Within a priority, queues take turns.
    pub(crate) fn next(&mut self) -> Option<Wanted> {
        while self.rows > 0 && self.skips > 0 {
            let Some(mut lane) = self.lanes.pop_front() else {
                self.lanes = self.later.pop_front()?;
                continue;
            };
            let Some(row) = lane.read.pop_front() else {
                if !lane.more {
                    continue;
                }
                let rows = self.chunk(self.lanes.len() + 1);
                let wanted = Wanted { queue: lane.queue, priority: lane.priority, rows };
                self.lanes.push_front(lane);
                return Some(wanted);
            };
            self.decide(lane, row);
        }
        None
    }

    /// Takes the rows that [`next`](Self::next) asked for. `more`: there may be further due rows in this lane.
    pub(crate) fn give(&mut self, rows: impl IntoIterator<Item = Candidate>, more: bool) {
        if let Some(lane) = self.lanes.front_mut() {
            lane.read.extend(rows);
            lane.more = more;
        }
    }

    /// Returns the decisions since the last call, in order.
    pub(crate) fn decided(&mut self) -> Vec<Decided> {
        std::mem::take(&mut self.decided)
    }

    /// Returns the computed columns to store, since the last call.
    pub(crate) fn prepared(&mut self) -> Vec<(i64, Columns)> {
        std::mem::take(&mut self.prepared)
    }

    /// The pace after the rows that were marked.
    pub(crate) const fn pace(&self) -> Pace {
        self.pace
    }

    /// Returns how many rows to read from each of `lanes`, so that few rows are read without being used.
    fn chunk(&self, lanes: usize) -> u32 {
        let left = self.rows.div_ceil(u32::try_from(lanes).unwrap_or(u32::MAX).max(1));
        let earliest = self.tick.at.saturating_sub(micros(Pace::CREDIT));
        let time = self.take.until.saturating_sub(self.pace.next_free.max(earliest)).max(0);
        let paced = time / self.pace.time_of(1).max(1) + 1;
        left.min(CHUNK).min(u32::try_from(paced).unwrap_or(CHUNK)).max(1)
    }

    fn decide(&mut self, lane: Lane, row: Candidate) {
        let Verdict::Decided(decision) = self.consider(&row) else {
            self.rows = 0;
            return;
        };
        let (queue, priority) = (lane.queue, lane.priority);
        // After a marked row it is the next queue's turn.
        if matches!(decision, Decision::Mark { .. }) {
            self.rows -= 1;
            self.marked.extend(row.fingerprint.clone().map(|fingerprint| (fingerprint, row.id)));
            self.lanes.push_back(lane);
        } else {
            self.skips -= 1;
            self.lanes.push_front(lane);
        }
        self.decided.push(Decided { queue, priority, row, decision });
    }

    fn consider(&mut self, row: &Candidate) -> Verdict {
        if row.expires.is_some_and(|expires| expires <= self.tick.at) {
            return Verdict::Decided(Decision::End(Event::Expire, None));
        }
        match &row.prepared {
            Some(Err(why)) => {
                let event = Event::Park { attempt: row.attempt };
                return Verdict::Decided(Decision::End(event, Some(*why)));
            }
            Some(Ok(columns)) => self.prepared.push((row.id, columns.clone())),
            None => {}
        }
        let text_rules = row.text_rules.as_deref();
        if let Some(because) = self.tick.policy.refuses_request(&row.request, row.purpose, text_rules) {
            return Verdict::Decided(Decision::Block(because));
        }
        let latest = match self.tick.policy.ask(&row.about(), self.tick.at) {
            Asked::Allow { until } => until,
            Asked::Block(because) => return Verdict::Decided(Decision::Block(because)),
            Asked::Defer { until, because } => {
                return Verdict::Decided(self.put_off(row, until, because, true));
            }
        };
        let mut pace = self.pace;
        let weight = row.weight.unwrap_or(1);
        let Some(begin) = pace.take(self.tick.at, self.take.until, weight) else { return Verdict::Full };
        let here = row.fingerprint.as_ref().and_then(|fingerprint| self.marked.get(fingerprint));
        if let Some(other) = row.equal.or(here.copied()) {
            return Verdict::Decided(Decision::Wait { other });
        }
        let limits = row.limits(&self.tick.policy, self.tick.begin_by);
        if let Some(decision) = self.exceeds(row, &limits) {
            return Verdict::Decided(decision);
        }
        let spend = Spend {
            to: &row.recipient,
            tenant: &row.tenant,
            campaign: row.campaign,
            request: &row.request,
            is_emergency: row.passes.is_some(),
        };
        let charges = match self.tick.policy.charges(&spend, self.tick.at) {
            Ok(charges) => charges,
            Err(because) => return Verdict::Decided(Decision::Block(because)),
        };
        match self.tick.purse.pay(self.spent, &charges, self.tick.at) {
            Paid::Yes => {}
            Paid::Later => return Verdict::Full,
            Paid::Spent { until, because } => {
                // It may wait for many days.
                return Verdict::Decided(self.put_off(row, until, because, row.waits_for != Some(row.id)));
            }
        }
        self.pace = pace;
        let charges = charges.into_iter().map(|charge| (charge.bucket, charge.amount)).collect();
        let counts = self.spent.counting.count(limits);
        Verdict::Decided(Decision::Mark { begin, latest, charges, counts })
    }
}

impl Chooser<'_> {
    /// What becomes of a message beyond a limit.
    fn exceeds(&self, row: &Candidate, limits: &[Limit<'_>]) -> Option<Decision> {
        match self.spent.counting.exceeds(limits, &row.recent, self.tick.at)? {
            Exceeded::Never(because) => Some(Decision::Block(because)),
            Exceeded::Later { until, because, is_crowded } => {
                let is_logged = !is_crowded || row.waits_for != Some(row.id);
                Some(self.put_off(row, until, because, is_logged))
            }
        }
    }

    /// A message that expires earlier is asked about then.
    fn put_off(&self, row: &Candidate, until: Micros, because: Ruling, is_logged: bool) -> Decision {
        let until = until.max(self.tick.at.saturating_add(SOONEST));
        let until = row.expires.map_or(until, |expires| until.min(expires));
        Decision::Defer { until, because, is_logged }
    }
}

impl Decided {
    /// The event with which a row leaves `ready`, if it ends.
    pub(crate) fn told(&self, at: Micros) -> Option<Finished> {
        let id = self.row.id;
        match &self.decision {
            Decision::End(event, why) => {
                Some(Finished { id, why: *why, ..Finished::from_outside(at, event.clone()) })
            }
            Decision::Block(because) => Some(Finished::blocked(at, id, because)),
            _ => None,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) const fn is_mark(&self) -> bool {
        matches!(self.decision, Decision::Mark { .. })
    }

    /// Is a wait for this message new, so that it is logged?
    pub(crate) fn waits_anew(&self) -> Option<i64> {
        let Decision::Wait { other } = self.decision else { return None };
        (self.row.waits_for != Some(other)).then_some(other)
    }

    /// The mark that the worker gets.
    pub(crate) fn marked(self, sender: i64) -> Option<Marked> {
        let Decision::Mark { begin, latest, charges, counts } = self.decision else { return None };
        let Candidate { id, attempt, weight, due, tries, expires, request, .. } = self.row;
        Some(Marked {
            id,
            attempt: attempt.saturating_add(1),
            queue: self.queue,
            sender,
            weight: weight.unwrap_or(1),
            begin,
            due,
            tries,
            expires: expires.into_iter().chain(latest).min(),
            request,
            charges,
            counts,
        })
    }
}

#[cfg(feature = "postgres")]
impl Candidate {
    /// The record of this ready row.
    pub(crate) fn record(&self) -> Record {
        let ready = Record::ready(self.attempt, self.due, self.tries, self.error.clone());
        Record { campaign: self.campaign, ..ready }
    }
}

#[cfg(test)]
mod tests;
