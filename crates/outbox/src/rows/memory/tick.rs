//! A worker's transaction, in the reference model.

use std::collections::BTreeSet;

use super::{Model, Stored};
use crate::enqueue::Priority;
use crate::error::OutboxError;
use crate::policy::{About, Asked, Exceeded, Paid, Ruling, Spend, Spent};
use crate::rows::record::{Entry, Mark, Record};
use crate::rows::{Applied, Finished, Foreign, Marked, Take, Tick, Ticked};
use crate::state::{Event, State, step};
use crate::timing::Micros;
use crate::worker::pace::Pace;

impl Model {
    pub(super) fn tick(&mut self, tick: &Tick) -> Result<Ticked, OutboxError> {
        let mut touched = BTreeSet::new();
        self.results(tick, &mut touched);
        if !(self.oldest..=self.epoch).contains(&tick.epoch) {
            return Err(OutboxError::LostLease);
        }
        let behind = self.clock - tick.at;
        if behind > 300_000_000 {
            return Err(OutboxError::ClockWentBack { behind_seconds: behind / 1_000_000 });
        }
        self.clock = self.clock.max(tick.at);
        if tick.clean {
            self.dirty_starts = 0;
        }
        let mut ticked = Ticked { lapsed: self.lapse(tick), ..Ticked::default() };
        tick.pauses.iter().for_each(|pause| self.pause(tick.at, pause, None));
        let mut spent = Spent::default();
        for take in &tick.take {
            let skips = (256 / tick.take.len()).max(16);
            touched.extend(take.queues.iter().copied());
            let left = tick.limit.saturating_sub(u32::try_from(ticked.marked.len()).unwrap());
            if left > 0
                && let Some(pace) = self.leased(tick, take, &mut ticked)
            {
                let take = Take { pace, ..take.clone() };
                self.take(tick, &take, left.min(take.rows), skips, &mut spent, &mut ticked);
            }
        }
        ticked.wanted = spent.wanted;
        ticked.next_due = touched.into_iter().map(|queue| (queue, self.next_due(queue))).collect();
        Ok(ticked)
    }

    /// Messages past their deadline become unknown, 256 at most.
    fn lapse(&mut self, tick: &Tick) -> u64 {
        let Some(lease) = tick.lease.as_ref().filter(|lease| lease.lapse) else { return 0 };
        let over = |stored: &Stored| {
            let mark = stored.record.mark.filter(|mark| mark.deadline <= tick.at);
            mark.is_some() && stored.record.progress.state == State::Sending
        };
        let over: Vec<i64> =
            self.ids(over).into_iter().filter(|id| !lease.held.contains(id)).take(256).collect();
        for id in &over {
            let event = Event::Lost { attempt: self.messages[id].record.progress.attempt };
            self.tell(tick.at, &Finished { id: *id, ..Finished::from_outside(tick.at, event) }, None);
        }
        over.len() as u64
    }

    /// The pace of a sender that this worker may have now.
    fn leased(&mut self, tick: &Tick, take: &Take, ticked: &mut Ticked) -> Option<Pace> {
        let row = self.senders.iter().find(|row| row.id == take.sender);
        let (Some(lease), Some(row)) = (&tick.lease, row) else { return Some(take.pace) };
        let before = self.leases.get(&take.sender).copied();
        let foreign = before.filter(|(owner, until)| *owner != tick.epoch && *until > tick.at);
        if let Some((owner, until)) = foreign
            && take.from != Some(owner)
        {
            ticked.foreign.push(Foreign { sender: take.sender, owner, until });
            return None;
        }
        self.leases.insert(take.sender, (tick.epoch, lease.until));
        let stored = Pace { next_free: row.next_free, ..take.pace };
        let mine = before.is_some_and(|(owner, _)| owner == tick.epoch);
        Some(match foreign {
            _ if mine => take.pace,
            Some(_) => stored.taken_over(tick.at, lease.late),
            None => stored.restarted(tick.at, lease.late),
        })
    }

    fn results(&mut self, tick: &Tick, touched: &mut BTreeSet<i64>) {
        let marked_by = |stored: &Stored, batch: i64| {
            let mark = stored.record.mark.filter(|mark| mark.epoch == tick.epoch && mark.batch == batch);
            mark.is_some() && stored.record.progress.state != State::Parked
        };
        let forgotten = tick.forget.iter().flat_map(|batch| self.ids(|stored| marked_by(stored, *batch)));
        let forgotten: Vec<Finished> = forgotten
            .map(|id| {
                let record = &self.messages[&id].record;
                let event = Event::Unmark { attempt: record.progress.attempt };
                Finished { id, ..Finished::from_outside(record.due, event) }
            })
            .collect();
        for told in forgotten.iter().chain(&tick.results) {
            if told.opted_out {
                self.refused(tick.at, told.id, false);
            }
            if let Applied::Moved(progress) = self.tell(tick.at, told, None) {
                self.give_back_counts(&told.not_sent);
                if progress.state == State::Ready {
                    touched.insert(self.messages[&told.id].queue);
                }
            }
        }
    }

    fn take(
        &mut self,
        tick: &Tick,
        take: &Take,
        rows: u32,
        skips: usize,
        spent: &mut Spent,
        ticked: &mut Ticked,
    ) {
        let mut pace = take.pace;
        let (mut rows, mut skips) = (rows, skips);
        if self.may_send(tick, take) {
            'all: for priority in Priority::ALL {
                let mut waiting: Vec<i64> = take.queues.clone();
                while !waiting.is_empty() {
                    let queue = waiting.remove(0);
                    while rows > 0 && skips > 0 {
                        let Some(id) = self.first(tick.at, queue, priority) else { break };
                        match self.consider(tick, take, &mut pace, spent, id) {
                            None => break 'all,
                            Some(None) => skips -= 1,
                            Some(Some(marked)) => {
                                ticked.marked.push(marked);
                                rows -= 1;
                                waiting.push(queue);
                                break;
                            }
                        }
                    }
                    if rows == 0 || skips == 0 {
                        break 'all;
                    }
                }
            }
        }
        if let Some(row) = self.senders.iter_mut().find(|row| row.id == take.sender) {
            let changed = pace != take.pace && pace.is_stored(row.next_free);
            row.next_free = if changed { pace.next_free } else { row.next_free };
        }
        ticked.paces.push((take.sender, pace));
    }

    fn may_send(&self, tick: &Tick, take: &Take) -> bool {
        let Some(row) = self.senders.iter().find(|row| row.id == take.sender) else { return false };
        let pauses = [row.paused.as_ref(), self.accounts.get(&row.sender.account)];
        let mut pace = take.pace;
        pauses.into_iter().flatten().all(|paused| paused.until <= tick.at)
            && pace.take(tick.at, take.until, 1).is_some()
    }

    /// The first due row of a queue and priority.
    fn first(&self, at: Micros, queue: i64, priority: Priority) -> Option<i64> {
        let due = self.ids(|stored| {
            let ready = stored.record.progress.state == State::Ready && stored.record.due <= at;
            ready && stored.queue == queue && stored.new.priority == priority && self.held(queue).is_none()
        });
        due.into_iter().min_by_key(|id| (self.messages[id].record.due, *id))
    }

    fn put_off(&mut self, tick: &Tick, id: i64, until: Micros, because: &Ruling, is_logged: bool) {
        let until = until.max(tick.at + 1_000_000);
        let stored = self.messages.get_mut(&id).unwrap();
        let until = stored.new.expires.map_or(until, |expires| until.min(expires));
        (stored.record.at, stored.record.due) = (until, until);
        stored.waits_for = Some(id);
        if is_logged {
            self.log(tick.at, Some(id), None, Entry::deferred(until, because));
        }
    }

    /// `None` if the sender may begin no further message, `Some(None)` if this message was skipped.
    fn consider(
        &mut self,
        tick: &Tick,
        take: &Take,
        pace: &mut Pace,
        spent: &mut Spent,
        id: i64,
    ) -> Option<Option<Marked>> {
        let Stored { new, record, queue, waits_for, .. } = self.messages[&id].clone();
        if new.expires.is_some_and(|expires| expires <= tick.at) {
            self.tell(tick.at, &Finished { id, ..Finished::from_outside(tick.at, Event::Expire) }, None);
            return Some(None);
        }
        let text_rules = new.text_rules.as_deref();
        if let Some(because) = tick.policy.refuses_request(&new.prepared.request, new.purpose, text_rules) {
            self.tell(tick.at, &Finished::blocked(tick.at, id, &because), None);
            return Some(None);
        }
        let known = self.known(&new, Some(take.sender));
        let about = About {
            kind: new.prepared.kind,
            to: &new.prepared.recipient,
            purpose: new.purpose,
            zone: new.zone.as_deref(),
            known: known.as_ref(),
            passes: new.passes(),
        };
        let latest = match tick.policy.ask(&about, tick.at) {
            Asked::Allow { until } => until,
            Asked::Block(because) => {
                self.tell(tick.at, &Finished::blocked(tick.at, id, &because), None);
                return Some(None);
            }
            Asked::Defer { until, because } => {
                self.put_off(tick, id, until, &because, true);
                return Some(None);
            }
        };
        let mut taken = *pace;
        let begin = taken.take(tick.at, take.until, new.prepared.weight)?;
        let equal = self.ids(|other| {
            let state = &other.record.progress.state;
            let open = matches!(state, State::Sending | State::Unknown);
            let sender = other.record.mark.is_some_and(|mark| mark.sender == take.sender);
            open && sender && other.new.prepared.fingerprint == new.prepared.fingerprint
        });
        if let Some(other) = equal.first() {
            let stored = self.messages.get_mut(&id)?;
            (stored.record.at, stored.record.due) = (tick.equal_due, tick.equal_due);
            stored.waits_for = Some(*other);
            if waits_for != Some(*other) {
                self.log(tick.at, Some(id), None, Entry::waits_for(*other));
            }
            return Some(None);
        }
        let counts = match self.count(tick, &new) {
            Ok(counts) => counts,
            Err(Exceeded::Never(because)) => {
                self.tell(tick.at, &Finished::blocked(tick.at, id, &because), None);
                return Some(None);
            }
            Err(Exceeded::Later { until, because, is_crowded }) => {
                self.put_off(tick, id, until, &because, !is_crowded || waits_for != Some(id));
                return Some(None);
            }
        };
        let spend = Spend {
            to: &new.prepared.recipient,
            tenant: &new.tenant,
            campaign: new.campaign,
            request: &new.prepared.request,
            is_emergency: new.emergency.is_some(),
        };
        let refused = match tick.policy.charges(&spend, tick.at) {
            Err(because) => {
                self.tell(tick.at, &Finished::blocked(tick.at, id, &because), None);
                return Some(None);
            }
            Ok(charges) => (tick.purse.pay(spent, &charges, tick.at), charges),
        };
        let charges = match refused {
            (Paid::Later, _) => return None,
            (Paid::Spent { until, because }, _) => {
                self.put_off(tick, id, until, &because, waits_for != Some(id));
                return Some(None);
            }
            (Paid::Yes, charges) => charges,
        };
        *pace = taken;
        self.recent.extend(counts.clone());
        let progress = step(&record.progress, &Event::Mark).moved()?.clone();
        let mark =
            Mark { sender: take.sender, epoch: tick.epoch, batch: tick.batch, deadline: tick.deadline };
        let attempt = progress.attempt;
        let marked = Record { progress, at: tick.at, mark: Some(mark), ..record.clone() };
        self.messages.get_mut(&id)?.record = marked;
        Some(Some(Marked {
            id,
            attempt,
            queue,
            sender: take.sender,
            weight: new.prepared.weight,
            begin,
            due: record.due,
            tries: record.tries,
            expires: new.expires.into_iter().chain(latest).min(),
            request: new.prepared.request,
            charges: charges.into_iter().map(|charge| (charge.bucket, charge.amount)).collect(),
            counts,
        }))
    }
}
