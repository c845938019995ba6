//! Events by pattern: published once, kept in the store, read by durable and by live subscribers.
//!
//! It knows the store only: what the events mean is the business of who publishes and who subscribes.

mod communication;
mod durable;
mod error;
mod live;
mod notice;
mod pattern;
#[cfg(feature = "postgres")]
mod postgres;
mod rows;
mod sqlite;
mod tables;
mod widget;

pub use communication::{Communication, CommunicationLog, Direction};
pub use durable::{Delivered, Subscription};
pub use error::MeshError;
pub use live::{Live, LiveEvent};
pub use notice::Notice;
pub use pattern::Pattern;
pub use widget::{AutoFill, AutoFillError, Filled, WidgetSubscription};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use switchboard_store::{Database, Log, Migrations};

use self::live::Feed;
use self::rows::{CURSORS, Checked, NoticeRows};
use self::sqlite::SqliteNotices;

/// The names of the events of Twilio.
pub mod names {
    /// A text is to be sent: `{to, body}`.
    pub const SMS_SEND: &str = "twilio.sms.send";
    /// A text was accepted: `{to, from, body, messageSid}`.
    pub const SMS_SENT: &str = "twilio.sms.sent";
    /// What became of a text: `{messageSid, status, to, from}`.
    pub const SMS_STATUS: &str = "twilio.sms.status";
    /// Somebody sent a text: `{messageSid, from, to, body}`.
    pub const SMS_RECEIVED: &str = "twilio.sms.received";
    /// A call was accepted: `{to, from, callSid}`.
    pub const CALL_INITIATED: &str = "twilio.call.initiated";
    /// What became of a call: `{callSid, status, to, from}`.
    pub const CALL_STATUS: &str = "twilio.call.status";
    /// Somebody calls: `{callSid, from, to}`.
    pub const CALL_RECEIVED: &str = "twilio.call.received";
}

/// Publishes notices, and passes them to subscribers. A clone is the same mesh.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), switchboard_automation::mesh::MeshError> {
/// use serde_json::json;
/// use switchboard_automation::mesh::{Mesh, Notice};
/// use switchboard_store::Sqlite;
///
/// let mesh = Mesh::open(Sqlite::memory().await?).await?; // Sqlite::open("app.db")
/// mesh.publish(Notice::new("order.paid", json!({"order": 7})).source("shop").id("order-7")).await?;
///
/// let mut crm = mesh.subscribe("crm", "order.*").await?;
/// let delivered = crm.next().await?;
/// assert_eq!(delivered.notice.payload["order"], 7);
/// crm.save().await?; // or the next call of `next`
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Mesh(Arc<Inner>);

struct Inner {
    rows: Arc<dyn NoticeRows>,
    log: Log,
    database: Database,
    feed: Arc<Feed>,
    /// Counts the people who were forgotten, so that nothing is returned that was read before.
    forgotten: Arc<AtomicU64>,
}

/// The number of notices that are published in one transaction.
const MOST_AT_ONCE: usize = 1_000;

/// The number of a notice in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It was published now.
    New(i64),
    /// A notice of the same source and id was published before. Nothing has changed.
    Existing(i64),
}

impl Published {
    /// The number.
    #[must_use]
    pub const fn number(self) -> i64 {
        let (Self::New(number) | Self::Existing(number)) = self;
        number
    }
}

impl Mesh {
    /// The table, for users who run migrations by hand. It needs those of [`Log`], too.
    pub const MIGRATIONS: Migrations = tables::MIGRATIONS;

    /// Opens the mesh of a database, and creates its tables if they do not exist.
    ///
    /// # Errors
    /// [`MeshError::Store`].
    pub async fn open(database: impl Into<Database>) -> Result<Self, MeshError> {
        let database = database.into();
        let log = Log::open(database.clone()).await?;
        let rows: Arc<dyn NoticeRows> = match &database {
            Database::Sqlite(sqlite) => Arc::new(SqliteNotices::open(sqlite.clone()).await?),
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => Arc::new(postgres::PostgresNotices::open(postgres).await?),
            _ => return Err(MeshError::UnknownDatabase),
        };
        let forgotten = Arc::default();
        let feed = Arc::new(Feed::new(Arc::clone(&rows), Arc::clone(&forgotten)));
        Ok(Self(Arc::new(Inner { rows, log, database, feed, forgotten })))
    }

    /// Publishes a notice. When this returns, it is on disk. Publishing the same source and id again, after an error or from
    /// another process, changes nothing.
    ///
    /// # Errors
    /// [`MeshError`]. After an error of the database, publish it again.
    pub async fn publish(&self, notice: Notice) -> Result<Published, MeshError> {
        let published = self.publish_all([notice]).await?;
        published.first().copied().ok_or(MeshError::BadRow("a notice was not answered"))
    }

    /// Publishes notices in this order, in one transaction: all of them or none. At most 1,000: meanwhile nothing else of this
    /// database is logged.
    ///
    /// # Errors
    /// As [`publish`](Self::publish), for the first notice that is refused.
    pub async fn publish_all(
        &self,
        notices: impl IntoIterator<Item = Notice>,
    ) -> Result<Vec<Published>, MeshError> {
        let check = |notice: Notice| Ok(Checked { payload: notice.check()?, notice });
        let notices = notices.into_iter().map(check).collect::<Result<Vec<Checked>, MeshError>>()?;
        if notices.is_empty() {
            return Ok(Vec::new());
        }
        if notices.len() > MOST_AT_ONCE {
            return Err(MeshError::TooMany { notices: notices.len(), max: MOST_AT_ONCE });
        }
        self.0.rows.publish(Timestamp::now().as_microsecond(), notices).await
    }

    /// Subscribes under a name, durably: a program that starts again continues behind the last notice that it handled. A new
    /// name begins at the oldest event of the log. Each name has at most one subscriber at a time, in all processes.
    ///
    /// A notice that was not handled is not deleted. So delete the row `mesh.NAME` of the table `cursor` when a
    /// subscriber is given up.
    ///
    /// # Errors
    /// [`MeshError::BadPattern`]; [`MeshError::Store`] with `Locked` if the name has a subscriber, or with `BadName` if it is
    /// not 1 to 52 letters, digits, `_`, `-` and `.`.
    pub async fn subscribe(&self, name: &str, pattern: &str) -> Result<Subscription, MeshError> {
        let pattern = pattern.parse()?;
        if name.is_empty() {
            return Err(MeshError::NoName);
        }
        let cursor = self.0.log.cursor(&format!("{CURSORS}{name}")).await?;
        Ok(Subscription::new(cursor, Arc::clone(&self.0.rows), pattern, Arc::clone(&self.0.forgotten)))
    }

    /// Subscribes to what is published from now on. For each such subscriber at most 1,024 notices wait; what is dropped
    /// beyond is counted, see [`LiveEvent::Lagged`].
    ///
    /// # Errors
    /// [`MeshError::BadPattern`], [`MeshError::Store`].
    pub async fn live(&self, pattern: &str) -> Result<Live, MeshError> {
        let newest = self.0.rows.newest().await?;
        self.live_after(newest, pattern).await
    }

    /// Subscribes to what was published after a number, and to all that follows, each once.
    ///
    /// # Errors
    /// As [`live`](Self::live).
    pub async fn live_after(&self, number: i64, pattern: &str) -> Result<Live, MeshError> {
        let (pattern, newest) = (pattern.parse()?, self.0.rows.newest().await?);
        let received = self.0.feed.subscribe(self.0.database.commits(), newest);
        let (rows, forgotten) = (Arc::clone(&self.0.rows), Arc::clone(&self.0.forgotten));
        Ok(Live::new(rows, received, number, pattern, forgotten))
    }

    /// Returns the number of the newest notice; 0 if there is none.
    ///
    /// # Errors
    /// [`MeshError::Store`].
    pub async fn newest(&self) -> Result<i64, MeshError> {
        self.0.rows.newest().await
    }

    /// Deletes the oldest notices that were published before a time and that every durable subscriber has handled, at most
    /// `limit`. Returns their number. One that was deleted can be published again. The events of the log that named them
    /// stay: see [`Log::delete_before`].
    ///
    /// # Errors
    /// [`MeshError::Store`].
    pub async fn delete_before(&self, time: Timestamp, limit: u32) -> Result<u64, MeshError> {
        self.0.rows.delete_before(time.as_microsecond(), limit).await
    }

    /// Deletes the payload and the subject of every notice that is about somebody or something. That they happened stays.
    /// Returns their number. Subscribers of this mesh get nothing of it any more. Those of other processes may have read up
    /// to 1,024 notices in advance.
    ///
    /// # Errors
    /// [`MeshError::Store`].
    pub async fn forget(&self, subject: &str) -> Result<u64, MeshError> {
        self.forget_where(None, subject).await
    }

    /// As [`forget`](Self::forget), for the notices of one tenant only.
    ///
    /// # Errors
    /// [`MeshError::Store`].
    pub async fn forget_of(&self, tenant: &str, subject: &str) -> Result<u64, MeshError> {
        self.forget_where(Some(tenant), subject).await
    }

    async fn forget_where(&self, tenant: Option<&str>, subject: &str) -> Result<u64, MeshError> {
        let forgotten = self.0.rows.forget(tenant, subject).await;
        self.0.forgotten.fetch_add(1, Ordering::Relaxed);
        forgotten
    }
}

impl fmt::Debug for Mesh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mesh").field("database", &self.0.database).finish_non_exhaustive()
    }
}
