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
mod list;
mod recent;
mod standing;
mod tick;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use switchboard::provider::SendKind;

use super::budget::Used;
use super::campaign::{CampaignRow, Tally};
use super::check::NEWEST_STEP;
use super::consent::ConsentRow;
use super::record::{Change, Entry, Record};
use super::{
    AccountRow, Applied, Counts, Enqueued, Finished, Look, Name, NewMessage, NewSender, Pause, Paused,
    QueueRow, Row, SenderRow, Started, Whom,
};
use crate::error::OutboxError;
use crate::policy::{Bucket, Count};
use crate::state::{Event, State};
use crate::timing::Micros;

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
            campaign: new.campaign,
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
        for (by, entry) in new.entries() {
            self.log(at, Some(id), by.map(ToOwned::to_owned), entry);
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
}
