//! Locks on a file beside the database, and within this process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::lock::{Held, Lock, check};

/// If several handles try at the same moment, each may block the others. They try again for this long, so that one of
/// them gets the lock.
const CONTEST: Duration = Duration::from_millis(100);

pub(super) fn take_file(database: &Path, prefix: &str, name: &str) -> Result<Lock, StoreError> {
    check(name)?;
    let path = lock_path(database, prefix, name);
    let cannot = |error| match StoreError::from(error) {
        StoreError::Busy { .. } => Lock::refused(name),
        StoreError::Sqlite { .. } => StoreError::CannotOpen { path: path.clone() },
        other => other,
    };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(cannot)?;
    connection.busy_timeout(CONTEST).map_err(cannot)?;
    connection.execute_batch("BEGIN EXCLUSIVE").map_err(cannot)?;
    Ok(Lock::new(name, Held::File { _connection: Mutex::new(connection) }))
}

pub(super) fn take_in_process(names: &Arc<Mutex<BTreeSet<String>>>, name: &str) -> Result<Lock, StoreError> {
    check(name)?;
    let inserted = names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    if !inserted {
        return Err(Lock::refused(name));
    }
    Ok(Lock::new(name, Held::InProcess(Arc::clone(names))))
}

fn lock_path(database: &Path, prefix: &str, name: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(format!("-{prefix}{name}.lock"));
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lies_beside_the_database() {
        let path = lock_path(Path::new("/data/app.db"), "switchboard_", "worker");
        assert_eq!(path, Path::new("/data/app.db-switchboard_worker.lock"));
    }
}
