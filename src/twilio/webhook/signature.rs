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
use self::url::{Origin, Public, query};
use super::event::Event;
use super::params::Params;
use crate::provider::{Credentials, ProviderError};
use crate::secret::Secret;
use crate::twilio::credentials::auth_token;

/// The header that holds the signature.
pub(super) const HEADER: &str = "x-twilio-signature";
/// The header that says how it was made, where a shared key was used.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// The largest request, in signed bytes, whose refusal is diagnosed. Twilio's own forms have about 500 to 2,000. A
/// diagnosis computes a dozen signatures, which a large forged request must not cause.
const DIAGNOSED: usize = 4 * 1024;

/// A request as it arrived, not verified yet.
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

/// Verifies with the auth token of an account that requests come from Twilio. It can also sign, for tests.
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
/// Several accounts, whose tokens are in a database: [`TenantVerifier`].
///
/// # What a signature covers
/// The URL, every parameter of a form, and of any other body its hash (`bodySHA256`, the last parameter of the URL).
/// Not the method, the headers or the time: anybody who has seen a request can send it again.
///
/// Twilio signs the URL, the names and the values one after the other, without separators. So whoever sees the signature of a
/// delivery that contains a text of their own can move the borders between them: `Body=x` followed by `From=+1…` has the
/// same signature as `Body=xFrom+1…`. A verifier refuses parameters that were moved into the URL, and counts a `bodySHA256` only where Twilio
/// writes it. **It cannot see a border that was moved inside of a form, or from the end of the URL into the form.** For
/// that, a signature must be bound to the content that it came with first, which [`Webhooks`](super::Webhooks) does (feature
/// `axum`; see [`Claims`](super::Claims)): once the genuine delivery was seen, nothing else passes with its signature.
/// What remains: such a form passes if it arrives before Twilio's own delivery, which is then refused; or once the signature is
/// forgotten, after a day.
///
/// `Debug` shows no token.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<Key>,
    public: Public,
}

impl Verifier {
    /// Takes the auth token of the account; the primary one where there are two. An API key cannot verify.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { keys: Vec::new(), public: Public::default() }.or_token(token)
    }

    /// Takes the auth token out of credentials.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` where they are malformed or hold an API key only: it opens the API, but Twilio signs with the
    /// auth token.
    pub fn from_credentials(credentials: &Credentials) -> Result<Self, ProviderError> {
        auth_token(credentials).map(Self::new)
    }

    /// Accepts another token, too: the next primary one, during a rotation, or the secret of
    /// a [shared key](https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys) (HMAC-SHA1 or HMAC-SHA256).
    #[must_use]
    pub fn or_token(mut self, token: impl Into<Secret>) -> Self {
        self.keys.extend(Key::new(token.into().expose()));
        self
    }

    /// Sets the URL that Twilio calls: scheme, host, port if there is one, and the prefix of the path that a proxy removes
    /// before the request arrives here.
    ///
    /// Path and query come from the request. Where Twilio is given `https://user:password@host`, write that.
    #[must_use]
    pub fn public_url(mut self, url: impl AsRef<str>) -> Self {
        self.public.origin = Origin::configured(url.as_ref());
        self
    }

    /// Takes the public URL from the headers of a proxy: `Forwarded` or `X-Forwarded-Proto`, `-Host` and `-Port`, else `Host`.
    ///
    /// Use it only where every request passes a proxy that sets these headers itself and removes the client's.
    /// Otherwise an attacker can choose the host, so that a request that was signed for another service of the same
    /// account is accepted here. [`public_url`](Self::public_url) needs no trust, and supports prefixes.
    #[must_use]
    pub fn trust_proxy(mut self) -> Self {
        self.public.origin = Origin::Proxy;
        self
    }

    /// Takes web sockets, too, which Twilio opens for media streams and conversation relays: their URLs are signed as
    /// `wss://…`.
    #[must_use]
    pub fn websockets(mut self) -> Self {
        self.public.websockets = true;
        self
    }

    /// Verifies a request: a form, a GET or a body with a hash, whichever it is, and reads it.
    ///
    /// # Errors
    /// [`SignatureError`] says what does not fit and what to change. Tell the sender nothing but 403.
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
        let signed = sorted(params);
        let check = Check { request: None, locations: &[url.to_owned()], params: &signed };
        let (matched, url) = check.run(&self.keys, &unheaded(signature)?)?;
        Ok(Verified::new(params, matched, url))
    }

    /// Verifies a body that is not a form, by the `bodySHA256` in the URL. `url` is the whole URL as Twilio called it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_body<'a>(
        &self,
        url: &str,
        body: &'a [u8],
        signature: &str,
    ) -> Result<Verified<&'a [u8]>, SignatureError> {
        signed::body_fits(url, body)?;
        let check = Check { request: None, locations: &[url.to_owned()], params: &[] };
        let (matched, url) = check.run(&self.keys, &unheaded(signature)?)?;
        signed::body_fits(&url, body)?;
        Ok(Verified::new(body, matched, url))
    }

    /// Signs a form as Twilio does, for tests of your own handlers. A GET is signed with no parameters.
    ///
    /// It signs with the first token; without one, the signature is empty and no verifier takes it.
    #[must_use]
    pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(&self, url: &str, params: &[(K, V)]) -> String {
        self.sign(url, &sorted(params))
    }

    /// Signs a body that is not a form, for tests of your own handlers. The URL must be the one with the hash of the
    /// body in it: [`hashed_url`] writes it.
    ///
    /// It signs with the first token; without one, the signature is empty and no verifier takes it.
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

/// Signs a form under a token. See [`Verifier::sign_form`].
#[must_use]
pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(token: &str, url: &str, params: &[(K, V)]) -> String {
    Verifier::new(token).sign_form(url, params)
}

/// Writes the hash of a body into a URL as Twilio does, unless there is one: `?bodySHA256=…`.
#[must_use]
pub fn hashed_url(url: &str, body: &[u8]) -> String {
    signed::hashed_url(url, body)
}

fn sorted<K: AsRef<str>, V: AsRef<str>>(params: &[(K, V)]) -> Vec<u8> {
    signed::sorted(params.iter().map(|(key, value)| (key.as_ref(), value.as_ref())))
}

/// Parameters that were verified, and how they came.
pub(super) struct Signed {
    pub(super) params: Verified<Params>,
    #[cfg(feature = "axum")]
    pub(super) is_form: bool,
}

/// A request that was read as far as it can be without a token.
struct Unverified<'a> {
    request: SignedRequest<'a>,
    signature: Signature,
    locations: Vec<String>,
    kind: Kind,
    params: OnceCell<Params>,
    /// The parameters as they are signed: those of a form.
    signed: Vec<u8>,
}

impl<'a> Unverified<'a> {
    fn read(public: &Public, request: &SignedRequest<'a>) -> Result<Self, SignatureError> {
        let (signature, locations) = (signature_of(request.headers)?, public.locations(request)?);
        let (kind, params) = (Kind::of(request), OnceCell::new());
        let mut read = Self { request: *request, signature, locations, kind, params, signed: Vec::new() };
        match kind {
            Kind::Query if !request.body.is_empty() => return Err(SignatureError::BodyOfGet),
            Kind::Query => {}
            Kind::Form => read.signed = signed::sorted(read.params().iter()),
            // Checked before anything is parsed or signed: most forged requests fail here.
            Kind::Body => signed::body_fits(request.url, request.body)?,
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

    /// The account that the request claims to come from. It must not name two: one would choose the token, and a handler
    /// might read the other.
    fn account(&self) -> Result<Option<String>, SignatureError> {
        // Forms write it in one way, the JSON of some products in the other.
        let is_account = |(key, _): &(&str, &str)| matches!(*key, "AccountSid" | "account_sid");
        let mut named = self.params().iter().filter(is_account).map(|(_, value)| value);
        let Some(first) = named.next() else { return Ok(None) };
        if named.any(|other| other != first) {
            return Err(SignatureError::AmbiguousAccount);
        }
        Ok(Some(first.to_owned()))
    }

    fn verify(self, keys: &[Key]) -> Result<Signed, SignatureError> {
        let check = Check { request: Some(&self.request), locations: &self.locations, params: &self.signed };
        let (matched, url) = check.run(keys, &self.signature)?;
        match self.kind {
            // What counts is the spelling that was signed.
            Kind::Body => signed::body_fits(&url, self.request.body)?,
            // Without a pair, a form is signed like a body by its hash. Then it must be that body.
            Kind::Form if self.signed.is_empty() => match signed::body_fits(&url, self.request.body) {
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

/// Where a request carries its parameters.
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

/// The parameters of one request, against each URL that may have been signed.
struct Check<'a> {
    request: Option<&'a SignedRequest<'a>>,
    locations: &'a [String],
    params: &'a [u8],
}

impl Check<'_> {
    /// Finds the URL that was signed, and with which token.
    fn run(&self, keys: &[Key], signature: &Signature) -> Result<(Matched, String), SignatureError> {
        if keys.is_empty() {
            return Err(SignatureError::NoToken);
        }
        let mut signed = None;
        for url in self.locations {
            let spelling = url::first(url, |url| {
                let token = keys.iter().position(|key| key.fits(url, self.params, signature));
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
        let longest = self.locations.iter().map(String::len).max().unwrap_or_default();
        let failed = Failed {
            locations: self.locations,
            request: self.request,
            tokens: keys.len(),
            has_odd_token: keys.iter().any(|key| key.looks_odd),
            has_params: !self.params.is_empty(),
            is_large: longest + self.params.len() > DIAGNOSED,
        };
        failed.diagnose(|url, with_params| {
            let params = if with_params { self.params } else { &[] };
            keys.iter().any(|key| key.fits(url, params, signature))
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

/// A signature that came without its header.
fn unheaded(signature: &str) -> Result<Signature, SignatureError> {
    let missing =
        if signature.is_empty() { SignatureError::MissingHeader } else { SignatureError::MalformedHeader };
    Signature::read(signature, Algorithm::Sha1).ok_or(missing)
}

#[cfg(test)]
mod tests;
