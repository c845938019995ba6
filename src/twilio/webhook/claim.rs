//! A delivery is handled once, however often Twilio repeats it.

mod memory;

pub use memory::MemoryClaims;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use thiserror::Error;

/// Remembers which deliveries are being handled and how the handled ones were answered.
///
/// [`MemoryClaims`] does so in one process. Who runs several implements this over what they share.
///
/// A contract for implementors:
/// - [`claim`](Self::claim) is atomic: of any number of callers at the same time, exactly one is granted;
/// - a claim that is neither settled nor released is granted anew once its lease has run out;
/// - a ticket of an older claim changes nothing any more;
/// - what was settled is remembered for a day at best, for some minutes at least: Twilio repeats within those.
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
}

/// What became of an attempt to claim a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is yours.
    Granted(Ticket),
    /// Somebody is at it.
    Running,
    /// It was handled, and answered like this.
    Settled(Answer),
}

/// Tells one claim of a delivery from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
