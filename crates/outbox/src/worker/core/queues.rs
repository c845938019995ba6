//! The queues that hold messages, their senders, and which sender is next.

mod share;

use std::collections::{BTreeMap, BTreeSet};

use super::pauses::Pauses;
use crate::rows::{Foreign, Look, NewSender, QueueRow, SenderRow, Take, Ticked, Whom};
use crate::timing::{Micros, micros};
use crate::worker::pace::Pace;

/// The maximum number of senders for which one transaction marks messages.
const SENDERS: usize = 64;

/// A large text, in segments.
const LARGE: u32 = 10;

/// The queues and their senders.
#[derive(Debug)]
pub(super) struct Queues {
    /// How long before its begin time, which follows from the sender's rate, a message is marked.
    horizon: Micros,
    /// The maximum delay of a message after the begin time that follows from its sender's rate.
    late: Micros,
    /// How long a sender belongs to this worker after each transaction that marks for it.
    lease: Micros,
    /// When it is next checked whether other workers have more senders.
    share_at: Micros,
    /// The duration of slow transactions, by which the begin times of the messages that they mark are moved. Without
    /// this, every begin time would already be over when the answer of the transaction comes.
    lag: Micros,
    queues: BTreeMap<i64, Queue>,
    senders: BTreeMap<i64, SenderState>,
    /// The senders that have messages to send, sorted by the time at which they may send.
    agenda: BTreeSet<(Micros, i64)>,
}

#[derive(Debug)]
struct Queue {
    row: QueueRow,
    /// The sender, once this process has resolved it. The sender in the stored row is not enough: an earlier
    /// process may have stored it, and this process does not know the sender's account yet.
    sender: Option<i64>,
    /// When its first message is due; `None` if it is empty.
    next_due: Option<Micros>,
    /// The due time of a message that was enqueued in this process after the last transaction was created.
    hint: Option<Micros>,
    /// No account or sender was found for it; it is not tried again before this time.
    retry_at: Micros,
}

#[derive(Debug)]
struct SenderState {
    sender: NewSender,
    pace: Pace,
    /// When the next message may begin, computed from the messages that were actually sent. It is later than the pace
    /// if messages were delayed.
    begun: Pace,
    queues: Vec<i64>,
    /// The queue that had the last turn.
    last: Option<i64>,
    /// When a transaction last read this sender's queues. The sender that has waited longest gets the next turn.
    served: Micros,
    /// Another worker that has it.
    foreign: Option<Foreign>,
    /// Until when this worker has it.
    mine_until: Micros,
    /// How many reads of the database in a row showed a message that waits, while another worker had it.
    backlog: u32,
    /// When it was last seen to belong to another worker than before.
    changed_at: Micros,
    /// Its key in the agenda.
    at: Option<Micros>,
}

impl Queues {
    pub(super) fn new(horizon: Micros, late: Micros, lease: Micros) -> Self {
        Self {
            horizon,
            late,
            lease,
            share_at: Micros::MIN,
            lag: 0,
            queues: BTreeMap::new(),
            senders: BTreeMap::new(),
            agenda: BTreeSet::new(),
        }
    }

    pub(super) fn looked(&mut self, now: Micros, look: Look) {
        let mut senders = BTreeSet::new();
        for row in look.queues {
            let (due, held) = (row.next_due, row.held);
            let queue = self.queues.entry(row.id).or_insert_with(|| Queue {
                row,
                sender: None,
                next_due: None,
                hint: None,
                retry_at: now,
            });
            queue.row.held = held;
            if held.is_some() {
                (queue.next_due, queue.hint) = (None, None);
                continue;
            }
            queue.next_due = Some(queue.next_due.map_or(due, |known| known.min(due)));
            senders.extend(queue.sender);
        }
        self.note_backlogs(now, &senders);
        // Each sender is scheduled only once, because thousands of tenants may share a sender.
        senders.into_iter().for_each(|sender| self.schedule(sender));
    }

    /// Queues that are held are resolved, too, because they are also compared with what the provider has sent.
    pub(super) fn unbound(&self, now: Micros) -> Vec<QueueRow> {
        let has_messages = |queue: &Queue| queue.next_due.is_some() || queue.row.held.is_some();
        let unbound = |queue: &&Queue| queue.sender.is_none() && has_messages(queue) && queue.retry_at <= now;
        self.queues.values().filter(unbound).map(|queue| queue.row.clone()).collect()
    }

    /// Are the messages of this queue not to be sent, as far as is known?
    pub(super) fn is_held(&self, queue: i64) -> bool {
        self.queues.get(&queue).is_some_and(|queue| queue.row.held.is_some())
    }

    pub(super) fn unresolved(&mut self, queue: i64, retry_at: Micros) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            queue.retry_at = retry_at;
        }
    }

    pub(super) fn bound(&mut self, now: Micros, queue: i64, row: SenderRow, milli_per_second: u32) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            queue.sender = Some(row.id);
        }
        let (id, late) = (row.id, self.late);
        let state = self.senders.entry(id).or_insert_with(|| SenderState {
            sender: row.sender,
            pace: Pace { next_free: row.next_free, milli_per_second }.restarted(now, late),
            begun: Pace { next_free: Micros::MIN, milli_per_second },
            queues: Vec::new(),
            last: None,
            served: Micros::MIN,
            foreign: None,
            mine_until: Micros::MIN,
            backlog: 0,
            changed_at: Micros::MIN,
            at: None,
        });
        if !state.queues.contains(&queue) {
            state.queues.push(queue);
        }
        if let Some(due) = self.queues.get(&queue).and_then(|queue| queue.next_due) {
            self.schedule_for(id, due);
        }
    }

    pub(super) fn hint(&mut self, queue: i64, due: Micros) -> bool {
        let Some(queue) = self.queues.get_mut(&queue) else { return false };
        let earlier = |known: Option<Micros>| Some(known.map_or(due, |known| known.min(due)));
        queue.hint = earlier(queue.hint);
        queue.next_due = earlier(queue.next_due);
        if let Some(sender) = queue.sender {
            self.schedule_for(sender, due);
        }
        true
    }

    pub(super) fn sender(&self, sender: i64) -> Option<&NewSender> {
        self.senders.get(&sender).map(|state| &state.sender)
    }

    /// Returns how long before its begin time a message may be marked.
    const fn ahead(&self) -> Micros {
        self.horizon.saturating_add(self.lag)
    }

    /// Puts a sender on the agenda, at the time at which it may send its next message.
    fn schedule(&mut self, sender: i64) {
        let Some(state) = self.senders.get(&sender) else { return };
        let due = state.queues.iter().filter_map(|queue| self.queues.get(queue)?.next_due).min();
        self.schedule_at(sender, due);
    }

    /// Puts a sender on the agenda, or moves it to an earlier time, for one message that is due. It does not check all
    /// its queues.
    fn schedule_for(&mut self, sender: i64, due: Micros) {
        let Some(state) = self.senders.get(&sender) else { return };
        if state.at.is_none_or(|at| state.place(due, self.ahead()) < at) {
            self.schedule_at(sender, Some(due));
        }
    }

    fn schedule_at(&mut self, sender: i64, due: Option<Micros>) {
        let ahead = self.ahead();
        let Some(state) = self.senders.get_mut(&sender) else { return };
        let at = due.map(|due| state.place(due, ahead));
        if state.at != at {
            if let Some(before) = state.at {
                self.agenda.remove(&(before, sender));
            }
            if let Some(at) = at {
                self.agenda.insert((at, sender));
            }
            state.at = at;
        }
    }

    /// Chooses the senders that may mark messages now, beginning with those that have waited longest. `busy` are the
    /// senders that have messages in progress; they matter only while a sender or an account is paused or on trial.
    pub(super) fn take(
        &mut self,
        now: Micros,
        limit: u32,
        pauses: &Pauses,
        busy: &BTreeSet<i64>,
    ) -> Vec<Take> {
        let mut trials = self.trials_under_way(pauses, busy);
        let mut next = Vec::new();
        for (_, sender) in self.agenda.range(..=(now, i64::MAX)) {
            // Only senders that may send count towards the limit: any number of senders may wait for an account on
            // trial.
            if let Some(rows) = self.allowed(*sender, now, limit, pauses, &mut trials) {
                next.push((*sender, rows));
            }
            if next.len() >= SENDERS {
                break;
            }
        }
        let mut takes: Vec<Take> =
            next.into_iter().filter_map(|(sender, rows)| self.take_one(sender, now, rows, None)).collect();
        takes.extend(self.share(now, limit, pauses));
        takes
    }

    /// The senders and accounts on trial whose test message is in progress.
    fn trials_under_way(&self, pauses: &Pauses, busy: &BTreeSet<i64>) -> BTreeSet<Whom> {
        if pauses.is_empty() {
            return BTreeSet::new();
        }
        busy.iter().flat_map(|sender| self.trials(*sender, pauses)).collect()
    }

    /// Returns the sender and its account, if they are on trial.
    fn trials(&self, sender: i64, pauses: &Pauses) -> impl Iterator<Item = Whom> {
        let account = self.sender(sender).map(|sender| Whom::Account(sender.account.clone()));
        let sender = Whom::Sender(sender);
        [Some(sender), account].into_iter().flatten().filter(|whom| pauses.is_trial(whom))
    }

    /// Returns how many rows a sender may mark: none during a pause; on trial, one if no other test message is in
    /// progress.
    fn allowed(
        &self,
        sender: i64,
        now: Micros,
        limit: u32,
        pauses: &Pauses,
        trials: &mut BTreeSet<Whom>,
    ) -> Option<u32> {
        if pauses.is_empty() {
            return Some(limit);
        }
        if self.paused_until(sender, pauses).is_some_and(|until| until > now) {
            return None;
        }
        let mine: Vec<Whom> = self.trials(sender, pauses).collect();
        if mine.is_empty() {
            return Some(limit);
        }
        if mine.iter().any(|whom| trials.contains(whom)) {
            return None;
        }
        trials.extend(mine);
        Some(1)
    }

    /// `from`: the worker that has the sender, if it is to be taken from that one.
    fn take_one(&mut self, sender: i64, now: Micros, rows: u32, from: Option<i64>) -> Option<Take> {
        let (until, lag) = (now.saturating_add(self.ahead()), self.lag);
        let state = self.senders.get_mut(&sender)?;
        let due = |id: &i64| {
            let queue = self.queues.get(id)?;
            queue.next_due.is_some_and(|due| due <= now).then_some(*id)
        };
        let last = state.last.and_then(|last| state.queues.iter().position(|queue| *queue == last));
        let (later, first) = state.queues.split_at(last.map_or(0, |last| last + 1));
        let queues: Vec<i64> = first.iter().chain(later).filter_map(due).collect();
        // A slow sender does not catch up: its messages may already begin late, and both delays must not add up.
        let catches_up = lag == 0 && state.pace.time_of(LARGE) <= Pace::RESTART;
        let earliest = if catches_up { Micros::MIN } else { now.saturating_add(lag) };
        let pace = Pace { next_free: state.next_free().max(earliest), ..state.pace };
        let is_foreign = state.foreign_until() > now && from.is_none();
        if queues.is_empty() || pace.next_free > until || is_foreign {
            return None;
        }
        for queue in &queues {
            if let Some(queue) = self.queues.get_mut(queue) {
                queue.hint = None;
            }
        }
        Some(Take { sender, queues, pace, until, rows, from })
    }

    /// Takes the answer to the transaction that was created at `asked_at`. `lag` is how long transactions take at
    /// present.
    pub(super) fn ticked(&mut self, asked_at: Micros, lag: Micros, answer: &Ticked) {
        self.lag = if lag > micros(Pace::CREDIT) / 2 { lag } else { 0 };
        for (sender, pace) in &answer.paces {
            if let Some(state) = self.senders.get_mut(sender) {
                state.pace.next_free = pace.next_free;
                if state.foreign.take().is_some() {
                    state.changed_at = asked_at;
                }
                state.mine_until = asked_at.saturating_add(self.lease);
                // A sender that got no turn, because others used up the limit, gets its turn first in the next
                // transaction.
                state.served = asked_at;
            }
        }
        for foreign in &answer.foreign {
            if let Some(state) = self.senders.get_mut(&foreign.sender) {
                let was = state.foreign.map(|foreign| foreign.owner);
                if was.is_some_and(|was| was != foreign.owner) || state.mine_until > Micros::MIN {
                    (state.changed_at, state.backlog) = (asked_at, 0);
                }
                state.foreign = Some(*foreign);
                state.mine_until = Micros::MIN;
            }
        }
        for marked in &answer.marked {
            if let Some(state) = self.senders.get_mut(&marked.sender) {
                state.last = Some(marked.queue);
            }
        }
        for (queue, due) in &answer.next_due {
            if let Some(queue) = self.queues.get_mut(queue) {
                queue.next_due = [*due, queue.hint].into_iter().flatten().min();
            }
        }
        let asked = answer.next_due.iter().filter_map(|(queue, _)| self.queues.get(queue)?.sender);
        for sender in asked.collect::<BTreeSet<i64>>() {
            self.schedule(sender);
        }
    }

    /// Lets a message begin, or returns how long it must wait because other messages of its sender were also delayed.
    pub(super) fn begin(&mut self, now: Micros, sender: i64, weight: u32) -> Option<Micros> {
        let state = self.senders.get_mut(&sender)?;
        match state.begun.take(now, now, weight) {
            Some(_) => None,
            None => Some(state.begun.next_free),
        }
    }

    /// Returns when the pause of a sender or of its account is over; `None` if neither was paused since its last
    /// success.
    pub(super) fn paused_until(&self, sender: i64, pauses: &Pauses) -> Option<Micros> {
        if pauses.is_empty() {
            return None;
        }
        let account = Whom::Account(self.sender(sender)?.account.clone());
        pauses.until(&Whom::Sender(sender), &account)
    }

    /// Returns the next time at which a sender may mark a message.
    pub(super) fn next_due(&self, pauses: &Pauses) -> Option<Micros> {
        if pauses.is_empty() {
            return self.agenda.first().map(|(at, _)| *at);
        }
        let mut earliest: Option<Micros> = None;
        for (at, sender) in &self.agenda {
            if earliest.is_some_and(|earliest| earliest <= *at) {
                break;
            }
            let at = self.paused_until(*sender, pauses).map_or(*at, |until| until.max(*at));
            earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
        }
        earliest
    }
}

impl SenderState {
    /// Returns its key in the agenda for a message that is due.
    fn place(&self, due: Micros, ahead: Micros) -> Micros {
        due.max(self.next_free().saturating_sub(ahead)).max(self.served).max(self.foreign_until())
    }

    fn foreign_until(&self) -> Micros {
        self.foreign.map_or(Micros::MIN, |foreign| foreign.until)
    }

    /// Returns when its next message may begin.
    fn next_free(&self) -> Micros {
        self.pace.next_free.max(self.begun.next_free.saturating_sub(micros(Pace::CREDIT)))
    }
}
