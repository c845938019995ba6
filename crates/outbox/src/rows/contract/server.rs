//! PostgreSQL as a store that a script runs on. Each case has a schema of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use switchboard_store::{Log, Postgres, StoreError, expand_schema};

use super::subject::{CONTRADICTIONS, Subject, logged};
use crate::enqueue::Enqueue;
use crate::rows::Rows;
use crate::rows::memory::Logged;
use crate::rows::postgres::PostgresRows;

pub(super) struct Server {
    postgres: Postgres,
    log: Log,
    rows: PostgresRows,
}

impl Server {
    pub(super) async fn open() -> Box<dyn Subject> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let schema = format!("contract_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
        let postgres = Postgres::builder(&url).schema(schema).connect().await.unwrap();
        let (log, rows) = Self::with(&postgres).await;
        Box::new(Self { postgres, log, rows })
    }

    async fn with(postgres: &Postgres) -> (Log, PostgresRows) {
        let log = Log::open(postgres.clone()).await.unwrap();
        (log, PostgresRows::open(postgres.clone()).await.unwrap())
    }

    fn sql(&self, sql: &str) -> String {
        expand_schema(sql, self.postgres.schema())
    }
}

#[async_trait]
impl Subject for Server {
    fn rows(&self) -> &dyn Rows {
        &self.rows
    }

    async fn events(&self) -> Vec<Logged> {
        self.log.read(0, 100_000).await.unwrap().into_iter().map(logged).collect()
    }

    async fn check(&self) {
        let connection = self.postgres.connection().await.unwrap();
        let checks = CONTRADICTIONS.iter().map(|(what, sql)| {
            let sql = sql.replace("{p}", "{s}.");
            format!("SELECT '{what}' WHERE ({sql}) > 0")
        });
        let all = checks.collect::<Vec<_>>().join(" UNION ALL ");
        let found = connection.query(&self.sql(&all), &[]).await.unwrap();
        let found: Vec<&str> = found.iter().map(|row| row.get(0)).collect();
        assert_eq!(found, [""; 0]);
    }

    async fn reopen(&mut self) {
        (self.log, self.rows) = Self::with(&self.postgres).await;
    }

    async fn sql(&self, json: &str) -> String {
        let mut connection = self.postgres.connection().await.unwrap();
        let transaction = connection.begin().await.unwrap();
        let done = async {
            transaction.query(&Enqueue::postgres(self.postgres.schema()), &[&json]).await?;
            // The statement stores the current time, which differs with each run.
            transaction.batch(&self.sql("UPDATE {s}.message SET created = 0")).await?;
            transaction.commit().await
        };
        match done.await {
            Ok(()) => "ok".to_owned(),
            Err(StoreError::Postgres { message, .. }) => message,
            Err(other) => other.to_string(),
        }
    }

    async fn close(&mut self) {
        let connection = self.postgres.connection().await.unwrap();
        connection.batch(&self.sql("DROP SCHEMA {s} CASCADE")).await.unwrap();
    }
}
