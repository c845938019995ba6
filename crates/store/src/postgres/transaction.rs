use std::fmt;
use std::future::{Future, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::connection::{State, Values, one};
use crate::StoreError;

/// A value that is bound to a statement that was only started.
pub type Value = Box<dyn ToSql + Sync + Send>;

/// A statement that was sent, and whose answer was not read yet.
type Started<'c> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'c>>;

/// A transaction. It is rolled back if it is dropped before [`commit`](Self::commit).
///
/// Each round trip to the server costs more than most statements. So a statement whose answer is not needed is only
/// [started](Self::start): the next one that waits for its own answer waits for those before it too. A
/// [`query`](Self::query) at the beginning is sent together with the `BEGIN`, so it should only read; the other methods
/// wait for the answer to that.
///
/// After an error of a statement, the transaction can only be rolled back.
pub struct Transaction<'c> {
    client: &'c Client,
    state: &'c State,
    started: Mutex<Vec<Started<'c>>>,
    /// The server has answered that the transaction began.
    is_begun: AtomicBool,
    is_ended: bool,
}

impl<'c> Transaction<'c> {
    pub(super) fn begin(client: &'c Client, state: &'c State) -> Self {
        let is_begun = AtomicBool::new(false);
        let transaction = Self { client, state, started: Mutex::default(), is_begun, is_ended: false };
        transaction.send(async { state.checked(client.batch_execute("BEGIN").await) });
        transaction
    }

    /// Runs a statement, and returns its rows.
    ///
    /// # Errors
    /// As [`Connection::query`](super::Connection::query); the first error of the statements that were started before.
    pub async fn query(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.after_started(async { self.state.checked(self.client.query(&statement, values).await) }).await
    }

    /// Runs a statement that returns exactly one row.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn one(&self, sql: &str, values: Values<'_>) -> Result<Row, StoreError> {
        one(self.query(sql, values).await?)
    }

    /// Runs a statement, and returns how many rows it changed.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
        self.begun().await?;
        let statement = self.prepare(sql).await?;
        self.after_started(async { self.state.checked(self.client.execute(&statement, values).await) }).await
    }

    /// Runs statements without values, separated by `;`.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.begun().await?;
        self.after_started(async { self.state.checked(self.client.batch_execute(sql).await) }).await
    }

    /// Sends a statement without waiting for its answer. The server runs statements in the order in which they are sent.
    /// If this one fails, so do all after it, and the next method that waits for an answer returns its error.
    ///
    /// # Errors
    /// As [`query`](Self::query), if the statement has to be prepared.
    pub async fn start(&self, sql: &str, values: Vec<Value>) -> Result<(), StoreError> {
        self.begun().await?;
        let (statement, client, state) = (self.prepare(sql).await?, self.client, self.state);
        self.send(async move {
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
            state.checked(client.execute(&statement, &values).await).map(drop)
        });
        Ok(())
    }

    /// Commits. After `ConnectionLost` it is not known whether the transaction was committed.
    ///
    /// # Errors
    /// `ConnectionLost`; the first error of the statements that were started before, which means that nothing was
    /// committed.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.is_ended = true;
        self.after_started(async { self.state.checked(self.client.batch_execute("COMMIT").await) }).await
    }

    /// Rolls back. Unlike dropping it, this waits for the server.
    ///
    /// # Errors
    /// `ConnectionLost`.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        self.is_ended = true;
        self.state.checked(self.client.batch_execute("ROLLBACK").await)
    }

    /// Without this, a statement could write although the `BEGIN` before it was cancelled.
    async fn begun(&self) -> Result<(), StoreError> {
        if self.is_begun.load(Ordering::Relaxed) { Ok(()) } else { self.answers().await }
    }

    async fn prepare(&self, sql: &str) -> Result<Statement, StoreError> {
        let prepared = self.state.prepare(self.client, sql).await;
        if prepared.is_err() {
            // Perhaps one before it was the first to fail.
            self.answers().await?;
        }
        prepared
    }

    /// Sends a request, and keeps the future of its answer.
    fn send(&self, request: impl Future<Output = Result<(), StoreError>> + Send + 'c) {
        let mut request: Started<'c> = Box::pin(request);
        // The first poll sends it.
        if let Poll::Ready(answer) = request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            request = Box::pin(ready(answer));
        }
        self.started.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// Sends a request, waits for the answers to those before it, and then for its own.
    async fn after_started<T>(
        &self,
        request: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut request = pin!(request);
        let sent = poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await;
        self.answers().await?;
        match sent {
            Poll::Ready(answer) => answer,
            Poll::Pending => request.await,
        }
    }

    async fn answers(&self) -> Result<(), StoreError> {
        let started = std::mem::take(&mut *self.started.lock().unwrap_or_else(PoisonError::into_inner));
        for answer in started {
            answer.await?;
        }
        self.is_begun.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            // The first poll sends it, and the connection drops the answer.
            let rollback = pin!(self.client.batch_execute("ROLLBACK"));
            let _ = rollback.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}
