//! The database of a test, so that one test runs on SQLite and on PostgreSQL.

mod copied;

use std::path::{Path, PathBuf};
use std::time::Duration;

use switchboard_outbox::{Enqueue, Outbox, OutboxError};
use switchboard_store::rusqlite;

use crate::server::Server;

/// Runs each test on SQLite and, where there is a server, on PostgreSQL. Each run has a database of its own.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&crate::database::TestDatabase::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            #[ignore = "needs PostgreSQL"]
            async fn $name() {
                let database = crate::database::TestDatabase::postgres().await;
                super::$name(&database).await;
                database.close().await;
            })+
        }
    };
}
pub(crate) use on_both;

/// An empty database: a file of SQLite, or a schema on PostgreSQL.
pub(crate) enum TestDatabase {
    Sqlite(Folder),
    Postgres(Box<Server>),
}

impl TestDatabase {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(Folder::new())
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(Box::new(Server::start().await))
    }

    /// Opens the outbox, each time with connections of its own, as another process does.
    pub(crate) async fn outbox(&self) -> Outbox {
        self.open().await.unwrap()
    }

    /// Opens the outbox, which may fail.
    pub(crate) async fn open(&self) -> Result<Outbox, OutboxError> {
        match self {
            Self::Sqlite(folder) => Outbox::sqlite(folder.database()).await,
            Self::Postgres(server) => Outbox::open(server.postgres.clone()).await,
        }
    }

    /// Enqueues by the statement for the transactions of other programs.
    pub(crate) async fn enqueue(&self, request: &[u8]) -> Result<(), String> {
        match self {
            Self::Sqlite(folder) => {
                let sql = Enqueue::SQLITE.replace("?1", "CAST(?1 AS TEXT)");
                folder.open().execute(&sql, [request]).map(drop).map_err(|error| error.to_string())
            }
            Self::Postgres(server) => {
                let (request, sql) =
                    (std::str::from_utf8(request).unwrap(), Enqueue::postgres(server.postgres.schema()));
                let connection = server.postgres.connection().await.unwrap();
                connection.one(&sql, &[&request]).await.map(drop).map_err(|error| error.to_string())
            }
        }
    }

    /// Runs a statement. `{t}` stands before the name of each table of ours.
    pub(crate) async fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(folder) => {
                folder.open().execute_batch(&sql.replace("{t}", "switchboard_")).unwrap();
            }
            Self::Postgres(server) => server.batch(&sql.replace("{t}", "{s}.")).await,
        }
    }

    /// Returns the only value that a query finds.
    pub(crate) async fn text(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(folder) => {
                let sql = sql.replace("{t}", "switchboard_");
                folder.open().query_row(&sql, [], |row| row.get(0)).unwrap()
            }
            Self::Postgres(server) => server.one(&sql.replace("{t}", "{s}."), &[]).await.get(0),
        }
    }

    /// Holds the lock that every write needs until a future has ended.
    pub(crate) async fn while_locked<T>(&self, job: impl Future<Output = T>) -> T {
        match self {
            Self::Sqlite(folder) => {
                let other = folder.open();
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                let done = job.await;
                other.execute_batch("ROLLBACK").unwrap();
                done
            }
            Self::Postgres(server) => {
                server.batch("BEGIN; LOCK TABLE {s}.outbox, {s}.message IN ACCESS EXCLUSIVE MODE").await;
                let done = job.await;
                server.batch("ROLLBACK").await;
                done
            }
        }
    }

    /// Makes every further statement of an outbox fail.
    pub(crate) async fn fails(&self, outbox: &Outbox) {
        match self {
            Self::Sqlite(_) => outbox.store().close().await,
            Self::Postgres(server) => server.batch("DROP SCHEMA {s} CASCADE; CREATE SCHEMA {s}").await,
        }
    }

    /// Deletes a schema and ends its connections. Files are deleted when they are dropped.
    pub(crate) async fn close(self) {
        if let Self::Postgres(server) = self {
            server.close().await;
        }
    }
}

/// A folder of its own, which is deleted at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = format!("switchboard-outbox-{}-{:x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of the database.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("app.db")
    }

    /// Opens the file as another program.
    pub(crate) fn open(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
