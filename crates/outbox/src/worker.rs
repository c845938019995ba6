//! The worker: it marks messages, sends them, and records the results.

mod binding;
mod consequence;
pub(crate) mod core;
mod guard;
pub(crate) mod pace;
mod run;
mod sending;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use switchboard::phone::Address;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use self::binding::resolve;
use self::core::{Core, Limits};
use self::guard::{Guard, was_away};
use self::run::Run;
use self::sending::CallbackUrls;
use crate::account::Accounts;
use crate::error::OutboxError;
use crate::outbox::Outbox;
use crate::rows::Started;
use crate::rows::record::Entry;
use crate::settling::{Canaries, IfAbsent, Rules, Settling};
use crate::timing::{Micros, Timing};

/// Prepares a worker. An SQLite file has at most one worker at a time; on PostgreSQL, several share the senders.
#[derive(Debug)]
#[must_use = "it sends nothing before `spawn`"]
pub struct WorkerBuilder {
    outbox: Outbox,
    accounts: Arc<dyn Accounts>,
    limits: Limits,
    timing: Timing,
    rates: HashMap<Address, u32>,
    callbacks: CallbackUrls,
    trusting: bool,
    rules: Rules,
}

impl WorkerBuilder {
    pub(crate) fn new(outbox: Outbox, accounts: Arc<dyn Accounts>) -> Self {
        let (limits, timing) = (Limits::default(), Timing::new());
        Self {
            outbox,
            accounts,
            limits,
            timing,
            rates: HashMap::new(),
            callbacks: CallbackUrls::default(),
            trusting: false,
            rules: Rules::default(),
        }
    }

    /// Sets how many requests may wait for their answer at the same time. Default: 64. 0 counts as 1.
    pub const fn concurrency(mut self, requests: usize) -> Self {
        self.limits.concurrency = if requests == 0 { 1 } else { requests };
        self
    }

    /// Sets how many messages may be marked whose request has not begun. Default: 256. After a crash these messages are
    /// unknown, in addition to those being sent. A smaller limit needs more transactions. 0 counts as 1.
    pub const fn marked_ahead(mut self, messages: usize) -> Self {
        self.limits.marked = if messages == 0 { 1 } else { messages };
        self
    }

    /// Sets how many segments, or calls, a sender may begin per second, if your agreement with the provider differs
    /// from its usual rate. The sender is a number, or the id of a pool. A value below 0.001, or one that is not a
    /// number, counts as 0.001.
    pub fn rate(mut self, sender: impl Into<Address>, per_second: f64) -> Self {
        let milli = (per_second * 1000.0).clamp(1.0, f64::from(u32::MAX)).max(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
        self.rates.insert(sender.into(), milli as u32);
        self
    }

    /// Sets the URL to which the provider reports delivery statuses. Your server there verifies each report and passes
    /// it to [`Outbox::evidence`], or to [`Outbox::webhook`].
    ///
    /// Each report brings back a signed reference to the attempt, in the query of the URL. So it settles a message whose
    /// answer was lost, however early or late it arrives. A message with a callback URL of its own keeps that URL, and
    /// the reference is added to it. Providers whose reports carry no reference are not given one.
    ///
    /// See the provider's documentation for how it delivers a report again if your server fails: some do not by
    /// themselves.
    pub fn callbacks(mut self, url: impl Into<String>) -> Self {
        self.callbacks.status = Some(url.into());
        self
    }

    /// Sets the URL to which the provider reports the keys that people press in calls that
    /// [ask](switchboard::provider::OutgoingCall::ask) for them. Your server there verifies each report, passes it to
    /// [`Outbox::webhook`], and answers with a document in the provider's language, which the person then hears.
    ///
    /// Each report brings back the reference, as that of a [delivery status](Self::callbacks) does. Without this URL, calls
    /// that ask for keys and name no URL of their own are not made: their sender is paused.
    pub fn key_callbacks(mut self, url: impl Into<String>) -> Self {
        self.callbacks.keys = Some(url.into());
        self
    }

    /// Sends even if the database may be an old copy. By default, a worker that starts after ten minutes without one, or
    /// on a copy that was [adopted](crate::Outbox::adopt_copy), first asks the provider what each sender has sent
    /// meanwhile, and ends with [`OutboxError::AlreadySent`] if such a message still waits here.
    ///
    /// A copy that is younger, and whose file is the same, is not recognised. Nor are calls and texts of templates,
    /// because the list of a provider does not show what they say.
    pub const fn trust_database(mut self) -> Self {
        self.trusting = true;
        self
    }

    /// Sets what happens with a message of which the provider's list proves that it was not sent. Default:
    /// [`IfAbsent::Park`].
    pub const fn if_absent(mut self, then: IfAbsent) -> Self {
        self.rules.if_absent = then;
        self
    }

    /// Declares that nothing but this outbox sends from a sender: a number, or the id of a pool. Then an unknown message
    /// whose text cannot be compared, such as one from a template, and an unknown call are settled by the provider's
    /// list, too.
    pub fn exclusive(mut self, sender: impl Into<Address>) -> Self {
        self.rules.exclusive.insert(sender.into());
        self
    }

    /// Sets every interval.
    pub const fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Starts the worker as a task of this runtime.
    ///
    /// # Errors
    /// [`OutboxError::Store`] with `Locked` if another worker runs on this SQLite file, in any process.
    /// [`OutboxError::CopiedFile`] if the file was copied or moved, or if a dump was restored in another place.
    pub async fn spawn(self) -> Result<Worker, OutboxError> {
        // On PostgreSQL, each sender is leased to one of the workers.
        let lock = self.outbox.store().sqlite().map(|sqlite| sqlite.lock("worker")).transpose()?;
        let clock = self.outbox.clock().clone();
        let place = self.outbox.rows().place().await?;
        if let (true, Some(before), Some(now)) = (place.has_changed(), &place.before, &place.now) {
            return Err(OutboxError::CopiedFile { before: before.clone(), now: now.clone() });
        }
        let alone = !self.outbox.is_shared();
        let started = self.outbox.rows().start(clock.now(), alone).await?;
        let guard = self.guard(clock.now(), &started).await?;
        if place.before.is_none() {
            self.outbox.rows().settle_place(place.now).await?;
        }
        clock.not_before(started.clock);
        if started.lapsed > 0 {
            tracing::warn!(
                messages = started.lapsed,
                "the last worker ended in the middle: these messages may have gone out, and are not sent again; \
                 see `Outbox::unsettled`"
            );
        }
        let rules = self.outbox.rules().in_force();
        // Opt-outs always count.
        if rules.len() > 1 {
            self.outbox.rows().note(clock.now(), vec![Entry::policy(&rules)]).await?;
        }
        let core = Core::new(self.timing, self.limits, &started, fastrand::Rng::new());
        let core = core.with_policy(Arc::clone(self.outbox.rules()));
        let core = if alone { core } else { core.shared() };
        let (stop, stopped) = watch::channel(None);
        let settling_accounts = Arc::clone(&self.accounts);
        let run =
            Run::new(&self.outbox, self.accounts, self.timing, self.rates, self.callbacks, core, stopped);
        let run = run.guarded(guard);
        let settling = Settling {
            rows: Arc::clone(self.outbox.rows()),
            clock: clock.clone(),
            hints: self.outbox.hints().clone(),
            accounts: settling_accounts,
            timing: self.timing,
            rules: Arc::new(self.rules),
            losses: self.outbox.losses().clone(),
            canaries: Canaries::default(),
        };
        let task = tokio::spawn(async move {
            // It ends with this task, and nobody waits for it.
            let mut beside = JoinSet::new();
            beside.spawn(settling.run());
            let ended = AssertUnwindSafe(run.run()).catch_unwind().await;
            let ended = ended.unwrap_or(Err(OutboxError::WorkerPanicked));
            // The handle may have been dropped, so the error may reach nobody.
            if let Err(error) = &ended {
                tracing::error!(%error, "the worker has ended: nothing is sent any more");
            }
            drop(lock);
            ended
        });
        Ok(Worker { stop, task })
    }

    /// Returns the check that the database is not an old copy, if it is necessary. It stays necessary, also after a
    /// crash, until it was done.
    async fn guard(&self, now: Micros, started: &Started) -> Result<Option<Guard>, OutboxError> {
        let since = match started.guard {
            Some(since) => since,
            None if was_away(now, started.alive, self.timing.away) => started.alive,
            None => return Ok(None),
        };
        if self.trusting {
            self.outbox.rows().guard(None).await?;
            return Ok(None);
        }
        self.outbox.rows().guard(Some(since)).await?;
        Ok(Some(Guard::new(since, self.outbox.clock().clone(), self.timing.send)))
    }
}

/// A running worker. If this handle is dropped, the worker runs until its runtime ends; [`shutdown`](Self::shutdown) ends it
/// in an orderly way.
#[derive(Debug)]
pub struct Worker {
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<Result<Stopped, OutboxError>>,
}

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// The number of messages that had no answer when the time was over. They become unknown.
    pub unknown: usize,
}

impl Worker {
    /// Ends the worker: it sends no further message, moves marked messages back to `ready`, and waits at most this time
    /// for the answers to requests that were sent. Messages without an answer by then become unknown.
    ///
    /// # Errors
    /// The error that had already ended the worker.
    pub async fn shutdown(self, grace: Duration) -> Result<Stopped, OutboxError> {
        let _ = self.stop.send(Some(grace));
        self.ended().await
    }

    /// Waits until the worker ends by itself, which happens only after an error.
    ///
    /// # Errors
    /// The error that ended it: [`OutboxError::ClockWentBack`], or a database that was closed.
    pub async fn ended(self) -> Result<Stopped, OutboxError> {
        let Self { stop, task } = self;
        let ended = task.await.unwrap_or(Err(OutboxError::WorkerPanicked));
        drop(stop);
        ended
    }

    /// Is the worker still running?
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}
