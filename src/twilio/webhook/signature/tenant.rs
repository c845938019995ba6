//! Signatures of several accounts, whose tokens are looked up for each request.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};
use std::hash::BuildHasher;
use std::sync::Arc;

use async_trait::async_trait;

use super::outcome::{SignatureError, Verified};
use super::signed::Key;
use super::url::{Origin, Public};
use super::{Signed, SignedRequest, Unverified};
use crate::secret::Secret;
use crate::twilio::webhook::{Event, Params};

/// Knows the auth tokens of several accounts: of subaccounts, of the tenants of a dashboard.
///
/// A map from account SIDs to tokens implements it; so can a table of a database.
///
/// # Contract
/// 1. The account SID is the one that a request *claims* to come from, and nothing is verified yet: treat it as
///    untrusted input.
/// 2. It returns the tokens of that account and of no other. A request that names another account must then be signed
///    with that account's token.
/// 3. The primary token comes first; while a rotation is under way, the next one follows.
/// 4. For an unknown account it returns an empty list, not an error.
/// 5. `None` stands for a request that names no account, such as the JSON bodies of some products.
/// 6. Twilio waits 15 seconds for the whole answer, so this must take much less.
#[async_trait]
pub trait TokenSource: Debug + Send + Sync + 'static {
    /// Returns the auth tokens of an account.
    ///
    /// # Errors
    /// [`TokenError`] where the tokens cannot be read now; the request is then answered with 503, and Twilio may repeat
    /// it.
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError>;
}

/// The tokens cannot be read now.
#[derive(Debug, thiserror::Error)]
#[error("auth tokens cannot be read: {0}")]
pub struct TokenError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl TokenError {
    /// Wraps what went wrong. It is logged, so it must hold no token.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

#[async_trait]
impl<S: BuildHasher + Send + Sync + 'static> TokenSource for HashMap<String, Vec<Secret>, S>
where
    Self: Debug,
{
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError> {
        Ok(account_sid.and_then(|sid| self.get(sid)).cloned().unwrap_or_default())
    }
}

#[async_trait]
impl TokenSource for BTreeMap<String, Vec<Secret>> {
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError> {
        Ok(account_sid.and_then(|sid| self.get(sid)).cloned().unwrap_or_default())
    }
}

#[async_trait]
impl<S: TokenSource + ?Sized> TokenSource for Arc<S> {
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError> {
        (**self).tokens(account_sid).await
    }
}

/// Verifies that requests come from Twilio, with the tokens of the account that each request names. In everything else
/// it works as a [`Verifier`](super::Verifier), with the same limits.
///
/// ```
/// use std::collections::HashMap;
/// use switchboard::secret::Secret;
/// use switchboard::twilio::webhook::TenantVerifier;
///
/// let tokens = HashMap::from([("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(), vec![Secret::new("12345")])]);
/// let verifier = TenantVerifier::new(tokens).public_url("https://example.com");
/// # let _ = verifier;
/// ```
#[derive(Clone)]
pub struct TenantVerifier {
    tokens: Arc<dyn TokenSource>,
    public: Public,
}

impl TenantVerifier {
    /// Verifies with the tokens of this source.
    pub fn new(tokens: impl TokenSource) -> Self {
        Self { tokens: Arc::new(tokens), public: Public::default() }
    }

    /// Sets the URL that Twilio calls, as [`Verifier::public_url`](super::Verifier::public_url) does.
    #[must_use]
    pub fn public_url(mut self, url: impl AsRef<str>) -> Self {
        self.public.origin = Origin::configured(url.as_ref());
        self
    }

    /// Trusts the headers of the proxy in front, as [`Verifier::trust_proxy`](super::Verifier::trust_proxy) does, and
    /// under the same condition.
    #[must_use]
    pub fn trust_proxy(mut self) -> Self {
        self.public.origin = Origin::Proxy;
        self
    }

    /// Takes `wss:` requests, too, as [`Verifier::websockets`](super::Verifier::websockets) does.
    #[must_use]
    pub fn websockets(mut self) -> Self {
        self.public.websockets = true;
        self
    }

    /// Verifies a request, as [`Verifier::verify`](super::Verifier::verify) does, and reads it.
    ///
    /// # Errors
    /// [`SignatureError`] says what does not fit and what to change. Tell the sender nothing but 403, and 503 for
    /// [`TokensUnavailable`](SignatureError::TokensUnavailable).
    pub async fn verify(&self, request: &SignedRequest<'_>) -> Result<Verified<Event>, SignatureError> {
        Ok(self.verify_params(request).await?.map(|params| Event::from_params(&params)))
    }

    /// Verifies a request and returns its parameters untyped. For a JSON body, these are its fields.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_params(
        &self,
        request: &SignedRequest<'_>,
    ) -> Result<Verified<Params>, SignatureError> {
        self.verify_signed(request).await.map(|signed| signed.params)
    }

    pub(in crate::twilio::webhook) async fn verify_signed(
        &self,
        request: &SignedRequest<'_>,
    ) -> Result<Signed, SignatureError> {
        let unverified = Unverified::read(&self.public, request)?;
        let account = unverified.account()?;
        let tokens = self.tokens.tokens(account.as_deref()).await;
        let tokens = tokens.map_err(|error| SignatureError::TokensUnavailable(error.0.to_string()))?;
        let keys: Vec<Key> = tokens.iter().filter_map(|token| Key::new(token.expose())).collect();
        if keys.is_empty() {
            return Err(SignatureError::UnknownAccount);
        }
        unverified.verify(&keys)
    }
}

impl Debug for TenantVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantVerifier(***)")
    }
}
