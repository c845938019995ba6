//! The reference model for tests: the same contract with plain collections, as simple as possible.
//!
//! It shares with the other stores only the code that applies an event to a record. Everything else is independent code,
//! written without regard to speed.

mod budget;
mod calls;
mod campaign;
mod check;
mod consent;
mod erase;
mod history;
mod recent;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use switchboard::provider::SendKind;

use super::budget::Used;
use super::campaign::{CampaignRow, Tally};
use super::check::NEWEST_STEP;
use super::consent::ConsentRow;
use super::record::{Change, Entry, Mark, Record};
use super::{
    AccountRow, Applied, Counts, Enqueued, Finished, Foreign, Look, Marked, Name, NewMessage, NewSender,
    Pause, Paused, QueueRow, Row, SenderRow, Started, Take, Tick, Ticked, Whom,
};
use crate::enqueue::Priority;
use crate::error::OutboxError;
use crate::policy::{About, Asked, Bucket, Count, Exceeded, Paid, Ruling, Spend, Spent};
use crate::state::{Event, State, step};
use crate::timing::Micros;
use crate::worker::pace::Pace;

/// The rows in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryRows(Mutex<Model>);

#[derive(Debug, Clone, Default)]
struct Model {
    messages: BTreeMap<i64, Stored>,
    queues: Vec<Queue>,
    senders: Vec<SenderRow>,
    accounts: BTreeMap<String, Paused>,
    forgotten: BTreeSet<String>,
    guard: Option<Micros>,
    events: Vec<Logged>,
    /// For each sender, the last message that was accepted: when, its id at the provider, and its id here.
    newest: BTreeMap<i64, (Micros, String, i64)>,
    budgets: BTreeMap<Bucket, Used>,
    campaigns: Vec<CampaignRow>,
    /// What became of the messages of campaigns that were deleted.
    deleted_of_campaigns: BTreeMap<i64, Tally>,
    /// When each message that was sent recently counts no longer.
    recent: Vec<Count>,
    /// By recipient, scope and purpose.
    consents: BTreeMap<(String, String, String), ConsentRow>,
    /// Further ids at the provider of messages that were sent twice.
    second_sids: BTreeMap<String, i64>,
    epoch: i64,
    /// The oldest worker that may mark messages.
    oldest: i64,
    /// The worker that has a sender, and until when.
    leases: BTreeMap<i64, (i64, Micros)>,
    clock: Micros,
    dirty_starts: u32,
}

#[derive(Debug, Clone)]
struct Stored {
    new: NewMessage,
    created: Micros,
    queue: i64,
    record: Record,
    waits_for: Option<i64>,
}

#[derive(Debug, Clone)]
struct Queue {
    tenant: String,
    kind: SendKind,
    sender: String,
    campaign: i64,
    bound: Option<i64>,
}

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) at: Micros,
    pub(crate) id: Option<i64>,
    pub(crate) actor: Option<String>,
    pub(crate) topic: String,
    pub(crate) detail: String,
}

impl MemoryRows {
    /// The log.
    pub(crate) fn events(&self) -> Vec<Logged> {
        self.with(|model| model.events.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Model) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies all changes of `work`, or none if it fails.
    fn write<T>(&self, work: impl FnOnce(&mut Model) -> Result<T, OutboxError>) -> Result<T, OutboxError> {
        self.with(|model| {
            let mut copy = model.clone();
            let done = work(&mut copy)?;
            *model = copy;
            Ok(done)
        })
    }
}

impl Model {
    fn id(&self, name: &Name) -> Option<i64> {
        let named = |stored: &Stored| match name {
            Name::Id(_) => false,
            Name::Key { tenant, key } => stored.new.tenant == *tenant && stored.new.key == *key,
        };
        match name {
            Name::Id(id) => Some(*id),
            Name::Key { .. } => self.messages.iter().find(|(_, stored)| named(stored)).map(|(id, _)| *id),
        }
    }

    fn row(&self, id: i64) -> Option<Row> {
        let Stored { new, created, record, .. } = self.messages.get(&id)?;
        Some(Row {
            id,
            tenant: new.tenant.clone(),
            key: new.key.clone(),
            kind: new.prepared.kind,
            sender: new.prepared.sender.clone(),
            recipient: new.prepared.recipient.clone(),
            progress: record.progress.clone(),
            created: *created,
            expires: new.expires,
            at: record.at,
            why: record.why,
            error: record.error.clone(),
            segments: record.segments,
            delivered: record.delivered.clone(),
            sids: record.seen.sids.clone(),
        })
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for stored in self.messages.values() {
            *match stored.record.progress.state {
                State::Ready => &mut counts.ready,
                State::Sending => &mut counts.sending,
                State::Unknown => &mut counts.unknown,
                State::Parked => &mut counts.parked,
                State::Accepted { .. } => &mut counts.accepted,
                State::Rejected => &mut counts.rejected,
                State::Expired => &mut counts.expired,
                State::Blocked => &mut counts.blocked,
                State::Cancelled => &mut counts.cancelled,
                State::Abandoned => &mut counts.abandoned,
            } += 1;
        }
        counts
    }

    fn enqueue(&mut self, at: Micros, place: usize, new: NewMessage) -> Result<Enqueued, OutboxError> {
        if new.hashes.iter().any(|hash| self.forgotten.contains(hash)) {
            return Err(OutboxError::Forgotten { place });
        }
        let name = Name::Key { tenant: new.tenant.clone(), key: new.key.clone() };
        if let Some(id) = self.id(&name) {
            let same = self.messages[&id].new.prepared.hash == new.prepared.hash;
            return if same {
                Ok(Enqueued::Existing { id })
            } else {
                Err(OutboxError::KeyConflict { place, id })
            };
        }
        if let Some(because) = self.refuses_new(&new) {
            return Err(OutboxError::Blocked { place, because });
        }
        let queue = self.queue(&new);
        let id = self.messages.keys().last().map_or(1, |last| last + 1);
        let due = new.due.unwrap_or(at);
        let record = Record { campaign: new.campaign, ..Record::ready(0, due, 0, None) };
        if let Some(emergency) = &new.emergency {
            self.log(at, Some(id), Some(emergency.by.clone()), Entry::emergency(emergency));
        }
        self.messages.insert(id, Stored { new, created: at, queue, record, waits_for: None });
        Ok(Enqueued::New { id, queue, due })
    }

    /// Returns the number of the queue, counted from 1.
    fn queue(&mut self, new: &NewMessage) -> i64 {
        let (tenant, prepared) = (&new.tenant, &new.prepared);
        let same = |queue: &Queue| {
            let name = (&queue.tenant, queue.kind, &queue.sender, queue.campaign);
            name == (tenant, prepared.kind, &prepared.sender, new.campaign)
        };
        let place = self.queues.iter().position(same).unwrap_or_else(|| {
            let (tenant, sender) = (tenant.clone(), prepared.sender.clone());
            let campaign = new.campaign;
            self.queues.push(Queue { tenant, kind: prepared.kind, sender, campaign, bound: None });
            self.queues.len() - 1
        });
        i64::try_from(place + 1).unwrap()
    }

    fn log(&mut self, at: Micros, id: Option<i64>, actor: Option<String>, entry: Entry) {
        let Entry { topic, detail } = entry;
        self.events.push(Logged { at, id, actor, topic: topic.to_owned(), detail });
    }

    fn tell(&mut self, at: Micros, told: &Finished, actor: Option<String>) -> Applied {
        let Some(stored) = self.messages.get_mut(&told.id) else { return Applied::Missing };
        match stored.record.change(at, told) {
            Err(why) => Applied::Unchanged(stored.record.progress.clone(), why),
            Ok(Change { after, entries, second_sid }) => {
                let sender = stored.record.mark.map(|mark| mark.sender);
                stored.record = after.clone();
                stored.waits_for = None;
                if let (Some(sender), State::Accepted { sid: Some(sid), .. }) =
                    (sender, &after.progress.state)
                {
                    let before = self.newest.get(&sender).map(|(at, ..)| *at);
                    if before.is_none_or(|before| before >= after.at || before + NEWEST_STEP <= after.at) {
                        self.newest.insert(sender, (after.at, sid.clone(), told.id));
                    }
                }
                self.second_sids.extend(second_sid.map(|sid| (sid, told.id)));
                entries.into_iter().for_each(|entry| self.log(at, Some(told.id), actor.clone(), entry));
                Applied::Moved(after.progress)
            }
        }
    }

    /// The ids of the messages that `which` accepts.
    fn ids(&self, which: impl Fn(&Stored) -> bool) -> Vec<i64> {
        self.messages.iter().filter(|(_, stored)| which(stored)).map(|(id, _)| *id).collect()
    }

    fn alive(&self, at: Micros) -> Micros {
        let oldest = self.messages.values().next().map_or(at, |stored| stored.created);
        if self.clock == 0 { oldest } else { self.clock }
    }

    fn start(&mut self, at: Micros, alone: bool) -> Started {
        let (alive, guard) = (self.alive(at), self.guard);
        self.epoch += 1;
        self.dirty_starts += 1;
        let clock = self.clock;
        self.clock = clock.max(at);
        let mut left = Vec::new();
        if alone {
            self.oldest = self.epoch;
            self.leases.clear();
            left = self.ids(|stored| stored.record.progress.state == State::Sending);
        }
        for id in &left {
            let event = Event::Lost { attempt: self.messages[id].record.progress.attempt };
            self.tell(at, &Finished { id: *id, ..Finished::from_outside(at, event) }, None);
        }
        let (epoch, lapsed, dirty_starts) = (self.epoch, left.len() as u64, self.dirty_starts);
        Started { epoch, lapsed, dirty_starts, clock, alive, guard }
    }

    /// When its first message is due, if they are sent.
    fn next_due(&self, queue: i64) -> Option<Micros> {
        self.first_due(queue).filter(|_| self.held(queue).is_none())
    }

    fn first_due(&self, queue: i64) -> Option<Micros> {
        let ready = |stored: &&Stored| stored.queue == queue && stored.record.progress.state == State::Ready;
        self.messages.values().filter(ready).map(|stored| stored.record.due).min()
    }

    fn look(&self) -> Look {
        let row = |(id, queue): (i64, &Queue)| {
            Some(QueueRow {
                id,
                tenant: queue.tenant.clone(),
                kind: queue.kind,
                sender: queue.sender.clone(),
                bound: queue.bound,
                next_due: self.first_due(id)?,
                held: self.held(id),
            })
        };
        let account =
            |(name, paused): (&String, &Paused)| AccountRow { name: name.clone(), paused: paused.clone() };
        Look {
            queues: (1..).zip(&self.queues).filter_map(row).collect(),
            senders: self.senders.clone(),
            accounts: self.accounts.iter().map(account).collect(),
        }
    }

    fn bind(&mut self, queue: i64, sender: NewSender) -> SenderRow {
        let known = self.senders.iter().find(|row| row.sender == sender).cloned();
        let row = known.unwrap_or_else(|| {
            let id = i64::try_from(self.senders.len() + 1).unwrap();
            let row = SenderRow { id, sender, next_free: 0, paused: None };
            self.senders.push(row.clone());
            row
        });
        let place = usize::try_from(queue - 1).unwrap_or(usize::MAX);
        if let Some(queue) = self.queues.get_mut(place) {
            queue.bound = Some(row.id);
        }
        row
    }

    fn pause(&mut self, at: Micros, pause: &Pause, actor: Option<String>) {
        let changed = match &pause.whom {
            Whom::Sender(id) => {
                let row = self.senders.iter_mut().find(|row| row.id == *id);
                row.is_some_and(|row| {
                    let before = std::mem::replace(&mut row.paused, pause.paused.clone());
                    before.is_some() || pause.paused.is_some()
                })
            }
            Whom::Account(name) => match pause.paused.clone() {
                Some(paused) => {
                    self.accounts.insert(name.clone(), paused);
                    true
                }
                None => self.accounts.remove(name).is_some(),
            },
        };
        if changed {
            self.log(at, None, actor, Entry::pause(pause));
        }
    }

    fn tick(&mut self, tick: &Tick) -> Result<Ticked, OutboxError> {
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
                self.refused(tick.at, told.id);
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
