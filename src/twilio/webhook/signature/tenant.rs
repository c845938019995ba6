//! Verification for several accounts, whose tokens are looked up for each request.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};
use std::hash::BuildHasher;
use std::sync::Arc;

use async_trait::async_trait;

use super::outcome::{SignatureError, Verified};
use super::signed::Key;
use super::url::{PublicUrl, public_url_setters};
use super::{Signed, SignedRequest, Unverified};
use crate::secret::Secret;
use crate::twilio::webhook::{Event, Params};

/// A source of the auth tokens of several accounts, such as subaccounts or the tenants of a dashboard.
///
/// A map from account SIDs to tokens implements it; so can a table of a database.
///
/// # Contract
/// 1. `account_sid` is the account that a request *claims* to come from. It is not verified yet: treat it as untrusted input.
/// 2. `tokens` returns the tokens of that account only. A request is then accepted only if it is signed with a token of the
///    account that it names.
/// 3. The primary token comes first. During a rotation, the secondary one follows.
/// 4. For an unknown account, `tokens` returns an empty list, not an error.
/// 5. `None` means that the request names no account, as the JSON bodies of some products.
/// 6. Twilio waits 15 seconds for the whole answer, so `tokens` must take much less.
#[async_trait]
pub trait TokenSource: Debug + Send + Sync + 'static {
    /// Returns the auth tokens of an account.
    ///
    /// # Errors
    /// [`TokenError`] if the tokens cannot be read now, for instance because the database is down. The request is then
    /// answered with 503, and Twilio may repeat it.
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError>;
}

/// The auth tokens cannot be read now.
#[derive(Debug, thiserror::Error)]
#[error("auth tokens cannot be read: {0}")]
pub struct TokenError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl TokenError {
    /// Wraps the error of the source. It is logged, so its text must not contain a token.
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

/// Verifies that requests come from Twilio, each with the tokens of the account that it names. Otherwise it works as a
/// [`Verifier`](super::Verifier), with the same limits.
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
    public: PublicUrl,
}

impl TenantVerifier {
    /// Verifies with the tokens of this source.
    pub fn new(tokens: impl TokenSource) -> Self {
        Self { tokens: Arc::new(tokens), public: PublicUrl::default() }
    }

    public_url_setters!();

    /// Verifies a request as [`Verifier::verify`](super::Verifier::verify) does, and reads its event.
    ///
    /// # Errors
    /// [`SignatureError`] says why the request is refused, and what to change. It is for your own log: answer the sender
    /// with 503 for [`TokensUnavailable`](SignatureError::TokensUnavailable), otherwise with 403, and no details.
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
