//! Rows on disk for the packages above the adapter: a SQLite database with one thread that writes, numbered migrations,
//! and locks that end with their process.
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
//! [`Log`] stores an event in the same transaction as the change that it describes, so that there is an event if and only
//! if the change was committed. A [`Cursor`] hands them to another system, at least once and in order, and continues
//! after a crash.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), switchboard_store::StoreError> {
//! # use switchboard_store::{Sqlite, StoreError};
//! use switchboard_store::{Log, NewEvent};
//!
//! let db = Sqlite::memory().await?;
//! let log = Log::open(db.clone()).await?;
//! let appender = log.appender();
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
//! # What a commit means
//! [`write`](Sqlite::write) answers when its transaction is on disk: WAL with `synchronous = FULL` survives a crash of
//! the process and a power cut. Jobs that wait at the same time share a transaction, and so one wait for the disk; each
//! runs in its own savepoint, so that a failing job does not roll back another.
//!
//! The program may use the same file with its own connection: all tables here have a prefix of its choice, and no other
//! table is touched. The file's journal mode becomes WAL. As SQLite's locks do not work on network file systems, a file
//! there is refused on Linux; on other systems this is not checked.
//!
//! # Versions of SQLite
//! One program can link SQLite once. `rusqlite` is required as a range, 0.32 to 0.41, so that Cargo takes the version
//! that the program has already; [`rusqlite`] is re-exported.

mod error;
mod log;
mod migration;
mod sqlite;

pub use error::StoreError;
pub use log::{Appender, Cursor, Handed, Log, LoggedEvent, NewEvent};
pub use migration::{Migration, Migrations, expand};
pub use rusqlite;
pub use sqlite::{Lock, Sqlite, SqliteBuilder, Statistics};
