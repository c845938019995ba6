use std::sync::Arc;
use std::time::Duration;

use super::WebhookEvents;
use super::content::Sealing;
#[cfg(feature = "postgres")]
use super::postgres::PostgresEvents;
use super::rows::EventRows;
use super::sqlite::SqliteEvents;
use crate::clock::{Clock, micros};
use crate::{Database, Sealer, StoreError, rotation};

/// How long deliveries are kept if not set.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The shortest time for which deliveries are kept, because Twilio may repeat them.
const SHORTEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings with which [`WebhookEvents`] are opened.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebhookEventsBuilder {
    sealer: Option<Arc<dyn Sealer>>,
    keep: Duration,
    #[cfg(feature = "credentials")]
    users: Option<crate::UserCredentials>,
    pub(super) clock: Clock,
}

impl WebhookEventsBuilder {
    pub(super) fn new() -> Self {
        Self {
            sealer: None,
            keep: KEEP,
            #[cfg(feature = "credentials")]
            users: None,
            clock: Clock::default(),
        }
    }

    /// Seals what Twilio sent and how it was answered. Without this, they are stored in the clear.
    pub fn seal(mut self, sealer: impl Sealer) -> Self {
        self.sealer = Some(Arc::new(sealer));
        self
    }

    /// Stores with each webhook the user to whom its account belongs.
    #[cfg(feature = "credentials")]
    pub fn users(mut self, users: crate::UserCredentials) -> Self {
        self.users = Some(users);
        self
    }

    /// Sets how long webhooks are kept: 30 days if not set, and at least one day, because Twilio may repeat them.
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// Opens the webhooks of a database, and creates the tables if they do not exist.
    ///
    /// # Errors
    /// `ForeignTable` if there is a table `webhook_events` that lacks our columns; see
    /// [`Sqlite::migrate`](crate::Sqlite::migrate) for the others.
    pub async fn open(self, database: impl Into<Database>) -> Result<WebhookEvents, StoreError> {
        let database = database.into();
        let cells = rotation::cells(&database);
        let rows: Arc<dyn EventRows> = match database {
            Database::Sqlite(sqlite) => Arc::new(SqliteEvents::open(sqlite, self.clock).await?),
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => Arc::new(PostgresEvents::open(&postgres).await?),
        };
        Ok(WebhookEvents {
            rows,
            cells,
            #[cfg(feature = "credentials")]
            users: self.users,
            sealing: Sealing::new(self.sealer),
            keep: micros(self.keep.max(SHORTEST)),
            bound: Arc::default(),
        })
    }
}
