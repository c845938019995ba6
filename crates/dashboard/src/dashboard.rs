//! The parts of a dashboard, and what they share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use switchboard::provider::{Messenger, ProviderName};
use switchboard::{ProviderAdapter, ProviderRegistry};
use switchboard_automation::mesh::Mesh;
use switchboard_outbox::{Account, AccountError, Accounts, Outbox};
use switchboard_store::{CredentialName, Database, Sealer, StoreError, UserCredentials};

use crate::answer::Problem;
use crate::api;
use crate::api::events::Streams;
use crate::identity::Identity;

/// How long a send waits for the provider's answer, if not set.
const SEND_WITHIN: Duration = Duration::from_secs(25);

/// How often a stream asks whether its login is still good, if not set.
const CHECK_LOGINS: Duration = Duration::from_secs(30);

/// The name of the provider whose endpoints these are.
pub(crate) const TWILIO: &str = "twilio";

/// What a dashboard mounts. A clone is the same dashboard.
///
/// See the [crate documentation](crate) for the lines that mount it.
#[derive(Clone)]
pub struct Dashboard(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    users: UserCredentials,
    identity: Arc<dyn Identity>,
    registry: Arc<ProviderRegistry>,
    outbox: Option<Outbox>,
    mesh: Option<Mesh>,
    send_within: Duration,
    check_logins: Duration,
    streams: Arc<Streams>,
}

impl Dashboard {
    /// Opens the credentials of a database, sealed with these keys. Without an [`Identity`] there is no dashboard: nothing is
    /// served to somebody unknown.
    ///
    /// # Errors
    /// See [`UserCredentials::open`].
    pub async fn open(
        database: impl Into<Database>,
        keys: impl Sealer,
        identity: impl Identity,
    ) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Inner {
            users: UserCredentials::open(database, keys).await?,
            identity: Arc::new(identity),
            registry: Arc::default(),
            outbox: None,
            mesh: None,
            send_within: SEND_WITHIN,
            check_logins: CHECK_LOGINS,
            streams: Arc::default(),
        })))
    }

    /// Sets the providers whose cards are shown.
    #[must_use]
    pub fn providers(self, registry: ProviderRegistry) -> Self {
        self.change(|inner| inner.registry = Arc::new(registry))
    }

    /// Sends durably: what was accepted here is sent once, also after a crash, and the outbox's policy is asked. Start a
    /// worker with [`accounts`](Self::accounts).
    #[must_use]
    pub fn outbox(self, outbox: Outbox) -> Self {
        self.change(|inner| inner.outbox = Some(outbox))
    }

    /// Shows the events of a mesh live, at `/api/events`, each to the tenant that it belongs to.
    #[must_use]
    pub fn mesh(self, mesh: Mesh) -> Self {
        self.change(|inner| inner.mesh = Some(mesh))
    }

    /// Sets how often each stream asks whether its login is still good: every 30 seconds if not set.
    #[must_use]
    pub fn check_logins(self, every: Duration) -> Self {
        self.change(|inner| inner.check_logins = every)
    }

    /// Sets how long a send waits for the provider's answer: 25 seconds if not set. Then the answer is 202, and the
    /// message is sent as soon as it can be.
    #[must_use]
    pub fn send_within(self, time: Duration) -> Self {
        self.change(|inner| inner.send_within = time)
    }

    fn change(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// Returns the accounts of all tenants, for the outbox's worker: each message is sent with the credentials that its
    /// tenant has saved.
    #[must_use]
    pub fn accounts(&self) -> impl Accounts + use<> {
        TenantAccounts { users: self.0.users.clone(), registry: Arc::clone(&self.0.registry) }
    }

    /// Returns the endpoints under `/api`.
    ///
    /// State changes that a browser sends for another site are refused with 403, before the login is asked.
    pub fn api(&self) -> Router {
        api::router(self.clone())
    }

    pub(crate) fn identity(&self) -> &dyn Identity {
        &*self.0.identity
    }

    pub(crate) fn users(&self) -> &UserCredentials {
        &self.0.users
    }

    pub(crate) fn registry(&self) -> &ProviderRegistry {
        &self.0.registry
    }

    pub(crate) fn durable(&self) -> Option<&Outbox> {
        self.0.outbox.as_ref()
    }

    pub(crate) fn events(&self) -> Option<&Mesh> {
        self.0.mesh.as_ref()
    }

    pub(crate) fn login_checks(&self) -> Duration {
        self.0.check_logins
    }

    pub(crate) fn streams(&self) -> &Arc<Streams> {
        &self.0.streams
    }

    pub(crate) fn patience(&self) -> Duration {
        self.0.send_within
    }

    pub(crate) fn adapter(&self) -> Result<Arc<dyn ProviderAdapter>, Problem> {
        let adapter = self.0.registry.get(&ProviderName::of(TWILIO));
        adapter.ok_or_else(|| Problem::not_found("this server does not offer Twilio"))
    }

    pub(crate) fn messenger(&self) -> Result<Arc<dyn Messenger>, Problem> {
        let messenger = self.0.registry.messenger(&ProviderName::of(TWILIO));
        messenger.ok_or_else(|| Problem::not_found("this server does not offer Twilio"))
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { users, registry, outbox, mesh, send_within, .. } = &*self.0;
        f.debug_struct("Dashboard")
            .field("users", users)
            .field("registry", registry)
            .field("outbox", &outbox.is_some())
            .field("mesh", &mesh.is_some())
            .field("send_within", send_within)
            .finish_non_exhaustive()
    }
}

/// The accounts that tenants have saved.
#[derive(Debug)]
struct TenantAccounts {
    users: UserCredentials,
    registry: Arc<ProviderRegistry>,
}

#[async_trait]
impl Accounts for TenantAccounts {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        let messenger =
            self.registry.messenger(&ProviderName::of(TWILIO)).ok_or("this server does not offer Twilio")?;
        let found = self.users.get(&CredentialName::new(tenant, TWILIO)).await?;
        let credentials = found.ok_or("this tenant has saved no credentials of Twilio")?;
        Ok(Account::new(messenger, credentials))
    }
}
