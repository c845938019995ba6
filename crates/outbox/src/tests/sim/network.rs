//! The simulated network and provider, which process a request after it was sent.

use fastrand::Rng;
use switchboard::provider::{
    Accepted, DeliveryStatus, Earlier, Fact, Outcome, Outgoing, Reason, RequestClass, Seen, SendId, Verdict,
    verdict,
};
use switchboard::{ErrorCode, ProviderError};
use switchboard_testing::{EngineReply, FakeEngine, StatusCallback};

use crate::enqueue::Payload;
use crate::rows::Marked;
use crate::rows::check::{Proof, Reported};
use crate::rows::delivered::Facts;
use crate::timing::Micros;

/// A request on its way to the provider.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) body: String,
    /// The URL for its callbacks, which names the attempt.
    pub(super) callback: String,
}

impl Request {
    pub(super) fn of(marked: &Marked, from: &str) -> Self {
        let payload: Payload =
            serde_json::from_str(&marked.request).expect("the simulation enqueues what can be read");
        let Payload::Text(Outgoing { to, text, .. }) = payload else { panic!("only texts here") };
        Self {
            from: from.to_owned(),
            to: to.as_str().to_owned(),
            body: text.unwrap_or_default().into_string(),
            callback: format!("https://app.example/?{}.{}", marked.id, marked.attempt),
        }
    }

    /// Delivers the request to the provider. `None`: the provider closes the connection without an answer.
    pub(super) fn arrive(&self, engine: &mut FakeEngine) -> Option<EngineReply> {
        let path = format!("/2010-04-01/Accounts/{}/Messages.json", engine.account_sid());
        let text = [("To", &self.to), ("From", &self.from), ("Body", &self.body)];
        engine.post(&path, &[text.as_slice(), &[("StatusCallback", &self.callback)]].concat()).ok()
    }
}

/// Reads what a callback proves. References are plain here: nobody forges them in this simulation.
pub(super) fn proof(callback: &StatusCallback) -> Proof {
    let (_, reference) = callback.url.split_once('?').expect("the URL of a request");
    let (id, attempt) = reference.split_once('.').expect("the URL of a request");
    Proof {
        id: id.parse().expect("a number"),
        attempt: attempt.parse().expect("a number"),
        reported: Reported {
            sid: callback.sid.clone(),
            status: callback.event.as_str().into(),
            error: None,
            segments: None,
            facts: Facts::default(),
            opted_out: false,
            is_listed: false,
            tenant: None,
        },
    }
}

/// The fault of the network for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// There is no connection. The request was certainly not sent, and the sender gets an error that says so.
    NoConnection,
    /// The request is lost, and the sender's wait ends with a time-out.
    LostRequest { waits: Micros },
    /// The request arrives after the first time, and its answer comes back after the second.
    Arrives { after: Micros, answered_after: Micros },
    /// It arrives, and its answer is lost.
    LostAnswer { after: Micros, waits: Micros },
}

impl Fate {
    pub(super) fn choose(random: &mut Rng, calm: bool) -> Self {
        let mut mostly_quick = |slow: Micros| {
            let most = if random.u8(..20) == 0 && !calm { slow } else { 80_000 };
            random.i64(1_000..most)
        };
        let (after, answered_after) = (mostly_quick(4_000_000), mostly_quick(20_000_000));
        let waits = random.i64(10_000..30_000_000);
        match random.u8(..100) {
            0..=4 if !calm => Self::NoConnection,
            5..=8 if !calm => Self::LostRequest { waits },
            9..=13 if !calm => Self::LostAnswer { after, waits },
            _ => Self::Arrives { after, answered_after },
        }
    }
}

/// The error that the sender gets for a request that certainly was not sent.
pub(super) fn no_connection() -> ProviderError {
    error(ErrorCode::NetworkError, Reason::Network, judge(Seen::NotTaken))
}

/// The error that the sender gets when no answer comes.
pub(super) fn no_answer() -> ProviderError {
    error(ErrorCode::NetworkError, Reason::Timeout, judge(Seen::NoStatus))
}

/// Converts an answer as the adapter would, but with separate code, because the adapter needs a connection.
pub(super) fn read(reply: &EngineReply) -> Result<Accepted, ProviderError> {
    let json = reply.json();
    if reply.status < 300 {
        let sid = json["sid"].as_str().expect("a success has a SID").to_owned();
        return Ok(Accepted::new(SendId::text(sid), DeliveryStatus::Queued));
    }
    let seen = judge(Seen::Status { status: reply.status, deleting: false });
    let code = json["code"].as_u64().unwrap_or(0);
    let error = match (reply.status, code) {
        (_, 21611) => error(ErrorCode::RateLimited, Reason::QueueFull, seen),
        (_, 21610) => error(ErrorCode::Blocked, Reason::OptedOut, seen),
        (401, _) => error(ErrorCode::Unauthorized, Reason::BadCredentials, seen),
        (429, _) => error(ErrorCode::RateLimited, Reason::RateLimited, seen),
        (500.., _) => error(ErrorCode::ProviderError, Reason::ServiceUnavailable, seen),
        _ => error(ErrorCode::InvalidRequest, Reason::InvalidRecipient, seen),
    };
    let wait = reply.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    Err(match wait {
        Some(seconds) => error.with_retry_after(std::time::Duration::from_secs(seconds)),
        None => error,
    })
}

fn judge(seen: Seen) -> Verdict {
    verdict(seen, RequestClass::Create, Fact::default(), Earlier::default(), false)
}

fn error(code: ErrorCode, reason: Reason, verdict: Verdict) -> ProviderError {
    ProviderError::new(code, Outcome::NotApplied)
        .with_reason(reason)
        .with_verdict(verdict, RequestClass::Create)
}

/// What the provider holds, for the final count: SID and text.
pub(super) fn held(engine: &FakeEngine) -> Vec<(String, String)> {
    engine.sent().into_iter().map(|sent| (sent.sid.to_string(), sent.body.to_string())).collect()
}
