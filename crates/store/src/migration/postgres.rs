//! Migrations on PostgreSQL.

use super::{Migration, Migrations, checksum, quoted};
use crate::postgres::{Transaction, expand_schema};
use crate::{Connection, StoreError};

/// What every package needs.
const STORE: Migrations = Migrations {
    room: "store",
    list: &[Migration {
        number: 1,
        name: "the clock",
        sql: "",
        postgres: "\
-- Microseconds since 1970 (UTC). Tests replace it, so no statement asks another clock.
CREATE FUNCTION {s}.clock() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;
",
    }],
};

const TABLE: &str = "\
CREATE SCHEMA IF NOT EXISTS {s};
CREATE TABLE IF NOT EXISTS {s}.migrations (
  room text NOT NULL, number integer NOT NULL, name text NOT NULL, checksum text NOT NULL,
  run_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (room, number)
);
";

impl Migrations {
    /// Returns all statements for PostgreSQL, for a database administrator who runs them: `psql -f room.sql`.
    ///
    /// They include the rows that record which migrations were run. A program that opens the database then needs no
    /// right to create tables: `USAGE` on the schema, and `SELECT, INSERT, UPDATE, DELETE` on its tables are enough.
    #[must_use]
    pub fn postgres(&self, schema: &str) -> String {
        let steps: String = [&STORE, self].into_iter().map(|one| one.printed(schema)).collect();
        format!("BEGIN;\n{}{steps}COMMIT;\n", expand_schema(TABLE, schema))
    }

    fn printed(&self, schema: &str) -> String {
        let step = |step: &Migration| {
            let Migration { number, name, postgres, .. } = step;
            let (room, text) = (self.room, expand_schema(postgres.trim_end(), schema));
            // The package of the clock is printed with each other package.
            let text = if room == STORE.room {
                text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
            } else {
                text
            };
            format!("\n-- {room} {number}: {name}\n{text}\n{};\n", self.record(schema, step))
        };
        self.list.iter().map(step).collect()
    }

    fn record(&self, schema: &str, step: &Migration) -> String {
        let (room, name, checksum) = (quoted(self.room), quoted(step.name), checksum(step.postgres));
        let number = step.number;
        format!(
            "INSERT INTO \"{schema}\".migrations (room, number, name, checksum) VALUES ({room}, {number}, {name}, \
             '{checksum}') ON CONFLICT DO NOTHING"
        )
    }

    /// Runs the migrations that have not run yet. Only one process does so at a time.
    pub(crate) async fn run_postgres(
        &self,
        connection: &mut Connection,
        schema: &str,
    ) -> Result<(), StoreError> {
        if self.list.iter().any(|step| step.postgres.is_empty()) {
            return Err(StoreError::NotOnPostgres { room: self.room });
        }
        let transaction = connection.begin().await?;
        // A role that may only read and write rows gets no error where nothing is missing.
        if !self.is_complete(&transaction, schema).await? {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            transaction.query(lock, &[&format!("{schema}.migrations")]).await?;
            transaction.batch(&expand_schema(TABLE, schema)).await?;
            STORE.run_room(&transaction, schema).await?;
            self.run_room(&transaction, schema).await?;
        }
        transaction.commit().await
    }

    async fn is_complete(&self, transaction: &Transaction<'_>, schema: &str) -> Result<bool, StoreError> {
        let table = format!("\"{schema}\".migrations");
        let exists = transaction.one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await?;
        if !exists.try_get::<_, bool>(0)? {
            return Ok(false);
        }
        let known = self.list.last().map_or(0, |step| step.number);
        let last = self.last_run(&self.done_postgres(transaction, schema).await?, of_postgres)?;
        Ok(last == known)
    }

    async fn run_room(&self, transaction: &Transaction<'_>, schema: &str) -> Result<(), StoreError> {
        let last = self.last_run(&self.done_postgres(transaction, schema).await?, of_postgres)?;
        for step in self.list.iter().filter(|step| step.number > last) {
            transaction.batch(&expand_schema(step.postgres, schema)).await?;
            transaction.batch(&self.record(schema, step)).await?;
        }
        Ok(())
    }

    async fn done_postgres(
        &self,
        transaction: &Transaction<'_>,
        schema: &str,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let sql = expand_schema(
            "SELECT number, checksum FROM {s}.migrations WHERE room = $1 ORDER BY number",
            schema,
        );
        let rows = transaction.query(&sql, &[&self.room]).await?;
        let read = |row: &tokio_postgres::Row| {
            let number: i32 = row.try_get(0)?;
            Ok((u32::try_from(number).unwrap_or(u32::MAX), row.try_get(1)?))
        };
        rows.iter().map(read).collect()
    }
}

fn of_postgres(step: &Migration) -> String {
    checksum(step.postgres)
}
