//! Claims: each delivery is handled once even if it arrives several times, and each signature is accepted with one
//! content only.

mod memory;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use thiserror::Error;

pub use memory::MemoryClaims;

use super::Params;

/// Remembers which deliveries are being handled, how the handled ones were answered, and which content each signature
/// came with.
///
/// [`MemoryClaims`] works for one process. If several processes serve webhooks, or if a delivery must be handled once even
/// after a crash, use a store that they share: `WebhookEvents` of the package `switchboard-store` keeps claims in a
/// database.
///
/// # Contract
/// Keys, contents and signatures are texts of at most 64 ASCII characters (hashes, nothing personal). Deliveries and
/// signatures are separate: a key and a signature may have the same text. All durations are measured by the clock of the
/// store. Every method may be called from any number of tasks and processes at the same time, and its future may be dropped
/// at any point: the write is then either complete or not done at all.
///
/// Deliveries:
/// 1. A key is *free*, *running* or *settled*; a key that was never seen is free.
/// 2. [`claim`](Self::claim) of a free key makes it running and returns [`Claim::Granted`]. It is atomic: of any number of
///    callers at the same time, exactly one is granted, and the others get [`Claim::Running`].
/// 3. Each granted ticket differs from every other ticket of that key.
/// 4. A running key is free again when its lease, which begins with the grant, has expired. `Duration::MAX`, and any lease
///    that the clock cannot represent, never expires.
/// 5. [`settle`](Self::settle) with the ticket of a running key makes it settled. From then on `claim` returns
///    [`Claim::Settled`] with that answer: status, headers (values unchanged, repeated names in the same order) and body.
/// 6. [`release`](Self::release) with the ticket of a running key makes it free.
/// 7. [`renew`](Self::renew) with the ticket of a running key gives it a new lease, which begins now, and returns `true`.
/// 8. A ticket is invalid when its lease has expired, or when its key was settled, released or granted again. `settle` and
///    `release` with it change nothing, and return `Ok`; `renew` changes nothing and returns `false`.
/// 9. What is claimed is the key: a repetition is not granted because its other fields differ.
/// 10. A settled key should be remembered for a day. It must be remembered for some minutes if there is room, because Twilio
///     repeats deliveries within that time. It is free once it is forgotten.
///
/// Signatures:
/// 11. The first [`bind`](Self::bind) of a signature keeps its content and returns [`Binding::New`]. It is atomic: of any
///    number of callers at the same time, exactly one gets `New`.
/// 12. Each later one returns [`Binding::Same`] if the content is equal, otherwise [`Binding::Different`]; neither changes
///     the stored content.
/// 13. A signature is remembered for a day from its first `bind`. If room is limited, the oldest may be forgotten sooner, and
///     is then treated as new.
///
/// After an error, it is unknown whether the write was done; the caller refuses the delivery.
#[async_trait]
pub trait Claims: fmt::Debug + Send + Sync + 'static {
    /// Claims a delivery for as long as the lease.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails; the delivery is then refused with 503 and not handled.
    async fn claim(&self, delivery: &WebhookDelivery<'_>, lease: Duration) -> Result<Claim, ClaimError>;

    /// Stores that a delivery was handled, and its answer.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails. The answer is still sent to Twilio.
    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError>;

    /// Extends the lease of a delivery whose handler still runs. Returns whether the ticket is still valid.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails. The claim then ends with its old lease, unless it is renewed in time.
    async fn renew(&self, key: &str, ticket: Ticket, lease: Duration) -> Result<bool, ClaimError>;

    /// Ends the claim of a delivery that could not be handled, so that it is handled when Twilio repeats it. `status` is
    /// what Twilio was answered, such as 500 after a panic of the handler.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails. The claim then lasts until its lease expires.
    async fn release(&self, key: &str, ticket: Ticket, status: StatusCode) -> Result<(), ClaimError>;

    /// Binds a signature to the first content that it came with.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails; the delivery is then refused with 503 and not handled.
    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError>;
}

/// A verified delivery: what identifies it, and what a durable store keeps of it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WebhookDelivery<'a> {
    /// Equal in all repetitions of the delivery, and different in all other deliveries: a hash of what Twilio signed.
    pub key: &'a str,
    /// The kind of event, see [`Event::name`](super::Event::name).
    pub event_type: &'a str,
    /// The account that signed it, if the delivery names one.
    pub account_sid: Option<&'a str>,
    /// What Twilio sent.
    pub params: &'a Params,
}

impl<'a> WebhookDelivery<'a> {
    /// Describes a delivery of an unknown kind.
    #[must_use]
    pub fn new(key: &'a str, params: &'a Params) -> Self {
        Self { key, event_type: "unknown", account_sid: None, params }
    }

    /// Sets the kind of event.
    #[must_use]
    pub fn event_type(mut self, name: &'a str) -> Self {
        self.event_type = name;
        self
    }

    /// Sets the account that signed it.
    #[must_use]
    pub fn account_sid(mut self, sid: Option<&'a str>) -> Self {
        self.account_sid = sid;
        self
    }
}

/// The result of [`Claims::claim`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The caller handles it.
    Granted(Ticket),
    /// Another caller is handling it.
    Running,
    /// It was handled, with this answer.
    Settled(Answer),
}

/// The result of [`Claims::bind`]: whether the signature came with this content before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binding {
    /// The signature was not seen before.
    New,
    /// The signature was seen with this content: Twilio repeats a delivery or fetches a document again, or an attacker
    /// replays it.
    Same,
    /// The signature was seen with another content. One of the two was not made by Twilio.
    Different,
}

/// Identifies one grant of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// How a delivery was answered.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers, such as `Content-Type`, `Set-Cookie` and `Location`.
    pub headers: HeaderMap,
    /// The document.
    pub body: Bytes,
}

impl Answer {
    /// Makes an answer from stored parts.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// Returns whether the delivery counts as handled: true for 2xx and 3xx. False for 4xx and 5xx, and for 101, because
    /// a `WebSocket` connection cannot be answered from the store.
    #[must_use]
    pub fn is_handled(&self) -> bool {
        self.status.is_success() || self.status.is_redirection()
    }
}

/// Shows neither headers nor body, because they may contain personal data.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}

/// The store of the claims failed.
#[derive(Debug, Error)]
#[error("claims cannot be read or written: {0}")]
pub struct ClaimError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl ClaimError {
    /// Wraps the error of the store.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
