//! The worker's task: it connects the decisions of [`Core`] to a clock, a database and a provider.

mod queues;

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use switchboard::ProviderError;
use switchboard::phone::Address;
use switchboard::provider::{Accepted, BeginBy, Outcome};
use switchboard_store::StoreError;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::Stopped;
use super::binding::{Binding, Unbound, resolve};
use super::core::{Begin, Core};
use super::guard::Guard;
use super::sending::{self, CallbackUrls, Ended};
use crate::account::{Account, Accounts};
use crate::clock::Clock;
use crate::crash::{self, Point};
use crate::error::OutboxError;
use crate::hints::Hints;
use crate::outbox::Outbox;
use crate::policy::{Bucket, Want};
use crate::reference::References;
use crate::rows::budget::Reserve;
use crate::rows::{Look, QueueRow, Rows, Ticked};
use crate::settling::Losses;
use crate::timing::{Micros, Timing, micros};

/// The longest time after which an idle worker wakes up.
const IDLE: Micros = 500_000;
/// The first wait after the database failed; it doubles up to one second.
const RETRY: Micros = 20_000;
/// How far the wall clock may be behind the stored times.
const BEHIND: Micros = 5 * 60 * 1_000_000;

type Transaction<T> = BoxFuture<'static, T>;
/// A queue, and the result of resolving its account and sender.
type Bound = (i64, Result<Binding, Unbound>);
/// What was granted of each budget that was asked; `None` where the database failed.
type Granted = Vec<(Bucket, Option<i64>)>;

pub(super) struct Run {
    rows: Arc<dyn Rows>,
    clock: Clock,
    hints: Hints,
    accounts: Arc<dyn Accounts>,
    timing: Timing,
    rates: Arc<HashMap<Address, u32>>,
    callbacks: CallbackUrls,
    references: References,
    losses: Losses,
    core: Core,
    stop: watch::Receiver<Option<Duration>>,
    /// The account and sender of each resolved queue.
    bindings: HashMap<i64, Binding>,
    /// For each transaction, by its number: until when the messages that it marked may begin.
    begin_by: HashMap<i64, BeginBy>,
    sends: JoinSet<Sent>,
    tick: Option<Transaction<Result<Ticked, OutboxError>>>,
    look: Option<Transaction<Result<Look, OutboxError>>>,
    /// Parts of budgets that are being reserved.
    reserve: Option<Transaction<Granted>>,
    /// The queues that are being resolved, and those that are resolved next.
    binds: JoinSet<Bound>,
    binding: HashSet<i64>,
    to_bind: VecDeque<QueueRow>,
    /// The resolved queues, and the time at which they are used even if others are not resolved yet.
    bound: Vec<Bound>,
    bound_by: Micros,
    look_at: Micros,
    look_began: Instant,
    look_fails: bool,
    failing: Option<Failing>,
    /// While it is set, each queue is compared with what the provider has sent.
    guard: Option<Arc<Guard>>,
    end: End,
}

/// The result of sending a message.
struct Sent {
    id: i64,
    attempt: u32,
    queue: i64,
    /// A time before its mark.
    marked: Option<Instant>,
    ended: Ended,
    /// The account, if it was requested again.
    account: Option<Account>,
}

/// A failure of the database.
#[derive(Debug, Clone, Copy)]
struct Failing {
    since: Micros,
    wait: Micros,
    retry_at: Micros,
    named: bool,
}

/// How the worker shuts down.
#[derive(Debug, Default)]
struct End {
    /// Until when it waits for answers.
    by: Option<Micros>,
    unknown: usize,
    error: Option<OutboxError>,
}

impl Run {
    pub(super) fn new(
        outbox: &Outbox,
        accounts: Arc<dyn Accounts>,
        timing: Timing,
        rates: HashMap<Address, u32>,
        callbacks: CallbackUrls,
        core: Core,
        stop: watch::Receiver<Option<Duration>>,
    ) -> Self {
        Self {
            rows: Arc::clone(outbox.rows()),
            clock: outbox.clock().clone(),
            hints: outbox.hints().clone(),
            accounts,
            timing,
            rates: Arc::new(rates),
            callbacks,
            references: outbox.references(),
            losses: outbox.losses().clone(),
            core,
            stop,
            bindings: HashMap::new(),
            begin_by: HashMap::new(),
            sends: JoinSet::new(),
            tick: None,
            look: None,
            reserve: None,
            binds: JoinSet::new(),
            binding: HashSet::new(),
            to_bind: VecDeque::new(),
            bound: Vec::new(),
            bound_by: Micros::MIN,
            look_at: Micros::MIN,
            look_began: Instant::now(),
            look_fails: false,
            failing: None,
            guard: None,
            end: End::default(),
        }
    }

    /// Checks each queue before its first message is sent.
    pub(super) fn guarded(mut self, guard: Option<Guard>) -> Self {
        self.guard = guard.map(Arc::new);
        self
    }

    pub(super) async fn run(mut self) -> Result<Stopped, OutboxError> {
        loop {
            let now = self.clock.now();
            self.check_clock(now);
            self.take_bound(now);
            self.begin(now);
            self.start(now);
            if self.end.by.is_some() && self.core.is_settled() {
                break;
            }
            let wait = self.wait(now);
            tokio::select! {
                answer = answer(&mut self.tick) => self.ticked(answer)?,
                answer = answer(&mut self.look) => self.looked(answer)?,
                granted = answer(&mut self.reserve) => self.core.reserved(self.clock.now(), granted),
                Some(bound) = self.binds.join_next() => self.bound(bound),
                Some(sent) = self.sends.join_next() => self.sent(sent),
                () = self.hints.changed() => self.take_hints(),
                grace = stopped(&mut self.stop), if self.end.by.is_none() => self.stop(grace),
                () = tokio::time::sleep(wait) => {}
            }
        }
        release(&*self.rows, self.core.lessee()).await;
        if let Some(reserving) = self.reserve.take()
            && let Ok(granted) = tokio::time::timeout(self.timing.busy, reserving).await
        {
            self.core.reserved(self.clock.now(), granted);
        }
        give_back(&*self.rows, self.core.left()).await;
        match self.end.error {
            Some(error) => Err(error),
            None => Ok(Stopped { unknown: self.end.unknown }),
        }
    }

    /// Ends the worker if the machine's clock was set back, because messages would be sent late or twice.
    fn check_clock(&mut self, now: Micros) {
        let behind = self.clock.machine_is_behind(now);
        if behind > BEHIND && self.end.error.is_none() {
            self.fail(OutboxError::ClockWentBack { behind_seconds: behind / 1_000_000 });
        }
    }

    fn fail(&mut self, error: OutboxError) {
        self.end.error = Some(error);
        self.stop(self.timing.send);
    }

    fn stop(&mut self, grace: Duration) {
        let by = self.clock.now().saturating_add(micros(grace));
        self.end.by = Some(self.end.by.map_or(by, |earlier| earlier.min(by)));
        crash::at(Point::PutBack);
        self.core.stop();
    }

    fn begin(&mut self, now: Micros) {
        while let Some(begin) = self.core.begin(now) {
            self.send(begin, now);
        }
        if self.end.by.is_some_and(|by| by <= now) {
            // Answers that arrived in time are recorded.
            while let Some(sent) = self.sends.try_join_next() {
                self.sent_one(now, sent);
            }
            self.sends.abort_all();
            self.end.unknown += self.core.lose_all();
        }
    }

    fn send(&mut self, begin: Begin, now: Micros) {
        let (id, queue) = (begin.marked.id, begin.marked.queue);
        let (Some(by), Some(binding)) = (self.begin_by.get(&begin.batch), self.bindings.get(&queue)) else {
            return self.core.not_begun(id);
        };
        if by.has_passed() {
            return self.core.not_begun(id);
        }
        let mut payload = match sending::read(&begin.marked, binding.sender.clone(), now) {
            Ok(payload) => payload,
            Err(why) => return self.core.park(id, why),
        };
        let abilities = binding.account.messenger().abilities();
        let of_attempt = || self.references.of(id, begin.marked.attempt);
        let reference = abilities.callback_reference.then_some(of_attempt);
        if let Err(error) = sending::refer(&mut payload, &self.callbacks, reference) {
            return self.core.finished(now, id, &Err(error));
        }
        // It would not begin now if it had been marked earlier.
        let (attempt, marked) = (begin.marked.attempt, Instant::now().checked_sub(self.timing.begin));
        let (by, limit, account) = (*by, self.timing.send, binding.account.clone());
        let renew_limit = self.timing.begin / 2;
        let renew =
            self.core.on_trial(&begin.marked).then(|| (Arc::clone(&self.accounts), binding.tenant.clone()));
        self.sends.spawn(async move {
            // After a pause the credentials may be new.
            let renewed = match renew {
                Some((accounts, tenant)) => resolve(&*accounts, &tenant, renew_limit).await,
                None => None,
            };
            let ended = sending::send(renewed.as_ref().unwrap_or(&account), payload, by, limit).await;
            Sent { id, attempt, queue, marked, ended, account: renewed }
        });
    }

    fn sent(&mut self, sent: Result<Sent, JoinError>) {
        let now = self.clock.now();
        let mut next = Some(sent);
        while let Some(sent) = next {
            self.sent_one(now, sent);
            next = self.sends.try_join_next();
        }
    }

    fn sent_one(&mut self, now: Micros, sent: Result<Sent, JoinError>) {
        // The join fails only if the task was aborted; its message was then already recorded as unknown.
        let Ok(sent) = sent else { return };
        let is_lost = |answer: &Result<Accepted, ProviderError>| {
            answer.as_ref().is_err_and(|error| error.outcome() == Outcome::Unknown)
        };
        if sent.ended.as_ref().map_or(true, is_lost) {
            self.losses.lost(sent.id, sent.attempt, sent.marked);
        }
        match &sent.ended {
            Ok(answer) => self.core.finished(now, sent.id, answer),
            Err(_) => self.core.lost(sent.id),
        }
        if let Some(account) = sent.account {
            self.renewed(sent.queue, &account);
        }
    }

    /// Uses new credentials for every queue of the account. With the old ones, each queue would cause another pause.
    fn renewed(&mut self, queue: i64, account: &Account) {
        let Some(binding) = self.bindings.get(&queue) else { return };
        let name = binding.row.sender.account.clone();
        for binding in self.bindings.values_mut().filter(|other| other.row.sender.account == name) {
            binding.account = account.clone();
        }
    }

    /// Starts the transactions that are needed now.
    fn start(&mut self, now: Micros) {
        if self.tick.is_none() && self.failing.is_none_or(|failing| failing.retry_at <= now) {
            // The time in which the messages may begin counts from here, before the transaction begins.
            let by = BeginBy::within(self.timing.begin);
            if let Some(tick) = self.core.tick(now) {
                self.begin_by.retain(|_, by| !by.has_passed());
                self.begin_by.insert(tick.batch, by);
                let rows = Arc::clone(&self.rows);
                self.tick = Some(Box::pin(async move { rows.tick(tick).await }));
            }
        }
        if self.reserve.is_none() {
            let wants = self.core.wants();
            if !wants.is_empty() {
                let rows = Arc::clone(&self.rows);
                self.reserve = Some(Box::pin(reserve(rows, now, wants)));
            }
        }
        if self.look.is_none() && self.look_at <= now && self.end.by.is_none() {
            let rows = Arc::clone(&self.rows);
            self.look_began = Instant::now();
            self.core.look_begins();
            // If a hint arrives during this read, it requests another read, because this one may not contain the
            // message.
            self.look_at = Micros::MAX;
            self.look = Some(Box::pin(async move { rows.look().await }));
        }
    }

    fn ticked(&mut self, answer: Result<Ticked, OutboxError>) -> Result<(), OutboxError> {
        let now = self.clock.now();
        match answer {
            Ok(ticked) => {
                crash::at(Point::Committed);
                self.failing = None;
                if ticked.lapsed > 0 {
                    tracing::warn!(
                        messages = ticked.lapsed,
                        "a worker disappeared in the middle: these messages may have gone out, and are not sent \
                         again; see `Outbox::unsettled`"
                    );
                }
                self.core.ticked(now, Some(ticked));
            }
            // The database's clock was set back, or another worker has seen it ahead. This worker goes on from there.
            Err(OutboxError::ClockWentBack { behind_seconds }) if self.clock.follows_database() => {
                self.clock.not_before(now.saturating_add(behind_seconds.saturating_mul(1_000_000)));
                self.core.ticked(now, Some(Ticked::default()));
            }
            // The results were recorded, but nothing was marked.
            Err(error @ (OutboxError::LostLease | OutboxError::ClockWentBack { .. })) => {
                self.core.ticked(now, Some(Ticked::default()));
                self.fail(error);
            }
            Err(error @ OutboxError::Store(StoreError::Stopped)) => return Err(error),
            Err(error) if self.end.by.is_some_and(|by| by <= now) => return Err(error),
            Err(error) => {
                self.core.ticked(now, None);
                self.note_failure(now, &error);
            }
        }
        Ok(())
    }

    fn note_failure(&mut self, now: Micros, error: &OutboxError) {
        let before = self.failing.unwrap_or(Failing { since: now, wait: RETRY, retry_at: now, named: false });
        let late = now.saturating_sub(before.since) >= micros(self.timing.busy);
        if late && !before.named {
            tracing::warn!(%error, "the database has failed for a while: nothing is sent until it works again");
        }
        self.failing = Some(Failing {
            wait: before.wait.saturating_mul(2).min(1_000_000),
            retry_at: now.saturating_add(before.wait),
            named: before.named || late,
            ..before
        });
    }

    fn wait(&self, now: Micros) -> Duration {
        // While a failed transaction is being repeated, the worker waits only for its answer.
        let retry = self.failing.filter(|_| self.tick.is_none()).map(|failing| failing.retry_at);
        let look = (self.look.is_none() && self.end.by.is_none()).then_some(self.look_at);
        let bound = (!self.bound.is_empty()).then_some(self.bound_by);
        let at = [self.core.wake_at(now), retry, look, bound, self.end.by.filter(|by| *by > now)]
            .into_iter()
            .flatten()
            .min();
        let wait = at.map_or(IDLE, |at| at.saturating_sub(now).clamp(0, IDLE));
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }
}

/// Reserves parts of budgets.
async fn reserve(rows: Arc<dyn Rows>, at: Micros, wants: Vec<(Bucket, Want)>) -> Granted {
    let mut granted = Vec::with_capacity(wants.len());
    for (bucket, want) in wants {
        let answer = rows.reserve(Reserve { at, bucket: bucket.clone(), want }).await;
        if let Err(error) = &answer {
            tracing::warn!(%error, budget = bucket.budget, "a part of a budget could not be reserved: it waits");
        }
        granted.push((bucket, answer.ok()));
    }
    granted
}

/// Gives back what was reserved and not used. If that fails, it counts as used.
async fn give_back(rows: &dyn Rows, left: Vec<(Bucket, i64)>) {
    if !left.is_empty()
        && let Err(error) = rows.give_back(left).await
    {
        tracing::warn!(%error, "reserved parts of budgets were not given back: less can be sent");
    }
}

/// Gives the senders of a worker back. If that fails, other workers wait for the end of the leases.
async fn release(rows: &dyn Rows, lessee: Option<i64>) {
    if let Some(epoch) = lessee
        && let Err(error) = rows.release(epoch).await
    {
        tracing::warn!(%error, "senders were not given back: other workers wait until their leases are over");
    }
}

/// Waits for a transaction's answer, or forever if none is running. If this future is dropped, the transaction is kept.
async fn answer<T>(running: &mut Option<Transaction<T>>) -> T {
    match running {
        Some(transaction) => {
            let answer = transaction.await;
            *running = None;
            answer
        }
        None => pending().await,
    }
}

async fn stopped(stop: &mut watch::Receiver<Option<Duration>>) -> Duration {
    loop {
        if let Some(grace) = *stop.borrow_and_update() {
            return grace;
        }
        if stop.changed().await.is_err() {
            // The handle was dropped. The worker continues.
            return pending().await;
        }
    }
}
