//! Migrations: numbered steps that create the tables of a package, each run once in a database.

#[cfg(feature = "postgres")]
mod postgres;

use rusqlite::{Connection, params};

use crate::StoreError;

/// The migrations of one package, in the order of their numbers: 1, 2, 3 and so on.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    /// The name of the package that owns the tables. Several packages share one database.
    pub room: &'static str,
    /// The migrations, oldest first.
    pub list: &'static [Migration],
}

/// One step of a schema. It must not be changed after it was run on any database: a change needs a new migration.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the list, from 1.
    pub number: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// Statements that SQLite can run inside a transaction, each with its `;`. `{p}` stands for the prefix.
    pub sql: &'static str,
    /// Statements that do the same on PostgreSQL. `{s}.` stands for the schema. Empty if the package does not support
    /// PostgreSQL.
    pub postgres: &'static str,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS {p}migrations (
  room TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
  run_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
";

/// Replaces each `{p}` with the prefix.
#[must_use]
pub fn expand(sql: &str, prefix: &str) -> String {
    sql.replace("{p}", prefix)
}

impl Migrations {
    /// Returns all statements, for users who run migrations by hand: `sqlite3 app.db < room.sql`.
    ///
    /// They include the rows that record which migrations were run. A program that opens the database then has no
    /// migration to run.
    #[must_use]
    pub fn sql(&self, prefix: &str) -> String {
        let mut out = format!("BEGIN IMMEDIATE;\n{}", expand(TABLE, prefix));
        for step in self.list {
            let Migration { number, name, sql, .. } = step;
            let room = self.room;
            out += &format!("\n-- {room} {number}: {name}\n{}\n", expand(sql.trim_end(), prefix));
            out += &format!(
                "INSERT INTO {prefix}migrations (room, number, name, checksum) VALUES ({}, {number}, {}, '{}');\n",
                quoted(room),
                quoted(name),
                step.checksum(),
            );
        }
        out + "COMMIT;\n"
    }

    /// Returns the number of the last migration that was run, from the numbers and checksums of those that were.
    fn last_run(
        &self,
        done: &[(u32, String)],
        checksum: fn(&Migration) -> String,
    ) -> Result<u32, StoreError> {
        let room = self.room;
        let found = done.last().map_or(0, |(number, _)| *number);
        let known = self.list.last().map_or(0, |step| step.number);
        if found > known {
            return Err(StoreError::NewerSchema { room, found, known });
        }
        for step in self.list.iter().filter(|step| step.number <= found) {
            if !done.contains(&(step.number, checksum(step))) {
                return Err(StoreError::ChangedMigration { room, number: step.number });
            }
        }
        Ok(found)
    }

    /// Runs the migrations that have not run yet. The caller holds the write lock, so no other process does so at the same time.
    pub(crate) fn run(&self, connection: &Connection, prefix: &str) -> Result<(), StoreError> {
        connection.execute_batch(&expand(TABLE, prefix))?;
        let done = self.done(connection, prefix)?;
        let found = self.last_run(&done, Migration::checksum)?;
        self.list
            .iter()
            .filter(|step| step.number > found)
            .try_for_each(|step| self.run_one(connection, prefix, step))
    }

    fn done(&self, connection: &Connection, prefix: &str) -> Result<Vec<(u32, String)>, StoreError> {
        let sql =
            expand("SELECT number, checksum FROM {p}migrations WHERE room = ?1 ORDER BY number", prefix);
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map([self.room], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn run_one(&self, connection: &Connection, prefix: &str, step: &Migration) -> Result<(), StoreError> {
        connection.execute_batch(&expand(step.sql, prefix))?;
        let sql = expand(
            "INSERT INTO {p}migrations (room, number, name, checksum) VALUES (?1, ?2, ?3, ?4)",
            prefix,
        );
        connection.execute(&sql, params![self.room, step.number, step.name, step.checksum()])?;
        Ok(())
    }
}

impl Migration {
    fn checksum(&self) -> String {
        checksum(self.sql)
    }
}

/// Returns the FNV-1a checksum of statements. It detects accidental edits, not attacks. Differences in line ends do not
/// count.
fn checksum(sql: &str) -> String {
    let bytes = sql.bytes().filter(|byte| *byte != b'\r');
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration =
        Migration { number: 1, name: "people's names", sql: "CREATE TABLE {p}name (x);", postgres: "" };
    const TWO: Migration =
        Migration { number: 2, name: "two", sql: "CREATE TABLE {p}two (x);", postgres: "" };
    const FIRST: Migrations = Migrations { room: "people", list: &[ONE] };
    const BOTH: Migrations = Migrations { room: "people", list: &[ONE, TWO] };

    fn tables(connection: &Connection) -> Vec<String> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn each_runs_once() {
        let connection = Connection::open_in_memory().unwrap();
        for migrations in [FIRST, FIRST, BOTH, BOTH] {
            migrations.run(&connection, "a_").unwrap();
        }
        assert_eq!(tables(&connection), ["a_migrations", "a_name", "a_two"]);
        BOTH.run(&connection, "b_").unwrap();
        assert_eq!(tables(&connection).len(), 6);
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        BOTH.run(&connection, "a_").unwrap();
        let error = FIRST.run(&connection, "a_").unwrap_err();
        assert!(matches!(error, StoreError::NewerSchema { room: "people", found: 2, known: 1 }));
    }

    #[test]
    fn a_changed_or_added_migration_is_refused() {
        const CHANGED: Migrations = Migrations {
            room: "people",
            list: &[Migration { sql: "CREATE TABLE {p}name (x, y);", ..ONE }, TWO],
        };
        const LATE: Migrations = Migrations { room: "people", list: &[TWO] };
        let connection = Connection::open_in_memory().unwrap();
        BOTH.run(&connection, "a_").unwrap();
        let error = CHANGED.run(&connection, "a_").unwrap_err();
        assert!(matches!(error, StoreError::ChangedMigration { number: 1, .. }));
        let connection = Connection::open_in_memory().unwrap();
        LATE.run(&connection, "a_").unwrap();
        let error = BOTH.run(&connection, "a_").unwrap_err();
        assert!(matches!(error, StoreError::ChangedMigration { number: 1, .. }));
    }

    #[test]
    fn line_ends_are_no_change() {
        let unix = Migration { sql: "CREATE TABLE\n{p}x (y);", ..ONE };
        let windows = Migration { sql: "CREATE TABLE\r\n{p}x (y);", ..ONE };
        assert_eq!(unix.checksum(), windows.checksum());
        assert_ne!(unix.checksum(), ONE.checksum());
    }

    #[test]
    fn printed_statements_leave_nothing_to_run() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&BOTH.sql("a_")).unwrap();
        let printed = tables(&connection);
        BOTH.run(&connection, "a_").unwrap();
        assert_eq!(tables(&connection), printed);
        let names: i64 =
            connection.query_row("SELECT count(*) FROM a_migrations", [], |row| row.get(0)).unwrap();
        assert_eq!(names, 2);
    }
}
