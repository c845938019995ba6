//! A delivery is handled once, however often it arrives, and a signature stands for one content.

mod memory;

pub use memory::MemoryClaims;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use thiserror::Error;

/// Remembers which deliveries are being handled, how the handled ones were answered, and which content each signature
/// came with.
///
/// [`MemoryClaims`] does so in one process. Who runs several processes implements this over what they share.
///
/// # Contract
/// Keys, contents and signatures are texts of at most 64 ASCII characters (hashes, nothing personal). Deliveries and
/// signatures are separate: the same text as a delivery's key and as a signature names two things. All durations are
/// measured by one clock, the store's own. Every method may be called from any number of tasks and processes at the same
/// time, and its future may be dropped at any point: what it was about to write is then written whole or not at all.
///
/// Deliveries:
/// 1. A key is *free*, *running* or *settled*; a key that was never seen is free.
/// 2. [`claim`](Self::claim) of a free key makes it running and returns [`Claim::Granted`]. It is atomic: of any number of
///    callers at the same time, exactly one is granted, and the others get [`Claim::Running`].
/// 3. Each granted ticket differs from every other ticket of that key.
/// 4. A running key is free again when its lease, counted from the grant, is over. `Duration::MAX`, and any lease that is
///    too long to be counted, never ends.
/// 5. [`settle`](Self::settle) with the ticket of a running key makes it settled. From then on `claim` returns
///    [`Claim::Settled`] with that answer: status, headers (their values byte for byte, repeated names in their order) and body.
/// 6. [`release`](Self::release) with the ticket of a running key makes it free.
/// 7. A ticket whose lease is over, or whose key was settled, released or granted anew, changes nothing any more;
///    `settle` and `release` with it return `Ok`.
/// 8. A settled key should be remembered for a day, and must be for some minutes while there is room: Twilio repeats
///    within those. It is free once it is forgotten.
///
/// Signatures:
/// 9. The first [`bind`](Self::bind) of a signature keeps its content and returns [`Binding::New`]. It is atomic: of any
///    number of callers at the same time, exactly one gets `New`.
/// 10. Each later one returns [`Binding::Same`] where the content is equal, and else [`Binding::Different`]; neither
///     changes what is kept.
/// 11. A signature is remembered for a day from its first `bind`. Where room is limited, the oldest may be forgotten
///     sooner; it is then as if it had never been seen.
///
/// An error says that nobody can tell what was written: the caller refuses the delivery.
#[async_trait]
pub trait Claims: fmt::Debug + Send + Sync + 'static {
    /// Claims a delivery for as long as the lease.
    ///
    /// # Errors
    /// [`ClaimError`] where nobody can tell; the delivery is then refused with 503 and not handled.
    async fn claim(&self, key: &str, lease: Duration) -> Result<Claim, ClaimError>;

    /// Notes that a delivery was handled, and how it was answered.
    ///
    /// # Errors
    /// [`ClaimError`] where that could not be noted. The answer goes out all the same.
    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError>;

    /// Gives a delivery back that could not be handled, so that a repeated one is.
    ///
    /// # Errors
    /// [`ClaimError`] where that could not be noted. The lease ends it then.
    async fn release(&self, key: &str, ticket: Ticket) -> Result<(), ClaimError>;

    /// Binds a signature to the content that it came with first.
    ///
    /// # Errors
    /// [`ClaimError`] where nobody can tell; the delivery is then refused with 503 and not handled.
    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError>;
}

/// What became of an attempt to claim a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The caller handles it.
    Granted(Ticket),
    /// Another caller is handling it.
    Running,
    /// It was handled, and answered like this.
    Settled(Answer),
}

/// Whether a signature came with this content before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binding {
    /// The signature was not seen before.
    New,
    /// The signature was seen with this content: Twilio repeats a delivery or fetches a document again, or somebody
    /// replays it.
    Same,
    /// The signature was seen with another content. One of the two was not made by Twilio.
    Different,
}

/// Tells one claim of a delivery from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// How a delivery was answered.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// Its headers: the `Content-Type`, cookies, where it redirects to.
    pub headers: HeaderMap,
    /// The document.
    pub body: Bytes,
}

impl Answer {
    /// Makes an answer of what was stored.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// Was the delivery handled? Not with 4xx or 5xx; and a connection that became a `WebSocket` (101) cannot be
    /// repeated.
    #[must_use]
    pub fn is_handled(&self) -> bool {
        self.status.is_success() || self.status.is_redirection()
    }
}

/// Headers and documents may hold what was written to somebody.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}

/// Claims cannot be read or written just now.
#[derive(Debug, Error)]
#[error("claims cannot be read or written: {0}")]
pub struct ClaimError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl ClaimError {
    /// Wraps what went wrong.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
