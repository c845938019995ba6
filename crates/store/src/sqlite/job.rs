//! Passes jobs to a thread, and their results back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

/// The sending end of a thread's queue. The thread ends when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Queue(mpsc::Sender<Order>);

/// A command to a thread.
pub(super) enum Order {
    Run(Box<dyn Job>),
    /// End after the commands before this one. The thread drops the sender when it has ended.
    End(oneshot::Sender<()>),
}

/// A job and the channel for its result, with their types erased.
pub(super) trait Job: Send {
    /// Runs it, and returns whether it returned `Ok`.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Sends the result. If `failed` is set, that error is sent instead of an `Ok`, or if the job has not run.
    fn answer(self: Box<Self>, failed: Option<StoreError>);

    fn reads_only(&self) -> bool;

    fn handed_at(&self) -> Instant;
}

struct Typed<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
    reads_only: bool,
    handed_at: Instant,
}

impl Queue {
    pub(super) fn new() -> (Self, mpsc::Receiver<Order>) {
        let (sender, receiver) = mpsc::channel();
        (Self(sender), receiver)
    }

    /// Passes a job to the thread. If the thread has ended, the sender for the result is dropped with the job.
    pub(super) fn hand<T, E, F>(&self, work: F, reads_only: bool) -> oneshot::Receiver<Result<T, E>>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        let handed_at = Instant::now();
        let job = Typed { work: Some(work), result: None, answer, reads_only, handed_at };
        drop(self.0.send(Order::Run(Box::new(job))));
        receiver
    }

    /// Asks the thread to end, without waiting for it.
    pub(super) fn end(&self) {
        drop(self.0.send(Order::End(oneshot::channel().0)));
    }

    pub(super) async fn close(&self) {
        let (sender, ended) = oneshot::channel();
        if self.0.send(Order::End(sender)).is_ok() {
            drop(ended.await);
        }
    }
}

impl<T, E, F> Job for Typed<F, T, E>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(connection)));
        let result = result.unwrap_or_else(|_| Err(StoreError::JobPanicked.into()));
        let succeeded = result.is_ok();
        self.result = Some(result);
        succeeded
    }

    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        let Self { result, answer, .. } = *self;
        let result = match (result, failed) {
            (Some(Err(error)), _) => Err(error),
            (_, Some(failed)) => Err(failed.into()),
            (Some(result), None) => result,
            (None, None) => Err(StoreError::Stopped.into()),
        };
        // If nobody waits for the result any more, its value is dropped here.
        drop(answer.send(result));
    }

    fn reads_only(&self) -> bool {
        self.reads_only
    }

    fn handed_at(&self) -> Instant {
        self.handed_at
    }
}
