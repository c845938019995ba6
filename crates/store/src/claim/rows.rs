//! The rows of webhooks, without the database.

use std::time::Duration;

use async_trait::async_trait;
use switchboard::twilio::webhook::Binding;

use super::StoredWebhook;
#[cfg(feature = "postgres")]
use super::postgres;
use super::sqlite;
use crate::rotation::SealedColumn;
use crate::table::{Column, Table};
use crate::{Migration, Migrations, Purpose, StoreError};

pub(super) const MIGRATIONS: Migrations = Migrations {
    room: "webhooks",
    list: &[Migration {
        number: 1,
        name: "webhooks and their signatures",
        sql: sqlite::TABLES,
        #[cfg(feature = "postgres")]
        postgres: postgres::TABLES,
        #[cfg(not(feature = "postgres"))]
        postgres: "",
    }],
};

/// The provider of the rows. Rows of other providers in the same table are not touched.
pub(super) const PROVIDER: &str = "twilio";
/// How long a signature is bound to its content.
pub(super) const SIGNATURE: Duration = Duration::from_secs(24 * 60 * 60);
/// The table that may have the name of one of the host's.
pub(super) const EVENTS: Table = Table {
    name: "webhook_events",
    columns: &[
        Column::text("provider").not_null(),
        Column::text("account_sid"),
        Column::text("user_id"),
        Column::text("event_type").not_null(),
        Column::text("dedupe_key"),
        Column::integer("claim_ticket"),
        Column::integer("claimed_until"),
        Column::text("payload"),
        Column::text("key_id"),
        Column::integer("answer_status"),
        Column::text("answer_headers"),
        Column::blob("answer_body"),
        Column::text("answer_key_id"),
        Column::integer("attempts").not_null(),
        Column::text("error"),
        Column::integer("received_at").not_null(),
        Column::integer("handled_at"),
    ],
};

/// What may be sealed in the table.
pub(super) const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "webhook_events",
        only: "provider = 'twilio'",
        id: "dedupe_key",
        tenant: "coalesce(account_sid, '')",
        value: "payload",
        key: "key_id",
        purpose: Purpose::WebhookPayload,
    },
    SealedColumn {
        table: "webhook_events",
        only: "provider = 'twilio'",
        id: "dedupe_key",
        tenant: "''",
        value: "answer_headers",
        key: "answer_key_id",
        purpose: Purpose::WebhookAnswer,
    },
];

/// A new row.
pub(super) struct NewEvent {
    pub(super) key: String,
    pub(super) account_sid: Option<String>,
    pub(super) user: Option<String>,
    pub(super) event_type: String,
    pub(super) payload: String,
    pub(super) key_id: Option<String>,
    pub(super) ticket: i64,
    pub(super) lease: i64,
}

/// An answer as it is stored.
#[derive(Debug)]
pub(super) struct StoredAnswer {
    pub(super) status: u16,
    /// The headers as JSON; if the key id is set, headers and body, sealed.
    pub(super) headers: String,
    pub(super) body: Option<Vec<u8>>,
    pub(super) key_id: Option<String>,
}

/// The state of a delivery.
#[derive(Debug)]
pub(super) enum State {
    /// Nobody handles it.
    Free,
    /// This call claimed it.
    Granted,
    Running,
    Settled(StoredAnswer),
}

/// The database operations on webhooks. Times and durations are in microseconds; the implementation reads the clock.
#[async_trait]
pub(super) trait EventRows: Send + Sync {
    /// Returns the state, never `Granted`.
    async fn state(&self, key: &str) -> Result<State, StoreError>;
    /// Claims it if it is free, and returns the state.
    async fn claim(&self, event: NewEvent) -> Result<State, StoreError>;
    async fn settle(&self, key: &str, ticket: i64, answer: StoredAnswer) -> Result<(), StoreError>;
    /// Extends a claim, and returns whether the ticket was valid.
    async fn renew(&self, key: &str, ticket: i64, lease: i64) -> Result<bool, StoreError>;
    async fn release(&self, key: &str, ticket: i64, error: String) -> Result<(), StoreError>;
    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, StoreError>;
    /// Deletes some rows that are older than `keep`, and signatures that are too old. Returns how many were deleted.
    async fn sweep(&self, keep: i64, limit: u32) -> Result<u64, StoreError>;
    /// Returns the newest rows, their payload as it is stored.
    async fn recent(&self, user: Option<&str>, limit: u32) -> Result<Vec<StoredEvent>, StoreError>;
}

/// A row as it is stored.
pub(super) struct StoredEvent {
    pub(super) webhook: StoredWebhook,
    pub(super) key: String,
    pub(super) payload: String,
    pub(super) key_id: Option<String>,
}
