//! Databases for unit tests: the same test runs on SQLite and on PostgreSQL, and moves the clock of both.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::clock::{Clock, micros};
use crate::{Database, Postgres, Sqlite, StoreError, expand_schema};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Memory,
    File,
    Postgres,
}

/// The databases of a test. They are deleted when the test ends, except for schemas of a test that fails.
pub(crate) struct Site {
    kind: Kind,
    pub(crate) clock: Clock,
    folders: Mutex<Vec<PathBuf>>,
    /// Each with how far its clock was moved.
    schemas: Mutex<Vec<(Postgres, i64)>>,
}

impl Site {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, clock: Clock::default(), folders: Mutex::default(), schemas: Mutex::default() }
    }

    /// Opens an empty database.
    pub(crate) async fn database(&self) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("u_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        match self.kind {
            Kind::Memory => Sqlite::memory().await.unwrap().into(),
            Kind::File => {
                let folder = std::env::temp_dir().join(format!("switchboard-{name}"));
                std::fs::create_dir_all(&folder).unwrap();
                self.folders.lock().unwrap().push(folder.clone());
                Sqlite::open(folder.join("app.db")).await.unwrap().into()
            }
            Kind::Postgres => {
                let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
                let postgres = Postgres::builder(&url).schema(&name).connect().await.unwrap();
                let connection = postgres.connection().await.unwrap();
                let again = expand_schema("DROP SCHEMA IF EXISTS {s} CASCADE; CREATE SCHEMA {s}", &name);
                connection.batch(&again).await.unwrap();
                self.schemas.lock().unwrap().push((postgres.clone(), 0));
                postgres.into()
            }
        }
    }

    /// Moves the clocks of all databases, which must have their tables.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.pass(time);
        let schemas: Vec<(Postgres, i64)> = {
            let mut schemas = self.schemas.lock().unwrap();
            schemas.iter_mut().for_each(|(_, passed)| *passed += micros(time));
            schemas.clone()
        };
        for (postgres, passed) in schemas {
            let clock = format!(
                "CREATE OR REPLACE FUNCTION {{s}}.clock() RETURNS bigint LANGUAGE sql VOLATILE AS
                 $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + {passed} $$"
            );
            let clock = expand_schema(&clock, postgres.schema());
            postgres.connection().await.unwrap().batch(&clock).await.unwrap();
        }
    }

    /// Deletes the schemas.
    pub(crate) async fn end(&self) {
        let schemas = std::mem::take(&mut *self.schemas.lock().unwrap());
        for (postgres, _) in schemas {
            let drop = expand_schema("DROP SCHEMA {s} CASCADE", postgres.schema());
            postgres.connection().await.unwrap().batch(&drop).await.unwrap();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for folder in self.folders.get_mut().unwrap().drain(..) {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Runs statements; `{t}` stands before the name of each table of ours.
pub(crate) async fn run(database: &Database, sql: &str) {
    match database {
        Database::Sqlite(sqlite) => {
            let sql = sql.replace("{t}", sqlite.prefix());
            sqlite.write(move |c| Ok::<_, StoreError>(c.execute_batch(&sql)?)).await.unwrap();
        }
        Database::Postgres(postgres) => {
            let sql = sql.replace("{t}", &format!("\"{}\".", postgres.schema()));
            postgres.connection().await.unwrap().batch(&sql).await.unwrap();
        }
    }
}

/// Returns the only number that a query finds.
pub(crate) async fn number(database: &Database, sql: &str) -> i64 {
    match database {
        Database::Sqlite(sqlite) => {
            let sql = sql.replace("{t}", sqlite.prefix());
            let read = sqlite.read(move |c| Ok::<_, StoreError>(c.query_row(&sql, [], |row| row.get(0))?));
            read.await.unwrap()
        }
        Database::Postgres(postgres) => {
            let sql = sql.replace("{t}", &format!("\"{}\".", postgres.schema()));
            postgres.connection().await.unwrap().one(&sql, &[]).await.unwrap().get(0)
        }
    }
}

/// Runs each test on SQLite, and on PostgreSQL if there is one.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let site = crate::test_site::Site::new(crate::test_site::Kind::Memory);
                super::$name(&site).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            #[ignore = "needs PostgreSQL"]
            async fn $name() {
                let site = crate::test_site::Site::new(crate::test_site::Kind::Postgres);
                super::$name(&site).await;
                site.end().await;
            })+
        }
    };
}
pub(crate) use on_both;
