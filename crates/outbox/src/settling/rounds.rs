//! The loop: it claims unknown messages whose check is due, and checks those of each account one after the other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use switchboard::phone::Address;
use tokio::task::JoinSet;

use super::IfAbsent;
use super::canaries::Canaries;
use super::check::{Checker, Found};
use super::list::Reader;
use super::losses::Losses;
use crate::account::{Account, Accounts};
use crate::clock::Clock;
use crate::error::OutboxError;
use crate::hints::Hints;
use crate::rows::check::{Checked, Claim, Unknown};
use crate::rows::{Applied, Rows};
use crate::state::State;
use crate::timing::{Micros, Timing, micros};
use crate::worker::resolve;

/// Messages that are claimed together.
const CLAIM: u32 = 64;
/// Accounts that are checked at the same time.
const ACCOUNTS: usize = 16;

/// What the program chose.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub(crate) if_absent: IfAbsent,
    /// The senders from which only this outbox sends.
    pub(crate) exclusive: HashSet<Address>,
}

/// The loop's access to the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Settling {
    pub(crate) rows: Arc<dyn Rows>,
    pub(crate) clock: Clock,
    pub(crate) hints: Hints,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) timing: Timing,
    pub(crate) rules: Arc<Rules>,
    pub(crate) losses: Losses,
    pub(crate) canaries: Canaries,
}

impl Settling {
    /// Runs until the task is dropped. Nothing that a provider, the program or the database does ends it.
    pub(crate) async fn run(self) {
        loop {
            if AssertUnwindSafe(self.rounds()).catch_unwind().await.is_err() {
                tracing::error!("the loop that settles unknown messages panicked: report this; it continues");
            }
            tokio::time::sleep(self.timing.settle).await;
        }
    }

    async fn rounds(&self) {
        let mut running: JoinSet<(String, Instant)> = JoinSet::new();
        let mut busy: HashMap<tokio::task::Id, String> = HashMap::new();
        // When the next request of each account may begin.
        let mut free: HashMap<String, Instant> = HashMap::new();
        loop {
            tokio::time::sleep(self.timing.settle).await;
            while let Some(ended) = running.try_join_next_with_id() {
                match ended {
                    Ok((task, (account, next))) => {
                        busy.remove(&task);
                        free.insert(account, next);
                    }
                    Err(error) => drop(busy.remove(&error.id())),
                }
            }
            free.retain(|_, next| *next > Instant::now());
            self.losses.forget_before(self.timing.check_for * 2);
            self.canaries.sample(&*self.rows, &self.timing).await;
            if running.len() >= ACCOUNTS {
                continue;
            }
            for (account, rows) in self.claim(busy.values().cloned().collect()).await {
                let next = free.get(&account).copied().unwrap_or_else(Instant::now);
                let settling = self.clone();
                let named = account.clone();
                let task = running.spawn(async move { (named, settling.check_all(rows, next).await) });
                busy.insert(task.id(), account);
            }
        }
    }

    /// Claims messages, and returns them by account.
    async fn claim(&self, except: Vec<String>) -> BTreeMap<String, Vec<Unknown>> {
        let at = self.clock.now();
        let unknown_since = at.saturating_sub(micros(self.timing.checks[0]));
        let claim = Claim { at, unknown_since, until: self.claimed_until(at), except, limit: CLAIM };
        let mut by_account: BTreeMap<String, Vec<Unknown>> = BTreeMap::new();
        match self.rows.claim(claim).await {
            Ok(rows) => {
                for row in rows {
                    // From now on the attempt counts as over, if another process marked it.
                    self.losses.of(row.id, row.attempt);
                    self.canaries.watch(&row.account, row.kind);
                    by_account.entry(row.account.clone()).or_default().push(row);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "unknown messages cannot be claimed: they are checked later")
            }
        }
        by_account
    }

    fn claimed_until(&self, at: Micros) -> Micros {
        at.saturating_add(micros(self.timing.checks[0]))
    }

    /// Checks messages of one account one after the other. Returns when the account's next request may begin.
    async fn check_all(&self, rows: Vec<Unknown>, mut free: Instant) -> Instant {
        let until = Instant::now() + self.timing.checks[0];
        let mut accounts: HashMap<String, Option<Account>> = HashMap::new();
        let mut found = Found::default();
        for row in rows {
            // The claim is over: another worker may check the rest.
            if Instant::now() >= until {
                break;
            }
            if !accounts.contains_key(&row.tenant) {
                let account = resolve(&*self.accounts, &row.tenant, self.timing.send).await;
                accounts.insert(row.tenant.clone(), account);
            }
            let Some(Some(account)) = accounts.get(&row.tenant) else { continue };
            let reader = Reader { account, timing: &self.timing, free };
            let (rows, clock, timing, rules) = (&*self.rows, &self.clock, &self.timing, &*self.rules);
            let (canaries, found) = (&self.canaries, &mut found);
            let mut checker = Checker { rows, clock, timing, rules, canaries, reader, found };
            let loss = self.losses.of(row.id, row.attempt);
            let checked = AssertUnwindSafe(checker.check(&row, loss)).catch_unwind().await;
            free = checker.reader.free;
            match checked {
                Ok(Ok(checked)) => self.record(checked).await,
                Ok(Err(error)) => tracing::warn!(%error, "an unknown message cannot be checked now"),
                Err(_) => tracing::error!(message = row.id, "the code that checks a message panicked"),
            }
        }
        free
    }

    async fn record(&self, checked: Checked) {
        let (id, attempt) = (checked.id, checked.attempt);
        let applied: Result<Applied, OutboxError> = self.rows.checked(self.clock.now(), checked).await;
        match applied {
            Ok(Applied::Moved(progress)) => {
                self.losses.forget(id, attempt);
                if progress.state == State::Ready {
                    self.hints.wake();
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the result of a check cannot be stored: it is checked again")
            }
        }
    }
}
