//! The databases of the tests.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use switchboard_automation::mesh::Mesh;
use switchboard_store::{Database, Postgres, Sqlite, expand_schema};

/// A database that is empty at first, and deleted at the end.
pub(crate) enum TestDatabase {
    Sqlite(PathBuf),
    Postgres(Postgres),
}

static NEXT: AtomicU32 = AtomicU32::new(0);

fn name() -> String {
    format!("mesh_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl TestDatabase {
    pub(crate) fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(name());
        std::fs::create_dir_all(&folder).unwrap();
        Self::Sqlite(folder)
    }

    pub(crate) async fn postgres() -> Self {
        let url = std::env::var("SWITCHBOARD_TEST_POSTGRES")
            .expect("SWITCHBOARD_TEST_POSTGRES, as `.ci/postgres` sets it");
        Self::Postgres(Postgres::builder(&url).schema(name()).connect().await.unwrap())
    }

    /// Opens it, as another process would.
    pub(crate) async fn open(&self) -> Database {
        match self {
            Self::Sqlite(folder) => Sqlite::open(folder.join("app.db")).await.unwrap().into(),
            Self::Postgres(postgres) => {
                let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
                Postgres::builder(&url).schema(postgres.schema()).connect().await.unwrap().into()
            }
        }
    }

    pub(crate) async fn mesh(&self) -> Mesh {
        Mesh::open(self.open().await).await.unwrap()
    }

    pub(crate) async fn end(self) {
        match self {
            Self::Sqlite(folder) => drop(std::fs::remove_dir_all(folder)),
            Self::Postgres(postgres) => {
                let drop_it = expand_schema("DROP SCHEMA IF EXISTS {s} CASCADE", postgres.schema());
                postgres.connection().await.unwrap().batch(&drop_it).await.unwrap();
            }
        }
    }
}

/// Runs each test on both databases.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let database = crate::database::TestDatabase::sqlite();
                super::$name(&database).await;
                database.end().await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL"]
            async fn $name() {
                let database = crate::database::TestDatabase::postgres().await;
                super::$name(&database).await;
                database.end().await;
            })+
        }
    };
}
pub(crate) use on_both;

/// Fails instead of waiting for ever.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it takes too long")
}
