//! What was tried before a signature was refused, and what would have made it fit.

use std::fmt;

use super::SignedRequest;
use super::location::{by_host, forwarded, has_forwarded, target_of};
use super::variant::Parts;

/// What was tried before a signature was refused, and what to change.
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
}

impl Failed<'_> {
    /// Looks for what would have fitted. `fits` says whether a URL does, with the parameters or without.
    pub(super) fn diagnose(&self, mut fits: impl FnMut(&str, bool) -> bool) -> Diagnosis {
        let tried = self.locations.iter().map(|url| shown(url)).collect();
        let other = self.others().into_iter().find(|(url, _)| fits(url, true));
        let advice = match other {
            Some((url, why)) => format!("it was made for {}; {why}", shown(&url)),
            None if self.has_params && self.locations.iter().any(|url| fits(url, false)) => {
                "it was made for this URL without parameters: they were added on the way, or this was a GET or a body with a hash"
                    .to_owned()
            }
            None => self.guess(),
        };
        Diagnosis { tried, tokens: self.tokens, advice }
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
            let target = target_of(request);
            others.extend(
                forwarded(request.headers, &target).into_iter().flatten().map(|url| (url, PUBLIC_URL)),
            );
            let by_host = ["https", "http"].into_iter().filter_map(|s| by_host(request.headers, s, &target));
            others.extend(by_host.map(|url| (url, PUBLIC_URL)));
        }
        others
    }

    /// What is wrong most often, where nothing that was tried fits.
    fn guess(&self) -> String {
        let is_forwarded = self.request.is_some_and(|request| has_forwarded(request.headers));
        let mut advice =
            vec!["compare the URL with the one in Twilio's Console, prefix of the path and query included"];
        if self.has_odd_token {
            advice.push(
                "check the token: an auth token is 32 hexadecimal digits, and the secret of an API key cannot verify",
            );
        } else {
            advice.push("check that the token is the auth token of the account that called");
        }
        if is_forwarded {
            advice.push("a proxy is in front: set the URL that Twilio calls with Verifier::public_url");
        }
        if !self.has_params {
            advice.push("there are no parameters: if Twilio sent a form, something read the body before");
        }
        advice.join("; ")
    }
}

const PUBLIC_URL: &str = "set the URL that Twilio calls with Verifier::public_url";

fn shown(url: &str) -> String {
    Parts::of(url).map_or_else(|| "a text that is no URL".to_owned(), |parts| parts.shown())
}
