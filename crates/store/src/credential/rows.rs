//! The rows of credentials, without the database.

use async_trait::async_trait;

#[cfg(feature = "postgres")]
use super::postgres;
use super::{CredentialName, CredentialStatus, ShownCredential, sqlite};
use crate::rotation::SealedColumn;
use crate::table::{Column, Table};
use crate::{Migration, Migrations, Purpose, Sealed, StoreError};

pub(super) const MIGRATIONS: Migrations = Migrations {
    room: "credentials",
    list: &[Migration {
        number: 1,
        name: "the credentials of users",
        sql: sqlite::TABLES,
        #[cfg(feature = "postgres")]
        postgres: postgres::TABLES,
        #[cfg(not(feature = "postgres"))]
        postgres: "",
    }],
};

/// The table that may have the name of one of the host's.
pub(super) const TABLE: Table = Table {
    name: "user_credentials",
    columns: &[
        Column::text("id"),
        Column::text("user_id").not_null(),
        Column::text("provider").not_null(),
        Column::text("label").not_null(),
        Column::text("shown"),
        Column::text("sealed"),
        Column::text("key_id"),
        Column::text("replaced_token"),
        Column::text("replaced_key_id"),
        Column::integer("replaced_until"),
        Column::text("account_sid"),
        Column::text("verified_account"),
        Column::text("status").not_null(),
        Column::text("status_detail"),
        Column::integer("checked_at"),
        Column::integer("created_at").not_null(),
        Column::integer("updated_at").not_null(),
        Column::integer("revision").not_null(),
    ],
};

/// What is sealed in the table.
pub(super) const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "user_credentials",
        only: "sealed IS NOT NULL",
        id: "id",
        tenant: "user_id",
        value: "sealed",
        key: "key_id",
        purpose: Purpose::Credentials,
    },
    SealedColumn {
        table: "user_credentials",
        only: "replaced_token IS NOT NULL",
        id: "id",
        tenant: "user_id",
        value: "replaced_token",
        key: "replaced_key_id",
        purpose: Purpose::ReplacedToken,
    },
];

/// How long a replaced token is accepted for webhooks.
pub(super) const REPLACED: i64 = 24 * 60 * 60 * 1_000_000;

/// A row. `revision` rises with each save.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) provider: String,
    pub(super) label: String,
    pub(super) shown: String,
    pub(super) sealed: String,
    /// The sealed token that was replaced, if it is still accepted.
    pub(super) replaced: Option<String>,
    pub(super) account_sid: Option<String>,
    pub(super) verified_account: Option<String>,
    pub(super) status: CredentialStatus,
    pub(super) status_detail: Option<String>,
    pub(super) checked_at: Option<i64>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) revision: i64,
}

/// A row to be saved.
pub(super) struct NewRow {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) provider: String,
    pub(super) label: String,
    pub(super) shown: String,
    pub(super) sealed: Sealed,
    pub(super) replaced: Replaced,
    pub(super) account_sid: Option<String>,
    pub(super) verified_account: Option<String>,
    /// The revision that is overwritten; `None` for a new row.
    pub(super) revision: Option<i64>,
}

/// What becomes of the replaced token that a row has.
#[derive(Debug)]
pub(super) enum Replaced {
    AsBefore,
    /// It is removed.
    Nothing,
    /// This one is kept for 24 hours.
    By(Sealed),
}

/// What became of a change.
#[derive(Debug, PartialEq)]
pub(super) enum Put {
    Done,
    /// Somebody else changed the row before.
    Changed,
    /// The account belongs to another row.
    AccountTaken,
}

/// The database operations on credentials. The implementation reads the clock.
#[async_trait]
pub(super) trait CredentialRows: Send + Sync {
    async fn find(&self, name: &CredentialName<'_>) -> Result<Option<Row>, StoreError>;
    async fn list(&self, user: &str) -> Result<Vec<Row>, StoreError>;
    /// Returns the row to which an account belongs.
    async fn of_account(&self, provider: &str, account: &str) -> Result<Option<Row>, StoreError>;
    /// Saves a row, not tested. Returns `false` if somebody else changed it before.
    async fn put(&self, row: NewRow) -> Result<bool, StoreError>;
    /// Stores the result of a test, if the row has this revision. An account that is not `None` belongs to it then.
    async fn mark(
        &self,
        id: &str,
        revision: i64,
        status: CredentialStatus,
        detail: Option<String>,
        account: Option<String>,
    ) -> Result<Put, StoreError>;
    async fn delete(&self, name: &CredentialName<'_>) -> Result<bool, StoreError>;
    /// Deletes the replaced tokens that are not accepted any more.
    async fn forget_replaced(&self) -> Result<(), StoreError>;
}

impl Row {
    pub(super) fn name(&self) -> CredentialName<'_> {
        CredentialName::new(&self.user, &self.provider).label(&self.label)
    }

    pub(super) fn shown(self) -> ShownCredential {
        ShownCredential {
            id: self.id,
            user_id: self.user,
            provider: self.provider,
            label: self.label,
            shown: serde_json::from_str(&self.shown).unwrap_or_default(),
            status: self.status,
            status_detail: self.status_detail,
            checked_at_micros: self.checked_at,
            created_at_micros: self.created_at,
            updated_at_micros: self.updated_at,
        }
    }
}
