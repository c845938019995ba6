//! Opens connections, and sets the options that make a commit durable.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::builder::SqliteBuilder;
use super::mount;
use crate::StoreError;

/// The number of pages in the log after which a commit copies them into the database. Such a checkpoint waits for the
/// disk three times, so many commits share one.
const CHECKPOINT_PAGES: u32 = 8000;
/// The size, in bytes, to which the log file shrinks after a checkpoint has emptied it.
const LOG_BYTES: u32 = 64 << 20;
/// The number of prepared statements that a connection caches.
const STATEMENTS: usize = 256;
/// The pause before a call is repeated, if SQLite returned "busy" without waiting.
pub(super) const RETRY: Duration = Duration::from_millis(2);
/// The first version whose log cannot be damaged when two connections write and reset it at the same moment.
const LOG_RESET_FIXED: i32 = 3_051_003;

/// Returns the absolute path with symbolic links resolved, so that every path to the same file leads to the same lock.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let cannot = || StoreError::CannotOpen { path: path.to_owned() };
    if let Ok(found) = fs::canonicalize(path) {
        return if found.is_dir() { Err(cannot()) } else { Ok(found) };
    }
    let name = path.file_name().ok_or_else(cannot)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(fs::canonicalize(folder).map_err(|_| cannot())?.join(name))
}

/// Opens the connection that writes.
pub(super) fn writer(path: Option<&Path>, settings: &SqliteBuilder) -> Result<Connection, StoreError> {
    let Some(path) = path else {
        let connection = Connection::open_in_memory()?;
        tune(&connection, settings.cache_bytes)?;
        return Ok(connection);
    };
    mount::refuse_network(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags, settings)?;
    let started = Instant::now();
    while let Err(error) = make_ready(&connection, settings) {
        let waited = started.elapsed();
        match error {
            // SQLite does not wait if another connection opens or closes the database at the same moment.
            StoreError::Busy { .. } if waited < settings.busy_timeout => std::thread::sleep(RETRY),
            StoreError::Busy { .. } => return Err(StoreError::Busy { waited: Some(waited) }),
            other => return Err(opening(other, path)),
        }
    }
    warn_of_old_version();
    Ok(connection)
}

fn make_ready(connection: &Connection, settings: &SqliteBuilder) -> Result<(), StoreError> {
    write_ahead(connection)?;
    tune(connection, settings.cache_bytes)?;
    // SQLite opens a read-only file without an error, and even begins a write transaction; only a change fails. So this
    // makes a change and rolls it back.
    Ok(connection.execute_batch("BEGIN IMMEDIATE; PRAGMA user_version = 1; ROLLBACK")?)
}

/// Opens the connection that reads.
pub(super) fn reader(path: &Path, settings: &SqliteBuilder) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, settings)?;
    tune(&connection, settings.cache_bytes / 4)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, settings: &SqliteBuilder) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| opening(error.into(), path))?;
    connection.busy_timeout(settings.busy_timeout)?;
    Ok(connection)
}

fn opening(error: StoreError, path: &Path) -> StoreError {
    match error {
        StoreError::Sqlite { code: Some(code), .. }
            if rusqlite::ffi::Error::new(code).code == ErrorCode::CannotOpen =>
        {
            StoreError::CannotOpen { path: path.to_owned() }
        }
        other => other,
    }
}

fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" { Ok(()) } else { Err(StoreError::NoWal { mode }) }
}

/// `synchronous = FULL` waits for the disk at each commit; on macOS, `fullfsync` is needed for the same effect.
fn tune(connection: &Connection, cache_bytes: u32) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{};
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA journal_size_limit = {LOG_BYTES};",
        cache_bytes / 1024,
    ))?;
    Ok(())
}

fn warn_of_old_version() {
    if rusqlite::version_number() < LOG_RESET_FIXED {
        tracing::warn!(
            version = rusqlite::version(),
            "this SQLite can damage a database when two connections write it at the same moment: \
             write from one process only, or let Cargo take rusqlite 0.39 or newer"
        );
    }
}
