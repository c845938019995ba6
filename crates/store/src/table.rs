//! Tables that may share their name with a table of the host: one that lacks our columns is refused, with what to do.

use crate::{Sqlite, StoreError};

/// A table of this package with the columns that its statements use.
pub(crate) struct Table {
    /// Its name, on SQLite without the prefix.
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [Column],
}

pub(crate) struct Column {
    name: &'static str,
    kind: Kind,
    /// Whether it is added with a default, for the rows that are there.
    not_null: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    #[cfg(feature = "claims")]
    Blob,
}

/// A column of the table in the database.
struct Found {
    name: String,
    /// Its type on PostgreSQL, where it must be ours.
    kind: Option<String>,
    /// Whether an insert must set it.
    required: bool,
}

impl Column {
    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, kind: Kind::Text, not_null: false }
    }

    pub(crate) const fn integer(name: &'static str) -> Self {
        Self { name, kind: Kind::Integer, not_null: false }
    }

    #[cfg(feature = "claims")]
    pub(crate) const fn blob(name: &'static str) -> Self {
        Self { name, kind: Kind::Blob, not_null: false }
    }

    pub(crate) const fn not_null(self) -> Self {
        Self { not_null: true, ..self }
    }

    /// Returns the definition with which `ALTER TABLE` adds it to a table that has rows.
    fn definition(&self, postgres: bool) -> String {
        let default = match self.kind {
            _ if !self.not_null => "",
            Kind::Text => " NOT NULL DEFAULT ''",
            Kind::Integer => " NOT NULL DEFAULT 0",
            #[cfg(feature = "claims")]
            Kind::Blob => "",
        };
        format!("{} {}{default}", self.name, self.kind.name(postgres))
    }
}

impl Kind {
    const fn name(self, postgres: bool) -> &'static str {
        match (self, postgres) {
            (Self::Text, false) => "TEXT",
            (Self::Integer, false) => "INTEGER",
            #[cfg(feature = "claims")]
            (Self::Blob, false) => "BLOB",
            (Self::Text, true) => "text",
            (Self::Integer, true) => "bigint",
            #[cfg(feature = "claims")]
            (Self::Blob, true) => "bytea",
        }
    }
}

impl Table {
    /// Refuses a table of this name that was made by somebody else and does not have the columns.
    pub(crate) async fn check_sqlite(&'static self, sqlite: &Sqlite) -> Result<(), StoreError> {
        let table = format!("{}{}", sqlite.prefix(), self.name);
        let name = table.clone();
        let sql = r#"SELECT name, "notnull" AND dflt_value IS NULL AND pk = 0 FROM pragma_table_info(?1)"#;
        let found = move |connection: &rusqlite::Connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([name], |row| {
                Ok(Found { name: row.get(0)?, kind: None, required: row.get(1)? })
            })?;
            Ok::<_, StoreError>(rows.collect::<Result<Vec<_>, _>>()?)
        };
        let advice = self.advice(&table, &sqlite.read(found).await?);
        if advice.is_empty() { Ok(()) } else { Err(refused(table, &advice)) }
    }

    /// The same on PostgreSQL. What it prints also lets the host's list of providers hold `twilio`.
    #[cfg(feature = "postgres")]
    pub(crate) async fn check_postgres(&'static self, postgres: &crate::Postgres) -> Result<(), StoreError> {
        let schema = postgres.schema();
        let sql = "SELECT column_name::text, data_type::text,
                     is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
                   FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2";
        let rows = postgres.connection().await?.query(sql, &[&schema, &self.name]).await?;
        let read = |row: &tokio_postgres::Row| {
            Ok(Found { name: row.try_get(0)?, kind: Some(row.try_get(1)?), required: row.try_get(2)? })
        };
        let found = rows.iter().map(read).collect::<Result<Vec<_>, tokio_postgres::Error>>()?;
        let table = format!("\"{schema}\".{}", self.name);
        let mut advice = self.advice(&table, &found);
        if advice.is_empty() {
            return Ok(());
        }
        let check = format!("{}_provider_check", self.name);
        advice.push(format!("ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check};"));
        advice.push(format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK (provider IN ({PROVIDERS}));"));
        Err(refused(table, &advice))
    }

    /// Returns what must be changed, or nothing if the table does not exist or is usable.
    fn advice(&self, table: &str, found: &[Found]) -> Vec<String> {
        let mut advice = Vec::new();
        if found.is_empty() {
            return advice;
        }
        let postgres = found.iter().any(|column| column.kind.is_some());
        for ours in self.columns {
            let name = ours.name;
            let kind = ours.kind.name(postgres);
            match found.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
                None => advice.push(format!("ALTER TABLE {table} ADD COLUMN {};", ours.definition(postgres))),
                Some(Found { kind: Some(other), .. }) if other != kind => advice.push(format!(
                    "ALTER TABLE {table} ALTER COLUMN {name} TYPE {kind} USING {name}::{kind};"
                )),
                Some(_) => {}
            }
        }
        let is_ours = |name: &str| self.columns.iter().any(|ours| ours.name.eq_ignore_ascii_case(name));
        let unset = found.iter().filter(|column| column.required && !is_ours(&column.name));
        advice.extend(unset.map(|column| format!("-- give the column {} a default", column.name)));
        advice
    }
}

/// The providers that a dashboard of the host has, and ours.
#[cfg(feature = "postgres")]
const PROVIDERS: &str = "'github', 'jira', 'slack', 'linear', 'calendar', 'stripe', 'twilio'";

fn refused(table: String, advice: &[String]) -> StoreError {
    StoreError::ForeignTable { table, advice: advice.join("\n") }
}
