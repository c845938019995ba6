//! Which senders a worker takes from others, so that each has about as many. Without this, a worker that is started while
//! another one is busy would get none: the busy one makes its leases longer before they are over.

use std::collections::BTreeMap;

use super::Queues;
use crate::rows::Foreign;
use crate::timing::Micros;

/// How often it is checked.
const EVERY: Micros = 250_000;
/// The maximum number of senders that are taken at once.
const MOST: usize = 8;

impl Queues {
    /// Returns senders to take from the worker that has most of them: half of those that it has more. Only senders with
    /// messages count.
    pub(super) fn share(&mut self, now: Micros) -> Vec<Foreign> {
        if now < self.share_at {
            return Vec::new();
        }
        self.share_at = now.saturating_add(EVERY);
        let mut mine = 0_usize;
        let mut theirs: BTreeMap<i64, Vec<Foreign>> = BTreeMap::new();
        for state in self.senders.values().filter(|state| state.at.is_some()) {
            match state.foreign.filter(|foreign| foreign.until > now) {
                Some(foreign) => theirs.entry(foreign.owner).or_default().push(foreign),
                None => mine += usize::from(state.mine_until > now),
            }
        }
        let most = theirs.into_values().max_by_key(Vec::len).unwrap_or_default();
        let more = most.len().saturating_sub(mine) / 2;
        most.into_iter().take(more.min(MOST)).collect()
    }
}
