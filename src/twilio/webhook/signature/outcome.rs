//! The result of a verification: a verified payload, or the reason why the request is refused.

use std::fmt;
use std::ops::Deref;

use thiserror::Error;

use super::SignedRequest;
use super::shown::shown;
use super::url::{Parts, Spelling, by_host, forwarded, is_upgrade, target};

/// A payload whose signature was checked.
///
/// Only a [`Verifier`](super::Verifier) creates one, so a handler that takes `Verified<T>` cannot receive a forged request.
/// In a test of such a handler, sign a request with [`Verifier::sign_form`](super::Verifier::sign_form).
#[derive(Clone, PartialEq)]
pub struct Verified<T> {
    value: T,
    matched: Matched,
    url: Box<str>,
}

/// Does not show the URL, which may contain numbers and names.
impl<T: fmt::Debug> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("value", &self.value)
            .field("matched", &self.matched)
            .finish_non_exhaustive()
    }
}

/// The token and the spelling of the URL with which a signature is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Matched {
    /// The position of the token in the verifier, from 0. During a rotation, 0 means that Twilio still signs with the old
    /// token.
    pub token: usize,
    /// The spelling of the URL.
    pub spelling: Spelling,
}

impl<T> Verified<T> {
    pub(super) fn new(value: T, matched: Matched, url: String) -> Self {
        Self { value, matched, url: url.into() }
    }

    /// Treats a payload as verified without a check. **Anybody on the internet may have written it.**
    ///
    /// Use it only if the payload was already verified: by a gateway, or before your own router wrote it into a queue.
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

    /// Returns the URL that was signed, in the spelling that Twilio signed; [`Messenger::evidence`] needs it. It is empty
    /// after [`dangerously_without_verification`](Self::dangerously_without_verification).
    ///
    /// [`Messenger::evidence`]: crate::provider::Messenger::evidence
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Converts the payload. The result is verified, too.
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

/// Why a request is refused, and what to change if it did come from Twilio.
///
/// It contains no token, no valid signature and no value of the request. It is for your own log: answer the sender with 403
/// and no details.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is no auth token to verify with.
    #[error(
        "there is no auth token to verify with: set the primary auth token of the account (an API key cannot verify)"
    )]
    NoToken,
    /// The [`TokenSource`](crate::twilio::webhook::TokenSource) has no token of the account that the request names.
    #[error(
        "there is no auth token for the account that the request names: add it to the token source if the account is yours"
    )]
    UnknownAccount,
    /// The [`TokenSource`](crate::twilio::webhook::TokenSource) failed, so the request could not be checked. Answer with 503.
    #[error("the auth tokens of the account cannot be read: {0}")]
    TokensUnavailable(String),
    /// The request names two accounts.
    #[error("the request names more than one account")]
    AmbiguousAccount,
    /// The header `X-Twilio-Signature` is missing.
    #[error(
        "the header X-Twilio-Signature is missing: the request is not from Twilio, or a proxy removed the header"
    )]
    MissingHeader,
    /// There is more than one header `X-Twilio-Signature`.
    #[error(
        "there is more than one header X-Twilio-Signature: the request is not from Twilio, or a proxy added one"
    )]
    RepeatedHeader,
    /// The header is not the base64 of a signature: 28 characters, or 44 with HMAC-SHA256.
    #[error(
        "the header X-Twilio-Signature is not base64 of the right length (28 characters; 44 with HMAC-SHA256): the request is not from Twilio, or a proxy changed the header"
    )]
    MalformedHeader,
    /// The request names a signature algorithm that is not supported.
    #[error(
        "the header X-Twilio-Webhooks-Signature-Settings names an algorithm other than HMAC_SHA1 and HMAC_SHA256, the supported ones"
    )]
    UnknownAlgorithm,
    /// The URL that Twilio called is not known.
    #[error(
        "the public URL of this service is not known: set it with Verifier::public_url(\"https://example.com\")"
    )]
    NoPublicUrl,
    /// The configured public URL is not usable.
    #[error("the configured public URL is not usable: {0}")]
    WrongPublicUrl(&'static str),
    /// `Forwarded` and `X-Forwarded-…` name different URLs.
    #[error(
        "the headers Forwarded and X-Forwarded-… name different URLs, so the sender wrote one of them: configure the proxy to remove it, or set Verifier::public_url"
    )]
    ProxiesDisagree,
    /// The headers of the proxy name an invalid host or scheme.
    #[error(
        "the headers Forwarded, X-Forwarded-… or Host name an invalid host, or a scheme other than http and https: correct the proxy, or set Verifier::public_url"
    )]
    OddProxyHeader,
    /// The request is a GET with a body, which the signature does not cover.
    #[error(
        "the request is a GET with a body, which the signature does not cover: Twilio sends none, so something added it"
    )]
    BodyOfGet,
    /// The body is not a form, and the URL has no hash of it.
    #[error(
        "the body is not a form and the URL has no bodySHA256, so the signature does not cover the body (if it is a form, its content type must be application/x-www-form-urlencoded)"
    )]
    NoBodyHash,
    /// The URL has a `bodySHA256`, but not as Twilio writes it.
    #[error(
        "the bodySHA256 in the URL was not written by Twilio: it is not the last parameter, occurs twice, or is not 64 hex digits"
    )]
    MisplacedBodyHash,
    /// The hash in the URL is that of another body.
    #[error(
        "the body is not the one that was signed: it was changed on the way, or parsed and serialised again; pass the bytes that arrived"
    )]
    WrongBody,
    /// The signature is valid, but the URL contains parameters of a form: an attacker moved them there.
    #[error(
        "the URL contains an AccountSid and its value without a \"=\": an attacker moved the parameters of another delivery into the URL"
    )]
    ParametersInUrl,
    /// The signature is not that of this request.
    #[error("{0}")]
    Mismatch(Box<Diagnosis>),
}

impl SignatureError {
    /// Returns which URLs were tried, if the error is [`Mismatch`](Self::Mismatch).
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
/// URLs are shown without user, password and the values of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    tried: Vec<String>,
    tokens: usize,
    advice: String,
}

impl Diagnosis {
    /// Returns the URLs that were tried. Each was also tried with or without the port, and with its query encoded in the ways
    /// that Twilio's servers are known to use.
    #[must_use]
    pub fn tried(&self) -> &[String] {
        &self.tried
    }

    /// Returns the number of tokens that were tried for each URL.
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
            "the signature does not match (tried {} with {} token{plural}): {}",
            self.tried.join(", "),
            self.tokens,
            self.advice
        )
    }
}

/// A request whose signature did not match.
pub(super) struct Failed<'a> {
    pub(super) candidates: &'a [String],
    pub(super) request: Option<&'a SignedRequest<'a>>,
    pub(super) tokens: usize,
    pub(super) has_odd_token: bool,
    pub(super) has_params: bool,
    /// Whether it is too large for a diagnosis, which computes several signatures.
    pub(super) is_large: bool,
}

impl Failed<'_> {
    /// Looks for a URL for which the signature is valid. `matches` checks one, with the parameters or without.
    pub(super) fn diagnose(&self, matches: impl FnMut(&str, bool) -> bool) -> Diagnosis {
        let tried = self.candidates.iter().map(|url| shown(url)).collect();
        let advice = if self.is_large {
            format!("the request is too large to search for the cause; {}", self.common_mistakes())
        } else {
            self.find_cause(matches).unwrap_or_else(|| self.common_mistakes())
        };
        Diagnosis { tried, tokens: self.tokens, advice }
    }

    fn find_cause(&self, mut matches: impl FnMut(&str, bool) -> bool) -> Option<String> {
        if let Some((url, why)) = self.similar_urls().into_iter().find(|(url, _)| matches(url, true)) {
            return Some(format!("it is the signature of {}; {why}", shown(&url)));
        }
        let without_params = self.has_params && self.candidates.iter().any(|url| matches(url, false));
        without_params.then(|| {
            "it is the signature of this URL without parameters: they were added on the way, or Twilio sent a GET or a body with a hash"
                .to_owned()
        })
    }

    /// The URLs that are often confused with the signed one, each with what to change.
    fn similar_urls(&self) -> Vec<(String, &'static str)> {
        let mut others = Vec::new();
        for url in self.candidates {
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
            others.push((
                parts.with_path(&path),
                "a proxy or a router added or removed the slash at the end of the path",
            ));
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

    /// The most frequent mistakes, for a request whose cause was not found.
    fn common_mistakes(&self) -> String {
        let mut advice = vec![
            "compare the URL with the one in Twilio's Console, also the prefix of the path and the query",
        ];
        if self.has_odd_token {
            advice.push(
                "check the token: an auth token is 32 hexadecimal digits, and the secret of an API key cannot verify",
            );
        } else {
            advice.push("check that the token is the auth token of the account that sent the request");
        }
        let has = |names: &[&str]| {
            self.request.is_some_and(|request| names.iter().any(|name| request.headers.contains_key(*name)))
        };
        if has(&["forwarded", "x-forwarded-proto", "x-forwarded-host"]) {
            advice.push("a proxy is in front: set the URL that Twilio calls with Verifier::public_url");
        }
        if has(&["authorization"]) {
            advice.push(
                "the request has a password: if Twilio calls https://user:password@host, set that with Verifier::public_url",
            );
        }
        if self.request.is_some_and(|request| is_upgrade(request.headers)) {
            advice.push(
                "the request opens a WebSocket, whose URL is signed as wss://…: allow it with Verifier::websockets",
            );
        }
        if !self.has_params {
            advice.push("there are no parameters: if Twilio sent a form, something consumed the body before");
        }
        advice.join("; ")
    }
}

const PUBLIC_URL: &str = "set the URL that Twilio calls with Verifier::public_url";
