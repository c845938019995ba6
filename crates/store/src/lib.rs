//! Stores rows on disk for the packages above the adapter: an SQLite database with one writer thread, numbered
//! migrations, and locks that are released when their process ends.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), switchboard_store::StoreError> {
//! use switchboard_store::{Migration, Migrations, Sqlite, StoreError, expand};
//!
//! const NOTES: Migrations = Migrations {
//!     room: "notes",
//!     list: &[Migration {
//!         number: 1,
//!         name: "notes",
//!         sql: "CREATE TABLE {p}note (body TEXT NOT NULL) STRICT;",
//!         postgres: "", // this package uses SQLite only
//!     }],
//! };
//!
//! let db = Sqlite::memory().await?; // Sqlite::open("app.db")
//! db.migrate(&NOTES).await?;
//!
//! let insert = expand("INSERT INTO {p}note VALUES (?1)", db.prefix());
//! db.write(move |connection| {
//!     connection.prepare_cached(&insert)?.execute(["hello"])?;
//!     Ok::<_, StoreError>(())
//! })
//! .await?; // it is on disk
//! # Ok(()) }
//! ```
//!
//! # Events
//! [`Log`] stores an event in the same transaction as the change that it describes, so that the event exists if and
//! only if the change was committed. A [`Cursor`] returns the events in order, each at least once, to pass them to
//! another system. It continues after a crash.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), switchboard_store::StoreError> {
//! # use switchboard_store::{Sqlite, StoreError};
//! use switchboard_store::{Appender, Log, NewEvent};
//!
//! let db = Sqlite::memory().await?;
//! let log = Log::open(db.clone()).await?;
//! let appender = Appender::new(db.prefix());
//! db.write(move |connection| {
//!     // … the change itself …
//!     let event = NewEvent { topic: "paid", subject: Some(7), ..Default::default() };
//!     appender.append(connection, &event)?;
//!     Ok::<_, StoreError>(())
//! })
//! .await?;
//!
//! let mut cursor = log.cursor("crm").await?;
//! let handed = cursor.next().await?;
//! assert_eq!((handed.event.topic.as_str(), handed.again), ("paid", false));
//! cursor.save().await?; // or the next call of `next`
//! # Ok(()) }
//! ```
//!
//! # Webhooks that are handled once
//! `WebhookEvents` (feature `claims`) is a store of claims for the adapter's
//! [`Webhooks`](https://docs.rs/switchboard-rs/latest/switchboard/twilio/webhook/struct.Webhooks.html). The table
//! `webhook_events` holds each verified webhook: what the provider sent, which user's account it is, how it was answered,
//! and how often it was tried. However many processes share the database, a delivery is handled once and a repetition is
//! answered from its row. If a process ends in a handler, the delivery is handled when it is repeated. If the database
//! fails, the webhook is answered with 503 and not handled, so that the provider repeats it or calls the fallback URL.
//!
//! Old rows are deleted in small parts by the deliveries themselves: 30 days after they arrived, unless set otherwise.
//!
//! # Credentials of users
//! `UserCredentials` (feature `credentials`) holds the credentials of a dashboard's users in the table
//! `user_credentials`. They are sealed; the last four characters of the account's id and the phone number can be shown.
//! It is a `TokenSource`, so `TenantVerifier::new(users)` verifies the webhooks of every account that a user has tested.
//! A token that is replaced is accepted for webhooks for another 24 hours.
//!
//! # Keys
//! `Keys` seal with XChaCha20-Poly1305, each value for its purpose, tenant, provider and row. They come from
//! `SWITCHBOARD_KEYS="2026b:<base64>,2026a:<base64>"`, or from the file that `SWITCHBOARD_KEYS_FILE` names, such as a
//! mounted secret. The first key seals and all of them open. `openssl rand -base64 32` makes one. The format is described
//! in the source, in `seal.rs`, and is checked against libsodium. To use a key management service, implement `Sealer`.
//!
//! To replace a key: add the new one behind the old one in every process, so that all can open what one of them seals;
//! then put it first; call `rotate` of `UserCredentials` and of `WebhookEvents`; when `check` names only the new key,
//! remove the old one. `rotate` may be killed at any time. Call `check` at each start: if a key is missing, the error
//! names it and the number of values that need it. Nothing is overwritten while its key is missing.
//!
//! `cargo run -p switchboard-store --example credentials` shows all three.
//!
//! # Tables of your own
//! If your database has a table `webhook_events` or `user_credentials` already, opening fails with `ForeignTable`. Choose
//! another prefix (SQLite) or schema (PostgreSQL; the default is `switchboard`), or run the `ALTER TABLE` statements that
//! the error prints.
//!
//! # Features
//! | feature | brings |
//! |---|---|
//! | `claims` | `WebhookEvents` |
//! | `credentials` | `UserCredentials` |
//! | `seal` | `Sealer` and `Keys`; the two above bring it |
//! | `postgres` | `Postgres` |
//!
//! None of them is on by default, and the outbox needs none of the first three.
//!
//! # What a commit means
//! [`write`](Sqlite::write) returns when its transaction is on disk: WAL with `synchronous = FULL` survives a crash of
//! the process and a power cut. Jobs that wait at the same time share a transaction, and so one wait for the disk. Each
//! job runs in its own savepoint, so that a failing job does not roll back another.
//!
//! Your program may use the same file with its own connection: all tables of this package have a prefix that you can
//! choose, and no other table is changed. The journal mode of the file becomes WAL. SQLite's locks do not work on
//! network file systems, so a file there is refused on Linux. On other systems this is not checked.
//!
//! # Versions of SQLite
//! A program can link SQLite only once. `rusqlite` is therefore required as a range, 0.32 to 0.41, so that
//! Cargo uses the version that the program already has. [`rusqlite`] is re-exported.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "claims")]
mod claim;
#[cfg(any(feature = "claims", feature = "credentials"))]
mod clock;
#[cfg(feature = "credentials")]
mod credential;
mod database;
mod error;
mod lock;
mod log;
mod migration;
mod portable;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "claims", feature = "credentials"))]
mod rotation;
#[cfg(feature = "seal")]
mod seal;
#[cfg(feature = "postgres")]
mod sessions;
mod sqlite;
#[cfg(any(feature = "claims", feature = "credentials"))]
mod table;
#[cfg(test)]
mod test_site;

#[cfg(feature = "claims")]
pub use claim::{StoredWebhook, WebhookEvents, WebhookEventsBuilder};
#[cfg(feature = "credentials")]
pub use credential::{CredentialError, CredentialName, CredentialStatus, ShownCredential, UserCredentials};
pub use database::Database;
pub use error::StoreError;
pub use lock::Lock;
#[cfg(feature = "postgres")]
pub use log::PostgresAppender;
pub use log::{Appender, Cursor, Handed, Log, LoggedEvent, NewEvent};
pub use migration::{Migration, Migrations, expand};
pub use portable::{PortableSql, SqlRow, SqlStatement, SqlValue};
#[cfg(feature = "postgres")]
pub use postgres::{
    Acquired, Connection, Postgres, PostgresBuilder, Session, Transaction, Value, expand_schema,
};
#[cfg(any(feature = "claims", feature = "credentials"))]
pub use rotation::Rotated;
pub use rusqlite;
#[cfg(feature = "seal")]
pub use seal::{Keys, Purpose, SealContext, SealError, Sealed, Sealer};
pub use sqlite::{Sqlite, SqliteBuilder, Statistics};
#[cfg(feature = "postgres")]
pub use tokio_postgres;
