//! The thread that writes. Jobs that wait at the same time share one transaction.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Statement};
use tokio::sync::oneshot;

use super::builder::SqliteBuilder;
use super::job::{Job, Order, Queue};
use super::{Shared, connection, reader};
use crate::StoreError;

/// A transaction takes no more jobs after this number of jobs, or after this time, because its jobs wait for their
/// answer.
const MOST_JOBS: usize = 512;
const LONGEST: Duration = Duration::from_millis(10);

type Opened = Result<(Arc<Shared>, Option<Queue>), StoreError>;

/// Opens the database, reports that it is open, and works until the last handle is dropped.
pub(super) fn run(
    settings: &SqliteBuilder,
    path: Option<&Path>,
    orders: &Receiver<Order>,
    ready: oneshot::Sender<Opened>,
) {
    let (connection, shared) = match open(settings, path) {
        Ok(opened) => opened,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let reader = match shared.path.as_deref().map(|path| reader::start(path, settings)).transpose() {
        Ok(reader) => reader,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let queue = reader.as_ref().map(|(queue, _)| queue.clone());
    drop(ready.send(Ok((Arc::clone(&shared), queue))));
    let ended = Writer::work(&connection, &shared, orders);
    // The reader is closed first, because the last connection that closes copies the log into the database.
    if let Some((queue, thread)) = reader {
        queue.end();
        drop(thread.join());
    }
    drop(connection);
    drop(ended);
}

fn open(settings: &SqliteBuilder, path: Option<&Path>) -> Result<(Connection, Arc<Shared>), StoreError> {
    let path = path.map(connection::resolve).transpose()?;
    let connection = connection::writer(path.as_deref(), settings)?;
    Ok((connection, settings.shared(path)))
}

struct Writer<'c> {
    connection: &'c Connection,
    shared: &'c Shared,
    orders: &'c Receiver<Order>,
    statements: Statements<'c>,
    waiting: VecDeque<Box<dyn Job>>,
    /// Since when another connection has prevented this thread from beginning a transaction.
    trying_since: Option<Instant>,
    /// Set after the thread was asked to end. It takes no further jobs.
    end: Option<oneshot::Sender<()>>,
}

struct Statements<'c> {
    begin: Statement<'c>,
    commit: Statement<'c>,
    rollback: Statement<'c>,
    savepoint: Statement<'c>,
    release: Statement<'c>,
    rollback_to: Statement<'c>,
}

impl<'c> Writer<'c> {
    fn work(
        connection: &'c Connection,
        shared: &'c Shared,
        orders: &'c Receiver<Order>,
    ) -> Option<oneshot::Sender<()>> {
        let statements = Statements::prepare(connection).ok()?;
        let mut writer = Writer {
            connection,
            shared,
            orders,
            statements,
            waiting: VecDeque::new(),
            trying_since: None,
            end: None,
        };
        while writer.wait_for_job() {
            match writer.begin() {
                Ok(()) => writer.transaction(),
                Err(error) => writer.refuse(&error),
            }
        }
        writer.end
    }

    /// Waits until there is a job; returns `false` if no further job will come.
    fn wait_for_job(&mut self) -> bool {
        if self.waiting.is_empty()
            && self.end.is_none()
            && let Ok(order) = self.orders.recv()
        {
            self.take(order);
        }
        !self.waiting.is_empty()
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Run(job) => self.waiting.push_back(job),
            Order::End(ended) => self.end = Some(ended),
        }
    }

    /// Returns the next waiting job, or `None` without waiting.
    fn next(&mut self) -> Option<Box<dyn Job>> {
        if self.waiting.is_empty()
            && self.end.is_none()
            && let Ok(order) = self.orders.try_recv()
        {
            self.take(order);
        }
        self.waiting.pop_front()
    }

    /// Begins a transaction. If another connection writes, this waits, at most until the oldest job has
    /// waited for the busy timeout.
    fn begin(&mut self) -> Result<(), StoreError> {
        let since = *self.trying_since.get_or_insert_with(Instant::now);
        let waited = self.waiting.front().map_or(Duration::ZERO, |job| waited(&**job, since));
        self.connection.busy_timeout(self.shared.busy_timeout.saturating_sub(waited))?;
        self.statements.begin.execute([])?;
        self.trying_since = None;
        Ok(())
    }

    /// Sends the error to the jobs that have waited long enough for another connection, or to all jobs if the error is
    /// not a timeout.
    fn refuse(&mut self, error: &StoreError) {
        while self.end.is_none() {
            let Ok(order) = self.orders.try_recv() else { break };
            self.take(order);
        }
        let busy = matches!(error, StoreError::Busy { .. });
        let since = self.trying_since.unwrap_or_else(Instant::now);
        while let Some(job) = self.waiting.pop_front() {
            let waited = waited(&*job, since);
            if busy && waited < self.shared.busy_timeout {
                self.waiting.push_front(job);
                return std::thread::sleep(connection::RETRY);
            }
            let error = if busy { StoreError::Busy { waited: Some(waited) } } else { error.clone() };
            answer(job, Some(error));
        }
        self.trying_since = None;
    }

    fn transaction(&mut self) {
        let started = Instant::now();
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut wrote = 0;
        let mut failed = None;
        while let Some(mut job) = self.next() {
            let outcome = self.run_one(&mut *job);
            wrote += u64::from(matches!(outcome, Ok(true)) && !job.reads_only());
            done.push(job);
            if let Err(error) = outcome {
                failed = Some(error);
                break;
            }
            if done.len() >= MOST_JOBS || started.elapsed() >= LONGEST {
                break;
            }
        }
        let failed = failed.or_else(|| self.finish(wrote > 0).err());
        if failed.is_some() {
            drop(self.statements.rollback.execute([]));
        } else if wrote > 0 {
            self.count(wrote);
        }
        let busy = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.shared.busy_nanos.fetch_add(busy, Ordering::Relaxed);
        for job in done {
            answer(job, failed.clone());
        }
    }

    /// Runs a job in a savepoint. An error means that the whole transaction was rolled back.
    fn run_one(&mut self, job: &mut dyn Job) -> Result<bool, StoreError> {
        self.statements.savepoint.execute([])?;
        let succeeded = if job.reads_only() {
            self.connection.execute_batch("PRAGMA query_only = ON")?;
            let succeeded = job.run(self.connection);
            self.connection.execute_batch("PRAGMA query_only = OFF")?;
            succeeded
        } else {
            job.run(self.connection)
        };
        if self.connection.is_autocommit() {
            return Err(StoreError::TransactionEnded);
        }
        if !succeeded {
            self.statements.rollback_to.execute([])?;
        }
        self.statements.release.execute([])?;
        Ok(succeeded)
    }

    fn finish(&mut self, wrote: bool) -> Result<(), StoreError> {
        let statement = if wrote { &mut self.statements.commit } else { &mut self.statements.rollback };
        statement.execute([])?;
        Ok(())
    }

    fn count(&self, jobs: u64) {
        self.shared.transactions.fetch_add(1, Ordering::Relaxed);
        self.shared.jobs.fetch_add(jobs, Ordering::Relaxed);
        self.shared.commits.send_modify(|count| *count += 1);
    }
}

impl<'c> Statements<'c> {
    fn prepare(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            commit: connection.prepare("COMMIT")?,
            rollback: connection.prepare("ROLLBACK")?,
            savepoint: connection.prepare("SAVEPOINT switchboard_job")?,
            release: connection.prepare("RELEASE switchboard_job")?,
            rollback_to: connection.prepare("ROLLBACK TO switchboard_job")?,
        })
    }
}

/// Returns how long a job has waited for another connection, if the thread began to try at `started`.
fn waited(job: &dyn Job, started: Instant) -> Duration {
    job.handed_at().max(started).elapsed()
}

/// Sends an answer. If nobody waits for it, its value is dropped here, and a panic in that drop does not end the
/// thread.
fn answer(job: Box<dyn Job>, failed: Option<StoreError>) {
    drop(catch_unwind(AssertUnwindSafe(|| job.answer(failed))));
}
