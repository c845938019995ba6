//! How an adapter is made.

use std::env;
use std::fmt;
use std::time::Duration;

use super::error::by_twilio;
use super::hosts::Hosts;
use super::{TwilioAccount, TwilioAdapter};
use crate::provider::{Credentials, ProviderError, StopSignal, Timeouts};
use crate::transport::{RetryEvent, RetryPolicy, TransportBuilder};

/// Makes a [`TwilioAdapter`] with settings of your own.
///
/// ```
/// use std::time::Duration;
/// use switchboard::twilio::{RetryPolicy, TwilioAdapter};
///
/// let adapter = TwilioAdapter::builder()
///     .region("ie1") // api.dublin.ie1.twilio.com, with credentials of that region
///     .total_timeout(Duration::from_secs(15))
///     .retry(RetryPolicy::default().max_attempts(5))
///     .on_retry(|event| eprintln!("attempt {} failed, waiting {:?}", event.attempt, event.wait))
///     .build()?;
/// # let _ = adapter;
/// # Ok::<(), switchboard::ProviderError>(())
/// ```
#[must_use = "nothing is made before build()"]
#[derive(Default)]
pub struct TwilioBuilder {
    base_url: Option<String>,
    region: Option<String>,
    edge: Option<String>,
    allow_http: bool,
    transport: TransportBuilder,
}

impl TwilioBuilder {
    /// Sends the requests of every product to this URL: a fake, a proxy, a recorder. Region and edge are then ignored.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Sets the region, `ie1`. It needs credentials of that region; without an edge the region's own is taken.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the edge, `dublin`; without a region that of `us1`.
    pub fn edge(mut self, edge: impl Into<String>) -> Self {
        self.edge = Some(edge.into());
        self
    }

    /// Takes a base URL of plain http that is not on this machine. **The credentials then travel in clear.**
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Sets each of the three time-outs that is given; [`Duration::MAX`] is no limit.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.transport = self.transport.timeouts(timeouts);
        self
    }

    /// Limits the time to connect, TLS included; 5 s by default.
    pub fn connect_timeout(self, limit: Duration) -> Self {
        self.timeouts(Timeouts::new().connect(limit))
    }

    /// Limits the time for an answer to begin, and between any two pieces of it. 20 s.
    pub fn read_timeout(self, limit: Duration) -> Self {
        self.timeouts(Timeouts::new().read(limit))
    }

    /// Limits the time for a request with all its repeats and waits. 60 s.
    pub fn total_timeout(self, limit: Duration) -> Self {
        self.timeouts(Timeouts::new().total(limit))
    }

    /// Sets the retry policy: how often a request is repeated where that is safe, and the waits in between.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.transport = self.transport.retry(policy);
        self
    }

    /// Calls this before each repeat, for a counter or a log.
    pub fn on_retry(mut self, hook: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.transport = self.transport.on_retry(hook);
        self
    }

    /// Limits the connections that are kept open while idle. 64.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.transport = self.transport.max_idle_connections(connections);
        self
    }

    /// Stops requests that no connection has taken when this signal is given, for a program that ends in good order.
    pub fn stop_signal(mut self, signal: StopSignal) -> Self {
        self.transport = self.transport.stop_signal(signal);
        self
    }

    /// Closes a connection that was idle for this long. 20 s, which is shorter than Twilio's own: if the server closes
    /// first, a send may use a dead connection.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.idle_timeout(limit);
        self
    }

    /// Starts from a client of your own making: proxy, name resolution, root certificates, local address.
    ///
    /// Settings that this crate depends on are overwritten: no redirects, no retries by reqwest, HTTP/1.1, no verbose
    /// logging, and the time-outs of this builder. With the feature `rustls-ring` alone TLS is ours too: give root
    /// certificates to [`root_certificate_pem`](Self::root_certificate_pem) then.
    ///
    /// Where the base URL is plain http, the proxy of the environment is not used, since it would be sent the
    /// credentials in clear; a proxy that this client names is.
    pub fn client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.transport = self.transport.client_builder(builder);
        self
    }

    /// Trusts one more root certificate, or a bundle of them, in PEM.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport = self.transport.root_certificate_pem(pem);
        self
    }

    /// Makes the adapter.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where a setting cannot work: an unknown region, a base URL of plain http on another machine, a
    /// certificate that cannot be read.
    pub fn build(self) -> Result<TwilioAdapter, ProviderError> {
        let hosts = match &self.base_url {
            Some(url) => Hosts::all_at(url, self.allow_http)?,
            None => Hosts::twilio(self.region.as_deref(), self.edge.as_deref())?,
        };
        let transport = self.transport.system_proxy(hosts.api().scheme() == "https");
        let transport = transport.build().map_err(by_twilio)?;
        Ok(TwilioAdapter::from_parts(hosts, Ok(transport)))
    }
}

impl fmt::Debug for TwilioBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioBuilder")
            .field("region", &self.region)
            .field("edge", &self.edge)
            .finish_non_exhaustive()
    }
}

/// Opens the account that the environment names.
///
/// `TWILIO_ACCOUNT_SID`; `TWILIO_AUTH_TOKEN`, or `TWILIO_API_KEY` and `TWILIO_API_SECRET`; `TWILIO_PHONE_NUMBER` or
/// `TWILIO_MESSAGING_SERVICE_SID` to send from; and for a fake, a proxy or a region `TWILIO_BASE_URL`, `TWILIO_REGION`, `TWILIO_EDGE`.
///
/// # Errors
/// `INVALID_CREDENTIALS`, naming the variable that is missing or wrong; `INVALID_REQUEST` for a base URL or region
/// that cannot work.
pub fn from_env() -> Result<TwilioAccount, ProviderError> {
    let credentials = Credentials::twilio_from_env()?;
    let mut builder = TwilioAdapter::builder();
    let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    if let Some(url) = set("TWILIO_BASE_URL") {
        builder = builder.base_url(url);
    }
    if let Some(region) = set("TWILIO_REGION") {
        builder = builder.region(region);
    }
    if let Some(edge) = set("TWILIO_EDGE") {
        builder = builder.edge(edge);
    }
    builder.build()?.account(&credentials)
}
