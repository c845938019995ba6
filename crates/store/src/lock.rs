//! Locks that are released when the process that holds them ends.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::StoreError;

/// A lock that is held until this is dropped. It is released when the process ends, even after a crash.
pub struct Lock {
    name: String,
    held: Held,
}

pub(crate) enum Held {
    /// An open exclusive transaction that never writes anything. The mutex makes it `Sync`.
    File {
        _connection: Mutex<Connection>,
    },
    InProcess(Arc<Mutex<BTreeSet<String>>>),
    /// A connection whose session holds an advisory lock.
    #[cfg(feature = "postgres")]
    Postgres {
        _connection: crate::Connection,
    },
}

impl Lock {
    pub(crate) fn new(name: &str, held: Held) -> Self {
        Self { name: name.to_owned(), held }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres(name: &str, connection: crate::Connection) -> Self {
        Self::new(name, Held::Postgres { _connection: connection })
    }

    pub(crate) fn refused(name: &str) -> StoreError {
        StoreError::Locked { name: name.to_owned() }
    }

    /// The name of the lock.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Held::InProcess(names) = &self.held {
            names.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
        }
    }
}

pub(crate) fn check(name: &str) -> Result<(), StoreError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if (1..=64).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err(StoreError::BadName { name: name.chars().take(64).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for good in ["worker", "cursor-crm.v2_A", &"a".repeat(64)] {
            check(good).unwrap();
        }
        for bad in ["", "a/b", "a b", "é", "a\0", &"a".repeat(65)] {
            assert!(matches!(check(bad), Err(StoreError::BadName { .. })), "{bad}");
        }
    }
}
