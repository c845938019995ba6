//! The one pooled client that serves every tenant.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::retry::{RetryEvent, RetryPolicy};
use super::tls;
use crate::provider::{ErrorCode, Outcome, ProviderError, Reason};

/// Finite times for everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) read: Duration,
    pub(super) total: Duration,
}

pub(crate) type RetryHook = Arc<dyn Fn(&RetryEvent<'_>) + Send + Sync>;

/// How to build the client.
pub(crate) struct TransportSettings {
    /// The caller's own, for proxies, roots and name resolution. What we must rely on is set over it.
    pub(crate) builder: Option<reqwest::ClientBuilder>,
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) total: Duration,
    pub(crate) max_idle: usize,
    pub(crate) idle: Duration,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_retry: Option<RetryHook>,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            builder: None,
            connect: Duration::from_secs(5),
            read: Duration::from_secs(20),
            total: Duration::from_secs(60),
            max_idle: 64,
            // Below the 60 s after which load balancers commonly close an idle connection: who closes first decides
            // whether a send meets a dead one.
            idle: Duration::from_secs(20),
            roots: Vec::new(),
            retry: RetryPolicy::default(),
            on_retry: None,
        }
    }
}

/// A client with its limits. Cheap to clone; clones share the pool.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(super) client: reqwest::Client,
    pub(super) limits: Limits,
    pub(super) retry: RetryPolicy,
    pub(super) on_retry: Option<RetryHook>,
}

impl Transport {
    pub(crate) fn new(settings: TransportSettings) -> Result<Self, ProviderError> {
        let own = settings.builder.is_none();
        let limited = |builder: reqwest::ClientBuilder| {
            fixed(builder)
                .connect_timeout(settings.connect)
                .pool_max_idle_per_host(settings.max_idle)
                .pool_idle_timeout(settings.idle)
        };
        let builder = settings.builder.unwrap_or_default();
        let client = match limited(tls::configure(builder, &settings.roots)?).build() {
            Ok(client) => client,
            // A container without any root certificate can still talk to a fake over plain http.
            Err(_) if own && settings.roots.is_empty() => {
                limited(tls::without_roots(reqwest::ClientBuilder::new())).build().map_err(unbuilt)?
            }
            Err(error) => return Err(unbuilt(error)),
        };
        Ok(Self {
            client,
            limits: Limits { read: settings.read, total: settings.total },
            retry: settings.retry,
            on_retry: settings.on_retry,
        })
    }
}

/// Sets what the promises of this crate rest on, whatever the caller's builder said.
fn fixed(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
        // Credentials are never sent on to where an answer points.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Whether to repeat is decided by outcome and class alone.
        .retry(reqwest::retry::never())
        // HTTP/1.1 tells whether a request was begun before it broke.
        .http1_only()
        // It would log bodies and credentials.
        .connection_verbose(false)
        .tcp_nodelay(true)
}

fn unbuilt(error: reqwest::Error) -> ProviderError {
    ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
        .with_reason(Reason::Network)
        .with_message("the HTTP client cannot be built: look at its certificates, proxy and TLS settings")
        .with_source(error.without_url())
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
