//! The adapter: `ProviderAdapter` for Twilio.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use url::Url;

use super::calls::Calls;
use super::credentials::{FIELDS, Login};
use super::hosts::Hosts;
use super::messages::Messages;
use super::session::{Network, Session, SessionCache, authorization};
use super::{Call, MakeCall, Message, SendSms, TwilioAccount, TwilioBuilder, connection};
use crate::provider::{
    ApiRequest, ApiResponse, Connection, Credentials, Messenger, ProviderAdapter, ProviderError,
    ProviderInfo, ProviderName, RateLimit,
};
use crate::transport::{Transport, retry_after};

impl ProviderName {
    /// Twilio.
    pub const TWILIO: Self = Self::of("twilio");
}

static INFO: ProviderInfo = ProviderInfo::new(ProviderName::TWILIO, "Twilio")
    .description("Send SMS and make voice calls")
    .icon("📱")
    .docs_url("https://www.twilio.com/docs")
    .fields(FIELDS);

/// Twilio, for any number of accounts, over one pool of connections. Cheap to clone; clones share the pool.
///
/// For one account take a handle with [`account`](Self::account).
///
/// ```no_run
/// # async fn run() -> Result<(), switchboard::ProviderError> {
/// use switchboard::Credentials;
/// use switchboard::twilio::{SendSms, TwilioAdapter};
///
/// let adapter = TwilioAdapter::new();
/// let credentials = Credentials::twilio("AC…", "…").phone_number("+14155550100");
/// let message = adapter.send_sms(&credentials, &SendSms::new("+14155551234", "Hello")).await?;
/// # let _ = message; Ok(()) }
/// ```
#[derive(Clone)]
pub struct TwilioAdapter(Arc<Inner>);

struct Inner {
    network: Arc<Network>,
    /// The sessions of the tenants that used it last. They refer to the network and not to the adapter, so that there
    /// is no reference cycle and all memory is freed with the adapter.
    sessions: SessionCache,
}

impl TwilioAdapter {
    /// Makes an adapter with every default. It reads no environment.
    ///
    /// Where no TLS can be set up on this machine, the first request says so.
    #[must_use]
    pub fn new() -> Self {
        let transport = Transport::builder().build();
        Self::from_parts(Hosts::default(), transport.map_err(|error| error.message().to_owned()))
    }

    /// Makes an adapter with settings of your own.
    pub fn builder() -> TwilioBuilder {
        TwilioBuilder::default()
    }

    pub(super) fn from_parts(hosts: Hosts, transport: Result<Transport, String>) -> Self {
        let network = Arc::new(Network { hosts, transport });
        Self(Arc::new(Inner { network, sessions: SessionCache::new() }))
    }

    /// Opens one account: its headers and paths are prepared once.
    ///
    /// The adapter remembers the accounts that were opened last, at most 1,024 and none that was not used for ten
    /// minutes, so that `send_sms` and its like prepare nothing twice either. Clones of the adapter share them.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, with a message for the person who typed them. Nothing is sent.
    pub fn account(&self, credentials: &Credentials) -> Result<TwilioAccount, ProviderError> {
        Ok(TwilioAccount::new(self.clone(), self.session(credentials)?))
    }

    pub(super) fn session(&self, credentials: &Credentials) -> Result<Session, ProviderError> {
        let open = || Session::new(Arc::clone(&self.0.network), Login::of(credentials)?);
        self.0.sessions.get(credentials, open)
    }

    /// Sends a text. If it names no sender, it is sent from the credentials' phone number.
    ///
    /// # Errors
    /// As [`Messages::create`]: look at the error's
    /// [`outcome`](ProviderError::outcome) before you send again.
    pub async fn send_sms(&self, credentials: &Credentials, sms: &SendSms) -> Result<Message, ProviderError> {
        Messages::of(&self.session(credentials)?).create(&sms.into()).await
    }

    /// Calls somebody. If the call names no caller, it comes from the credentials' phone number.
    ///
    /// # Errors
    /// As [`Calls::create`]: look at the error's [`outcome`](ProviderError::outcome) before
    /// you call again.
    pub async fn make_call(&self, credentials: &Credentials, call: &MakeCall) -> Result<Call, ProviderError> {
        Calls::of(&self.session(credentials)?).create(&call.into()).await
    }
}

impl Default for TwilioAdapter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TwilioAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAdapter").field("base_url", &self.base_url().as_str()).finish_non_exhaustive()
    }
}

#[async_trait]
impl ProviderAdapter for TwilioAdapter {
    fn name(&self) -> ProviderName {
        ProviderName::TWILIO
    }

    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn base_url(&self) -> &Url {
        self.0.network.hosts.api()
    }

    fn validate_credentials(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        Login::of(credentials).map(|_| ())
    }

    fn auth_headers(&self, credentials: &Credentials) -> Result<HeaderMap, ProviderError> {
        let header = authorization(&Login::of(credentials)?)?;
        Ok(HeaderMap::from_iter([(AUTHORIZATION, header)]))
    }

    async fn request(
        &self,
        credentials: &Credentials,
        request: ApiRequest,
    ) -> Result<ApiResponse, ProviderError> {
        self.account(credentials)?.request(request).await
    }

    async fn test_connection(&self, credentials: &Credentials) -> Result<Connection, ProviderError> {
        connection::test(&self.session(credentials)?).await
    }

    fn parse_rate_limit(&self, headers: &HeaderMap) -> Option<RateLimit> {
        let number = |names: &[&str]| {
            names.iter().find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse().ok())
        };
        let limit = RateLimit {
            limit: number(&["x-rate-limit-limit", "x-ratelimit-limit"]),
            remaining: number(&["x-rate-limit-remaining", "x-ratelimit-remaining"]),
            reset: number(&["x-rate-limit-reset", "x-ratelimit-reset"]),
            retry_after: retry_after(headers, Timestamp::now()).map(|wait| wait.as_secs()),
            concurrent_requests: number(&["twilio-concurrent-requests"]),
        };
        (!limit.is_empty()).then_some(limit)
    }

    fn messenger(&self) -> Option<&dyn Messenger> {
        Some(self)
    }

    fn shared_messenger(self: Arc<Self>) -> Option<Arc<dyn Messenger>> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_limit_headers_are_read_where_they_are() {
        let adapter = TwilioAdapter::new();
        assert_eq!(adapter.parse_rate_limit(&HeaderMap::new()), None);
        let mut headers = HeaderMap::new();
        headers.insert("Twilio-Concurrent-Requests", "7".parse().unwrap());
        headers.insert("Retry-After", "3".parse().unwrap());
        let limit = adapter.parse_rate_limit(&headers).unwrap();
        assert_eq!((limit.concurrent_requests, limit.retry_after), (Some(7), Some(3)));
    }

    #[test]
    fn info_lists_every_credential_field() {
        let info = TwilioAdapter::new().info();
        let keys: Vec<_> = info.fields.iter().map(|field| field.key).collect();
        assert_eq!(keys, ["accountSid", "authToken", "phoneNumber", "apiKey", "apiSecret"]);
        assert!(info.docs_url.starts_with("https://"));
    }
}
