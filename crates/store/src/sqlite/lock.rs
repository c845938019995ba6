//! Locks that are released when the process that holds them ends.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// If several handles try at the same moment, each may block the others. They try again for this long, so that one of
/// them gets the lock.
const CONTEST: Duration = Duration::from_millis(100);

/// A lock that is held until this is dropped. The kernel releases it when the process ends, even after a crash.
pub struct Lock {
    name: String,
    held: Held,
}

enum Held {
    /// An open exclusive transaction that never writes anything. The mutex makes it `Sync`.
    File {
        _connection: Mutex<Connection>,
    },
    InProcess(Arc<Mutex<BTreeSet<String>>>),
}

impl Lock {
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

pub(super) fn take_file(database: &Path, prefix: &str, name: &str) -> Result<Lock, StoreError> {
    check(name)?;
    let path = lock_path(database, prefix, name);
    let cannot = |error| match StoreError::from(error) {
        StoreError::Busy { .. } => StoreError::Locked { name: name.to_owned() },
        StoreError::Sqlite { .. } => StoreError::CannotOpen { path: path.clone() },
        other => other,
    };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(cannot)?;
    connection.busy_timeout(CONTEST).map_err(cannot)?;
    connection.execute_batch("BEGIN EXCLUSIVE").map_err(cannot)?;
    Ok(Lock { name: name.to_owned(), held: Held::File { _connection: Mutex::new(connection) } })
}

pub(super) fn take_in_process(names: &Arc<Mutex<BTreeSet<String>>>, name: &str) -> Result<Lock, StoreError> {
    check(name)?;
    let inserted = names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    if !inserted {
        return Err(StoreError::Locked { name: name.to_owned() });
    }
    Ok(Lock { name: name.to_owned(), held: Held::InProcess(Arc::clone(names)) })
}

fn lock_path(database: &Path, prefix: &str, name: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(format!("-{prefix}{name}.lock"));
    path.into()
}

fn check(name: &str) -> Result<(), StoreError> {
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

    #[test]
    fn the_file_lies_beside_the_database() {
        let path = lock_path(Path::new("/data/app.db"), "switchboard_", "worker");
        assert_eq!(path, Path::new("/data/app.db-switchboard_worker.lock"));
    }
}
