//! Verification of `X-Twilio-Signature`: did Twilio send this request, unchanged?

mod outcome;
mod shown;
mod signed;
mod tenant;
mod url;

pub use outcome::{Diagnosis, Matched, SignatureError, Verified};
pub use tenant::{TenantVerifier, TokenError, TokenSource};
pub use url::Spelling;

#[cfg(feature = "axum")]
pub(super) use {shown::shown_path, url::target};

use std::cell::OnceCell;
use std::fmt;

use http::{HeaderMap, Method, header};

use self::outcome::Failed;
use self::signed::{Algorithm, Key, Signature};
use self::url::{PublicUrl, query};
use super::event::Event;
use super::params::Params;
use crate::provider::{Credentials, ProviderError};
use crate::secret::Secret;
use crate::twilio::credentials::auth_token;

/// The header that holds the signature.
pub(super) const HEADER: &str = "x-twilio-signature";
/// The header that names the algorithm, if the request was signed with a shared key.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// The maximum number of signed bytes of a request whose refusal is diagnosed. Twilio's own forms have about 500 to 2,000. A
/// diagnosis computes a dozen signatures, which a large forged request must not cause.
const MAX_DIAGNOSED: usize = 4 * 1024;

/// A request as it arrived, not verified yet.
#[derive(Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URL or, with [`Verifier::public_url`], the path and the query. It must not be decoded or normalised.
    pub url: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, not decoded.
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

/// Verifies with the auth token of an account that requests come from Twilio. It can also sign, for tests.
///
/// ```
/// use http::{HeaderMap, Method};
/// use switchboard::twilio::webhook::{Event, SignatureError, SignedRequest, Verifier};
///
/// // The URL that Twilio calls. Behind a proxy, this server sees another one.
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
/// For several accounts, whose tokens are in a database, use [`TenantVerifier`].
///
/// # What a signature covers
/// A signature covers the URL and, for a form, every parameter. Any other body is covered by its hash (`bodySHA256`, the last
/// parameter of the URL). The method, the headers and the time are not covered, so anybody who has seen a request can send
/// it again.
///
/// Twilio concatenates the URL, the names and the values without separators, and signs the result. So an attacker who wrote
/// the text of a message, and has seen the signature of its delivery, can move the borders between names and values:
/// `Body=x` followed by `From=+1…` has the same signature as `Body=xFrom+1…`. A verifier refuses parameters that were moved
/// into the URL, and accepts a `bodySHA256` only as the last parameter. **It cannot detect a border that was moved inside a
/// form, or from the end of the URL into the form.** To prevent that, a signature must be bound to the content that it
/// arrived with first. [`Webhooks`](super::Webhooks) does that (feature `axum`; see [`Claims`](super::Claims)): after the
/// genuine delivery, no other content is accepted with its signature. Two cases remain: a forged form that arrives before
/// the genuine delivery is accepted, and the genuine one is then refused; and signatures are forgotten after a day.
///
/// `Debug` shows no token.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<Key>,
    public: PublicUrl,
}

impl Verifier {
    /// Verifies with the auth token of the account; with the primary one if there are two. An API key cannot verify.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { keys: Vec::new(), public: PublicUrl::default() }.or_token(token)
    }

    /// Verifies with the auth token of these credentials.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` if they are malformed or contain only an API key. Twilio signs webhooks with the auth token,
    /// never with an API key.
    pub fn from_credentials(credentials: &Credentials) -> Result<Self, ProviderError> {
        auth_token(credentials).map(Self::new)
    }

    /// Also accepts another token: the secondary one during a rotation, or the secret of
    /// a [shared key](https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys) (HMAC-SHA1 or HMAC-SHA256).
    #[must_use]
    pub fn or_token(mut self, token: impl Into<Secret>) -> Self {
        self.keys.extend(Key::new(token.into().expose()));
        self
    }

    url::public_url_setters!();

    /// Verifies a request (a form, a GET, or a body with a hash) and reads its event.
    ///
    /// # Errors
    /// [`SignatureError`] says why the request is refused, and what to change. It is for your own log: answer the sender
    /// with 403 and no details.
    pub fn verify(&self, request: &SignedRequest<'_>) -> Result<Verified<Event>, SignatureError> {
        Ok(self.verify_params(request)?.map(|params| Event::from_params(&params)))
    }

    /// Verifies a request and returns its parameters untyped. For a JSON body, these are its fields.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_params(&self, request: &SignedRequest<'_>) -> Result<Verified<Params>, SignatureError> {
        self.verify_signed(request).map(|signed| signed.params)
    }

    pub(super) fn verify_signed(&self, request: &SignedRequest<'_>) -> Result<Signed, SignatureError> {
        Unverified::read(&self.public, request)?.verify(&self.keys)
    }

    /// Verifies a form that is already decoded. `url` is the whole URL that Twilio called.
    ///
    /// `params` must contain every pair, also empty and repeated ones, and their values must not be trimmed.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_form<'a, K: AsRef<str>, V: AsRef<str>>(
        &self,
        url: &str,
        params: &'a [(K, V)],
        signature: &str,
    ) -> Result<Verified<&'a [(K, V)]>, SignatureError> {
        let signed = sorted(params);
        let check = Check { request: None, candidates: &[url.to_owned()], params: &signed };
        let (matched, url) = check.find_signed_url(&self.keys, &sha1_signature(signature)?)?;
        Ok(Verified::new(params, matched, url))
    }

    /// Verifies a body that is not a form, by the `bodySHA256` in the URL. `url` is the whole URL that Twilio called.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_body<'a>(
        &self,
        url: &str,
        body: &'a [u8],
        signature: &str,
    ) -> Result<Verified<&'a [u8]>, SignatureError> {
        signed::check_body_hash(url, body)?;
        let check = Check { request: None, candidates: &[url.to_owned()], params: &[] };
        let (matched, url) = check.find_signed_url(&self.keys, &sha1_signature(signature)?)?;
        signed::check_body_hash(&url, body)?;
        Ok(Verified::new(body, matched, url))
    }

    /// Signs a form as Twilio does, for tests of your own handlers. For a GET, pass no parameters.
    ///
    /// It signs with the first token. If there is no token, the signature is empty, and every verifier refuses it.
    #[must_use]
    pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(&self, url: &str, params: &[(K, V)]) -> String {
        self.sign(url, &sorted(params))
    }

    /// Signs a body that is not a form, for tests of your own handlers. The request must then be sent to the URL that
    /// [`hashed_url`] returns, which contains the hash of the body.
    ///
    /// It signs with the first token. If there is no token, the signature is empty, and every verifier refuses it.
    #[must_use]
    pub fn sign_body(&self, url: &str, body: &[u8]) -> String {
        self.sign(&hashed_url(url, body), &[])
    }

    fn sign(&self, url: &str, params: &[u8]) -> String {
        let url = url.split('#').next().unwrap_or_default();
        self.keys.first().map(|key| key.sign(url, params)).unwrap_or_default()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(***)")
    }
}

/// Signs a form with a token. See [`Verifier::sign_form`].
#[must_use]
pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(token: &str, url: &str, params: &[(K, V)]) -> String {
    Verifier::new(token).sign_form(url, params)
}

/// Appends the hash of a body to a URL as Twilio does (`?bodySHA256=…`), unless the URL has one.
#[must_use]
pub fn hashed_url(url: &str, body: &[u8]) -> String {
    signed::hashed_url(url, body)
}

fn sorted<K: AsRef<str>, V: AsRef<str>>(params: &[(K, V)]) -> Vec<u8> {
    signed::sorted(params.iter().map(|(key, value)| (key.as_ref(), value.as_ref())))
}

/// Verified parameters, and whether they came as a form.
pub(super) struct Signed {
    pub(super) params: Verified<Params>,
    #[cfg(feature = "axum")]
    pub(super) is_form: bool,
}

/// A request that was parsed but not verified yet.
struct Unverified<'a> {
    request: SignedRequest<'a>,
    signature: Signature,
    /// The URLs that Twilio may have signed.
    candidates: Vec<String>,
    kind: Kind,
    params: OnceCell<Params>,
    /// The concatenated parameters of a form, as they are signed; otherwise empty.
    signed: Vec<u8>,
}

impl<'a> Unverified<'a> {
    fn read(public: &PublicUrl, request: &SignedRequest<'a>) -> Result<Self, SignatureError> {
        let (signature, candidates) = (signature_of(request.headers)?, public.candidates(request)?);
        let (kind, params) = (Kind::of(request), OnceCell::new());
        let mut read = Self { request: *request, signature, candidates, kind, params, signed: Vec::new() };
        match kind {
            Kind::Query if !request.body.is_empty() => return Err(SignatureError::BodyOfGet),
            Kind::Query => {}
            Kind::Form => read.signed = signed::sorted(read.params().iter()),
            // Checked before anything is parsed or signed: most forged requests fail here.
            Kind::Body => signed::check_body_hash(request.url, request.body)?,
        }
        Ok(read)
    }

    fn params(&self) -> &Params {
        self.params.get_or_init(|| match self.kind {
            Kind::Query => Params::from_query(query(self.request.url)),
            Kind::Form => Params::from_form(self.request.body),
            Kind::Body => serde_json::from_slice(self.request.body)
                .map_or_else(|_| Params::default(), |value| Params::from_json(&value)),
        })
    }

    /// Returns the account that the request claims to come from. A request that names two is refused: one would choose the
    /// token, and a handler might read the other.
    fn account(&self) -> Result<Option<String>, SignatureError> {
        // Forms use the first name, the JSON of some products the second.
        let is_account = |(key, _): &(&str, &str)| matches!(*key, "AccountSid" | "account_sid");
        let mut named = self.params().iter().filter(is_account).map(|(_, value)| value);
        let Some(first) = named.next() else { return Ok(None) };
        if named.any(|other| other != first) {
            return Err(SignatureError::AmbiguousAccount);
        }
        Ok(Some(first.to_owned()))
    }

    fn verify(self, keys: &[Key]) -> Result<Signed, SignatureError> {
        let check =
            Check { request: Some(&self.request), candidates: &self.candidates, params: &self.signed };
        let (matched, url) = check.find_signed_url(keys, &self.signature)?;
        match self.kind {
            // Checked again: the hash must be in the URL that was signed, not only in the one that arrived.
            Kind::Body => signed::check_body_hash(&url, self.request.body)?,
            // A form without parameters has the same signature as a body with a hash. If there is a hash, it must match.
            Kind::Form if self.signed.is_empty() => match signed::check_body_hash(&url, self.request.body) {
                Ok(()) | Err(SignatureError::NoBodyHash) => {}
                Err(error) => return Err(error),
            },
            Kind::Form | Kind::Query => {}
        }
        self.params();
        let params = Verified::new(self.params.into_inner().unwrap_or_default(), matched, url);
        Ok(Signed {
            params,
            #[cfg(feature = "axum")]
            is_form: matches!(self.kind, Kind::Form),
        })
    }
}

/// Where a request has its parameters.
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

/// Compares a signature with each URL that may have been signed.
struct Check<'a> {
    request: Option<&'a SignedRequest<'a>>,
    candidates: &'a [String],
    params: &'a [u8],
}

impl Check<'_> {
    /// Finds the URL that was signed, and with which token.
    fn find_signed_url(
        &self,
        keys: &[Key],
        signature: &Signature,
    ) -> Result<(Matched, String), SignatureError> {
        if keys.is_empty() {
            return Err(SignatureError::NoToken);
        }
        let mut signed = None;
        for url in self.candidates {
            let spelling = url::find_spelling(url, |url| {
                let token = keys.iter().position(|key| key.matches(url, self.params, signature));
                signed = token.map(|token| (token, url.to_owned()));
                token.is_some()
            });
            if let Some((spelling, (token, url))) = spelling.zip(signed.take()) {
                if signed::holds_parameters(&url, self.params) {
                    return Err(SignatureError::ParametersInUrl);
                }
                return Ok((Matched { token, spelling }, url));
            }
        }
        Err(SignatureError::Mismatch(Box::new(self.diagnose(keys, signature))))
    }

    fn diagnose(&self, keys: &[Key], signature: &Signature) -> Diagnosis {
        let longest = self.candidates.iter().map(String::len).max().unwrap_or_default();
        let failed = Failed {
            candidates: self.candidates,
            request: self.request,
            tokens: keys.len(),
            has_odd_token: keys.iter().any(|key| key.looks_odd),
            has_params: !self.params.is_empty(),
            is_large: longest + self.params.len() > MAX_DIAGNOSED,
        };
        failed.diagnose(|url, with_params| {
            let params = if with_params { self.params } else { &[] };
            keys.iter().any(|key| key.matches(url, params, signature))
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

/// Returns the algorithm that the request names; one that was signed with a shared key names it. The header itself is not
/// signed. That is safe, because a valid signature of either algorithm needs the key.
fn algorithm(headers: &HeaderMap) -> Result<Algorithm, SignatureError> {
    let settings = headers.get(SETTINGS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = settings.split(',').filter_map(|pair| pair.split_once('='));
    match named.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == "algorithm") {
        None | Some((_, "" | "HMAC_SHA1")) => Ok(Algorithm::Sha1),
        Some((_, "HMAC_SHA256")) => Ok(Algorithm::Sha256),
        Some(_) => Err(SignatureError::UnknownAlgorithm),
    }
}

/// Reads a signature that the caller took from the header, which must be HMAC-SHA1.
fn sha1_signature(signature: &str) -> Result<Signature, SignatureError> {
    let missing =
        if signature.is_empty() { SignatureError::MissingHeader } else { SignatureError::MalformedHeader };
    Signature::read(signature, Algorithm::Sha1).ok_or(missing)
}

#[cfg(test)]
mod tests;
