//! Where Twilio thought it was calling: the public URL of a request that arrived here by another name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use url::Url;

use super::SignedRequest;
use super::error::SignatureError;
use super::variant::Parts;

/// How the public URL of this service is known.
#[derive(Clone, Default)]
pub(super) enum Public {
    /// From the request itself, which then must have the whole URL.
    #[default]
    Request,
    /// It was configured: everything before the path, and what a proxy takes off the path.
    Base { origin: String, prefix: String },
    /// A proxy that is trusted says so in its headers.
    Proxy,
    /// What was configured is no base URL.
    Wrong(&'static str),
}

impl Public {
    /// Takes `https://example.com` or `https://example.com/prefix`.
    pub(super) fn base(url: &str) -> Self {
        let url = url.trim().trim_end_matches('/');
        let Some((scheme, rest)) = url.split_once("://") else {
            return Self::Wrong("it has no scheme: write https://example.com");
        };
        let url = &format!("{}://{rest}", scheme.to_ascii_lowercase());
        let Some(parts) = Parts::of(url) else { return Self::Wrong("it is no URL") };
        if !matches!(parts.scheme, "http" | "https" | "ws" | "wss") {
            return Self::Wrong("its scheme is neither http nor https");
        }
        if parts.query.is_some() || url.contains('#') {
            return Self::Wrong("it has a query or a fragment");
        }
        if Url::parse(url).is_err() {
            return Self::Wrong("it has no host that could be called");
        }
        let prefix = parts.path.to_owned();
        let origin = url.strip_suffix(&prefix).unwrap_or(url).to_owned();
        Self::Base { origin, prefix }
    }

    /// Lists the URLs that Twilio may have called, the likeliest first.
    pub(super) fn locations(&self, request: &SignedRequest<'_>) -> Result<Vec<String>, SignatureError> {
        let target = target(request.url);
        let mut found = match self {
            Self::Base { origin, prefix } => {
                let outer = format!("{origin}{prefix}{target}");
                if is_below(target, prefix) { vec![format!("{origin}{target}"), outer] } else { vec![outer] }
            }
            Self::Proxy => vec![forwarded(request.headers, target)?.ok_or(SignatureError::NoPublicUrl)?],
            Self::Request if request.url.contains("://") => vec![request.url.to_owned()],
            Self::Request => return Err(SignatureError::NoPublicUrl),
            Self::Wrong(why) => return Err(SignatureError::WrongPublicUrl(why)),
        };
        if let Some(user) = user(request.headers) {
            let named = found.iter().filter_map(|url| with_user(url, &user)).collect::<Vec<_>>();
            found.extend(named);
        }
        if is_upgrade(request.headers) {
            let sockets = found.iter().filter_map(|url| as_socket(url)).collect::<Vec<_>>();
            found.splice(0..0, sockets);
        }
        let mut seen = Vec::new();
        found.retain(|url| {
            !seen.contains(url) && {
                seen.push(url.clone());
                true
            }
        });
        Ok(found)
    }
}

/// The path and the query, byte for byte.
fn target(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once("://") {
        Some((_, rest)) => rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())).1,
        None => url,
    }
}

/// Does the path begin with the prefix already, because the proxy left it there?
fn is_below(target: &str, prefix: &str) -> bool {
    !prefix.is_empty()
        && target.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// The URL that the headers of a proxy tell of. Of several proxies the first one counts: the one that Twilio called.
///
/// A proxy sets one family of headers and lets the other pass, which a stranger then fills: where they differ, neither
/// counts.
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
    let host = agreed(standard("host"), first("x-forwarded-host"))?.or_else(|| first("host"));
    let Some(mut host) = host else { return Ok(None) };
    if let Some(port) = first("x-forwarded-port").filter(|port| !is_usual(&scheme, port))
        && host.rsplit_once(':').is_none_or(|(_, end)| end.contains(']'))
    {
        host = format!("{host}:{port}");
    }
    Ok(Some(format!("{}://{host}{target}", scheme.to_ascii_lowercase())))
}

/// The URL that the `Host` header tells of.
pub(super) fn by_host(headers: &HeaderMap, scheme: &str, target: &str) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Some(format!("{scheme}://{host}{target}"))
}

/// Does any header come from a proxy?
pub(super) fn has_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-proto", "x-forwarded-host"].iter().any(|name| headers.contains_key(*name))
}

fn is_usual(scheme: &str, port: &str) -> bool {
    matches!((scheme, port), ("https" | "wss", "443") | ("http" | "ws", "80"))
}

/// `user:password` of Basic authentication: Twilio takes it out of the URL, but signs the URL that has it.
fn user(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, pair) = value.split_once(' ')?;
    let pair = STANDARD.decode(pair.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    String::from_utf8(pair).ok().filter(|pair| !pair.contains(['/', '?', '#', '@']))
}

fn with_user(url: &str, user: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = Parts::of(url)?.host;
    (!host.contains('@')).then(|| format!("{scheme}://{user}@{rest}"))
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn as_socket(url: &str) -> Option<String> {
    let scheme = match Parts::of(url)?.scheme {
        "https" => "wss",
        "http" => "ws",
        _ => return None,
    };
    Parts::of(url).map(|parts| parts.with_scheme(scheme))
}

/// The path and query of a request, for the diagnosis.
pub(super) fn target_of(request: &SignedRequest<'_>) -> String {
    target(request.url).to_owned()
}
