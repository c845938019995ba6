use std::path::PathBuf;
use std::time::Duration;

use rusqlite::ErrorCode;

/// An error of the store. Each error message says what to change.
///
/// No message holds a value that was bound to a statement.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk is full, or the database has reached its `max_page_count`. Nothing of the transaction was written.
    #[error("the disk is full: free some space, then try again; nothing of this transaction was written")]
    DiskFull,
    /// The file, its folder or its file system cannot be written.
    #[error(
        "the database cannot be written: give this user write access to the file, to those with `-wal` and `-shm`, \
         and to their folder"
    )]
    ReadOnly,
    /// The database was written by a newer version of this program.
    #[error(
        "the schema of `{room}` in the database is number {found}, and this program knows up to {known}: \
         run the newer version"
    )]
    NewerSchema {
        /// The package that owns the schema.
        room: &'static str,
        /// The newest migration in the database.
        found: u32,
        /// The newest migration that this program has.
        known: u32,
    },
    /// The text of a migration that was already run is different in this program, or the migration is missing.
    #[error(
        "migration {number} of `{room}` is not the one that this program has: \
         run the version that made the database, or restore the migration"
    )]
    ChangedMigration {
        /// The package that owns the migration.
        room: &'static str,
        /// Its number.
        number: u32,
    },
    /// SQLite's locks and shared memory do not work on network file systems.
    #[error("the database lies on a network file system ({fstype}): put it on a local disk")]
    NetworkMount {
        /// The type of the mount.
        fstype: String,
    },
    /// Another process, or another handle in this one, holds the lock.
    #[error("`{name}` is locked by another process or handle: end that one first")]
    Locked {
        /// The name of the lock.
        name: String,
    },
    /// Another connection was writing for longer than the busy timeout, or held what a transaction on PostgreSQL needs.
    /// Nothing was written.
    #[error(
        "another connection keeps the database locked{}: \
         make its transactions shorter, or set a longer busy_timeout",
        .waited.map(|waited| format!(" (waited {waited:.1?})")).unwrap_or_default()
    )]
    Busy {
        /// How long the job waited, if it is known.
        waited: Option<Duration>,
    },
    /// The program stopped waiting for the answer of a statement, and committed. Nothing was written.
    #[error(
        "the answer of a statement was not waited for, so the transaction was rolled back: wait for each statement"
    )]
    NotWaitedFor,
    /// The file is not an SQLite database.
    #[error("the file is not a SQLite database: check the path")]
    NotADatabase,
    /// The file is damaged.
    #[error(
        "the database is damaged: stop every process that uses it, and restore a backup or run `.recover`"
    )]
    Corrupt,
    /// The file cannot be opened or created.
    #[error("cannot open {}: check that the folder exists and that this user may write there", path.display())]
    CannotOpen {
        /// The path as it was given.
        path: PathBuf,
    },
    /// SQLite could not switch to its write-ahead log.
    #[error("the database has journal mode `{mode}` and does not change to `wal`: put it on a local disk")]
    NoWal {
        /// The journal mode that SQLite answered.
        mode: String,
    },
    /// The table prefix is invalid. It must be a lower-case letter or `_`, then lower-case letters, digits and `_`: at
    /// most 40 characters.
    #[error(
        "`{prefix}` is no prefix for tables: use at most 40 of a-z, 0-9 and _, not a digit first, and not `sqlite_`"
    )]
    BadPrefix {
        /// The given prefix.
        prefix: String,
    },
    /// A table of this name exists that this package did not make and cannot use.
    #[error(
        "the table `{table}` is not this package's, and lacks what it needs: choose other names with `.prefix(..)` or \
         another schema with `.schema(..)`, or change the table:\n{advice}"
    )]
    ForeignTable {
        /// The name of the table.
        table: String,
        /// The statements that add what is missing.
        advice: String,
    },
    /// A value could not be sealed or opened.
    #[cfg(feature = "seal")]
    #[error(transparent)]
    Seal(#[from] crate::SealError),
    /// The name is invalid. The name of a lock or a cursor becomes part of a file name.
    #[error("`{name}` is no name for a lock or cursor: use 1 to 64 of a-z, A-Z, 0-9, `_`, `.` and `-`")]
    BadName {
        /// The given name.
        name: String,
    },
    /// Reading or writing the file failed. If COMMIT failed with this error, the transaction is rolled back in this
    /// process, but its changes may appear after a crash: read the data again before you act on it.
    #[error(
        "the disk failed (SQLite code {code}): check the system's log; a failed commit may still be found after a crash"
    )]
    Disk {
        /// SQLite's extended result code.
        code: i32,
    },
    /// The transaction ended while its jobs ran: SQLite rolled it back, or a job ended it.
    #[error(
        "the transaction ended while its jobs ran, as the disk is full or a job ended it: read again before you act"
    )]
    TransactionEnded,
    /// The operating system could not start a thread.
    #[error("cannot start a thread: raise the limit of this process")]
    NoThread,
    /// The store was closed, or its thread ended.
    #[error("the store is closed: open it again")]
    Stopped,
    /// The job panicked, and its changes were rolled back.
    #[error("the job panicked and was rolled back: see the panic's own message")]
    JobPanicked,
    /// The URL of the database cannot be read. It is not shown, because it may hold a password.
    #[error(
        "the URL of the database cannot be read: write it as postgres://user:password@host:5432/database"
    )]
    BadUrl,
    /// The schema's name is invalid. It must be a lower-case letter or `_`, then lower-case letters, digits and `_`: at
    /// most 63 characters, and not `pg_…`.
    #[error(
        "`{schema}` is no name for a schema: use at most 63 of a-z, 0-9 and _, not a digit first, and not `pg_`"
    )]
    BadSchema {
        /// The given name.
        schema: String,
    },
    /// The PostgreSQL server is on another machine, and the connection would not be encrypted.
    #[error(
        "the server is on another machine: set a TLS connector, or allow a connection without encryption"
    )]
    NotEncrypted,
    /// The PostgreSQL server cannot be reached, or refuses the login.
    #[error("cannot connect to PostgreSQL: {message}")]
    CannotConnect {
        /// What the server or the operating system says.
        message: String,
    },
    /// The connection to the server was lost. If it was lost during a commit, it is not known whether the transaction
    /// was committed: read the data again before you act on it.
    #[error("the connection to PostgreSQL was lost: read again before you act on what was written last")]
    ConnectionLost,
    /// The package does not support PostgreSQL.
    #[error("`{room}` has no tables for PostgreSQL: use it with SQLite")]
    NotOnPostgres {
        /// The package.
        room: &'static str,
    },
    /// A statement returned no row where one was expected.
    #[error("a row is missing in the database: another program changed it, or a migration was not run")]
    NoRow,
    /// A value that was read has another type than the program expects.
    #[error("column {column} of a row has an unexpected type: another program changed the table")]
    WrongType {
        /// The column, from 0.
        column: usize,
    },
    /// Any other error of PostgreSQL.
    #[error("PostgreSQL: {message}{}", .sqlstate.as_ref().map(|code| format!(" (SQLSTATE {code})")).unwrap_or_default())]
    Postgres {
        /// The server's error code; `None` if the error is from the client.
        sqlstate: Option<String>,
        /// What failed. It contains names of tables and columns, never values.
        message: String,
    },
    /// Any other error of SQLite.
    #[error("SQLite: {message}{}", .code.map(|code| format!(" (code {code})")).unwrap_or_default())]
    Sqlite {
        /// SQLite's extended result code, if the error comes from SQLite itself.
        code: Option<i32>,
        /// SQLite's message. It contains names of tables and columns, never values.
        message: String,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, message) => from_sqlite(failure, message),
            other => Self::Sqlite { code: None, message: without_values(&other) },
        }
    }
}

fn from_sqlite(failure: rusqlite::ffi::Error, message: Option<String>) -> StoreError {
    match failure.code {
        ErrorCode::DiskFull => StoreError::DiskFull,
        ErrorCode::ReadOnly => StoreError::ReadOnly,
        ErrorCode::DatabaseBusy => StoreError::Busy { waited: None },
        ErrorCode::NotADatabase => StoreError::NotADatabase,
        ErrorCode::DatabaseCorrupt => StoreError::Corrupt,
        ErrorCode::SystemIoFailure => StoreError::Disk { code: failure.extended_code },
        _ => StoreError::Sqlite {
            code: Some(failure.extended_code),
            message: message.unwrap_or_else(|| failure.to_string()),
        },
    }
}

/// Removes values. rusqlite's own messages quote numbers that are out of range, statements, and the errors of other
/// libraries.
fn without_values(error: &rusqlite::Error) -> String {
    use rusqlite::Error;
    match error {
        Error::IntegralValueOutOfRange(column, _) => {
            format!("the integer in column {column} is out of range")
        }
        Error::FromSqlConversionFailure(column, kind, _) => {
            format!("the {kind} in column {column} cannot be converted")
        }
        Error::Utf8Error(..) => "a text is not UTF-8".to_owned(),
        Error::ToSqlConversionFailure(_) => "a parameter cannot be converted".to_owned(),
        Error::SqlInputError { msg, offset, .. } => format!("{msg}, at offset {offset}"),
        Error::InvalidPath(_) => "the path is not UTF-8".to_owned(),
        Error::InvalidParameterName(_) => "a parameter's name is not in the statement".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::{Connection, OpenFlags};

    fn failure(connection: &Connection, sql: &str) -> StoreError {
        connection.execute_batch(sql).unwrap_err().into()
    }

    #[test]
    fn a_read_only_connection_is_named() {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_MEMORY;
        let connection = Connection::open_in_memory_with_flags(flags).unwrap();
        assert!(matches!(failure(&connection, "CREATE TABLE t (x)"), StoreError::ReadOnly));
    }

    #[test]
    fn values_are_not_printed() {
        let connection = Connection::open_in_memory().unwrap();
        let secret = "planted-4711";
        connection.execute_batch("CREATE TABLE t (x INTEGER PRIMARY KEY, y TEXT UNIQUE) STRICT").unwrap();
        connection.execute("INSERT INTO t (y) VALUES (?1)", [secret]).unwrap();
        let errors: Vec<rusqlite::Error> = vec![
            connection.execute("INSERT INTO t (y) VALUES (?1)", [secret]).unwrap_err(),
            connection.execute("INSERT INTO t (x) VALUES (?1)", [secret]).unwrap_err(),
            connection.execute("INSERT INTO t (x, y) VALUES (json(?1), 1)", [secret]).unwrap_err(),
            connection.query_row("SELECT 471147114711", [], |row| row.get::<_, i32>(0)).unwrap_err(),
            connection.query_row("SELECT y FROM t", [], |row| row.get::<_, i32>(0)).unwrap_err(),
            connection.execute("INSERT INTO u VALUES ('planted-4711')", []).unwrap_err(),
            connection.execute("INSRT INTO t VALUES ('planted-4711')", []).unwrap_err(),
        ];
        for error in errors {
            let error = StoreError::from(error);
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("4711"), "{shown}");
        }
    }

    #[test]
    fn a_raised_message_is_kept() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (x); CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'SB409'); END",
            )
            .unwrap();
        let error = failure(&connection, "INSERT INTO t VALUES (1)");
        assert_eq!(error.to_string(), "SQLite: SB409 (code 1811)");
    }
}
