//! Enqueues with one SQL statement, inside a transaction of the program's own.

use serde::Serialize;
use switchboard_store::expand;

use crate::enqueue::{Enqueue, Prepared};
use crate::error::OutboxError;
use crate::rows::candidate::hex;

const STATEMENT: &str = "INSERT INTO {p}enqueue (request) VALUES (?1)";

/// The value that the statement binds.
#[derive(Serialize)]
struct Bound<'a> {
    #[serde(flatten)]
    message: &'a Enqueue,
    weight: u32,
    fingerprint: String,
    hash: String,
}

impl Enqueue {
    /// Enqueues a message inside a transaction of your program, on its own connection: through `rusqlite`, `sqlx`, any
    /// other driver, or the `sqlite3` shell. Bind the value that [`row`](Self::row) returns.
    ///
    /// The message is enqueued if and only if that transaction commits. If the key exists with the same payload,
    /// nothing changes. The statement fails with `SB409: …` if the key belongs to another message, and with `SB400: …`,
    /// which names the field, if the request is invalid.
    ///
    /// Programs in other languages bind JSON that they write themselves, in the form of [`Enqueue`]:
    ///
    /// ```json
    /// {"key": "invoice/7", "text": {"to": "+14155551234", "text": "It is due"}, "due": "2026-12-01T09:00:00Z"}
    /// ```
    ///
    /// If such a message can never be sent, it is parked or rejected later. Until a worker has read the message, its
    /// payload is compared as JSON text, so the order of the fields matters.
    ///
    /// This needs SQLite 3.38 or newer, and tables with the prefix `switchboard_`. For another prefix see
    /// [`sqlite`](Self::sqlite). The outbox creates the tables when it is first opened. Versions as old as 3.40 refuse
    /// the statement on a connection with `PRAGMA trusted_schema = OFF`.
    pub const SQLITE: &str = "INSERT INTO switchboard_enqueue (request) VALUES (?1)";

    /// Returns the [statement](Self::SQLITE) for tables with another prefix.
    #[must_use]
    pub fn sqlite(prefix: &str) -> String {
        expand(STATEMENT, prefix)
    }

    /// Returns the value, as JSON, to bind to the [statement](Self::SQLITE).
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] says what to change.
    pub fn row(&self) -> Result<String, OutboxError> {
        self.check()?;
        if self.emergency.is_some() {
            return Err(OutboxError::invalid(
                "an emergency is enqueued with `Outbox::enqueue_all`, not with plain SQL",
            ));
        }
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
