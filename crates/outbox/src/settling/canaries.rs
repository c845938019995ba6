//! Samples of what accounts have sent: a canary must be newer than the attempt, and old enough for a list that lags.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use switchboard::provider::SendKind;

use crate::rows::Rows;
use crate::rows::check::Canary;
use crate::timing::Timing;

/// Samples that are kept for each account.
const KEPT: usize = 24;
/// Samples in each minute, which is the time until the first check.
const IN_FIRST_CHECK: u32 = 4;
/// How many of an account's senders are sampled.
const SENDERS: u32 = 3;

type AccountKind = (String, SendKind);

/// The last messages that each account has sent, sampled a few times a minute while it has unknown messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canaries(Arc<Mutex<BTreeMap<AccountKind, Watched>>>);

#[derive(Debug)]
struct Watched {
    /// When messages of the account were last claimed.
    claimed: Instant,
    /// When it was last sampled.
    sampled: Option<Instant>,
    /// The oldest first.
    samples: VecDeque<Sample>,
}

/// A message that was the newest of its sender at a time.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) canary: Canary,
    pub(super) at: Instant,
}

impl Canaries {
    /// Samples an account from now on.
    pub(super) fn watch(&self, account: &str, kind: SendKind) {
        self.with(|all| {
            let new = || Watched { claimed: Instant::now(), sampled: None, samples: VecDeque::new() };
            all.entry((account.to_owned(), kind)).or_insert_with(new).claimed = Instant::now();
        });
    }

    /// Samples the accounts whose turn it is.
    pub(super) async fn sample(&self, rows: &dyn Rows, timing: &Timing) {
        let every = timing.checks[0] / IN_FIRST_CHECK;
        for (account, kind) in self.due(every, timing.check_every.saturating_mul(2)) {
            let Ok(newest) = rows.canaries(account.clone(), kind, SENDERS).await else { return };
            self.with(|all| {
                if let Some(watched) = all.get_mut(&(account, kind)) {
                    watched.add(newest);
                }
            });
        }
    }

    /// Returns the accounts to sample, and forgets those that have had no unknown message for some time.
    fn due(&self, every: Duration, forget: Duration) -> Vec<AccountKind> {
        self.with(|all| {
            all.retain(|_, watched| watched.claimed.elapsed() < forget);
            let due =
                all.iter_mut().filter(|(_, watched)| watched.sampled.is_none_or(|at| at.elapsed() >= every));
            due.map(|(name, watched)| {
                watched.sampled = Some(Instant::now());
                name.clone()
            })
            .collect()
        })
    }

    /// Returns the samples since a time, the oldest first: a list that lags shows these first.
    pub(super) fn since(&self, account: &str, kind: SendKind, from: Instant) -> Vec<Sample> {
        self.with(|all| {
            let samples = all.get(&(account.to_owned(), kind)).map(|watched| watched.samples.iter());
            samples.into_iter().flatten().filter(|sample| sample.at >= from).cloned().collect()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<AccountKind, Watched>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watched {
    fn add(&mut self, newest: Vec<Canary>) {
        let at = Instant::now();
        for canary in newest {
            // The same one again was not accepted later.
            if !self.samples.iter().any(|sample| sample.canary.sid == canary.sid) {
                self.samples.push_back(Sample { canary, at });
            }
        }
        while self.samples.len() > KEPT {
            self.samples.pop_front();
        }
    }
}
