//! The decisions of a worker, without carrying them out: no I/O, no clock, no task.
//!
//! The caller, which is the worker's task or the simulation, passes in the time and the events, and asks what to do
//! next: which transaction to run, which message to send. So the same decisions run in production and in a million
//! simulated crashes.
//!
//! Its collections are sorted, so that the same seed makes the same decisions in every run.
//!
//! Its rules: a message is sent only after the transaction that marks it has been committed. At most [`Limits::marked`]
//! messages are marked and not begun, because a crash leaves these unknown. A result is kept until the transaction that
//! records it has been committed.

mod answers;
mod budgets;
mod pauses;
mod queues;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;

use self::budgets::Budgets;
use self::pauses::Pauses;
use self::queues::Queues;
use super::pace::Pace;
use crate::policy::{Bucket, Policy, Want};
use crate::rows::{Finished, Lease, Look, Marked, QueueRow, SenderRow, Started, Tick, Ticked, Whom};
use crate::state::Event;
use crate::timing::{Micros, Timing, micros};

/// The limits of what a worker has in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Requests that wait for their answer.
    pub(crate) concurrency: usize,
    /// Messages that are marked, and whose request has not begun.
    pub(crate) marked: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 64, marked: 256 }
    }
}

/// A message to send now.
#[derive(Debug, Clone)]
pub(crate) struct Begin {
    pub(crate) marked: Marked,
    /// The number of the tick that marked it.
    pub(crate) batch: i64,
    /// The latest time at which it may begin.
    pub(crate) by: Micros,
}

/// A transaction whose answer has not come yet.
#[derive(Debug)]
struct Pending {
    batch: i64,
    at: Micros,
    results: Vec<Finished>,
    forget: Vec<i64>,
    asked: bool,
}

/// How often a sender or an account on trial is checked, in addition to the check after each answer.
const TRIAL: Micros = 50_000;

/// How many times within the deadline of a message the database is searched for messages past their deadline.
const LAPSES: Micros = 32;

/// How long results wait for further results, so that one transaction records them together.
const GATHER: Micros = 10_000;

/// The decisions of a worker.
#[derive(Debug)]
pub(crate) struct Core {
    timing: Timing,
    limits: Limits,
    random: Rng,
    epoch: i64,
    batch: i64,
    queues: Queues,
    pauses: Pauses,
    /// Sorted by the time at which they may begin, the latest first.
    waiting: Vec<Begin>,
    /// Requests that wait for their answer, by the id of their message.
    flights: BTreeMap<i64, Marked>,
    results: Vec<Finished>,
    results_since: Option<Micros>,
    forget: Vec<i64>,
    pending: Option<Pending>,
    /// How long a transaction takes at present, from the decision to the answer.
    lag: Micros,
    /// After crashes, messages are sent one at a time until one of them has a result.
    careful: bool,
    clean: bool,
    stopping: bool,
    /// If other workers use the database: when the next transaction looks for messages past their deadline.
    lapse_at: Option<Micros>,
    policy: Arc<Policy>,
    budgets: Budgets,
}

impl Core {
    pub(crate) fn new(timing: Timing, limits: Limits, started: &Started, random: Rng) -> Self {
        Self {
            timing,
            limits,
            random,
            epoch: started.epoch,
            batch: 0,
            queues: Queues::new(
                micros(timing.horizon),
                micros(timing.begin + Pace::CREDIT),
                micros(timing.lease),
            ),
            pauses: Pauses::default(),
            waiting: Vec::new(),
            flights: BTreeMap::new(),
            results: Vec::new(),
            results_since: None,
            forget: Vec::new(),
            pending: None,
            lag: 0,
            careful: started.dirty_starts > 2,
            clean: false,
            stopping: false,
            lapse_at: None,
            policy: Arc::default(),
            budgets: Budgets::default(),
        }
    }

    /// Sets the rules that are asked before a message is marked.
    pub(crate) fn with_policy(mut self, policy: Arc<Policy>) -> Self {
        self.policy = policy;
        self
    }

    /// Other workers may use the same database: senders are leased, and messages of workers that disappeared lapse.
    pub(crate) fn shared(mut self) -> Self {
        self.lapse_at = Some(Micros::MIN);
        self
    }

    /// The worker, if it must give its senders back at the end.
    pub(crate) fn lessee(&self) -> Option<i64> {
        self.lapse_at.map(|_| self.epoch)
    }

    /// Records that a read of the database begins. Its answer may not contain changes that are written after this.
    pub(crate) fn look_begins(&mut self) {
        self.pauses.look_begins();
    }

    /// Takes over what was read from the database.
    pub(crate) fn looked(&mut self, now: Micros, look: Look) {
        self.pauses.looked(&look);
        self.queues.looked(now, look);
        // A campaign may have been paused since its messages were marked.
        self.take_back_paused(now);
    }

    /// Returns the queues whose sender is not known yet.
    pub(crate) fn unbound(&self, now: Micros) -> Vec<QueueRow> {
        self.queues.unbound(now)
    }

    /// Sets the sender of a queue, and its rate.
    pub(crate) fn bound(&mut self, now: Micros, queue: i64, sender: SenderRow, milli_per_second: u32) {
        self.pauses.learn(Whom::Sender(sender.id), sender.paused.clone());
        self.queues.bound(now, queue, sender, milli_per_second);
    }

    /// Records that no sender was found for a queue. It is not resolved again before the given time.
    pub(crate) fn unresolved(&mut self, queue: i64, retry_at: Micros) {
        self.queues.unresolved(queue, retry_at);
    }

    /// Records that a message was enqueued in this process. Returns `false` if its queue is new, so that the database
    /// must be read.
    pub(crate) fn hint(&mut self, queue: i64, due: Micros) -> bool {
        self.queues.hint(queue, due)
    }

    /// Returns the next transaction, if there is something to write. Only one runs at a time: pass its answer to
    /// [`ticked`](Self::ticked).
    pub(crate) fn tick(&mut self, now: Micros) -> Option<Tick> {
        if self.pending.is_some() {
            return None;
        }
        let (take, limit) = self.take(now);
        let asked = !take.is_empty();
        if !asked && !self.must_write(now) {
            return None;
        }
        self.batch += 1;
        self.results_since = None;
        let pauses = self.pauses.unwritten();
        let lease = self.lease(now);
        let results = std::mem::take(&mut self.results);
        let forget = std::mem::take(&mut self.forget);
        let tick = Tick {
            epoch: self.epoch,
            batch: self.batch,
            at: now,
            results: results.clone(),
            forget: forget.clone(),
            pauses,
            lease,
            take,
            limit,
            begin_by: now.saturating_add(micros(self.timing.begin)),
            deadline: now.saturating_add(micros(self.timing.deadline)),
            equal_due: now.saturating_add(micros(self.timing.equal)),
            clean: self.clean,
            policy: Arc::clone(&self.policy),
            purse: self.budgets.purse(),
        };
        self.pending = Some(Pending { batch: self.batch, at: now, results, forget, asked });
        Some(tick)
    }

    fn lease(&mut self, now: Micros) -> Option<Lease> {
        let lapse = self.is_lapse_due(now);
        let lapse_at = self.lapse_at.as_mut()?;
        let mut held = Vec::new();
        if lapse {
            *lapse_at = now.saturating_add(micros(self.timing.deadline) / LAPSES);
            held.extend(self.waiting.iter().map(|begin| begin.marked.id).chain(self.flights.keys().copied()));
        }
        let late = micros(self.timing.begin + Pace::CREDIT);
        Some(Lease { until: now.saturating_add(micros(self.timing.lease)), late, lapse, held })
    }

    fn is_lapse_due(&self, now: Micros) -> bool {
        self.lapse_at.is_some_and(|at| at <= now)
    }

    /// If there is enough other work, results wait a short time for further results.
    fn must_write(&mut self, now: Micros) -> bool {
        if !self.stopping && self.is_lapse_due(now) {
            return true;
        }
        if self.stopping || !self.forget.is_empty() || self.pauses.is_changed() {
            return !(self.results.is_empty() && self.forget.is_empty() && !self.pauses.is_changed());
        }
        if self.results.is_empty() {
            return false;
        }
        let since = *self.results_since.get_or_insert(now);
        self.flights.is_empty()
            || self.results.len() >= self.limits.marked / 2
            || now >= since.saturating_add(GATHER)
    }

    fn take(&mut self, now: Micros) -> (Vec<crate::rows::Take>, u32) {
        let most = if self.careful { 1 } else { self.limits.marked };
        let busy = if self.careful { self.waiting.len() + self.flights.len() } else { self.waiting.len() };
        // New messages are marked only when at least half of the marked ones have begun. So each transaction marks
        // enough to be worth its fsync.
        if self.stopping || busy > most / 2 || self.budgets.must_wait(now) {
            return (Vec::new(), 0);
        }
        let limit = u32::try_from(most - busy).unwrap_or(u32::MAX);
        let marked = self.waiting.iter().map(|begin| &begin.marked).chain(self.flights.values());
        // The senders with messages in progress are needed only if a sender or an account is paused or on trial.
        let busy_senders: BTreeSet<i64> = if self.pauses.is_empty() {
            BTreeSet::new()
        } else {
            marked.map(|marked| marked.sender).collect()
        };
        (self.queues.take(now, limit, &self.pauses, &busy_senders), limit)
    }

    /// Takes the answer to the transaction that [`tick`](Self::tick) returned. `None`: it failed or its answer was
    /// lost, so it may or may not have been committed.
    pub(crate) fn ticked(&mut self, now: Micros, answer: Option<Ticked>) {
        let Some(pending) = self.pending.take() else { return };
        let Some(answer) = answer else {
            // Results are idempotent, and messages that the transaction may have marked have not begun. So the results
            // are written again, and the marks are taken back.
            self.results.splice(0..0, pending.results);
            self.pauses.write_again();
            self.forget.extend(pending.forget);
            if pending.asked {
                self.forget.push(pending.batch);
            }
            return;
        };
        self.pauses.written();
        let lag = now.saturating_sub(pending.at).max(self.lag / 4 * 3);
        self.lag = lag.min(micros(self.timing.begin) / 2);
        self.queues.ticked(pending.at, self.lag, &answer);
        let by = pending.at.saturating_add(micros(self.timing.begin));
        self.budgets.ticked(&answer);
        let begin = answer.marked.into_iter().map(|marked| Begin { marked, batch: pending.batch, by });
        self.waiting.extend(begin);
        self.waiting.sort_by_key(|begin| std::cmp::Reverse((begin.marked.begin, begin.marked.id)));
        self.take_back_paused(now);
    }

    /// Returns the next message to send, if one may begin now.
    pub(crate) fn begin(&mut self, now: Micros) -> Option<Begin> {
        while let Some(next) = self.waiting.last() {
            let expired = next.marked.expires.is_some_and(|expires| expires <= now);
            if next.by <= now || expired {
                self.take_back_next(next.marked.due);
                continue;
            }
            if next.marked.begin > now || self.flights.len() >= self.limits.concurrency {
                return None;
            }
            let (sender, weight) = (next.marked.sender, next.marked.weight);
            if let Some(wait) = self.queues.begin(now, sender, weight) {
                // This message and others of its sender were delayed. They are sent at the sender's rate, not all
                // together.
                self.delay_next(wait);
                continue;
            }
            let next = self.waiting.pop()?;
            self.flights.insert(next.marked.id, next.marked.clone());
            return Some(next);
        }
        None
    }

    fn delay_next(&mut self, until: Micros) {
        if let Some(mut next) = self.waiting.pop() {
            next.marked.begin = until;
            let key = std::cmp::Reverse((until, next.marked.id));
            let place = self
                .waiting
                .partition_point(|other| std::cmp::Reverse((other.marked.begin, other.marked.id)) < key);
            self.waiting.insert(place, next);
        }
    }

    fn take_back_next(&mut self, due: Micros) {
        if let Some(begin) = self.waiting.pop() {
            self.take_back(&begin.marked, due);
        }
    }

    /// Takes a mark back whose request surely did not leave this process.
    fn take_back(&mut self, marked: &Marked, due: Micros) {
        self.budgets.refund(marked);
        let event = Event::Unmark { attempt: marked.attempt };
        self.results.push(Finished::not_sent(marked, event, due));
    }

    /// Returns what must be reserved of budgets before more can be marked. Pass the answers to
    /// [`reserved`](Self::reserved).
    pub(crate) fn wants(&mut self) -> Vec<(Bucket, Want)> {
        if self.stopping { Vec::new() } else { self.budgets.wants() }
    }

    /// Takes what was reserved; `None` if the database failed.
    pub(crate) fn reserved(&mut self, now: Micros, granted: Vec<(Bucket, Option<i64>)>) {
        self.budgets.reserved(now, granted);
    }

    /// Returns what was reserved and not used, to give it back.
    pub(crate) fn left(&mut self) -> Vec<(Bucket, i64)> {
        self.budgets.left()
    }

    /// Stops marking messages, and takes back the marks of those that have not begun.
    pub(crate) fn stop(&mut self) {
        self.stopping = true;
        for begin in std::mem::take(&mut self.waiting) {
            self.take_back(&begin.marked, begin.marked.due);
        }
    }

    fn take_back_paused(&mut self, now: Micros) {
        let stopping = self.stopping;
        let (queues, pauses) = (&self.queues, &self.pauses);
        let goes_back = |begin: &mut Begin| {
            let paused_until = || queues.paused_until(begin.marked.sender, pauses);
            stopping || queues.is_held(begin.marked.queue) || paused_until().is_some_and(|until| until > now)
        };
        let back = self.waiting.extract_if(.., goes_back);
        for begin in back.collect::<Vec<_>>() {
            self.take_back(&begin.marked, begin.marked.due);
        }
    }

    /// Returns the next time at which there may be something to do, without regard to answers.
    pub(crate) fn wake_at(&self, now: Micros) -> Option<Micros> {
        let begin = self.waiting.last().map(|begin| {
            if self.flights.len() >= self.limits.concurrency { begin.by } else { begin.marked.begin }
        });
        let idle = self.pending.is_none() && !self.stopping && self.waiting.len() <= self.limits.marked / 2;
        // A due message that was not marked now waits for an answer, or for the end of a trial of another sender.
        let soon = now.saturating_add(TRIAL);
        let due = self.queues.next_due(&self.pauses).filter(|_| idle);
        let due = due.map(|due| if due <= now { soon } else { due }).map(|due| due.max(self.budgets.held()));
        let write =
            self.results_since.map(|since| since.saturating_add(GATHER)).filter(|_| self.pending.is_none());
        let lapse = self.lapse_at.filter(|_| self.pending.is_none() && !self.stopping);
        [begin, due, write, lapse].into_iter().flatten().min()
    }

    /// Is no message marked or in progress, and is there nothing to write?
    pub(crate) fn is_settled(&self) -> bool {
        self.waiting.is_empty()
            && self.flights.is_empty()
            && self.results.is_empty()
            && self.forget.is_empty()
            && self.pending.is_none()
    }
}

/// Returns the upper limit of a wait, which doubles with each failure.
fn backoff(first: std::time::Duration, most: std::time::Duration, tries: u32) -> std::time::Duration {
    first.saturating_mul(1_u32.checked_shl(tries.min(30)).unwrap_or(u32::MAX)).min(most)
}

#[cfg(test)]
mod tests;
