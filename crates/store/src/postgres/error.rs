//! What PostgreSQL's errors mean. Its messages may quote values, so most are replaced by the name of their class.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(told) => of_server(told),
            None if error.is_closed() || is_io(&error) => Self::ConnectionLost,
            None => Self::Postgres { sqlstate: None, message: of_client(&error) },
        }
    }
}

impl StoreError {
    pub(super) fn cannot_connect(error: Error) -> Self {
        let message = match error.as_db_error() {
            // Before a login, the message names the role and the database at most.
            Some(told) => told.message().to_owned(),
            None => cause(&error),
        };
        Self::CannotConnect { message }
    }
}

fn of_server(told: &DbError) -> StoreError {
    let code = told.code();
    match *code {
        SqlState::DISK_FULL => StoreError::DiskFull,
        SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly,
        SqlState::LOCK_NOT_AVAILABLE
        | SqlState::QUERY_CANCELED
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::T_R_SERIALIZATION_FAILURE => StoreError::Busy { waited: None },
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => {
            StoreError::ConnectionLost
        }
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::ConnectionLost,
        _ if code.code().starts_with("08") => StoreError::ConnectionLost,
        _ => StoreError::Postgres { sqlstate: Some(code.code().to_owned()), message: message(told) },
    }
}

/// Our own errors, and those about the text of a statement, quote no value.
fn message(told: &DbError) -> String {
    let class = told.code().code().get(..2).unwrap_or_default();
    if matches!(class, "SB" | "42" | "3F" | "53" | "54") {
        return told.message().to_owned();
    }
    let place = [told.table(), told.column(), told.constraint(), told.datatype()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    if place.is_empty() { "see the server's log".to_owned() } else { format!("at {}", place.join(", ")) }
}

fn is_io(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// The client's own errors name a position or a column, but their causes may quote what could not be converted.
fn of_client(error: &Error) -> String {
    let shown = error.to_string();
    shown.split(':').next().unwrap_or_default().to_owned()
}

fn cause(error: &Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{}: {source}", of_client(error)))
}
