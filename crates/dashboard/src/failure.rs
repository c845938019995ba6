//! What can fail where texts are noted and published.

use switchboard_automation::mesh::MeshError;
use switchboard_outbox::OutboxError;
use switchboard_store::StoreError;

/// Something was not stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Mesh(#[from] MeshError),
}

impl Failure {
    /// Is it worth trying again? Only what is wrong with the values themselves never passes: a server that is stopped, a
    /// deadlock or a full disk does.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Store(error)
            | Self::Outbox(OutboxError::Store(error))
            | Self::Mesh(MeshError::Store(error)) => !is_about_values(error),
            Self::Outbox(_) | Self::Mesh(_) => false,
        }
    }
}

/// PostgreSQL's classes of errors about data, constraints, and limits of the program.
const POSTGRES: [&str; 3] = ["22", "23", "54"];
/// `SQLite`'s codes for a value that is too big, a constraint, and a wrong type.
const SQLITE: [i32; 3] = [18, 19, 20];

fn is_about_values(error: &StoreError) -> bool {
    match error {
        StoreError::Postgres { sqlstate: Some(state), .. } => {
            POSTGRES.iter().any(|class| state.starts_with(class))
        }
        // The lowest byte of an extended code is the code.
        StoreError::Sqlite { code: Some(code), .. } => SQLITE.contains(&(code & 0xff)),
        StoreError::WrongType { .. } | StoreError::NoRow => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_with_values_never_passes() {
        let postgres =
            |state: &str| StoreError::Postgres { sqlstate: Some(state.into()), message: String::new() };
        let sqlite = |code| StoreError::Sqlite { code: Some(code), message: String::new() };
        let passes = |error: StoreError| Failure::from(error).may_pass();
        for state in ["40P01", "57P01", "53300", "25006", "40001"] {
            assert!(passes(postgres(state)), "{state}");
        }
        for state in ["22021", "23505", "54000"] {
            assert!(!passes(postgres(state)), "{state}");
        }
        // A constraint of a primary key, and a disk that cannot be read.
        assert!(!passes(sqlite(1555)) && passes(sqlite(10)) && passes(StoreError::DiskFull));
    }
}
