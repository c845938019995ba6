//! The guarantees on which other packages rely: committed jobs are never lost, no job is applied in part, and each kind of
//! failure has its own error.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod child;
mod database;
mod failure;
mod log;
mod postgres;
mod postgres_log;
mod postgres_transaction;
mod process;
mod rotation;
mod sealed;
mod webhook;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use switchboard_store::{Migration, Migrations, Sqlite, StoreError, expand};

/// A folder that is deleted when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("switchboard-store-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("app.db")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(crate) const NOTES: Migrations = Migrations {
    room: "notes",
    list: &[Migration {
        number: 1,
        name: "notes",
        sql: "CREATE TABLE {p}note (n INTEGER PRIMARY KEY, body TEXT) STRICT;",
        postgres: "",
    }],
};

pub(crate) async fn add(db: &Sqlite, n: i64) -> Result<(), StoreError> {
    let sql = expand("INSERT INTO {p}note (n) VALUES (?1)", db.prefix());
    db.write(move |connection| {
        connection.prepare_cached(&sql)?.execute([n])?;
        Ok(())
    })
    .await
}

pub(crate) async fn notes(db: &Sqlite) -> Vec<i64> {
    let sql = expand("SELECT n FROM {p}note ORDER BY n", db.prefix());
    let read = db.read(move |connection| {
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok::<_, StoreError>(rows.collect::<Result<Vec<i64>, _>>()?)
    });
    read.await.unwrap()
}
