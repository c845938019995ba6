//! What a verification ends with: a payload that was verified, or the reason why not.

use std::fmt;
use std::ops::Deref;

use thiserror::Error;

use super::SignedRequest;
use super::shown::shown;
use super::url::{Parts, Spelling, by_host, forwarded, is_upgrade, target};

/// A payload whose signature was checked.
///
/// Only a [`Verifier`](super::Verifier) makes one, so a handler that takes `Verified<T>` cannot be given what a stranger
/// sent. In a test of such a handler, sign a request with [`Verifier::sign_form`](super::Verifier::sign_form).
#[derive(Clone, PartialEq)]
pub struct Verified<T> {
    value: T,
    matched: Matched,
    url: Box<str>,
}

/// Without the URL, which may hold numbers and names.
impl<T: fmt::Debug> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("value", &self.value)
            .field("matched", &self.matched)
            .finish_non_exhaustive()
    }
}

/// The token and the URL with which a signature was valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Matched {
    /// Which token, counted from 0: with a second token in place, 0 says that the rotation is not done yet.
    pub token: usize,
    /// Which spelling of the URL.
    pub spelling: Spelling,
}

impl<T> Verified<T> {
    pub(super) fn new(value: T, matched: Matched, url: String) -> Self {
        Self { value, matched, url: url.into() }
    }

    /// Treats a payload as verified without a check. **Anybody on the internet may have written it.**
    ///
    /// For a payload that something else has verified already: a gateway, or a queue that only your own router fills.
    pub fn dangerously_without_verification(value: T) -> Self {
        Self { value, matched: Matched { token: 0, spelling: Spelling::AsIs }, url: "".into() }
    }

    /// Returns the payload alone, without the proof that it was verified.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns which token and which spelling of the URL it was signed with.
    #[must_use]
    pub fn matched(&self) -> Matched {
        self.matched
    }

    /// Returns the URL that was signed, in Twilio's own spelling: what [`Messenger::evidence`] is asked with. Empty for what
    /// something else has verified.
    ///
    /// [`Messenger::evidence`]: crate::provider::Messenger::evidence
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Converts the payload; the result counts as verified, too.
    pub(super) fn map<U>(self, read: impl FnOnce(T) -> U) -> Verified<U> {
        Verified { value: read(self.value), matched: self.matched, url: self.url }
    }

    /// Converts the payload with a function that may fail.
    #[cfg(feature = "axum")]
    pub(in crate::twilio::webhook) fn try_read<U, E>(
        &self,
        read: impl FnOnce(&T) -> Result<U, E>,
    ) -> Result<Verified<U>, E> {
        Ok(Verified { value: read(&self.value)?, matched: self.matched, url: self.url.clone() })
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Why a request is not taken for Twilio's, and what to change if it is.
///
/// It holds neither a token, nor a signature that would have been right, nor a value of the request. It is for your own
/// log: a stranger gets 403 and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is no auth token to verify with.
    #[error(
        "there is no auth token to verify with: give the primary auth token of the account (an API key cannot verify)"
    )]
    NoToken,
    /// The account that the request claims to come from is not one of yours, or has no token.
    #[error("no auth token is known for the account that the request claims to come from")]
    UnknownAccount,
    /// The auth tokens of the account cannot be read just now: the [`TokenSource`](crate::twilio::webhook::TokenSource)
    /// failed. That says nothing about the request; answer 503.
    #[error("the auth tokens of the account cannot be read: {0}")]
    TokensUnavailable(String),
    /// The request names two accounts.
    #[error("the request names more than one account")]
    AmbiguousAccount,
    /// There is no `X-Twilio-Signature`.
    #[error("there is no X-Twilio-Signature: this is not from Twilio, or a proxy took the header off")]
    MissingHeader,
    /// There is more than one `X-Twilio-Signature`.
    #[error("there is more than one X-Twilio-Signature")]
    RepeatedHeader,
    /// The header is not the base64 of a signature: 28 characters, or 44 with HMAC-SHA256.
    #[error("the X-Twilio-Signature is not base64 of the right length (28 characters; 44 with HMAC-SHA256)")]
    MalformedHeader,
    /// The request says that it was signed in a way that is not known here.
    #[error(
        "the X-Twilio-Webhooks-Signature-Settings name an algorithm other than HMAC_SHA1 and HMAC_SHA256"
    )]
    UnknownAlgorithm,
    /// The URL that Twilio called is not known.
    #[error(
        "the public URL of this service is not known: set it with Verifier::public_url(\"https://example.com\")"
    )]
    NoPublicUrl,
    /// What was given as the public URL cannot be one.
    #[error("the public URL that was configured cannot be used: {0}")]
    WrongPublicUrl(&'static str),
    /// `Forwarded` and `X-Forwarded-…` name different URLs.
    #[error(
        "the headers Forwarded and X-Forwarded-… name different URLs: one of them comes from a stranger; let the proxy remove it, or set Verifier::public_url"
    )]
    ProxiesDisagree,
    /// The headers of the proxy name a host or a scheme that cannot be one.
    #[error(
        "the headers Forwarded, X-Forwarded-… or Host name a host with characters that no host has, or a scheme other than http and https"
    )]
    OddProxyHeader,
    /// A GET has a body, which no signature covers.
    #[error("this is a GET with a body, which the signature does not cover; Twilio's have none")]
    BodyOfGet,
    /// The body is not a form, and the URL has no hash of it.
    #[error(
        "the body is not a form and the URL has no bodySHA256, so nothing ties the body to the signature (a form must come as application/x-www-form-urlencoded)"
    )]
    NoBodyHash,
    /// The URL has a `bodySHA256`, but not as Twilio writes it.
    #[error(
        "the bodySHA256 of the URL is not Twilio's: it is not the last parameter, is there twice, or is not 64 hex digits"
    )]
    MisplacedBodyHash,
    /// The URL says that it belongs to another body.
    #[error(
        "the body is not the one that was signed: it was changed on its way, or read and written anew before it got here"
    )]
    WrongBody,
    /// The signature fits, but the URL holds what Twilio signed as parameters: somebody moved them there.
    #[error(
        "the URL holds an AccountSid with its value but without a \"=\": these are parameters of another delivery, which somebody moved into the URL"
    )]
    ParametersInUrl,
    /// The signature is not the one of this request.
    #[error("{0}")]
    Mismatch(Box<Diagnosis>),
}

impl SignatureError {
    /// Returns what was tried, where a signature was there and did not fit.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Mismatch(diagnosis) => Some(diagnosis),
            _ => None,
        }
    }
}

/// The URLs that were tried before a signature was refused, and what to change.
///
/// URLs are shown without user, password and the values of their query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    tried: Vec<String>,
    tokens: usize,
    advice: String,
}

impl Diagnosis {
    /// Returns the URLs that were tried, each in every spelling: with and without the port, and with its query
    /// encoded in the ways that Twilio's servers are known to.
    #[must_use]
    pub fn tried(&self) -> &[String] {
        &self.tried
    }

    /// Returns with how many tokens each was tried.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// Returns what to change.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.advice
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.tokens == 1 { "" } else { "s" };
        write!(
            f,
            "the signature does not fit (tried {} with {} token{plural}): {}",
            self.tried.join(", "),
            self.tokens,
            self.advice
        )
    }
}

/// What is known of a request that did not fit.
pub(super) struct Failed<'a> {
    pub(super) locations: &'a [String],
    pub(super) request: Option<&'a SignedRequest<'a>>,
    pub(super) tokens: usize,
    pub(super) has_odd_token: bool,
    pub(super) has_params: bool,
    /// A diagnosis computes several signatures, so large requests, which an attacker could send, are not diagnosed.
    pub(super) is_large: bool,
}

impl Failed<'_> {
    /// Looks for a URL that would have been valid. `fits` checks one, with the parameters or without.
    pub(super) fn diagnose(&self, fits: impl FnMut(&str, bool) -> bool) -> Diagnosis {
        let tried = self.locations.iter().map(|url| shown(url)).collect();
        let advice = if self.is_large {
            format!("it is too large to look for the reason; {}", self.guess())
        } else {
            self.found(fits).unwrap_or_else(|| self.guess())
        };
        Diagnosis { tried, tokens: self.tokens, advice }
    }

    fn found(&self, mut fits: impl FnMut(&str, bool) -> bool) -> Option<String> {
        if let Some((url, why)) = self.others().into_iter().find(|(url, _)| fits(url, true)) {
            return Some(format!("it was made for {}; {why}", shown(&url)));
        }
        let without_params = self.has_params && self.locations.iter().any(|url| fits(url, false));
        without_params.then(|| {
            "it was made for this URL without parameters: they were added on the way, or this was a GET or a body with a hash"
                .to_owned()
        })
    }

    /// The URLs that people confuse with the right one, each with what to do about it.
    fn others(&self) -> Vec<(String, &'static str)> {
        let mut others = Vec::new();
        for url in self.locations {
            let Some(parts) = Parts::of(url) else { continue };
            let scheme = match parts.scheme {
                "https" => "http",
                "http" => "https",
                "wss" => "ws",
                _ => "wss",
            };
            others.push((parts.with_scheme(scheme), PUBLIC_URL));
            let path = match parts.path.strip_suffix('/') {
                Some(path) => path.to_owned(),
                None => format!("{}/", parts.path),
            };
            others.push((parts.with_path(&path), "something added or took a slash at the end of the path"));
            if parts.query.is_some() {
                others.push((parts.without_query(), "the query was added on the way"));
            }
        }
        if let Some(request) = self.request {
            let target = target(request.url);
            others.extend(
                forwarded(request.headers, target).into_iter().flatten().map(|url| (url, PUBLIC_URL)),
            );
            let by_host = ["https", "http"].into_iter().filter_map(|s| by_host(request.headers, s, target));
            others.extend(by_host.map(|url| (url, PUBLIC_URL)));
        }
        others
    }

    /// The most frequent mistakes, where no other URL was valid either.
    fn guess(&self) -> String {
        let mut advice =
            vec!["compare the URL with the one in Twilio's Console, prefix of the path and query included"];
        if self.has_odd_token {
            advice.push(
                "check the token: an auth token is 32 hexadecimal digits, and the secret of an API key cannot verify",
            );
        } else {
            advice.push("check that the token is the auth token of the account that called");
        }
        let has = |names: &[&str]| {
            self.request.is_some_and(|request| names.iter().any(|name| request.headers.contains_key(*name)))
        };
        if has(&["forwarded", "x-forwarded-proto", "x-forwarded-host"]) {
            advice.push("a proxy is in front: set the URL that Twilio calls with Verifier::public_url");
        }
        if has(&["authorization"]) {
            advice.push(
                "there is a password: where Twilio calls https://user:password@host, write that into Verifier::public_url",
            );
        }
        if self.request.is_some_and(|request| is_upgrade(request.headers)) {
            advice.push(
                "this is a WebSocket, whose URL is signed as wss://…: allow it with Verifier::websockets",
            );
        }
        if !self.has_params {
            advice.push("there are no parameters: if Twilio sent a form, something read the body before");
        }
        advice.join("; ")
    }
}

const PUBLIC_URL: &str = "set the URL that Twilio calls with Verifier::public_url";
