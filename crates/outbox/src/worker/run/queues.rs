//! How the worker learns of queues: from the database, from programs that enqueue here, and from the program that knows
//! the account of a tenant.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use switchboard_store::StoreError;
use tokio::task::JoinError;

use super::{Bound, Run};
use crate::error::OutboxError;
use crate::rows::{Held, Look, QueueRow};
use crate::timing::{Micros, micros};
use crate::worker::binding::{Unbound, bind};

/// The maximum number of tenants whose accounts are requested from the program at the same time.
const BINDS: usize = 64;
/// How many messages of a campaign that was stopped are cancelled after each look.
const CANCELLED_AT_ONCE: u32 = 1_000;
/// How long resolved queues wait for others, so that the first one does not use up the whole limit of marked messages.
const TOGETHER: Micros = 100_000;

impl Run {
    pub(super) fn looked(&mut self, answer: Result<Look, OutboxError>) -> Result<(), OutboxError> {
        let now = self.clock.now();
        if self.look_at == Micros::MAX {
            let cost = micros(self.look_began.elapsed());
            self.look_at = now.saturating_add(micros(self.timing.look).max(cost.saturating_mul(20)));
        }
        let look = match answer {
            Ok(look) => look,
            Err(error @ OutboxError::Store(StoreError::Stopped)) => return Err(error),
            Err(error) => {
                if !self.look_fails {
                    tracing::warn!(%error, "new messages cannot be looked for: some may not be sent until it works");
                }
                self.look_fails = true;
                return Ok(());
            }
        };
        self.look_fails = false;
        self.end_guard(&look);
        self.cancel_stopped(&look);
        self.core.looked(now, look);
        if self.to_bind.is_empty() {
            let unbound = self.core.unbound(now).into_iter();
            self.to_bind.extend(unbound.filter(|queue| !self.binding.contains(&queue.id)));
        }
        self.start_binds();
        Ok(())
    }

    /// Cancels the messages of campaigns that were stopped: those that were marked then, and what is left if the program
    /// that stopped a campaign has ended.
    fn cancel_stopped(&self, look: &Look) {
        let stopped = look.queues.iter().filter_map(|queue| match queue.held? {
            Held::Stopped(campaign) => Some(campaign),
            Held::Paused => None,
        });
        for campaign in stopped.collect::<BTreeSet<i64>>() {
            let (rows, now) = (Arc::clone(&self.rows), self.clock.now());
            tokio::spawn(async move {
                // If this fails, the next look tries again.
                drop(rows.cancel_campaign(now, campaign, CANCELLED_AT_ONCE, None).await);
            });
        }
    }

    /// Ends the comparison when every queue that had messages has been compared.
    fn end_guard(&mut self, look: &Look) {
        let compared = |queue: &QueueRow| self.bindings.contains_key(&queue.id);
        if self.guard.is_some() && look.queues.iter().all(compared) {
            self.guard = None;
            let rows = Arc::clone(&self.rows);
            tokio::spawn(async move {
                // If this fails, the next worker compares again.
                drop(rows.guard(None).await);
            });
        }
    }

    fn start_binds(&mut self) {
        while self.binds.len() < BINDS
            && let Some(queue) = self.to_bind.pop_front()
        {
            let id = queue.id;
            self.binding.insert(id);
            let (rows, accounts, rates) =
                (Arc::clone(&self.rows), Arc::clone(&self.accounts), Arc::clone(&self.rates));
            let (limit, guard) = (self.timing.send, self.guard.clone());
            self.binds.spawn(async move {
                let binding = bind(&*rows, &*accounts, &rates, guard.as_deref(), queue, limit);
                let binding = AssertUnwindSafe(binding).catch_unwind();
                (id, binding.await.unwrap_or(Err(Unbound::NoAccount)))
            });
        }
    }

    pub(super) fn bound(&mut self, bound: Result<Bound, JoinError>) {
        if self.bound.is_empty() {
            self.bound_by = self.clock.now().saturating_add(TOGETHER);
        }
        // Only an aborted task has no result, and no task here is aborted.
        self.bound.extend(bound);
        self.start_binds();
    }

    pub(super) fn take_bound(&mut self, now: Micros) {
        if self.bound.is_empty() || (!self.binds.is_empty() && now < self.bound_by) {
            return;
        }
        for (queue, binding) in std::mem::take(&mut self.bound) {
            self.binding.remove(&queue);
            let wait = match binding {
                Ok(binding) => {
                    self.core.bound(now, queue, binding.row.clone(), binding.milli_per_second);
                    self.bindings.insert(queue, binding);
                    continue;
                }
                Err(Unbound::NoAccount) => self.timing.pause,
                Err(Unbound::NotStored) => self.timing.rate_pause,
                Err(Unbound::AlreadySent(sids)) => {
                    self.fail(OutboxError::AlreadySent { sids });
                    continue;
                }
            };
            self.core.unresolved(queue, now.saturating_add(micros(wait)));
        }
    }

    pub(super) fn take_hints(&mut self) {
        for (queue, due) in self.hints.drain() {
            if !self.core.hint(queue, due) {
                self.look_at = Micros::MIN;
            }
        }
    }
}
