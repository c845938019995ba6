//! The databases that the packages above can use.

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
