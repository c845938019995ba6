//! The trait that every provider implements.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use url::Url;

use super::{
    ApiRequest, ApiResponse, Connection, Credentials, Messenger, ProviderError, ProviderInfo, ProviderName,
    RateLimit,
};

/// One provider, for any number of tenants.
///
/// Object-safe, so that a [`ProviderRegistry`](super::ProviderRegistry) holds many of them. Every call takes the
/// credentials it acts with: one adapter, with one connection pool, serves every tenant of a dashboard. There are no
/// default bodies: an implementor decides about each method.
///
/// An implementor promises: [`validate_credentials`](Self::validate_credentials), [`auth_headers`](Self::auth_headers)
/// and [`parse_rate_limit`](Self::parse_rate_limit) do no I/O; [`request`](Self::request) never repeats a
/// [`Create`](super::RequestClass::Create) whose outcome is unknown; no error, header or `Debug` shows a secret.
#[async_trait]
pub trait ProviderAdapter: Debug + Send + Sync + 'static {
    /// Returns the provider's name in programs.
    fn name(&self) -> ProviderName;

    /// Returns what a dashboard shows of the provider before it is connected.
    fn info(&self) -> &'static ProviderInfo;

    /// Returns the URL that requests go to, unless they name another product of the provider.
    fn base_url(&self) -> &Url;

    /// Checks the form of credentials, without I/O.
    ///
    /// # Errors
    /// [`InvalidCredentials`](super::ErrorCode::InvalidCredentials), with a message for the person who typed them.
    fn validate_credentials(&self, credentials: &Credentials) -> Result<(), ProviderError>;

    /// Makes the headers that authenticate a request, marked as sensitive.
    ///
    /// # Errors
    /// As [`validate_credentials`](Self::validate_credentials).
    fn auth_headers(&self, credentials: &Credentials) -> Result<HeaderMap, ProviderError>;

    /// Sends one request and returns its answer, if the provider took it.
    ///
    /// # Errors
    /// Any [`ProviderError`]; its [`outcome`](ProviderError::outcome) says whether the provider may have acted.
    async fn request(
        &self,
        credentials: &Credentials,
        request: ApiRequest,
    ) -> Result<ApiResponse, ProviderError>;

    /// Asks the provider who these credentials belong to.
    ///
    /// # Errors
    /// [`Unauthorized`](super::ErrorCode::Unauthorized) for wrong credentials, or any other [`ProviderError`].
    async fn test_connection(&self, credentials: &Credentials) -> Result<Connection, ProviderError>;

    /// Reads what an answer's headers say about rate limits.
    fn parse_rate_limit(&self, headers: &HeaderMap) -> Option<RateLimit>;

    /// Returns the adapter as a [`Messenger`]: `Some(self)` where the provider can text, else `None`.
    fn messenger(&self) -> Option<&dyn Messenger>;

    /// The same as an owned handle.
    fn shared_messenger(self: Arc<Self>) -> Option<Arc<dyn Messenger>>;
}

/// An adapter behind an `Arc` is an adapter, too.
#[async_trait]
impl<A: ProviderAdapter + ?Sized> ProviderAdapter for Arc<A> {
    fn name(&self) -> ProviderName {
        (**self).name()
    }

    fn info(&self) -> &'static ProviderInfo {
        (**self).info()
    }

    fn base_url(&self) -> &Url {
        (**self).base_url()
    }

    fn validate_credentials(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        (**self).validate_credentials(credentials)
    }

    fn auth_headers(&self, credentials: &Credentials) -> Result<HeaderMap, ProviderError> {
        (**self).auth_headers(credentials)
    }

    async fn request(
        &self,
        credentials: &Credentials,
        request: ApiRequest,
    ) -> Result<ApiResponse, ProviderError> {
        (**self).request(credentials, request).await
    }

    async fn test_connection(&self, credentials: &Credentials) -> Result<Connection, ProviderError> {
        (**self).test_connection(credentials).await
    }

    fn parse_rate_limit(&self, headers: &HeaderMap) -> Option<RateLimit> {
        (**self).parse_rate_limit(headers)
    }
    fn messenger(&self) -> Option<&dyn Messenger> {
        (**self).messenger()
    }

    fn shared_messenger(self: Arc<Self>) -> Option<Arc<dyn Messenger>> {
        A::shared_messenger(Self::clone(&self))
    }
}
