//! The databases that are measured: files, or schemas on a PostgreSQL server.

use std::path::PathBuf;
use std::time::Duration;

use switchboard_outbox::Outbox;
use switchboard_store::{Connection, Database, Postgres, expand_schema};

use crate::machine::Folder;

/// Where each measurement makes its databases.
pub(crate) enum Databases {
    Files,
    /// The URL of a server.
    Postgres(String),
}

/// One database, which is removed at the end.
pub(crate) struct Place {
    address: String,
    folder: Option<Folder>,
}

/// Separates the URL of a server from the schema. Neither contains it.
const SCHEMA: char = ' ';

impl Databases {
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    pub(crate) fn place(&self, name: &str) -> Place {
        match self {
            Self::Files => {
                let folder = Folder::new(name);
                let path = folder.path("outbox.db");
                Place { address: path.to_str().expect("a path in UTF-8").to_owned(), folder: Some(folder) }
            }
            Self::Postgres(url) => {
                let schema = format!("bench_{name}_{}_{}", std::process::id(), fastrand::u32(..));
                Place { address: format!("{url}{SCHEMA}{schema}"), folder: None }
            }
        }
    }
}

impl Place {
    /// What another process needs to open it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.folder.is_some().then(|| PathBuf::from(&self.address))
    }

    pub(crate) async fn open(&self) -> Outbox {
        open(&self.address).await
    }

    /// How long the server has executed statements, of connections that are closed.
    pub(crate) async fn busy(&self) -> Duration {
        let connection = self.connection().await;
        let sql = "SELECT active_time FROM pg_stat_database WHERE datname = current_database()";
        let row = connection.one(sql, &[]).await.expect("the server counts");
        Duration::from_secs_f64(row.get::<_, f64>(0) / 1e3)
    }

    pub(crate) async fn connection(&self) -> Connection {
        let (url, _) = self.address.split_once(SCHEMA).expect("a place on a server");
        Postgres::connect(url).await.unwrap().connection().await.expect("the server answers")
    }

    pub(crate) async fn remove(self) {
        if let Some((_, schema)) = self.address.split_once(SCHEMA) {
            let drop = expand_schema("DROP SCHEMA {s} CASCADE", schema);
            self.connection().await.batch(&drop).await.expect("nobody uses it");
        }
    }
}

/// Opens the database with this address.
pub(crate) async fn open(address: &str) -> Outbox {
    let opened = match address.split_once(SCHEMA) {
        None => Outbox::sqlite(address).await,
        Some((url, schema)) => {
            let postgres =
                Postgres::builder(url).schema(schema).connect().await.expect("the server is there");
            Outbox::open(postgres).await
        }
    };
    opened.expect("the database opens")
}

/// The number of transactions so far, where that is known.
pub(crate) fn transactions(outbox: &Outbox) -> Option<u64> {
    match outbox.store() {
        Database::Sqlite(sqlite) => Some(sqlite.statistics().transactions),
        _ => None,
    }
}
