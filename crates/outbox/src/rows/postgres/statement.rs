//! Enqueues with one SQL statement, inside a transaction of the program's own.

use switchboard_store::expand_schema;

use crate::enqueue::Enqueue;

const STATEMENT: &str = "SELECT {s}.enqueue($1)";

impl Enqueue {
    /// Enqueues a message inside a transaction of your program on PostgreSQL, on its own connection: through
    /// `tokio-postgres`, `sqlx`, `diesel`, any other driver, or `psql`. Bind the value that [`row`](Self::row) returns,
    /// as text. The statement returns the id of the message. A trigger calls the function with `PERFORM`.
    ///
    /// The rules are those of [`SQLITE`](Self::SQLITE): the message is enqueued if and only if that transaction
    /// commits; the errors have the SQLSTATE `SB400` and `SB409`, and their messages begin with it, as some drivers do
    /// not show the SQLSTATE. A transaction that enqueued a key makes others wait that enqueue the same one, until it
    /// ends: keep it short.
    ///
    /// This needs tables in the schema `switchboard`. For another schema see [`postgres`](Self::postgres). The outbox
    /// creates the tables when it is first opened.
    pub const POSTGRES: &str = "SELECT switchboard.enqueue($1)";

    /// Returns the [statement](Self::POSTGRES) for tables in another schema.
    #[must_use]
    pub fn postgres(schema: &str) -> String {
        expand_schema(STATEMENT, schema)
    }
}
