//! The databases of these tests: an SQLite file, or a schema of its own on PostgreSQL. A process that a test starts finds
//! its database by its environment.

use std::ffi::OsString;
use std::path::PathBuf;

use switchboard_store::{Postgres, expand_schema};

use crate::Outbox;

const FILE: &str = "CHILD_DATABASE";
const SCHEMA: &str = "CHILD_SCHEMA";

pub(super) enum TestDatabase {
    /// A folder, which is deleted at the end.
    Sqlite(PathBuf),
    Postgres(Postgres),
}

impl TestDatabase {
    pub(super) fn sqlite(name: &str) -> Self {
        let folder = format!("switchboard-{name}-{}-{}", std::process::id(), fastrand::u64(..));
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self::Sqlite(folder)
    }

    pub(super) async fn postgres(name: &str) -> Self {
        Self::Postgres(connect(&format!("{name}_{}_{}", std::process::id(), fastrand::u32(..))).await)
    }

    /// Opens it as another process would, with connections of its own.
    pub(super) async fn open(&self) -> Outbox {
        match self {
            Self::Sqlite(folder) => Outbox::sqlite(file(folder)).await.unwrap(),
            Self::Postgres(postgres) => Outbox::open(connect(postgres.schema()).await).await.unwrap(),
        }
    }

    /// The environment of a process that opens it.
    pub(super) fn environment(&self) -> (&'static str, OsString) {
        match self {
            Self::Sqlite(folder) => (FILE, file(folder).into()),
            Self::Postgres(postgres) => (SCHEMA, postgres.schema().into()),
        }
    }

    /// Opens the database of this process, if a test has started it.
    pub(super) async fn of_environment() -> Option<Outbox> {
        if let Some(file) = std::env::var_os(FILE) {
            return Some(Outbox::sqlite(file).await.unwrap());
        }
        let schema = std::env::var(SCHEMA).ok()?;
        Some(Outbox::open(connect(&schema).await).await.unwrap())
    }

    /// Deletes the schema. That of a test that fails stays.
    pub(super) async fn end(self) {
        if let Self::Postgres(postgres) = &self {
            let drop = expand_schema("DROP SCHEMA {s} CASCADE", postgres.schema());
            postgres.connection().await.unwrap().batch(&drop).await.unwrap();
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Self::Sqlite(folder) = self {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn file(folder: &std::path::Path) -> PathBuf {
    folder.join("outbox.db")
}

/// The server of these tests.
pub(super) fn url() -> String {
    std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap()
}

pub(super) async fn connect(schema: &str) -> Postgres {
    Postgres::builder(&url()).schema(schema).connect().await.unwrap()
}
