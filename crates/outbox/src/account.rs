//! Which account sends a tenant's messages.

use std::error::Error as StdError;
use std::sync::Arc;

use async_trait::async_trait;
use switchboard::Credentials;
use switchboard::provider::Messenger;

/// A provider, and the credentials of one account there.
#[derive(Debug, Clone)]
pub struct Account {
    name: Option<String>,
    messenger: Arc<dyn Messenger>,
    credentials: Credentials,
}

impl Account {
    /// Creates an account from a provider that can send texts, and its credentials.
    pub fn new(messenger: impl Messenger, credentials: Credentials) -> Self {
        Self { name: None, messenger: Arc::new(messenger), credentials }
    }

    /// Sets the name of the account. Tenants whose accounts have the same name share the account's pauses and the rates
    /// of its senders.
    ///
    /// Without a name, each tenant of an [`Accounts`] has its own account. The name is stored: it must not change while
    /// messages wait.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns the account's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the provider.
    #[must_use]
    pub fn messenger(&self) -> &Arc<dyn Messenger> {
        &self.messenger
    }

    /// Returns the credentials.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// The reason why an account could not be found.
pub type AccountError = Box<dyn StdError + Send + Sync>;

/// Finds the account that sends a tenant's messages. In the simplest case, one [`Account`] serves all tenants.
///
/// It is called once for each tenant and sender. After a pause of the account it is called again, for every tenant
/// whose account has this name, so that new credentials are used. A call that takes longer than 30 s, or panics, counts
/// as an error.
#[async_trait]
pub trait Accounts: std::fmt::Debug + Send + Sync + 'static {
    /// Returns the account of a tenant. The tenant is empty for messages that do not name one.
    ///
    /// # Errors
    /// After any error the tenant's messages wait, and this method is called again a minute later.
    async fn account(&self, tenant: &str) -> Result<Account, AccountError>;
}

#[async_trait]
impl Accounts for Account {
    async fn account(&self, _: &str) -> Result<Account, AccountError> {
        let name = self.name.clone().unwrap_or_default();
        Ok(self.clone().named(name))
    }
}

#[async_trait]
impl<A: Accounts + ?Sized> Accounts for Arc<A> {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        (**self).account(tenant).await
    }
}
