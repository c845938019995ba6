//! The parts of a dashboard, and what they share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::{Router, middleware};
use switchboard::provider::{Messenger, ProviderName};
use switchboard::twilio::TwilioAdapter;
use switchboard::{Credentials, ProviderAdapter, ProviderRegistry};
use switchboard_automation::mesh::Mesh;
use switchboard_outbox::{Account, AccountError, Accounts, Outbox};
use switchboard_store::{
    CredentialName, Database, Migrations, Sealer, StoreError, UserCredentials, WebhookEvents,
};

use crate::answer::Problem;
use crate::api::account::KnownAccounts;
use crate::api::events::Streams;
use crate::identity::Identity;
use crate::limit::RateLimit;
use crate::records::{MIGRATIONS, Records};
use crate::{api, header, page, webhook};

/// How long a send waits for the provider's answer, if not set.
const SEND_WITHIN: Duration = Duration::from_secs(25);

/// How often a stream asks whether its login is still good, if not set.
const CHECK_LOGINS: Duration = Duration::from_secs(30);

/// No time here is longer.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

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
    records: Records,
    deliveries: WebhookEvents,
    identity: Arc<dyn Identity>,
    registry: ProviderRegistry,
    twilio: Option<TwilioAdapter>,
    outbox: Option<Outbox>,
    mesh: Option<Mesh>,
    prefix: String,
    public_url: Option<String>,
    voice: String,
    limit: RateLimit,
    known: Arc<KnownAccounts>,
    send_within: Duration,
    check_logins: Duration,
    streams: Arc<Streams>,
}

impl Dashboard {
    /// The tables of a dashboard, for users who run migrations by hand. It needs those of
    /// [`UserCredentials`](switchboard_store::UserCredentials) and [`WebhookEvents`](switchboard_store::WebhookEvents), too.
    pub const MIGRATIONS: Migrations = MIGRATIONS;

    /// Opens a database, and creates the dashboard's tables if they do not exist. Credentials and webhooks are sealed with
    /// these keys. Without an [`Identity`] there is no dashboard: nothing is served to somebody unknown.
    ///
    /// # Errors
    /// See [`UserCredentials::open`] and [`WebhookEventsBuilder::open`](switchboard_store::WebhookEventsBuilder::open).
    pub async fn open(
        database: impl Into<Database>,
        keys: impl Sealer,
        identity: impl Identity,
    ) -> Result<Self, StoreError> {
        let (database, keys): (Database, Arc<dyn Sealer>) = (database.into(), Arc::new(keys));
        let users = UserCredentials::open(database.clone(), Arc::clone(&keys)).await?;
        let deliveries =
            WebhookEvents::builder().seal(keys).users(users.clone()).open(database.clone()).await?;
        Ok(Self(Arc::new(Inner {
            users,
            records: Records::open(database).await?,
            deliveries,
            identity: Arc::new(identity),
            registry: ProviderRegistry::default(),
            twilio: None,
            outbox: None,
            mesh: None,
            prefix: String::new(),
            public_url: None,
            voice: webhook::NOBODY_ANSWERS.to_owned(),
            limit: RateLimit::default(),
            known: Arc::default(),
            send_within: SEND_WITHIN,
            check_logins: CHECK_LOGINS,
            streams: Arc::default(),
        })))
    }

    /// Sets the adapter of Twilio, by which everything here is sent.
    #[must_use]
    pub fn twilio(self, adapter: TwilioAdapter) -> Self {
        self.change(|inner| {
            inner.registry.register(adapter.clone());
            inner.twilio = Some(adapter);
        })
    }

    /// Shows the cards of further providers at `/api/providers`.
    #[must_use]
    pub fn providers(self, registry: ProviderRegistry) -> Self {
        self.change(|inner| {
            inner.registry = registry;
            if let Some(twilio) = inner.twilio.clone() {
                inner.registry.register(twilio);
            }
        })
    }

    /// Sends durably: what was accepted here is sent once, also after a crash, and the outbox's policy is asked. Start a
    /// worker with [`accounts`](Self::accounts), and [`follow`](Self::follow) what happens to the messages.
    #[must_use]
    pub fn outbox(self, outbox: Outbox) -> Self {
        self.change(|inner| inner.outbox = Some(outbox))
    }

    /// Shows the events of a mesh live, at `/api/events`, each to the tenant that it belongs to, and publishes those of
    /// Twilio.
    #[must_use]
    pub fn mesh(self, mesh: Mesh) -> Self {
        self.change(|inner| inner.mesh = Some(mesh))
    }

    /// Serves everything under a prefix, such as `/texting`: `/texting/api/…`, `/texting/webhooks/…`. Do not nest the
    /// routers again: the page and the signatures of webhooks need the whole path.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Self {
        self.change(|inner| inner.prefix = page::path(prefix))
    }

    /// Sets the URL under which Twilio reaches this server, such as `https://example.com`, without the
    /// [prefix](Self::prefix). Signatures of webhooks are verified with it.
    #[must_use]
    pub fn public_url(self, url: impl Into<String>) -> Self {
        let url = url.into().trim_end_matches('/').to_owned();
        self.change(|inner| inner.public_url = Some(url))
    }

    /// Sets the `TwiML` with which calls are answered. If not set, callers hear that nobody takes calls here.
    #[must_use]
    pub fn voice(self, twiml: impl Into<String>) -> Self {
        self.change(|inner| inner.voice = twiml.into())
    }

    /// Sets how many requests of a tenant are served: 1,000 a second if not set, and three times as many at once. What is
    /// beyond gets 429. 0 counts as 1.
    #[must_use]
    pub fn requests_per_second(self, requests: u32) -> Self {
        self.change(|inner| inner.limit = RateLimit::per_second(requests))
    }

    /// Sets how often each stream asks whether its login is still good: every 30 seconds if not set.
    #[must_use]
    pub fn check_logins(self, every: Duration) -> Self {
        self.change(|inner| inner.check_logins = every.min(LONGEST))
    }

    /// Sets how long a send waits for the provider's answer: 25 seconds if not set. Then the answer is 202, and the
    /// message is sent as soon as it can be.
    #[must_use]
    pub fn send_within(self, time: Duration) -> Self {
        self.change(|inner| inner.send_within = time.min(LONGEST))
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
        TenantAccounts { users: self.0.users.clone(), registry: self.0.registry.clone() }
    }

    /// Returns the URL for [`WorkerBuilder::callbacks`](switchboard_outbox::WorkerBuilder::callbacks): without these
    /// callbacks nobody learns what became of a text. `None` without a [public URL](Self::public_url).
    #[must_use]
    pub fn status_url(&self) -> Option<String> {
        self.webhook_url("sms-status")
    }

    /// Returns the endpoints under `/api`.
    ///
    /// State changes that a browser sends for another site are refused with 403, before the login is asked.
    pub fn api(&self) -> Router {
        self.mounted(api::router(self.clone()).layer(middleware::map_response(header::secure)))
    }

    /// Returns the endpoints that Twilio calls, under `/webhooks/twilio/`: `sms` and `voice` for texts and calls that come
    /// in, `sms-status`, `voice-status`, `recording`, `transcription` and `keys`. What is not signed by a verified account
    /// of a tenant is refused with 403. They must not be behind your login.
    pub fn webhooks(&self) -> Router {
        self.mounted(webhook::router(self.clone()))
    }

    /// Returns a page for all of this at a path, such as `/settings`. It holds no data, and asks [`api`](Self::api) for
    /// it with the login of its viewer.
    pub fn page(&self, path: &str) -> Router {
        self.mounted(page::router(&self.0.prefix, path).layer(middleware::map_response(header::secure)))
    }

    fn mounted(&self, router: Router) -> Router {
        if self.0.prefix.is_empty() { router } else { Router::new().nest(&self.0.prefix, router) }
    }

    pub(crate) fn webhook_url(&self, name: &str) -> Option<String> {
        let url = self.0.public_url.as_ref()?;
        Some(format!("{url}{}/webhooks/twilio/{name}", self.0.prefix))
    }

    pub(crate) fn identity(&self) -> &dyn Identity {
        &*self.0.identity
    }

    pub(crate) fn users(&self) -> &UserCredentials {
        &self.0.users
    }

    pub(crate) fn records(&self) -> &Records {
        &self.0.records
    }

    pub(crate) fn deliveries(&self) -> &WebhookEvents {
        &self.0.deliveries
    }

    pub(crate) fn registry(&self) -> &ProviderRegistry {
        &self.0.registry
    }

    pub(crate) fn limit(&self) -> &RateLimit {
        &self.0.limit
    }

    pub(crate) fn known_accounts(&self) -> &KnownAccounts {
        &self.0.known
    }

    pub(crate) fn public(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    pub(crate) fn answers_calls(&self) -> &str {
        &self.0.voice
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

    /// The outbox, for an endpoint that needs it.
    pub(crate) fn needs_outbox(&self) -> Result<&Outbox, Problem> {
        self.durable().ok_or_else(|| Problem::not_found("this server has no outbox"))
    }

    /// Twilio itself, for what other providers do not have.
    pub(crate) fn twilio_adapter(&self) -> Result<&TwilioAdapter, Problem> {
        self.0.twilio.as_ref().ok_or_else(not_offered)
    }

    pub(crate) fn adapter(&self) -> Result<Arc<dyn ProviderAdapter>, Problem> {
        self.0.registry.get(&ProviderName::of(TWILIO)).ok_or_else(not_offered)
    }

    pub(crate) fn messenger(&self) -> Result<Arc<dyn Messenger>, Problem> {
        self.0.registry.messenger(&ProviderName::of(TWILIO)).ok_or_else(not_offered)
    }

    /// The credentials of a tenant.
    pub(crate) async fn credentials(&self, tenant: &str) -> Result<Credentials, Problem> {
        let found = self.users().get(&CredentialName::new(tenant, TWILIO)).await?;
        found.ok_or_else(Problem::not_connected)
    }
}

fn not_offered() -> Problem {
    Problem::not_found("this server does not offer Twilio")
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { users, registry, outbox, mesh, prefix, public_url, send_within, .. } = &*self.0;
        f.debug_struct("Dashboard")
            .field("users", users)
            .field("registry", registry)
            .field("outbox", &outbox.is_some())
            .field("mesh", &mesh.is_some())
            .field("prefix", prefix)
            .field("public_url", public_url)
            .field("send_within", send_within)
            .finish_non_exhaustive()
    }
}

/// The accounts that tenants have saved.
#[derive(Debug)]
struct TenantAccounts {
    users: UserCredentials,
    registry: ProviderRegistry,
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
