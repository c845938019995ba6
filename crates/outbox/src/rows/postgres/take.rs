//! Marks the messages that senders may send now: one statement reads the candidates of all senders, and one for each
//! table writes what was decided.

mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::write::Writes;
use super::candidates::Candidates;
use super::column::get;
use super::due::Dues;
use super::recent;
use super::seek::{Lane, Place, Seeks};
use super::work::Work;
use crate::error::OutboxError;
use crate::policy::{Counting, Spent};
use crate::rows::choose::{Chooser, Decided};
use crate::rows::{Foreign, Take, Tick, Ticked};
use crate::timing::Micros;
use crate::worker::pace::Pace;

/// The row of a sender, which is locked.
struct Sender {
    next_free: Micros,
    paused_until: Option<Micros>,
    owner: Option<i64>,
    lease_until: Option<Micros>,
    address: String,
}

/// What is stored for a sender.
struct Served {
    sender: i64,
    next_free: Micros,
    owner: Option<i64>,
    lease_until: Option<Micros>,
}

/// The lanes from which rows were taken, and the last row of each.
#[derive(Default)]
pub(super) struct Taken(HashMap<Lane, Place>);

pub(super) struct Taking<'t> {
    tick: &'t Tick,
    ticked: Ticked,
    served: Vec<Served>,
    decided: Vec<(i64, Decided)>,
    writes: Writes,
    counting: Counting,
}

impl<'t> Taking<'t> {
    pub(super) fn new(tick: &'t Tick, counting: Counting) -> Self {
        Self {
            tick,
            ticked: Ticked::default(),
            served: Vec::new(),
            decided: Vec::new(),
            writes: Writes::default(),
            counting,
        }
    }

    pub(super) async fn run(mut self, work: &mut Work<'_>) -> Result<(Ticked, Taken), OutboxError> {
        if self.tick.take.is_empty() {
            recent::write(work, self.tick.at, self.counting).await?;
            return Ok((self.ticked, Taken::default()));
        }
        let queues = self.tick.take.iter().flat_map(|take| take.queues.iter().copied());
        let dues = Dues::read(work, queues.collect::<BTreeSet<i64>>());
        let (senders, dues) = tokio::join!(senders(work, self.tick), dues);
        let (senders, dues) = (senders?, dues?);
        let scope = |(id, sender): (&i64, &Sender)| (*id, format!("sender {}", sender.address));
        let mut candidates = Candidates::new(self.tick, senders.iter().map(scope).collect());
        let mut left = self.tick.limit;
        let mut spent = Spent { counting: std::mem::take(&mut self.counting), ..Spent::default() };
        for (place, take) in self.tick.take.iter().enumerate() {
            // A sender that got no turn is missing from the answer, so it gets its turn first in the next tick.
            if left == 0 {
                break;
            }
            let sender = senders.get(&take.sender);
            let Some(pace) = self.lease(take, sender) else { continue };
            let due = dues.due_lanes(&take.queues, self.tick.at);
            let mut chooser = Chooser::new(self.tick, take, left, due.clone(), &mut spent).with_pace(pace);
            let stopped =
                sender.is_none_or(|sender| sender.paused_until.is_some_and(|until| until > self.tick.at));
            if chooser.may_begin() && !stopped {
                while let Some(wanted) = chooser.next() {
                    if candidates.needs(take.sender, wanted) {
                        candidates.read(work, place, wanted, left, &dues).await?;
                    }
                    let (rows, more) = candidates.hand(take.sender, wanted);
                    chooser.give(rows, more);
                }
            }
            let decided = chooser.decided();
            candidates.decided(&decided);
            self.writes.prepared.extend(chooser.prepared());
            left = left.saturating_sub(self.take(take, sender, pace, chooser.pace(), decided));
        }
        self.ticked.wanted = spent.wanted;
        self.counting = spent.counting;
        let taken = self.last_rows();
        self.write(work).await?;
        Ok((self.ticked, taken))
    }

    /// The pace of a sender that this worker may have now.
    fn lease(&mut self, take: &Take, sender: Option<&Sender>) -> Option<Pace> {
        let (Some(lease), Some(sender)) = (&self.tick.lease, sender) else { return Some(take.pace) };
        if sender.owner == Some(self.tick.epoch) {
            return Some(take.pace);
        }
        let stored = Pace { next_free: sender.next_free, ..take.pace };
        let held = sender.owner.zip(sender.lease_until).filter(|(_, until)| *until > self.tick.at);
        match held {
            None => Some(stored.restarted(self.tick.at, lease.late)),
            Some((owner, _)) if take.from == Some(owner) => Some(stored.taken_over(self.tick.at, lease.late)),
            Some((owner, until)) => {
                self.ticked.foreign.push(Foreign { sender: take.sender, owner, until });
                None
            }
        }
    }

    /// Notes what was decided for a sender. Returns how many rows are marked.
    fn take(
        &mut self,
        take: &Take,
        sender: Option<&Sender>,
        before: Pace,
        pace: Pace,
        decided: Vec<Decided>,
    ) -> u32 {
        self.ticked.paces.push((take.sender, pace));
        let marks = decided.iter().filter(|one| one.is_mark()).count();
        self.decided.extend(decided.into_iter().map(|one| (take.sender, one)));
        if let Some(sender) = sender {
            let changed = pace != before && pace.is_stored(sender.next_free);
            self.serve(take.sender, sender, changed.then_some(pace.next_free));
        }
        u32::try_from(marks).unwrap_or(u32::MAX)
    }

    /// Stores the pace and the lease if they changed, and the lease at most once per [`Pace::STEP`]. While somebody
    /// holds a snapshot of the database, the old versions of the row stay, and each transaction reads them.
    fn serve(&mut self, id: i64, sender: &Sender, next_free: Option<Micros>) {
        let (owner, lease_until) = match &self.tick.lease {
            Some(lease) => (Some(self.tick.epoch), Some(lease.until)),
            None => (sender.owner, sender.lease_until),
        };
        let longer = lease_until.unwrap_or_default().saturating_sub(sender.lease_until.unwrap_or_default());
        if next_free.is_some() || owner != sender.owner || longer >= Pace::STEP {
            let next_free = next_free.unwrap_or(sender.next_free);
            self.served.push(Served { sender: id, next_free, owner, lease_until });
        }
    }

    fn last_rows(&self) -> Taken {
        // The rows of a lane are decided in their order.
        let last = |(_, one): &(i64, Decided)| {
            ((one.queue, super::due::number(one.priority)), (one.row.due, one.row.id))
        };
        Taken(self.decided.iter().map(last).collect())
    }
}

async fn senders(work: &Work<'_>, tick: &Tick) -> Result<BTreeMap<i64, Sender>, OutboxError> {
    let ids: Vec<i64> = tick.take.iter().map(|take| take.sender).collect();
    let rows = work.transaction.query(&work.shared.sql.senders_lock, &[&ids]).await?;
    let sender = |row: &super::Row| {
        let sender = Sender {
            next_free: get(row, 1)?,
            paused_until: get(row, 2)?,
            owner: get(row, 3)?,
            lease_until: get(row, 4)?,
            address: get(row, 5)?,
        };
        Ok((get(row, 0)?, sender))
    };
    rows.iter().map(sender).collect()
}

impl Taken {
    /// Reads when the queues are due next. The rows that this transaction took are skipped.
    pub(super) async fn dues(
        &self,
        work: &Work<'_>,
        queues: impl IntoIterator<Item = i64>,
    ) -> Result<Dues, OutboxError> {
        Dues::read_after(work, queues, &self.0).await
    }

    /// The next transaction continues after these rows.
    pub(super) fn committed(self, seeks: &Seeks) {
        self.0.into_iter().for_each(|(lane, last)| seeks.taken(lane, last));
    }
}
