//! `X-Twilio-Signature`: is this from Twilio, and about this?

mod body;
mod diagnosis;
mod error;
mod form;
mod key;
mod location;
mod variant;

pub use diagnosis::Diagnosis;
pub use error::SignatureError;
pub use variant::Spelling;

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method, header};

use self::diagnosis::Failed;
use self::key::{Algorithm, Key, Signature};
use self::location::Public;
use super::event::Event;
use super::params::Params;
use super::token::TokenSource;
use super::verified::{Matched, Verified};
use crate::provider::{Credentials, ProviderError};
use crate::secret::Secret;
use crate::twilio::credentials::auth_token;

/// The header that holds the signature.
pub(super) const HEADER: &str = "x-twilio-signature";
/// The header that says how it was made, where a shared key was used.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// A request as it arrived, before anybody knows who sent it.
#[derive(Clone, Copy)]
pub struct SignedRequest<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its URL or, with [`Verifier::public_url`], the path and the query. As it came: decode nothing.
    pub url: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, byte for byte.
    pub body: &'a [u8],
}

impl fmt::Debug for SignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", self.method)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Tells Twilio's requests from those of strangers, with the auth token of an account; signs, too, for tests.
///
/// ```
/// use http::{HeaderMap, Method};
/// use switchboard::twilio::webhook::{Event, SignatureError, SignedRequest, Verifier};
///
/// // The URL as Twilio knows it: behind a proxy, this server is called by another one.
/// let verifier = Verifier::new("12345").public_url("https://example.com");
/// # let mut headers = HeaderMap::new();
/// # headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
/// # let signature = verifier.sign_form("https://example.com/sms", &[("MessageSid", "SM1"), ("Body", "Hi")]);
/// # headers.insert("x-twilio-signature", signature.parse().unwrap());
/// let request = SignedRequest {
///     method: &Method::POST,
///     url: "/sms",
///     headers: &headers,
///     body: b"MessageSid=SM1&Body=Hi",
/// };
/// match verifier.verify(&request)?.into_inner() {
///     Event::InboundMessage(message) => println!("somebody wrote {:?}", message.body),
///     other => println!("{other:?}"),
/// }
/// # Ok::<(), SignatureError>(())
/// ```
///
/// What the signature covers, and what it does not: the URL, every parameter, and of a body that is no form its hash
/// (`bodySHA256` in the URL). Not the headers and not the time: a request that was heard once can be sent again, which
/// is what [`Claims`](super::Claims) are for. Twilio writes parameters one after the other without separators, so it
/// also covers no border between a name and its value.
///
/// `Debug` shows no token.
#[derive(Clone)]
pub struct Verifier {
    tokens: Tokens,
    public: Public,
}

#[derive(Clone)]
enum Tokens {
    Fixed(Vec<Key>),
    Source(Arc<dyn TokenSource>),
}

impl Verifier {
    /// Takes the auth token of the account; the primary one where there are two. An API key cannot verify.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { tokens: Tokens::Fixed(Vec::new()), public: Public::default() }.or_token(token)
    }

    /// Takes the auth token out of credentials.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` where they are malformed or hold an API key only: it opens the API, but Twilio signs with the
    /// auth token.
    pub fn from_credentials(credentials: &Credentials) -> Result<Self, ProviderError> {
        auth_token(credentials).map(Self::new)
    }

    /// Asks for the tokens of the account that a request claims to come from.
    pub fn with_tokens(tokens: impl TokenSource) -> Self {
        Self { tokens: Tokens::Source(Arc::new(tokens)), public: Public::default() }
    }

    /// Accepts another token beside those before: the next primary one, while a rotation is under way, or the secret of
    /// a [shared key](https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys) (HMAC-SHA1 or HMAC-SHA256).
    ///
    /// After [`with_tokens`](Self::with_tokens) it does nothing: let that source return both.
    #[must_use]
    pub fn or_token(mut self, token: impl Into<Secret>) -> Self {
        if let Tokens::Fixed(keys) = &mut self.tokens {
            keys.extend(Key::new(token.into().expose()));
        }
        self
    }

    /// Sets the URL that Twilio calls: scheme, host, port if there is one, and the prefix of the path that a proxy takes
    /// off before the request gets here.
    ///
    /// Path and query come from the request. Where Twilio is given `https://user:password@host`, write that.
    #[must_use]
    pub fn public_url(mut self, url: impl AsRef<str>) -> Self {
        self.public = Public::base(url.as_ref());
        self
    }

    /// Believes the proxy in front: `Forwarded` or `X-Forwarded-Proto`, `-Host` and `-Port`, else `Host`.
    ///
    /// Only where every request passes a proxy that sets these headers itself and lets none of them through. Else a
    /// stranger names the host, and what was signed for another service of the same account passes here.
    /// [`public_url`](Self::public_url) needs no trust, and knows of prefixes.
    #[must_use]
    pub fn trust_proxy(mut self) -> Self {
        self.public = Public::Proxy;
        self
    }

    /// Verifies a request: a form, a GET or a body with a hash, whichever it is, and reads it.
    ///
    /// # Errors
    /// [`SignatureError`] says what does not fit and what to change. Tell the sender nothing but 403.
    pub fn verify(&self, request: &SignedRequest<'_>) -> Result<Verified<Event>, SignatureError> {
        self.verify_params(request)?.read(|params| Ok(Event::from_params(params)))
    }

    /// Verifies a request and leaves its parameters as they are. Of a JSON body, they are its fields.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_params(&self, request: &SignedRequest<'_>) -> Result<Verified<Params>, SignatureError> {
        let signature = signature_of(request.headers)?;
        let locations = self.public.locations(request)?;
        let params = match Kind::of(request) {
            Kind::Query if !request.body.is_empty() => return Err(SignatureError::BodyOfGet),
            Kind::Query => Params::from_query(query(request.url)),
            Kind::Form => Params::from_form(request.body),
            Kind::Body => body::params(request.body),
        };
        let check = Check { request: Some(request), locations: &locations };
        let keys = self.keys(|| claimed(&params))?;
        let matched = match Kind::of(request) {
            Kind::Query => check.run(&keys, &signature, &[])?,
            Kind::Form => {
                let signed = form::signed(params.iter());
                // Without a pair the signature covers the URL alone, and the URL says which body it belongs to.
                if signed.is_empty() {
                    body::fits(request.url, request.body).or_else(|error| match error {
                        SignatureError::NoBodyHash => Ok(()),
                        other => Err(other),
                    })?;
                }
                // A form, too, may be signed by its hash.
                let by_hash = |error| match locations.iter().any(|url| body::fits(url, request.body).is_ok())
                {
                    true => check.run(&keys, &signature, &[]),
                    false => Err(error),
                };
                check.run(&keys, &signature, &signed).or_else(by_hash)?
            }
            Kind::Body => {
                body::fits(request.url, request.body)?;
                check.run(&keys, &signature, &[])?
            }
        };
        Ok(Verified::new(params, matched))
    }

    /// Verifies a form whose pairs are decoded already. `url` is the whole URL as Twilio called it.
    ///
    /// Give every pair, empty and repeated ones too, and trim nothing.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_form<'a, K: AsRef<str>, V: AsRef<str>>(
        &self,
        url: &str,
        params: &'a [(K, V)],
        signature: &str,
    ) -> Result<Verified<&'a [(K, V)]>, SignatureError> {
        let pairs = || params.iter().map(|(key, value)| (key.as_ref(), value.as_ref()));
        let signature = Signature::read(signature, Algorithm::Sha1).ok_or_else(|| unreadable(signature))?;
        let keys = self.keys(|| account_of(pairs()))?;
        let check = Check { request: None, locations: &[url.to_owned()] };
        let matched = check.run(&keys, &signature, &form::signed(pairs()))?;
        Ok(Verified::new(params, matched))
    }

    /// Verifies a body that is no form, by the `bodySHA256` in the URL. `url` is the whole URL as Twilio called it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_body<'a>(
        &self,
        url: &str,
        body: &'a [u8],
        signature: &str,
    ) -> Result<Verified<&'a [u8]>, SignatureError> {
        let signature = Signature::read(signature, Algorithm::Sha1).ok_or_else(|| unreadable(signature))?;
        let keys = self.keys(|| claimed(&body::params(body)))?;
        body::fits(url, body)?;
        let check = Check { request: None, locations: &[url.to_owned()] };
        let matched = check.run(&keys, &signature, &[])?;
        Ok(Verified::new(body, matched))
    }

    /// Signs a form as Twilio does, for tests of your own handlers. A GET is signed with no parameters.
    ///
    /// It signs with the first token; without one, the signature is empty and no verifier takes it.
    #[must_use]
    pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(&self, url: &str, params: &[(K, V)]) -> String {
        let pairs = params.iter().map(|(key, value)| (key.as_ref(), value.as_ref()));
        self.sign(url, || account_of(pairs.clone()), &form::signed(pairs.clone()))
    }

    /// Signs a body that is no form, for tests of your own handlers. The URL must be the one with the hash of the body
    /// in it: [`hashed_url`] writes it.
    ///
    /// It signs with the first token; without one, the signature is empty and no verifier takes it.
    #[must_use]
    pub fn sign_body(&self, url: &str, body: &[u8]) -> String {
        let url = hashed_url(url, body);
        self.sign(&url, || claimed(&body::params(body)), &[])
    }

    fn sign(
        &self,
        url: &str,
        account: impl FnOnce() -> Result<Option<String>, SignatureError>,
        rest: &[u8],
    ) -> String {
        let url = url.split('#').next().unwrap_or_default();
        let keys = self.keys(account).unwrap_or_default();
        keys.first().map(|key| key.sign(url, rest)).unwrap_or_default()
    }

    fn keys(
        &self,
        account: impl FnOnce() -> Result<Option<String>, SignatureError>,
    ) -> Result<std::borrow::Cow<'_, [Key]>, SignatureError> {
        match &self.tokens {
            Tokens::Fixed(keys) if keys.is_empty() => Err(SignatureError::NoToken),
            Tokens::Fixed(keys) => Ok(keys.into()),
            Tokens::Source(source) => {
                let tokens = source.tokens(account()?.as_deref());
                let keys: Vec<Key> = tokens.iter().filter_map(|token| Key::new(token.expose())).collect();
                if keys.is_empty() { Err(SignatureError::UnknownAccount) } else { Ok(keys.into()) }
            }
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(***)")
    }
}

/// Signs a form under a token. See [`Verifier::sign_form`].
#[must_use]
pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(token: &str, url: &str, params: &[(K, V)]) -> String {
    Verifier::new(token).sign_form(url, params)
}

/// Writes the hash of a body into a URL as Twilio does, unless there is one: `?bodySHA256=…`.
#[must_use]
pub fn hashed_url(url: &str, body: &[u8]) -> String {
    body::hashed_url(url, body)
}

/// How a request carries what it says.
#[derive(Clone, Copy)]
enum Kind {
    Query,
    Form,
    Body,
}

impl Kind {
    fn of(request: &SignedRequest<'_>) -> Self {
        if matches!(*request.method, Method::GET | Method::HEAD) {
            return Self::Query;
        }
        let kind = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::Form
        } else {
            Self::Body
        }
    }
}

/// One signature against some URLs.
struct Check<'a> {
    request: Option<&'a SignedRequest<'a>>,
    locations: &'a [String],
}

impl Check<'_> {
    fn run(&self, keys: &[Key], signature: &Signature, rest: &[u8]) -> Result<Matched, SignatureError> {
        let mut token = 0;
        for url in self.locations {
            let spelling = variant::first(url, |url| {
                let fitting = keys.iter().position(|key| key.fits(url, rest, signature));
                token = fitting.unwrap_or_default();
                fitting.is_some()
            });
            if let Some(spelling) = spelling {
                return Ok(Matched { token, spelling });
            }
        }
        Err(SignatureError::Mismatch(Box::new(self.diagnose(keys, signature, rest))))
    }

    fn diagnose(&self, keys: &[Key], signature: &Signature, rest: &[u8]) -> Diagnosis {
        let failed = Failed {
            locations: self.locations,
            request: self.request,
            tokens: keys.len(),
            has_odd_token: keys.iter().any(|key| key.looks_odd),
            has_params: !rest.is_empty(),
        };
        failed.diagnose(|url, with_params| {
            let rest = if with_params { rest } else { &[] };
            keys.iter().any(|key| key.fits(url, rest, signature))
        })
    }
}

fn signature_of(headers: &HeaderMap) -> Result<Signature, SignatureError> {
    let mut values = headers.get_all(HEADER).iter();
    let value = values.next().ok_or(SignatureError::MissingHeader)?;
    if values.next().is_some() {
        return Err(SignatureError::RepeatedHeader);
    }
    let algorithm = algorithm(headers)?;
    let read = |text| Signature::read(text, algorithm);
    value.to_str().ok().and_then(read).ok_or(SignatureError::MalformedHeader)
}

/// Webhooks that are signed with a shared key say how. Nobody signed that, but each way needs the key.
fn algorithm(headers: &HeaderMap) -> Result<Algorithm, SignatureError> {
    let settings = headers.get(SETTINGS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = settings.split(',').filter_map(|pair| pair.split_once('='));
    match named.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == "algorithm") {
        None | Some((_, "" | "HMAC_SHA1")) => Ok(Algorithm::Sha1),
        Some((_, "HMAC_SHA256")) => Ok(Algorithm::Sha256),
        Some(_) => Err(SignatureError::UnknownAlgorithm),
    }
}

fn unreadable(signature: &str) -> SignatureError {
    if signature.is_empty() { SignatureError::MissingHeader } else { SignatureError::MalformedHeader }
}

fn query(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    url.split_once('?').map_or("", |(_, query)| query)
}

fn claimed(params: &Params) -> Result<Option<String>, SignatureError> {
    account_of(params.iter())
}

/// The account that a request claims to come from. It must not name two: one would choose the token, and a handler
/// might read the other.
fn account_of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Option<String>, SignatureError> {
    // Forms write it in one way, the JSON of some products in the other.
    let mut named =
        pairs.filter(|(key, _)| matches!(*key, "AccountSid" | "account_sid")).map(|(_, value)| value);
    let Some(first) = named.next() else { return Ok(None) };
    if named.any(|other| other != first) {
        return Err(SignatureError::AmbiguousAccount);
    }
    Ok(Some(first.to_owned()))
}

#[cfg(test)]
mod tests;
