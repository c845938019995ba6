//! The one pooled client that serves every tenant.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::exchange::{RetryEvent, RetryPolicy};
use super::tls;
use crate::provider::{ErrorCode, Outcome, ProviderError, Reason, StopSignal, Timeouts};

/// How long the kernel retransmits data that is not acknowledged (`TCP_USER_TIMEOUT`). By default it would continue for a
/// quarter of an hour, and might deliver the request of a process that has ended.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// A limit of this length or more counts as no limit: the client adds limits to the current time, which panics on
/// overflow.
const ENDLESS: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The time limits of every request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) read: Duration,
    pub(super) total: Duration,
}

pub(super) type RetryHook = Arc<dyn Fn(&RetryEvent<'_>) + Send + Sync>;

/// Makes a [`Transport`]. Every time has a finite default; [`Duration::MAX`] means no limit.
#[must_use = "nothing is made before build()"]
pub struct TransportBuilder {
    builder: Option<reqwest::ClientBuilder>,
    system_proxy: bool,
    connect: Duration,
    read: Duration,
    total: Duration,
    max_idle: usize,
    idle: Duration,
    roots: Vec<Vec<u8>>,
    retry: RetryPolicy,
    on_retry: Option<RetryHook>,
    stop: Option<StopSignal>,
}

impl Default for TransportBuilder {
    fn default() -> Self {
        Self {
            builder: None,
            system_proxy: true,
            connect: Duration::from_secs(5),
            read: Duration::from_secs(20),
            total: Duration::from_secs(60),
            max_idle: 64,
            // Below the 60 s after which load balancers commonly close an idle connection: if the server closes first,
            // a send may use a dead connection.
            idle: Duration::from_secs(20),
            roots: Vec::new(),
            retry: RetryPolicy::default(),
            on_retry: None,
            stop: None,
        }
    }
}

impl TransportBuilder {
    /// Sets the time-outs that are given: to connect (5 s by default), to read (20 s), and for the whole request (60 s).
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.connect = timeouts.connect.unwrap_or(self.connect);
        self.read = timeouts.read.unwrap_or(self.read);
        self.total = timeouts.total.unwrap_or(self.total);
        self
    }

    /// Sets the retry policy: how often a request is repeated where that is safe, and the waits in between.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Calls this before each repeat, for a counter or a log.
    pub fn on_retry(mut self, hook: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.on_retry = Some(Arc::new(hook));
        self
    }

    /// Stops requests that no connection has taken when this signal is given, for a program that ends in good order.
    pub fn stop_signal(mut self, signal: StopSignal) -> Self {
        self.stop = Some(signal);
        self
    }

    /// Limits the idle connections that are kept open; 64 by default.
    pub const fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// Closes a connection that was idle for this long; 20 s by default.
    pub const fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle = limit;
        self
    }

    /// Starts from a client of the caller's own: proxy, name resolution, root certificates, local address. Settings
    /// that this crate depends on are overwritten: no redirects, no retries by reqwest, HTTP/1.1, no verbose logging,
    /// and the time-outs of this builder.
    pub fn client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.builder = Some(builder);
        self
    }

    /// Trusts one more root certificate, or a bundle of them, in PEM.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Sets whether the proxy of the environment or the system is used; it is by default. Turn it off for a base URL with
    /// plain http, because the credentials would be sent to that proxy unencrypted. A proxy that the caller's own
    /// [`client_builder`](Self::client_builder) names is used in any case.
    pub const fn system_proxy(mut self, used: bool) -> Self {
        self.system_proxy = used;
        self
    }

    /// Makes the transport.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the client cannot be built, such as with a certificate that cannot be read.
    pub fn build(mut self) -> Result<Transport, ProviderError> {
        let builder = self.builder.take();
        let own = builder.is_none();
        let builder = self.configure(self.proxied(builder));
        let configured = tls::configure(builder, &self.roots)?;
        let client = match configured.build() {
            Ok(client) => client,
            // A container without any root certificate can still talk to a fake over plain http.
            Err(_) if own && self.roots.is_empty() => {
                let builder = self.configure(self.proxied(None));
                tls::without_roots(builder).build().map_err(unbuilt)?
            }
            Err(error) => return Err(unbuilt(error)),
        };
        Ok(Transport {
            client,
            limits: Limits { read: self.read, total: self.total },
            retry: self.retry,
            on_retry: self.on_retry,
            stop: self.stop,
        })
    }

    fn configure(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let mut builder = fixed(builder)
            .pool_max_idle_per_host(self.max_idle)
            // The pool adds the time-out to the current time, which would panic on overflow.
            .pool_idle_timeout(finite(self.idle));
        if let Some(limit) = finite(self.connect) {
            builder = builder.connect_timeout(limit);
        }
        builder
    }

    fn proxied(&self, callers: Option<reqwest::ClientBuilder>) -> reqwest::ClientBuilder {
        match callers {
            None if self.system_proxy => reqwest::ClientBuilder::new(),
            None => reqwest::ClientBuilder::new().no_proxy(),
            Some(callers) if self.system_proxy => callers,
            // `no_proxy` would also remove the caller's own proxy. Adding a proxy that matches no URL only replaces
            // the system's proxy; the caller's proxy still has precedence.
            Some(callers) => callers.proxy(reqwest::Proxy::custom(|_| None::<reqwest::Url>)),
        }
    }
}

/// A client with its limits. Cheap to clone; clones share the pool.
#[derive(Clone)]
pub struct Transport {
    pub(super) client: reqwest::Client,
    pub(super) limits: Limits,
    pub(super) retry: RetryPolicy,
    pub(super) on_retry: Option<RetryHook>,
    pub(super) stop: Option<StopSignal>,
}

impl Transport {
    /// Starts a builder with the default settings.
    pub fn builder() -> TransportBuilder {
        TransportBuilder::default()
    }
}

fn finite(limit: Duration) -> Option<Duration> {
    Some(limit).filter(|limit| *limit < ENDLESS)
}

/// Overwrites the settings that this crate depends on.
fn fixed(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let builder = builder.tcp_user_timeout(UNACKNOWLEDGED);
    builder
        // Credentials are never sent to the target of a redirect.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Only the outcome and the request's class decide about a repeat.
        .retry(reqwest::retry::never())
        // Only with HTTP/1.1 it is known whether a request was begun before its connection broke.
        .http1_only()
        // Verbose logging would log bodies and credentials.
        .connection_verbose(false)
        .tcp_nodelay(true)
}

fn unbuilt(error: reqwest::Error) -> ProviderError {
    ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
        .with_reason(Reason::Network)
        .with_message("the HTTP client cannot be built: look at its certificates, proxy and TLS settings")
        .with_source(error.without_url())
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportBuilder").field("retry", &self.retry).finish_non_exhaustive()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_too_long_for_the_clock_means_no_limit() {
        let longest = ENDLESS.saturating_sub(Duration::from_nanos(1));
        assert!(std::time::Instant::now().checked_add(finite(longest).unwrap()).is_some());
        for endless in [ENDLESS, Duration::from_secs(u64::MAX), Duration::MAX] {
            assert_eq!(finite(endless), None, "{endless:?}");
        }
    }
}
