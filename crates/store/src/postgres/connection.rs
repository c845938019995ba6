use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row, Statement};

use super::transaction::Transaction;
use super::transport::Transport;
use crate::StoreError;

/// Values that are bound to a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Settings that other settings of the server or the role must not change. A commit that does not wait for the disk
/// could lose a mark after its message was sent. A process that was stopped in a transaction would block every other.
/// The server expects many rows of a large table even where a statement reads few, and would compile such a statement to
/// machine code each time, which takes a hundred times longer than the statement.
const SETTINGS: &str = "\
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
SET idle_in_transaction_session_timeout = '10s';
SET jit = off;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
";

/// An open connection. Statements are prepared once, and found again by their text.
pub struct Connection {
    client: Client,
    state: State,
}

#[derive(Default)]
pub(super) struct State {
    statements: Mutex<HashMap<String, Statement>>,
    /// The server ends the connection, or no longer accepts writes, so the next user must connect again.
    unusable: AtomicBool,
}

impl Connection {
    pub(super) async fn open(transport: &dyn Transport, config: &Config) -> Result<Self, StoreError> {
        let client = transport.open(config).await.map_err(StoreError::cannot_connect)?;
        client.batch_execute(SETTINGS).await.map_err(StoreError::cannot_connect)?;
        Ok(Self { client, state: State::default() })
    }

    /// Was the connection lost, or does its server no longer accept writes?
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed() || self.state.unusable.load(Ordering::Relaxed)
    }

    /// Runs a statement outside a transaction, and returns its rows.
    ///
    /// # Errors
    /// `ConnectionLost`, `Busy`, `DiskFull`, `ReadOnly`, `Postgres`.
    pub async fn query(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        self.state.query(&self.client, sql, values).await
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
        self.state.execute(&self.client, sql, values).await
    }

    /// Runs statements without values, separated by `;`.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.state.checked(self.client.batch_execute(sql).await)
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// `ConnectionLost`, `Postgres`.
    pub async fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Transaction::begin(&self.client, &self.state).await
    }
}

impl State {
    pub(super) async fn query(
        &self,
        client: &Client,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(client, sql).await?;
        self.checked(client.query(&statement, values).await)
    }

    pub(super) async fn execute(
        &self,
        client: &Client,
        sql: &str,
        values: Values<'_>,
    ) -> Result<u64, StoreError> {
        let statement = self.prepare(client, sql).await?;
        self.checked(client.execute(&statement, values).await)
    }

    /// Returns a statement that was prepared before.
    pub(super) fn prepared(&self, sql: &str) -> Option<Statement> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }

    pub(super) async fn prepare(&self, client: &Client, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared(sql) {
            return Ok(statement);
        }
        let statement = self.checked(client.prepare(sql).await)?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn checked<T>(&self, answer: Result<T, tokio_postgres::Error>) -> Result<T, StoreError> {
        answer.map_err(|error| {
            let error = StoreError::from(error);
            // The server may say that it ends the connection before the connection is closed.
            if matches!(error, StoreError::ReadOnly | StoreError::ConnectionLost) {
                self.unusable.store(true, Ordering::Relaxed);
            }
            error
        })
    }
}

pub(super) fn one(rows: Vec<Row>) -> Result<Row, StoreError> {
    rows.into_iter().next().ok_or(StoreError::NoRow)
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}
