//! Statements that both databases understand, for tables whose statements need nothing that only one of them has.

#[cfg(feature = "postgres")]
mod postgres;
mod value;

use std::fmt;
use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};

#[cfg(feature = "postgres")]
use crate::sessions::Sessions;
use crate::{Database, Migrations, Sqlite, StoreError, expand};
pub use value::{SqlRow, SqlValue};

/// Runs statements on SQLite and on PostgreSQL, each written once.
///
/// In a statement, `{t}` stands before the name of each table, and `?1`, `?2` … for the values. A statement may use what
/// both databases have: `ON CONFLICT`, `RETURNING`, rows in comparisons, `WITH`. All columns are `TEXT`, `INTEGER`
/// (`bigint` on PostgreSQL) or `BLOB` (`bytea`).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), switchboard_store::StoreError> {
/// use switchboard_store::{Migration, Migrations, PortableSql, Sqlite, SqlStatement};
///
/// static NOTES: Migrations = Migrations {
///     room: "notes",
///     list: &[Migration {
///         number: 1,
///         name: "notes",
///         sql: "CREATE TABLE {p}note (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;",
///         postgres: "CREATE TABLE {s}.note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);",
///     }],
/// };
///
/// let sql = PortableSql::open(Sqlite::memory().await?, &NOTES).await?;
/// let insert = SqlStatement::new("INSERT INTO {t}note (body) VALUES (?1) RETURNING id").value("hello");
/// let id = sql.write(vec![insert]).await?[0][0].int(0)?;
/// let rows = sql.read(SqlStatement::new("SELECT body FROM {t}note WHERE id = ?1").value(id)).await?;
/// assert_eq!(rows[0].text(0)?, "hello");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PortableSql {
    database: Database,
    #[cfg(feature = "postgres")]
    sessions: Option<Arc<Sessions>>,
}

/// A statement with its values. `Debug` does not show the values.
#[derive(Clone)]
#[must_use = "a statement does nothing until it is run"]
pub struct SqlStatement {
    text: &'static str,
    values: Vec<SqlValue>,
}

impl SqlStatement {
    /// A statement, as [`PortableSql`] describes.
    pub const fn new(text: &'static str) -> Self {
        Self { text, values: Vec::new() }
    }

    /// Adds the next value.
    pub fn value(mut self, value: impl Into<SqlValue>) -> Self {
        self.values.push(value.into());
        self
    }
}

impl PortableSql {
    /// Runs the migrations, and returns a handle.
    ///
    /// # Errors
    /// See [`Sqlite::migrate`].
    pub async fn open(
        database: impl Into<Database>,
        migrations: &'static Migrations,
    ) -> Result<Self, StoreError> {
        let database = database.into();
        match &database {
            Database::Sqlite(sqlite) => sqlite.migrate(migrations).await?,
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => postgres.migrate(migrations).await?,
        }
        #[cfg(feature = "postgres")]
        let sessions = match &database {
            Database::Sqlite(_) => None,
            Database::Postgres(postgres) => Some(Arc::new(Sessions::new(postgres))),
        };
        Ok(Self {
            database,
            #[cfg(feature = "postgres")]
            sessions,
        })
    }

    /// Runs a statement that changes nothing, and returns its rows.
    ///
    /// # Errors
    /// Those of the database; `WrongType` if a value does not fit its column.
    pub async fn read(&self, statement: SqlStatement) -> Result<Vec<SqlRow>, StoreError> {
        match &self.database {
            Database::Sqlite(sqlite) => {
                let run = on_sqlite(sqlite, vec![statement]);
                Ok(sqlite.read(run).await?.pop().unwrap_or_default())
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => postgres::read(postgres, self.sessions(), statement).await,
        }
    }

    /// Runs statements in one transaction, in this order, and returns the rows of each. When this returns, it is on disk.
    ///
    /// # Errors
    /// As [`read`](Self::read). Then nothing was changed, but after a lost connection to PostgreSQL it may have been.
    pub async fn write(&self, statements: Vec<SqlStatement>) -> Result<Vec<Vec<SqlRow>>, StoreError> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.write(on_sqlite(sqlite, statements)).await,
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => postgres::write(postgres, self.sessions(), statements).await,
        }
    }

    /// Runs statements whose rows nobody needs in one transaction, in this order. On PostgreSQL it does not wait for each of
    /// them, so many of them cost little more than one.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn execute(&self, statements: Vec<SqlStatement>) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.write(on_sqlite(sqlite, statements)).await.map(drop),
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => postgres::execute(postgres, self.sessions(), statements).await,
        }
    }

    #[cfg(feature = "postgres")]
    fn sessions(&self) -> Option<&Sessions> {
        self.sessions.as_deref()
    }
}

fn on_sqlite(
    sqlite: &Sqlite,
    statements: Vec<SqlStatement>,
) -> impl FnOnce(&Connection) -> Result<Vec<Vec<SqlRow>>, StoreError> + Send + use<> {
    let prefix: Arc<str> = sqlite.prefix().into();
    move |connection| {
        let one = |statement: SqlStatement| {
            let text = expand(&statement.text.replace("{t}", "{p}"), &prefix);
            let mut prepared = connection.prepare_cached(&text)?;
            let columns = prepared.column_count();
            let mut found = prepared.query(params_from_iter(statement.values))?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                let cells = (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?;
                rows.push(SqlRow(cells));
            }
            Ok(rows)
        };
        statements.into_iter().map(one).collect()
    }
}

impl fmt::Debug for PortableSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortableSql").field("database", &self.database).finish_non_exhaustive()
    }
}

impl fmt::Debug for SqlStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStatement").field("text", &self.text).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
