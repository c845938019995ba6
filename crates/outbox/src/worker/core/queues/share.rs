//! Which senders a worker takes from others, so that each has about as many. Without this, a worker that is started while
//! another one is busy would get none: the busy one makes its leases longer before they are over.
//!
//! A sender that changes its worker waits until the messages of the other one have begun. So only senders with a backlog
//! are taken, and none twice within a lease.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pauses, Queues};
use crate::rows::{Foreign, Take};
use crate::timing::Micros;

/// How often it is checked.
const EVERY: Micros = 250_000;
/// The maximum number of senders that are taken at once.
const MOST: usize = 8;
/// A sender has a backlog if so many reads of the database in a row showed a message that waits.
const BACKLOG: u32 = 2;

impl Queues {
    /// Takes senders from the worker that has most of them: half of those that it has more.
    pub(super) fn share(&mut self, now: Micros, limit: u32, pauses: &Pauses) -> Vec<Take> {
        if now < self.share_at {
            return Vec::new();
        }
        self.share_at = now.saturating_add(EVERY);
        let mut mine = 0_usize;
        let mut theirs: BTreeMap<i64, Vec<Foreign>> = BTreeMap::new();
        for state in self.senders.values() {
            match state.foreign.filter(|foreign| foreign.until > now) {
                Some(foreign) => theirs.entry(foreign.owner).or_default().push(foreign),
                None => mine += usize::from(state.mine_until > now),
            }
        }
        let most = theirs.into_values().max_by_key(Vec::len).unwrap_or_default();
        let more = (most.len().saturating_sub(mine) / 2).min(MOST);
        let mut takes = Vec::new();
        for Foreign { sender, owner, .. } in most {
            if takes.len() < more && self.may_change(sender, now, pauses) {
                takes.extend(self.take_one(sender, now, limit, Some(owner)));
            }
        }
        takes
    }

    fn may_change(&self, sender: i64, now: Micros, pauses: &Pauses) -> bool {
        let settled = self.senders.get(&sender).is_some_and(|state| {
            state.backlog >= BACKLOG && state.changed_at.saturating_add(self.lease) <= now
        });
        settled && self.paused_until(sender, pauses).is_none()
    }

    /// Takes over what a read of the database showed of the senders that other workers have. `waiting`: the senders of
    /// which a message waits.
    pub(super) fn note_backlogs(&mut self, now: Micros, waiting: &BTreeSet<i64>) {
        let mut empty = Vec::new();
        for (id, state) in &mut self.senders {
            if state.foreign.is_none_or(|foreign| foreign.until <= now) {
                state.backlog = 0;
            } else if waiting.contains(id) {
                state.backlog = state.backlog.saturating_add(1);
            } else {
                state.backlog = 0;
                empty.push(*id);
            }
        }
        for sender in empty {
            // What was enqueued in this process meanwhile may be newer than the read.
            let queues = self.senders.get(&sender).map(|state| state.queues.clone()).unwrap_or_default();
            for queue in queues {
                if let Some(queue) = self.queues.get_mut(&queue).filter(|queue| queue.hint.is_none()) {
                    queue.next_due = None;
                }
            }
            self.schedule(sender);
        }
    }
}
