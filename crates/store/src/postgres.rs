//! A PostgreSQL database: connections of our own, in a schema of the host's choice.
//!
//! There is no pool. Each user of the database owns the few connections that it needs, so that no future can hand a
//! connection with an open transaction to somebody else.

mod builder;
mod connection;
mod error;
mod session;
mod transaction;
mod transport;

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

pub use builder::PostgresBuilder;
pub use connection::Connection;
pub use session::{Acquired, Session};
pub use transaction::{Transaction, Value};

use crate::{Lock, Migrations, StoreError};
use transport::Transport;

/// A PostgreSQL database, version 13 or later. A clone uses the same settings; connections are opened when they are
/// needed.
///
/// ```no_run
/// # async fn example() -> Result<(), switchboard_store::StoreError> {
/// use switchboard_store::Postgres;
///
/// let db = Postgres::connect("postgres://app:secret@localhost/app").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Postgres(Arc<Shared>);

struct Shared {
    config: tokio_postgres::Config,
    schema: String,
    transport: Box<dyn Transport>,
    commits: watch::Sender<u64>,
}

impl Postgres {
    /// Connects without TLS, which is refused unless the server is on this machine. The tables are in the schema
    /// `switchboard`. Other settings: [`builder`](Self::builder).
    ///
    /// # Errors
    /// See [`PostgresBuilder::connect`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::builder(url).connect().await
    }

    /// Returns a builder for a server at this URL, or in the form `host=… user=… dbname=…`. Several hosts may be given:
    /// the one that accepts writes is used, also after a failover.
    pub fn builder(url: &str) -> PostgresBuilder {
        PostgresBuilder::new(url)
    }

    /// Returns the schema of all tables.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.0.schema
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// `CannotConnect`, with what the server says.
    pub async fn connection(&self) -> Result<Connection, StoreError> {
        Connection::open(&*self.0.transport, &self.0.config).await
    }

    /// Returns an owner of one connection, which opens it again after it was lost.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }

    /// Runs the migrations that were not run on this database yet, in one transaction: all of them or none. Other
    /// processes that do so at the same time wait. If there is nothing to run, only the right to read is needed.
    ///
    /// # Errors
    /// `NewerSchema`, `ChangedMigration`, and the errors of a statement.
    pub async fn migrate(&self, migrations: &'static Migrations) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        migrations.run_postgres(&mut connection, &self.0.schema).await
    }

    /// Takes a lock on a connection of its own. The server releases it when the lock is dropped, and when it notices
    /// that the process or the connection has ended.
    ///
    /// A connection may be lost while this process runs on, and another process then gets the lock. So what must never
    /// happen twice also needs a check in its own transaction.
    ///
    /// # Errors
    /// `Locked` if another process or another handle in this one holds it; `BadName`; `CannotConnect`.
    pub async fn lock(&self, name: &str) -> Result<Lock, StoreError> {
        crate::lock::check(name)?;
        let connection = self.connection().await?;
        let key = format!("{}.lock.{name}", self.0.schema);
        let row = connection.one("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", &[&key]).await?;
        if row.try_get(0)? { Ok(Lock::postgres(name, connection)) } else { Err(Lock::refused(name)) }
    }

    /// Returns a counter of the commits of this handle and its clones. Each change wakes the tasks that wait for rows.
    ///
    /// Commits of other processes are not counted, so they must be found by polling.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.0.commits.subscribe()
    }

    /// Counts a commit, which wakes the tasks that wait for rows.
    pub fn note_commit(&self) {
        self.0.commits.send_modify(|commits| *commits += 1);
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("schema", &self.0.schema).finish_non_exhaustive()
    }
}

/// Replaces each `{s}.` with the schema, quoted, and a dot.
#[must_use]
pub fn expand_schema(sql: &str, schema: &str) -> String {
    sql.replace("{s}", &format!("\"{schema}\""))
}
