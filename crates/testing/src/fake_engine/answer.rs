//! What comes out of a `FakeEngine`: replies and status callbacks.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use url::form_urlencoded;

use crate::engine::{Callback, FakeReply};

/// The answer of a [`FakeEngine`](super::FakeEngine) to a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EngineReply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, with the `Date` of the engine's clock.
    pub headers: HeaderMap,
    /// The body: JSON, unless a fault replaced it.
    pub body: Bytes,
    /// How long a server would wait before it answers.
    pub delay: Duration,
}

impl EngineReply {
    /// Reads the body as JSON; `null` where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl From<FakeReply> for EngineReply {
    fn from(reply: FakeReply) -> Self {
        let FakeReply { status, headers, body, delay } = reply;
        Self { status: status.as_u16(), headers, body: body.into_bytes(), delay }
    }
}

/// A [`Fault`](crate::Fault) closed the connection without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionClosed;

impl fmt::Display for ConnectionClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed without an answer")
    }
}

impl std::error::Error for ConnectionClosed {}

/// A status callback as Twilio would send it, signed with the auth token of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusCallback {
    /// The account of the resource.
    pub account_sid: String,
    /// The resource that changed.
    pub sid: String,
    /// Its new status: `delivered`, `completed`.
    pub event: String,
    /// The URL as it is requested and signed: without a fragment, and with the parameters where the method is GET.
    pub url: String,
    /// The fragment of the URL, which sets connection overrides.
    pub fragment: String,
    /// The form of a POST, encoded; `None` for a GET.
    pub form: Option<String>,
    /// The header `X-Twilio-Signature`.
    pub signature: String,
    /// The header `I-Twilio-Idempotency-Token`: the same for every attempt.
    pub idempotency_token: String,
}

impl StatusCallback {
    /// Decodes the form of a POST; empty for a GET, whose parameters are in the URL.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.form.as_deref().unwrap_or_default().as_bytes()).into_owned().collect()
    }
}

impl From<Callback> for StatusCallback {
    fn from(callback: Callback) -> Self {
        let Callback { account, sid, event, fragment, url, form, signature, token, endpoint: _ } = callback;
        Self { account_sid: account, sid, event, url, fragment, form, signature, idempotency_token: token }
    }
}
