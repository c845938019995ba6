//! What tells one delivery from another: short texts, with nothing personal in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use crate::twilio::webhook::signature::{HEADER, Signed, target};
use crate::twilio::webhook::{Event, Params, SignedRequest, WebhookEvent as _};

const TOKEN: &str = "i-twilio-idempotency-token";

/// What [`Claims`](crate::twilio::webhook::Claims) know a delivery by.
pub(super) struct Identity {
    /// Its signature, and what that was made for: method, URL and parameters or body.
    pub(super) signature: String,
    pub(super) content: String,
    /// The delivery, where its kind is handled once.
    pub(super) delivery: Option<String>,
}

impl Identity {
    pub(super) fn of(request: &SignedRequest<'_>, signed: &Signed, event: &Event) -> Self {
        let signature = request.headers.get(HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
        Self {
            signature: hash([signature]),
            content: content(request, signed),
            delivery: delivery(signed, event, request.headers),
        }
    }
}

/// All that a handler may act on. The order of different names is nothing that it acts on.
fn content(request: &SignedRequest<'_>, signed: &Signed) -> String {
    let mut pairs: Vec<(&str, &str)> =
        if signed.is_form { signed.params.iter().collect() } else { Vec::new() };
    pairs.sort_by_key(|(name, _)| *name);
    let body = if signed.is_form { &[] } else { request.body };
    let kind = if signed.is_form { "form" } else { "body" };
    let head = [request.method.as_str(), signed.url.as_str(), kind].map(str::as_bytes);
    let pairs = pairs.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    hash(head.into_iter().chain(pairs).chain([body]))
}

/// The header is not signed, so what was signed comes first: a report is known by its SID and status, a message by its
/// SID and whether the first URL failed. The account keeps tenants apart, whatever SIDs they name; the path and the query
/// that were signed keep the steps of a conversation apart.
fn delivery(signed: &Signed, event: &Event, headers: &HeaderMap) -> Option<String> {
    let params: &Params = &signed.params;
    let (kind, own) = if let Some(report) = event.dedupe_key() {
        ("report", report)
    } else if let Some(sid) = event.message().and_then(|message| message.sid.clone()) {
        (if params.get("ErrorUrl").is_some() { "fallback" } else { "message" }, sid)
    } else {
        let token = headers.get(TOKEN)?.to_str().ok().filter(|token| !token.is_empty())?;
        ("token", token.to_owned())
    };
    // `https://host` and `https://host/` are one request.
    let target = target(&signed.url).trim_start_matches('/');
    let account = params.get("AccountSid").unwrap_or_default();
    Some(hash([target, account, kind, &own].map(str::as_bytes)))
}

/// Hashes texts, each with its length, so that no text can pass for the end of another.
fn hash<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    STANDARD.encode(hash.finalize())
}
