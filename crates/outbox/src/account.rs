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
    /// Takes any provider that can text, and credentials for it.
    pub fn new(messenger: impl Messenger, credentials: Credentials) -> Self {
        Self { name: None, messenger: Arc::new(messenger), credentials }
    }

    /// Names the account. Tenants whose accounts have the same name share its pauses and the pace of its senders.
    ///
    /// Without a name, each tenant of an [`Accounts`] has an account of its own. The name is stored: it must not change
    /// while messages wait.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns its name.
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

/// The reason why no account could be found.
pub type AccountError = Box<dyn StdError + Send + Sync>;

/// Finds the account that sends a tenant's messages. One [`Account`] for everybody is the simplest.
///
/// Called once for each tenant and sender, and again after a pause of the account, so that new credentials are used: for every
/// tenant whose account has this name. A call that takes longer than 30 s, or panics, counts as an error.
#[async_trait]
pub trait Accounts: std::fmt::Debug + Send + Sync + 'static {
    /// Returns the account of a tenant; the tenant is empty where messages name none.
    ///
    /// # Errors
    /// After any error the tenant's messages wait, and this is called again a minute later.
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
