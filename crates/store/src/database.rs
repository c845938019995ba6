//! The databases that the packages above can use.

use tokio::sync::watch;

#[cfg(feature = "postgres")]
use crate::Postgres;
use crate::Sqlite;

/// A database in which the packages above store their tables.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Database {
    /// An SQLite file, for one machine.
    Sqlite(Sqlite),
    /// A PostgreSQL server, for any number of machines.
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
}

impl Database {
    /// Returns the SQLite database, if it is one.
    #[must_use]
    pub const fn sqlite(&self) -> Option<&Sqlite> {
        match self {
            Self::Sqlite(sqlite) => Some(sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// Returns a counter of the commits of this process. Each change wakes the tasks that wait for rows.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        match self {
            Self::Sqlite(sqlite) => sqlite.commits(),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.commits(),
        }
    }

    /// Closes an SQLite file after the jobs that were passed before. Connections to PostgreSQL end when their users are
    /// dropped.
    pub async fn close(&self) {
        if let Some(sqlite) = self.sqlite() {
            sqlite.close().await;
        }
    }
}

impl From<Sqlite> for Database {
    fn from(sqlite: Sqlite) -> Self {
        Self::Sqlite(sqlite)
    }
}

#[cfg(feature = "postgres")]
impl From<Postgres> for Database {
    fn from(postgres: Postgres) -> Self {
        Self::Postgres(postgres)
    }
}
