//! Webhooks that are handled once, by any number of processes and after a crash: the table `webhook_events`.

mod builder;
mod content;
#[cfg(feature = "postgres")]
mod postgres;
mod rows;
mod sqlite;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use switchboard::http::StatusCode;
use switchboard::twilio::webhook::{Answer, Binding, Claim, ClaimError, Claims, Ticket, WebhookDelivery};

use crate::clock::micros;
use crate::rotation::{self, SealedCells};
use crate::{Database, Migrations, Rotated, StoreError};
pub use builder::WebhookEventsBuilder;
use content::Sealing;
pub use content::StoredWebhook;
use rows::{EventRows, MIGRATIONS, NewEvent, SEALED, State};

/// Old rows are deleted after this number of deliveries, and this many at once. More than one row is deleted for each
/// that is added, so that the table does not grow.
const SWEEP_EVERY: u32 = 256;
const CHUNK: u32 = 500;

/// Webhooks in a database: each verified delivery is stored, handled once, and answered again from its row.
///
/// It is a store of claims for [`Webhooks`](https://docs.rs/switchboard-rs/latest/switchboard/twilio/webhook/struct.Webhooks.html):
/// `Webhooks::new(verifier).claims(events)`. Any number of processes may share the database. After a crash in a handler,
/// the delivery is handled when Twilio repeats it, as soon as the lease of the crashed process has expired.
///
/// While the database fails, a delivery is refused with 503 and not handled, so that Twilio repeats it or calls the
/// fallback URL.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), switchboard_store::StoreError> {
/// use switchboard_store::{Keys, Sqlite, WebhookEvents};
///
/// let db = Sqlite::memory().await?; // Sqlite::open("app.db")
/// let keys = Keys::parse("2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?; // Keys::from_env()
/// let events = WebhookEvents::builder().seal(keys).open(db).await?;
/// // let app = Webhooks::new(verifier).claims(events.clone()).protect(routes);
///
/// for webhook in events.recent(None, 20).await? {
///     println!("{} {:?}", webhook.event_type, webhook.error);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct WebhookEvents {
    rows: Arc<dyn EventRows>,
    cells: Arc<dyn SealedCells>,
    sealing: Sealing,
    #[cfg(feature = "credentials")]
    users: Option<crate::UserCredentials>,
    keep: i64,
    bound: Arc<AtomicU32>,
}

impl WebhookEvents {
    /// The tables, for users who run migrations by hand.
    pub const MIGRATIONS: Migrations = MIGRATIONS;

    /// Opens the webhooks of a database without sealing them, and creates the tables if they do not exist.
    ///
    /// # Errors
    /// See [`WebhookEventsBuilder::open`].
    pub async fn open(database: impl Into<Database>) -> Result<Self, StoreError> {
        Self::builder().open(database).await
    }

    /// Returns a builder, to set the keys and the retention.
    pub fn builder() -> WebhookEventsBuilder {
        WebhookEventsBuilder::new()
    }

    /// Returns the newest webhooks, of one user or of all, the newest first.
    ///
    /// # Errors
    /// The errors of the database; `Seal` if a payload cannot be opened.
    pub async fn recent(&self, user: Option<&str>, limit: u32) -> Result<Vec<StoredWebhook>, StoreError> {
        let mut webhooks = Vec::new();
        for row in self.rows.recent(user, limit).await? {
            webhooks.push(self.sealing.webhook(row).await?);
        }
        Ok(webhooks)
    }

    /// Deletes all webhooks and signatures that are too old, in small transactions, and returns how many there were.
    /// This also happens by itself, some with each 256 deliveries.
    ///
    /// # Errors
    /// The errors of the database. What was deleted stays deleted.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let deleted = self.rows.sweep(self.keep, CHUNK).await?;
            total += deleted;
            if deleted == 0 {
                return Ok(total);
            }
        }
    }

    /// Returns how many values are sealed with each key. Call it at the start of a program. It reads the whole table, and
    /// changes nothing.
    ///
    /// # Errors
    /// `Seal` with `MissingKeys`, which names each missing key and how many values need it; with `Refused` if a key has
    /// other bytes than the one that sealed.
    pub async fn check(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        rotation::check(&*self.cells, self.sealing.sealer(), SEALED).await
    }

    /// Seals everything again with the first key, in batches, so that the other keys can be removed. It may be stopped
    /// and called again at any time. What was stored in the clear stays so.
    ///
    /// # Errors
    /// As [`check`](Self::check), before anything is changed; the errors of the database.
    pub async fn rotate(&self) -> Result<Rotated, StoreError> {
        rotation::rotate(&*self.cells, self.sealing.sealer(), SEALED).await
    }

    async fn sweep_sometimes(&self) {
        if self.bound.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY)
            && let Err(error) = self.rows.sweep(self.keep, CHUNK).await
        {
            tracing::warn!("old webhooks could not be deleted: {error}");
        }
    }

    #[cfg(feature = "credentials")]
    async fn user(&self, account: Option<&str>) -> Result<Option<String>, StoreError> {
        match (&self.users, account) {
            (Some(users), Some(account)) => users.user_of(rows::PROVIDER, account).await,
            _ => Ok(None),
        }
    }

    #[cfg(not(feature = "credentials"))]
    #[allow(clippy::unused_async, reason = "with the other feature it asks the database")]
    async fn user(&self, _: Option<&str>) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    async fn try_claim(&self, delivery: &WebhookDelivery<'_>, lease: i64) -> Result<Claim, StoreError> {
        // A repetition asks again and again while the first is handled: that must cost no sealing and no write.
        let mut state = self.rows.state(delivery.key).await?;
        let ticket = fastrand::i64(0..i64::MAX);
        if matches!(state, State::Free) {
            let (payload, key_id) = self.sealing.payload(delivery).await?;
            let event = NewEvent {
                key: delivery.key.to_owned(),
                account_sid: delivery.account_sid.map(str::to_owned),
                user: self.user(delivery.account_sid).await?,
                event_type: delivery.event_type.to_owned(),
                payload,
                key_id,
                ticket,
                lease,
            };
            state = self.rows.claim(event).await?;
        }
        Ok(match state {
            State::Granted => Claim::Granted(Ticket(ticket.unsigned_abs())),
            // `Free` again: another process released it at this moment. The guard asks again.
            State::Free | State::Running => Claim::Running,
            State::Settled(answer) => Claim::Settled(self.sealing.open_answer(delivery.key, answer).await?),
        })
    }
}

#[async_trait]
impl Claims for WebhookEvents {
    async fn claim(&self, delivery: &WebhookDelivery<'_>, lease: Duration) -> Result<Claim, ClaimError> {
        self.try_claim(delivery, micros(lease)).await.map_err(ClaimError::new)
    }

    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError> {
        let answer = self.sealing.answer(key, answer).await.map_err(ClaimError::new)?;
        let settled = self.rows.settle(key, number(ticket), answer).await;
        settled.map_err(ClaimError::new)
    }

    async fn renew(&self, key: &str, ticket: Ticket, lease: Duration) -> Result<bool, ClaimError> {
        self.rows.renew(key, number(ticket), micros(lease)).await.map_err(ClaimError::new)
    }

    async fn release(&self, key: &str, ticket: Ticket, status: StatusCode) -> Result<(), ClaimError> {
        let error = format!("the handler answered {}", status.as_u16());
        self.rows.release(key, number(ticket), error).await.map_err(ClaimError::new)
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError> {
        self.sweep_sometimes().await;
        self.rows.bind(signature, content).await.map_err(ClaimError::new)
    }
}

/// Tickets of ours fit; -1 is nobody's.
fn number(ticket: Ticket) -> i64 {
    i64::try_from(ticket.0).unwrap_or(-1)
}

impl fmt::Debug for WebhookEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvents").field("sealing", &self.sealing).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
