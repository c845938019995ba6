//! The URLs that Twilio may have signed: the URL that it called, in every spelling that its servers are known to sign.
//!
//! URLs are not parsed and serialised again. One part is replaced, and the other bytes stay unchanged. All spellings name the
//! same resource, so accepting them accepts no request that was not signed.

use std::borrow::Cow;

use http::{HeaderMap, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use super::SignedRequest;
use super::outcome::SignatureError;

/// How to find the public URL of a request, which is the one that Twilio signed.
#[derive(Clone, Default)]
pub(super) struct PublicUrl {
    pub(super) origin: Origin,
    /// Whether URLs are also tried as `wss://…`, as Twilio signs them when it opens a WebSocket.
    pub(super) websockets: bool,
}

/// The setters that every verifier has, for its field `public`.
macro_rules! public_url_setters {
    () => {
        /// Sets the URL that Twilio calls: scheme, host, port if there is one, and the prefix of the path that a proxy removes
        /// before the request arrives here.
        ///
        /// The rest of the path and the query are taken from the request. If the URL that you gave Twilio has a user and a
        /// password (`https://user:password@host`), include them.
        #[must_use]
        pub fn public_url(mut self, url: impl AsRef<str>) -> Self {
            self.public.origin = $crate::twilio::webhook::signature::url::Origin::configured(url.as_ref());
            self
        }

        /// Takes the public URL from the headers of a proxy: `Forwarded` or `X-Forwarded-Proto`, `-Host` and `-Port`, else
        /// `Host`.
        ///
        /// Use it only if every request passes through a proxy that sets these headers itself and removes those of the
        /// client. Otherwise an attacker can choose the host, so a request that was signed for another service of the same
        /// account is accepted here. [`public_url`](Self::public_url) does not depend on headers, and supports prefixes.
        #[must_use]
        pub fn trust_proxy(mut self) -> Self {
            self.public.origin = $crate::twilio::webhook::signature::url::Origin::Proxy;
            self
        }

        /// Also accepts WebSocket requests, which Twilio sends for media streams and conversation relays. Their URLs are signed
        /// as `wss://…`.
        #[must_use]
        pub fn websockets(mut self) -> Self {
            self.public.websockets = true;
            self
        }
    };
}

pub(super) use public_url_setters;

#[derive(Clone, Default)]
pub(super) enum Origin {
    /// The request itself, which must have the whole URL.
    #[default]
    Request,
    /// The configuration: everything before the path, and the prefix of the path that a proxy removes.
    Configured { origin: String, prefix: String },
    /// The headers of a trusted proxy.
    Proxy,
    /// The configured text is not a usable URL, for this reason.
    Invalid(&'static str),
}

impl Origin {
    /// Takes `https://example.com` or `https://example.com/prefix`.
    pub(super) fn configured(url: &str) -> Self {
        let url = url.trim().trim_end_matches('/');
        let Some((scheme, rest)) = url.split_once("://") else {
            return Self::Invalid("it has no scheme: write https://example.com");
        };
        let url = &format!("{}://{rest}", scheme.to_ascii_lowercase());
        let Some(parts) = Parts::of(url) else {
            return Self::Invalid("it is not a URL: write https://example.com");
        };
        if !matches!(parts.scheme, "http" | "https" | "ws" | "wss") {
            return Self::Invalid("its scheme is neither http nor https: write https://example.com");
        }
        if parts.query.is_some() || url.contains('#') {
            return Self::Invalid("it has a query or a fragment: remove it");
        }
        if Url::parse(url).is_err() {
            return Self::Invalid("it has no valid host: write https://example.com");
        }
        let prefix = parts.path.to_owned();
        let origin = url.strip_suffix(&prefix).unwrap_or(url).to_owned();
        Self::Configured { origin, prefix }
    }
}

impl PublicUrl {
    /// Returns the URLs that Twilio may have called, the likeliest first: usually one, and two for a prefix or a WebSocket.
    pub(super) fn candidates(&self, request: &SignedRequest<'_>) -> Result<Vec<String>, SignatureError> {
        let target = target(request.url);
        let mut found = match &self.origin {
            Origin::Configured { origin, prefix } => {
                let with_prefix = format!("{origin}{prefix}{target}");
                if has_prefix(target, prefix) {
                    vec![format!("{origin}{target}"), with_prefix]
                } else {
                    vec![with_prefix]
                }
            }
            Origin::Proxy => vec![forwarded(request.headers, target)?.ok_or(SignatureError::NoPublicUrl)?],
            Origin::Request if request.url.contains("://") => vec![request.url.to_owned()],
            Origin::Request => return Err(SignatureError::NoPublicUrl),
            Origin::Invalid(why) => return Err(SignatureError::WrongPublicUrl(why)),
        };
        if self.websockets && is_upgrade(request.headers) {
            let sockets = found.iter().filter_map(|url| as_socket(url)).collect::<Vec<_>>();
            found.splice(0..0, sockets);
        }
        Ok(found)
    }
}

/// Returns the path and the query, unchanged.
pub(in crate::twilio::webhook) fn target(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once("://") {
        Some((_, rest)) => rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())).1,
        None => url,
    }
}

/// Returns the query, without the question mark.
pub(super) fn query(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    url.split_once('?').map_or("", |(_, query)| query)
}

/// Does the path begin with the prefix, because the proxy did not remove it?
fn has_prefix(target: &str, prefix: &str) -> bool {
    !prefix.is_empty()
        && target.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// Returns the URL that the headers of a proxy name. If there are several proxies, the first one counts: Twilio called it.
///
/// A proxy may set `X-Forwarded-…` and forward the client's `Forwarded` unchanged, or the other way round. An attacker can set
/// the other one, so the request is refused if the two differ. A host or a scheme with characters such as `/` or `#` is
/// refused, too: with it, an attacker could choose the path whose signature is checked.
pub(super) fn forwarded(headers: &HeaderMap, target: &str) -> Result<Option<String>, SignatureError> {
    let first = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?.split(',').next()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let standard = |name: &str| {
        let element = first("forwarded")?;
        element.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
        })
    };
    let agreed = |one: Option<String>, other: Option<String>| match (one, other) {
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(&other) => Err(SignatureError::ProxiesDisagree),
        (one, other) => Ok(one.or(other)),
    };
    let scheme = agreed(standard("proto"), first("x-forwarded-proto"))?.unwrap_or_else(|| "http".to_owned());
    let scheme = scheme.to_ascii_lowercase();
    let host = agreed(standard("host"), first("x-forwarded-host"))?.or_else(|| first("host"));
    let Some(mut host) = host else { return Ok(None) };
    if let Some(port) = first("x-forwarded-port").filter(|port| !is_default_port(&scheme, port))
        && host.rsplit_once(':').is_none_or(|(_, end)| end.contains(']'))
    {
        host = format!("{host}:{port}");
    }
    if !matches!(scheme.as_str(), "http" | "https") || !is_host(&host) {
        return Err(SignatureError::OddProxyHeader);
    }
    Ok(Some(format!("{scheme}://{host}{target}")))
}

/// Does it contain only characters of a host name, an IP address and a port?
fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
}

/// Returns the URL that the `Host` header names.
pub(super) fn by_host(headers: &HeaderMap, scheme: &str, target: &str) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok().filter(|host| is_host(host))?;
    Some(format!("{scheme}://{host}{target}"))
}

fn is_default_port(scheme: &str, port: &str) -> bool {
    matches!((scheme, port), ("https", "443") | ("http", "80"))
}

/// Does the request open a WebSocket?
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn as_socket(url: &str) -> Option<String> {
    let parts = Parts::of(url)?;
    let scheme = match parts.scheme {
        "https" => "wss",
        "http" => "ws",
        _ => return None,
    };
    Some(parts.with_scheme(scheme))
}

/// Which spelling of the URL was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spelling {
    /// The URL as it arrived.
    AsIs,
    /// Without the port; or, if the URL has none, with the default port of the scheme.
    OtherPort,
    /// With quotes, spaces and non-ASCII characters percent-encoded, as browsers do: `'` becomes `%27`. Also with an empty
    /// path written as `/`, or the other way round.
    Encoded,
    /// With the query decoded and encoded again, as old clients do: `+` becomes `%20`, `@` becomes `%40`.
    Rewritten,
}

/// The longest query that is encoded again, in bytes and in pairs. Twilio's own queries are far shorter; encoding the
/// query of a forged request must not cost more than a signature.
const MAX_BYTES: usize = 4096;
const MAX_PAIRS: usize = 100;

/// The characters that a URL parser encodes in a path and in a query.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\'');

/// Calls `is_it` with each spelling once, the likeliest first, and returns the first one for which it is true.
pub(super) fn find_spelling(url: &str, mut is_it: impl FnMut(&str) -> bool) -> Option<Spelling> {
    let url = url.split('#').next().unwrap_or_default();
    if is_it(url) {
        return Some(Spelling::AsIs);
    }
    let parts = Parts::of(url)?;
    let other_port = parts.other_port();
    if is_it(&parts.with(&other_port, parts.path, parts.query)) {
        return Some(Spelling::OtherPort);
    }
    // `https://host` and `https://host/` are the same request.
    let root = match parts.path {
        "" => Some("/"),
        "/" => Some(""),
        _ => None,
    };
    let mut both_ports = |path: &str, query: Option<&str>| {
        is_it(&parts.with(parts.port, path, query)) || is_it(&parts.with(&other_port, path, query))
    };
    if let Some(root) = root
        && both_ports(root, parts.query)
    {
        return Some(Spelling::Encoded);
    }
    let path: Cow<'_, str> = utf8_percent_encode(parts.path, PATH).into();
    let query: Option<Cow<'_, str>> = parts.query.map(|query| utf8_percent_encode(query, QUERY).into());
    let is_new = path != parts.path || query.as_deref() != parts.query;
    if is_new && both_ports(&path, query.as_deref()) {
        return Some(Spelling::Encoded);
    }
    let rewritten = parts.query.and_then(rewritten)?;
    let is_new = Some(rewritten.as_str()) != parts.query && Some(rewritten.as_str()) != query.as_deref();
    (is_new && both_ports(&path, Some(&rewritten))).then_some(Spelling::Rewritten)
}

/// A URL in its parts, not decoded.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// Everything before the port, also user and password.
    pub(super) host: &'a str,
    /// With the colon; empty if the URL has no port.
    pub(super) port: &'a str,
    pub(super) path: &'a str,
    /// Without the question mark.
    pub(super) query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        // The colons of an IPv6 address are inside brackets, and a password may contain one, too.
        let colon = authority.rfind(':').filter(|at| authority.rfind([']', '@']).is_none_or(|end| end < *at));
        let (host, port) = authority.split_at(colon.unwrap_or(authority.len()));
        Some(Self { scheme, host, port, path, query })
    }

    /// Returns the default port of the scheme if the URL has no port; empty if it has one.
    fn other_port(&self) -> String {
        match (self.port, self.scheme) {
            ("", "https" | "wss") => ":443".to_owned(),
            ("", "http" | "ws") => ":80".to_owned(),
            _ => String::new(),
        }
    }

    pub(super) fn with(&self, port: &str, path: &str, query: Option<&str>) -> String {
        let (mark, query) = query.map_or(("", ""), |query| ("?", query));
        [self.scheme, "://", self.host, port, path, mark, query].concat()
    }

    /// Writes the URL with another path.
    pub(super) fn with_path(&self, path: &str) -> String {
        self.with(self.port, path, self.query)
    }

    /// Writes the URL without its query.
    pub(super) fn without_query(&self) -> String {
        self.with(self.port, self.path, None)
    }

    /// Writes the URL with another scheme.
    pub(super) fn with_scheme(&self, scheme: &'a str) -> String {
        Self { scheme, ..*self }.with(self.port, self.path, self.query)
    }
}

/// Writes a query as Node's `querystring` does: repeated keys next to each other, a `=` in every pair, `%20` for a space.
///
/// Characters that are already percent-encoded, and must be, keep the case of their hex digits.
fn rewritten(query: &str) -> Option<String> {
    if query.len() > MAX_BYTES || query.split('&').nth(MAX_PAIRS).is_some() {
        return None;
    }
    let mut keys: Vec<(&str, Vec<&str>)> = Vec::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if key.is_empty() {
            return None;
        }
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => keys.push((key, vec![value])),
        }
    }
    let pairs = keys.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    let pairs = pairs.map(|(key, value)| format!("{}={}", component(key), component(value)));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

fn component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'+' {
            out.push_str("%20");
        } else if is_unreserved(byte) {
            out.push(char::from(byte));
        } else if let Some((plain, digits, after)) = encoded(byte, after) {
            rest = after;
            if is_unreserved(plain) {
                out.push(char::from(plain));
            } else {
                out.push('%');
                out.extend(digits.map(char::from));
            }
        } else {
            out.push_str(percent_encoding::percent_encode_byte(byte));
        }
    }
    out
}

/// Reads the two hex digits after a percent sign; `None` if the text is not such a sequence.
pub(super) fn encoded(sign: u8, rest: &[u8]) -> Option<(u8, [u8; 2], &[u8])> {
    let (digits, after) = rest.split_first_chunk::<2>().filter(|_| sign == b'%')?;
    let [high, low] = digits.map(|byte| char::from(byte).to_digit(16));
    Some((u8::try_from(high? * 16 + low?).ok()?, *digits, after))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(url: &str) -> Vec<(String, Spelling)> {
        let mut found = Vec::new();
        let mut wanted = 0;
        loop {
            let mut seen = 0;
            let mut text = String::new();
            let spelling = find_spelling(url, |spelled| {
                text = spelled.to_owned();
                seen += 1;
                seen > wanted
            });
            match spelling {
                Some(spelling) => found.push((text, spelling)),
                None => return found,
            }
            wanted += 1;
        }
    }

    fn check(url: &str, expected: &[&str]) {
        assert_eq!(all(url).into_iter().map(|(text, _)| text).collect::<Vec<_>>(), expected, "{url}");
    }

    #[test]
    fn ports() {
        check("https://a.b/x#rc=2", &["https://a.b/x", "https://a.b:443/x"]);
        check("http://a.b?x=", &["http://a.b?x=", "http://a.b:80?x=", "http://a.b/?x=", "http://a.b:80/?x="]);
        check("https://a.b:443/x", &["https://a.b:443/x", "https://a.b/x"]);
        check("https://a.b:8443/x", &["https://a.b:8443/x", "https://a.b/x"]);
        check("wss://u:p@a.b/x", &["wss://u:p@a.b/x", "wss://u:p@a.b:443/x"]);
        check("http://[::1]/x", &["http://[::1]/x", "http://[::1]:80/x"]);
        check("http://[::1]:9/x", &["http://[::1]:9/x", "http://[::1]/x"]);
        check("nonsense", &["nonsense"]);
    }

    #[test]
    fn no_other_spelling_is_tried_if_the_url_matches_unchanged() {
        let mut tried = 0;
        let spelling = find_spelling("https://a.b/x?Body=It's+a", |_| {
            tried += 1;
            true
        });
        assert_eq!((spelling, tried), (Some(Spelling::AsIs), 1));
    }

    #[test]
    fn queries() {
        let found = all("https://a.b/x?Body=It's+a%2Fb&to=@c&Body=%41%3a");
        let (texts, spellings): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        assert_eq!(texts[2], "https://a.b/x?Body=It%27s+a%2Fb&to=@c&Body=%41%3a");
        assert_eq!(texts[4], "https://a.b/x?Body=It's%20a%2Fb&Body=A%3a&to=%40c");
        assert_eq!(texts.len(), 6);
        assert_eq!((spellings[2], spellings[5]), (Spelling::Encoded, Spelling::Rewritten));
        check("https://a.b/x?&a", &["https://a.b/x?&a", "https://a.b:443/x?&a"]);
        assert_eq!(component("%%41%zz%"), "%25A%25zz%25");
    }

    #[test]
    fn a_long_query_is_not_encoded_again() {
        let many: Vec<String> = (0..20_000).map(|n| format!("k{n}=1")).collect();
        let url = format!("https://a.b/{}?{}", "p".repeat(50_000), many.join("&"));
        assert_eq!(all(&url).len(), 2);
    }
}
