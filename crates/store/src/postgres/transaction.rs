use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::connection::{State, Values, one};
use crate::StoreError;

/// A value that is bound to a statement that was only started.
pub type Value = Box<dyn ToSql + Sync + Send>;

/// The SQLSTATE of each statement after one that failed.
const FOLLOWS: &str = "25P02";

/// A statement that was sent, and whose answer was not read yet.
type Started<'c> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'c>>;

/// A transaction. It is rolled back if it is dropped before [`commit`](Self::commit).
///
/// Each round trip to the server costs more than most statements. So a statement whose answer is not needed is only
/// [started](Self::start): the next one that waits for its own answer waits for those before it too.
///
/// After an error of a statement, the transaction can only be rolled back.
pub struct Transaction<'c> {
    client: &'c Client,
    state: &'c State,
    started: Mutex<Vec<Started<'c>>>,
    /// The first error of a statement.
    failed: Mutex<Option<StoreError>>,
    /// Statements whose answer somebody waits for, or has stopped waiting for.
    unread: AtomicUsize,
    is_ended: bool,
}

impl<'c> Transaction<'c> {
    pub(super) async fn begin(client: &'c Client, state: &'c State) -> Result<Self, StoreError> {
        // Made first: if this future is dropped, the transaction may have begun, and is rolled back.
        let transaction = Self {
            client,
            state,
            started: Mutex::default(),
            failed: Mutex::default(),
            unread: AtomicUsize::new(0),
            is_ended: false,
        };
        state.checked(client.batch_execute("BEGIN").await)?;
        Ok(transaction)
    }

    /// Runs a statement, and returns its rows.
    ///
    /// Two statements may wait at the same time. If their order matters, wait for the first: a statement that this
    /// connection runs for the first time is prepared before, and may be overtaken.
    ///
    /// # Errors
    /// As [`Connection::query`](super::Connection::query); the first error of the statements that were started before.
    pub async fn query(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.after_started(self.client.query(&statement, values)).await
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
        let statement = self.prepare(sql).await?;
        self.after_started(self.client.execute(&statement, values)).await
    }

    /// Runs statements without values, separated by `;`.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.after_started(self.client.batch_execute(sql)).await
    }

    /// Sends a statement without waiting for its answer. The server runs statements in the order in which they are sent.
    /// If this one fails, so do all after it, and the next method that waits for an answer returns its error.
    ///
    /// # Errors
    /// As [`query`](Self::query), if the statement has to be prepared; `Postgres` if the values do not fit it.
    pub async fn start(&self, sql: &str, values: Vec<Value>) -> Result<(), StoreError> {
        let (statement, client) = (self.prepare(sql).await?, self.client);
        let state = self.state;
        let mut request: Started<'c> = Box::pin(async move {
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
            state.checked(client.execute(&statement, &values).await).map(drop)
        });
        // The first poll sends it.
        match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => self.noted(answer),
            Poll::Pending => {
                lock(&self.started).push(request);
                Ok(())
            }
        }
    }

    /// Commits. After `ConnectionLost` it is not known whether the transaction was committed.
    ///
    /// # Errors
    /// `ConnectionLost`; the first error of a statement, even if that was ignored: then nothing was committed;
    /// `NotWaitedFor`.
    pub async fn commit(self) -> Result<(), StoreError> {
        let failed = lock(&self.failed).clone();
        if let Some(error) = failed {
            self.rollback().await?;
            return Err(error);
        }
        // An answer that nobody read may be an error, and the server would roll back without saying so.
        if self.unread.load(Ordering::Relaxed) > 0 {
            self.rollback().await?;
            return Err(StoreError::NotWaitedFor);
        }
        let mut ending = self;
        ending.is_ended = true;
        ending.after_started(ending.client.batch_execute("COMMIT")).await
    }

    /// Rolls back. Unlike dropping it, this waits for the server.
    ///
    /// # Errors
    /// `ConnectionLost`.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        self.is_ended = true;
        // An answer that nobody reads would hold up the one that is waited for.
        lock(&self.started).clear();
        self.state.checked(self.client.batch_execute("ROLLBACK").await)
    }

    async fn prepare(&self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.state.prepared(sql) {
            return Ok(statement);
        }
        // The connection reads no further than an answer that nobody takes, so those before this one are taken first.
        self.answers().await?;
        let prepared = self.state.prepare(self.client, sql).await;
        self.noted(prepared)
    }

    /// Sends a request, waits for the answers to those before it, and then for its own.
    async fn after_started<T>(
        &self,
        request: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        let mut request = pin!(request);
        self.unread.fetch_add(1, Ordering::Relaxed);
        let sent = poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await;
        let before = self.answers().await;
        let answer = match sent {
            Poll::Ready(answer) => answer,
            Poll::Pending if before.is_err() => {
                self.unread.fetch_sub(1, Ordering::Relaxed);
                return before.and(Err(StoreError::NotWaitedFor));
            }
            Poll::Pending => request.await,
        };
        self.unread.fetch_sub(1, Ordering::Relaxed);
        before?;
        self.noted(self.state.checked(answer))
    }

    /// Waits for the answers to the statements that were started.
    async fn answers(&self) -> Result<(), StoreError> {
        let started = std::mem::take(&mut *lock(&self.started));
        if started.is_empty() {
            return Ok(());
        }
        self.unread.fetch_add(1, Ordering::Relaxed);
        let mut all = Ok(());
        for answer in started {
            all = answer.await;
            if all.is_err() {
                break;
            }
        }
        self.unread.fetch_sub(1, Ordering::Relaxed);
        self.noted(all)
    }

    /// Keeps the first error, and returns it in place of those that only say that there was one.
    fn noted<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        answer.map_err(|error| {
            let mut failed = lock(&self.failed);
            match &error {
                StoreError::Postgres { sqlstate: Some(code), .. } if code == FOLLOWS => {
                    failed.clone().unwrap_or(error)
                }
                _ => failed.get_or_insert(error).clone(),
            }
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
