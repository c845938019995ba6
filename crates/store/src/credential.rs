//! The credentials of a dashboard's users: the table `user_credentials`.

mod content;
mod error;
mod name;
#[cfg(feature = "postgres")]
mod postgres;
mod rows;
mod sqlite;
mod tokens;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use switchboard::provider::Connection;
use switchboard::{Credentials, ErrorCode, ProviderAdapter};

use crate::clock::Clock;
use crate::rotation::{self, SealedCells};
use crate::{Database, Migrations, Purpose, Rotated, Sealed, Sealer, StoreError};
pub use error::CredentialError;
pub use name::{CredentialName, CredentialStatus, ShownCredential};
use rows::{CredentialRows, MIGRATIONS, NewRow, Put, Replaced, Row, SEALED};

/// The credentials of users, sealed: each row belongs to a user, a provider and a label.
///
/// Nothing is stored in the clear but the account's id and the phone number, so that a settings page can show them. A
/// row is sealed with the first of the [`Keys`](crate::Keys).
///
/// It is a [`TokenSource`](switchboard::twilio::webhook::TokenSource): a `TenantVerifier` of it verifies webhooks with
/// the auth tokens of the account, but only after [`test`](Self::test) has shown that the credentials of that user can
/// use the account. An account belongs to one row only. A token that was replaced is still accepted for webhooks, and for
/// nothing else, for 24 hours.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use switchboard::Credentials;
/// use switchboard_store::{CredentialName, Keys, Sqlite, UserCredentials};
///
/// let db = Sqlite::memory().await?; // Sqlite::open("app.db")
/// let keys = Keys::parse("2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?; // Keys::from_env()
/// let users = UserCredentials::open(db, keys).await?;
/// users.check().await?; // at the start: is every key there?
///
/// let name = CredentialName::new("user-7", "twilio");
/// let credentials = Credentials::twilio("AC0123456789abcdef0123456789abcdef", "the auth token");
/// users.save(&name, &credentials.phone_number("+14155550100")).await?;
/// // users.test(&name, &adapter).await?;
///
/// let shown = users.list("user-7").await?;
/// assert_eq!(shown[0].shown["accountSid"], "…cdef");
/// assert_eq!(users.get(&name).await?.unwrap().get("authToken"), Some("the auth token"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct UserCredentials {
    rows: Arc<dyn CredentialRows>,
    cells: Arc<dyn SealedCells>,
    sealer: Arc<dyn Sealer>,
}

/// How often a save is tried again after somebody else saved the same row.
const TRIES: u32 = 8;

impl UserCredentials {
    /// The table, for users who run migrations by hand.
    pub const MIGRATIONS: Migrations = MIGRATIONS;

    /// Opens the credentials of a database, and creates the table if it does not exist. The keys are not checked: call
    /// [`check`](Self::check).
    ///
    /// # Errors
    /// `ForeignTable` if there is a table `user_credentials` that lacks our columns; see
    /// [`Sqlite::migrate`](crate::Sqlite::migrate) for the others.
    pub async fn open(database: impl Into<Database>, sealer: impl Sealer) -> Result<Self, StoreError> {
        Self::open_at(database.into(), sealer, Clock::default()).await
    }

    async fn open_at(database: Database, sealer: impl Sealer, clock: Clock) -> Result<Self, StoreError> {
        let cells = rotation::cells(&database);
        let rows: Arc<dyn CredentialRows> = match database {
            Database::Sqlite(sqlite) => Arc::new(sqlite::SqliteCredentials::open(sqlite, clock).await?),
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => Arc::new(postgres::PostgresCredentials::open(&postgres).await?),
        };
        rows.forget_replaced().await?;
        Ok(Self { rows, cells, sealer: Arc::new(sealer) })
    }

    /// Stores credentials, in place of those with this name. They count as not tested.
    ///
    /// If the row was verified and the account is the same, the auth token that is replaced is kept for 24 hours for
    /// webhooks.
    ///
    /// # Errors
    /// `Seal` with the missing key if there are credentials with this name that cannot be opened: they are not
    /// overwritten. Delete them if they are not needed. The errors of the database.
    pub async fn save(&self, name: &CredentialName<'_>, credentials: &Credentials) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let old = self.rows.find(name).await?;
            let row = self.new_row(name, credentials, old.as_ref()).await?;
            if self.rows.put(row).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy { waited: None })
    }

    async fn new_row(
        &self,
        name: &CredentialName<'_>,
        credentials: &Credentials,
        old: Option<&Row>,
    ) -> Result<NewRow, StoreError> {
        let id = old.map_or_else(content::new_id, |old| Ok(old.id.clone()))?;
        let text = content::write(credentials);
        let sealed = self.sealer.seal(&name.context(&id, Purpose::Credentials), &text).await?;
        let account_sid = content::account(name.provider, credentials);
        let kept = old.filter(|old| account_sid.is_some() && old.account_sid == account_sid);
        let mut replaced = Replaced::Nothing;
        if let Some(old) = old {
            // Also where it is not needed: what cannot be opened is not overwritten.
            let before = self.credentials(old).await?;
            if kept.is_some() {
                replaced = self.replaced(name, old, &before, credentials).await?;
            }
        }
        Ok(NewRow {
            id,
            user: name.user.to_owned(),
            provider: name.provider.to_owned(),
            label: name.label.to_owned(),
            shown: content::shown(name.provider, credentials),
            sealed,
            replaced,
            verified_account: kept.and_then(|old| old.verified_account.clone()),
            account_sid,
            revision: old.map(|old| old.revision),
        })
    }

    /// Returns what becomes of the token that is replaced. Only a verified one is worth keeping: after a mistyped one was
    /// saved in between, the verified one before it stays.
    async fn replaced(
        &self,
        name: &CredentialName<'_>,
        old: &Row,
        before: &Credentials,
        after: &Credentials,
    ) -> Result<Replaced, StoreError> {
        let (before, after) = (content::token(name.provider, before), content::token(name.provider, after));
        match before {
            Some(before) if old.status == CredentialStatus::Verified && after.as_ref() != Some(&before) => {
                let context = name.context(&old.id, Purpose::ReplacedToken);
                Ok(Replaced::By(self.sealer.seal(&context, before.expose()).await?))
            }
            _ => Ok(Replaced::AsBefore),
        }
    }

    /// Returns the credentials with this name.
    ///
    /// # Errors
    /// `Seal` if they cannot be opened; the errors of the database.
    pub async fn get(&self, name: &CredentialName<'_>) -> Result<Option<Credentials>, StoreError> {
        match self.rows.find(name).await? {
            Some(row) => Ok(Some(self.credentials(&row).await?)),
            None => Ok(None),
        }
    }

    /// Returns what may be shown of a user's credentials, by provider and label.
    ///
    /// # Errors
    /// The errors of the database.
    pub async fn list(&self, user: &str) -> Result<Vec<ShownCredential>, StoreError> {
        Ok(self.rows.list(user).await?.into_iter().map(Row::shown).collect())
    }

    /// Deletes the credentials with this name, and returns whether there were any. Webhooks of the account are refused
    /// from now on.
    ///
    /// # Errors
    /// The errors of the database.
    pub async fn delete(&self, name: &CredentialName<'_>) -> Result<bool, StoreError> {
        self.rows.delete(name).await
    }

    /// Tests stored credentials with the provider, and stores the result. If they are accepted, the account belongs to
    /// this row, and its webhooks are verified with its token.
    ///
    /// # Errors
    /// `Provider` if the provider refuses them or does not answer; `AccountTaken` if the account belongs to other
    /// credentials; `NotFound`; `Changed` if they were saved again during the test.
    pub async fn test(
        &self,
        name: &CredentialName<'_>,
        adapter: &dyn ProviderAdapter,
    ) -> Result<Connection, CredentialError> {
        let row =
            self.rows.find(name).await.map_err(CredentialError::Store)?.ok_or(CredentialError::NotFound)?;
        let credentials = self.credentials(&row).await?;
        match adapter.test_connection(&credentials).await {
            Ok(connection) => {
                let account = Some(connection.account_id.clone());
                if row.account_sid.is_some() && row.account_sid != account {
                    return Err(CredentialError::OtherAccount);
                }
                self.mark(&row, CredentialStatus::Verified, None, account).await?;
                Ok(connection)
            }
            Err(error) => {
                let refused = [ErrorCode::InvalidCredentials, ErrorCode::Unauthorized, ErrorCode::Forbidden];
                if refused.contains(&error.code()) {
                    self.mark(&row, CredentialStatus::Failed, Some(error.to_string()), None).await?;
                }
                Err(CredentialError::Provider(error))
            }
        }
    }

    async fn mark(
        &self,
        row: &Row,
        status: CredentialStatus,
        detail: Option<String>,
        account: Option<String>,
    ) -> Result<(), CredentialError> {
        match self.rows.mark(&row.id, row.revision, status, detail, account).await? {
            Put::Done => Ok(()),
            Put::Changed => Err(CredentialError::Changed),
            Put::AccountTaken => Err(CredentialError::AccountTaken),
        }
    }

    /// Returns the user to whom an account belongs.
    ///
    /// # Errors
    /// The errors of the database.
    pub async fn user_of(&self, provider: &str, account: &str) -> Result<Option<String>, StoreError> {
        Ok(self.rows.of_account(provider, account).await?.map(|row| row.user))
    }

    /// Returns how many values are sealed with each key. Call it at the start of a program. It reads the whole table, and
    /// changes nothing.
    ///
    /// # Errors
    /// `Seal` with `MissingKeys`, which names each missing key and how many values need it; with `Refused` if a key has
    /// other bytes than the one that sealed.
    pub async fn check(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        rotation::check(&*self.cells, &*self.sealer, SEALED).await
    }

    /// Seals everything again with the first key, in batches. It may be stopped and called again at any time: every row
    /// can be opened at every moment. Afterwards, [`check`](Self::check) names only the first key, and the others can be
    /// removed.
    ///
    /// # Errors
    /// As [`check`](Self::check), before anything is changed; the errors of the database.
    pub async fn rotate(&self) -> Result<Rotated, StoreError> {
        self.rows.forget_replaced().await?;
        rotation::rotate(&*self.cells, &*self.sealer, SEALED).await
    }

    async fn credentials(&self, row: &Row) -> Result<Credentials, StoreError> {
        let context = row.name().context(&row.id, Purpose::Credentials);
        let text = self.sealer.open(&context, &Sealed::parse(row.sealed.as_str())?).await?;
        Ok(content::read(&text))
    }
}

impl fmt::Debug for UserCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserCredentials").field("sealer", &self.sealer).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
