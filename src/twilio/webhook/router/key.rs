//! What tells one delivery from another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use crate::twilio::webhook::{Event, Params, Verified, WebhookEvent as _};

const TOKEN: &str = "i-twilio-idempotency-token";

/// What tells this delivery from another one, as a short text without anything personal in it.
///
/// The header is not signed, so what was signed comes first: a report is known by its SID and status, a message by its
/// SID and whether the first URL failed. The account keeps tenants apart, whatever SIDs they name; the query keeps the
/// steps of a conversation apart.
pub(super) fn key(target: &str, params: &Verified<Params>, headers: &HeaderMap) -> Option<String> {
    let event = Event::from_params(params);
    let (kind, own) = if let Some(report) = event.dedupe_key() {
        ("report", report)
    } else if let Some(sid) = event.message().and_then(|message| message.sid.clone()) {
        (if params.get("ErrorUrl").is_some() { "fallback" } else { "message" }, sid)
    } else {
        let token = headers.get(TOKEN)?.to_str().ok().filter(|token| !token.is_empty())?;
        ("token", token.to_owned())
    };
    let account = params.get("AccountSid").unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [target, account, kind, &own] {
        // With its length, so that no part can pass for the end of another.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    Some(STANDARD.encode(hash.finalize()))
}
