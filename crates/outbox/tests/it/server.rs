//! A schema of its own on the PostgreSQL server of the tests.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use switchboard_outbox::Outbox;
use switchboard_store::tokio_postgres::Row;
use switchboard_store::tokio_postgres::types::ToSql;
use switchboard_store::{Connection, Postgres, expand_schema};
use url::Url;

/// A schema, which is deleted at the end.
pub(crate) struct Server {
    pub(crate) postgres: Postgres,
    admin: Connection,
    url: Url,
    /// Deletes what was made for it.
    delete: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::open(url(), &unique("it"), "DROP SCHEMA {s} CASCADE".to_owned()).await
    }

    async fn open(url: Url, schema: &str, delete: String) -> Self {
        let admin = Postgres::connect(url.as_str()).await.unwrap().connection().await.unwrap();
        let mut named = url.clone();
        // The name marks the connections of this test.
        named.query_pairs_mut().append_pair("application_name", schema);
        let postgres = Postgres::builder(named.as_str()).schema(schema).connect().await.unwrap();
        Self { postgres, admin, url, delete }
    }

    pub(crate) async fn outbox(&self) -> Outbox {
        Outbox::open(self.postgres.clone()).await.unwrap()
    }

    pub(crate) async fn batch(&self, sql: &str) {
        self.admin.batch(&self.sql(sql)).await.unwrap();
    }

    /// Runs a statement that returns one row.
    pub(crate) async fn one(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Row {
        self.admin.one(&self.sql(sql), values).await.unwrap()
    }

    pub(crate) fn sql(&self, sql: &str) -> String {
        expand_schema(sql, self.postgres.schema())
    }

    /// How many senders each worker has.
    pub(crate) async fn owners(&self) -> Vec<i64> {
        let sql = "SELECT count(*) FROM {s}.sender WHERE owner IS NOT NULL GROUP BY owner ORDER BY owner";
        self.admin.query(&self.sql(sql), &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Ends the connections of this test that match. Returns how many.
    pub(crate) async fn terminate(&self, which: &str) -> usize {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND {which}"
        );
        self.admin.query(&sql, &[&self.postgres.schema()]).await.unwrap().len()
    }

    pub(crate) async fn close(self) {
        self.terminate("true").await;
        // A database cannot be deleted over a connection to itself.
        let admin = Postgres::connect(url().as_str()).await.unwrap().connection().await.unwrap();
        admin.batch(&self.sql(&self.delete)).await.unwrap();
    }

    /// Dumps the schema, and restores the dump into a new database.
    pub(crate) async fn restored_dump(&self) -> Self {
        let (schema, name) = (self.postgres.schema(), unique("dump"));
        self.batch(&format!("CREATE DATABASE {name}")).await;
        let mut copy = url();
        copy.set_path(&name);
        let dump = run(program("pg_dump").args(["--schema", schema, "--dbname", self.url.as_str()]));
        let file = std::env::temp_dir().join(format!("{name}.sql"));
        std::fs::write(&file, dump).unwrap();
        run(psql(&copy).arg("--file").arg(&file));
        std::fs::remove_file(&file).unwrap();
        Self::open(copy, schema, format!("DROP DATABASE {name} WITH (FORCE)")).await
    }

    /// Runs statements with PostgreSQL's own client, and returns what it prints.
    pub(crate) fn psql(&self, sql: &str) -> Result<String, String> {
        let done = psql(&self.url).arg("--command").arg(self.sql(sql)).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
        if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
    }
}

fn url() -> Url {
    std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap().parse().unwrap()
}

fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{what}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A program of the same version as the server.
fn program(name: &str) -> Command {
    let folder = std::env::var_os("SWITCHBOARD_TEST_SERVER_PROGRAMS").map(PathBuf::from).unwrap_or_default();
    Command::new(folder.join(name))
}

fn psql(url: &Url) -> Command {
    let mut psql = program("psql");
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
    psql.args(["--set", "VERBOSITY=verbose", "--dbname", url.as_str()]);
    psql
}

fn run(command: &mut Command) -> Vec<u8> {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}
