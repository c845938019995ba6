//! Enqueues with one SQL statement, inside a transaction of the program's own.

use serde::Serialize;
use switchboard_store::expand;

use super::column::hex;
use crate::enqueue::{Enqueue, Prepared};
use crate::error::OutboxError;

const STATEMENT: &str = "INSERT INTO {p}enqueue (request) VALUES (?1)";

/// What the statement binds.
#[derive(Serialize)]
struct Bound<'a> {
    #[serde(flatten)]
    message: &'a Enqueue,
    weight: u32,
    fingerprint: String,
    hash: String,
}

impl Enqueue {
    /// Enqueues a message in a transaction of the program's own, on its own connection: through `rusqlite`, `sqlx`, any
    /// other driver, or `sqlite3`. Bind what [`row`](Self::row) returns.
    ///
    /// The message is there if and only if that transaction commits. A key that is known with the same payload changes
    /// nothing. The statement fails with `SB409: …` where the key is taken by another message, and with `SB400: …` where a
    /// field is wrong. Any program can write such a row: plain JSON in the form of `Enqueue` will do.
    ///
    /// For SQLite 3.38 and newer, and the prefix `switchboard_`; for another see [`sqlite`](Self::sqlite). The tables are
    /// made when the outbox is opened first.
    pub const SQLITE: &str = "INSERT INTO switchboard_enqueue (request) VALUES (?1)";

    /// Returns the [statement](Self::SQLITE) for tables with another prefix.
    #[must_use]
    pub fn sqlite(prefix: &str) -> String {
        expand(STATEMENT, prefix)
    }

    /// Returns what the [statement](Self::SQLITE) binds: JSON.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] says what to change.
    pub fn row(&self) -> Result<String, OutboxError> {
        self.check()?;
        let prepared = Prepared::of(&self.payload)?;
        let bound = Bound {
            message: self,
            weight: prepared.weight,
            fingerprint: hex(&prepared.fingerprint),
            hash: hex(&prepared.hash),
        };
        serde_json::to_string(&bound)
            .map_err(|error| OutboxError::invalid(format!("it cannot be written as JSON: {error}")))
    }
}
