//! Claims: each delivery is handled once even if it arrives several times, and each signature is accepted with one
//! content only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use thiserror::Error;
use tokio::time::Instant;

/// Remembers which deliveries are being handled, how the handled ones were answered, and which content each signature
/// came with.
///
/// [`MemoryClaims`] works for one process. If several processes serve webhooks, implement this trait with a store that they
/// share.
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
/// 7. A ticket is invalid when its lease has expired, or when its key was settled, released or granted again. `settle` and
///    `release` with it change nothing, and return `Ok`.
/// 8. A settled key should be remembered for a day. It must be remembered for some minutes if there is room, because Twilio
///    repeats deliveries within that time. It is free once it is forgotten.
///
/// Signatures:
/// 9. The first [`bind`](Self::bind) of a signature keeps its content and returns [`Binding::New`]. It is atomic: of any
///    number of callers at the same time, exactly one gets `New`.
/// 10. Each later one returns [`Binding::Same`] if the content is equal, otherwise [`Binding::Different`]; neither changes
///     the stored content.
/// 11. A signature is remembered for a day from its first `bind`. If room is limited, the oldest may be forgotten sooner, and
///     is then treated as new.
///
/// After an error, it is unknown whether the write was done; the caller refuses the delivery.
#[async_trait]
pub trait Claims: fmt::Debug + Send + Sync + 'static {
    /// Claims a delivery for as long as the lease.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails; the delivery is then refused with 503 and not handled.
    async fn claim(&self, key: &str, lease: Duration) -> Result<Claim, ClaimError>;

    /// Stores that a delivery was handled, and its answer.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails. The answer is still sent to Twilio.
    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError>;

    /// Ends the claim of a delivery that could not be handled, so that it is handled when Twilio repeats it.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails. The claim then lasts until its lease expires.
    async fn release(&self, key: &str, ticket: Ticket) -> Result<(), ClaimError>;

    /// Binds a signature to the first content that it came with.
    ///
    /// # Errors
    /// [`ClaimError`] where the store fails; the delivery is then refused with 503 and not handled.
    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError>;
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

/// How many handled deliveries are remembered.
const MAX_DELIVERIES: usize = 10_000;
/// How many signatures are remembered.
const MAX_SIGNATURES: usize = 50_000;
/// How many bytes the handled deliveries may take: answers with their headers, keys, and the overhead of the maps.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How long both are remembered.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The overhead in bytes of a delivery (beyond its key and answer) and of a header (beyond its name and value).
/// Measured with a counting allocator, and rounded up.
const ENTRY_OVERHEAD: usize = 448;
const HEADER_OVERHEAD: usize = 96;

/// Remembers in memory, for 24 hours at most: the last 10,000 handled deliveries with their answers, in at most 16 MiB,
/// and the last 50,000 signatures, in about 15 MiB at most.
///
/// Each process remembers only its own deliveries, and loses them when it restarts. So a delivery that is repeated to
/// another process is handled again, and a signature that another process saw can still be used for another content.
/// An answer of more than 16 MiB is not stored.
pub struct MemoryClaims {
    state: Mutex<State>,
    deliveries: usize,
    signatures: usize,
}

#[derive(Default)]
struct State {
    claims: HashMap<Arc<str>, Entry>,
    /// Keys of running claims by the end of their lease. A claim whose lease never ends is not in this map.
    leases: BTreeMap<(Instant, Ticket), Arc<str>>,
    /// Keys of settled claims, the oldest first.
    settled: VecDeque<(Instant, Arc<str>)>,
    /// Bytes of the settled claims.
    bytes: usize,
    tickets: u64,
    /// The content of each signature.
    contents: HashMap<Arc<str>, Box<str>>,
    /// Signatures, the oldest first.
    bound: VecDeque<(Instant, Arc<str>)>,
}

enum Entry {
    Running { ticket: Ticket, until: Option<Instant> },
    Settled(Stored),
}

/// An answer whose bytes are copied, so that it keeps no larger buffer in memory.
struct Stored {
    status: StatusCode,
    headers: Box<[(HeaderName, HeaderValue)]>,
    body: Bytes,
}

impl MemoryClaims {
    /// Creates empty claims.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Mutex::default(), deliveries: MAX_DELIVERIES, signatures: MAX_SIGNATURES }
    }

    /// Remembers at most this many handled deliveries; 10,000 if not set. Running ones are not counted; they end when their
    /// lease expires.
    #[must_use]
    pub fn capacity(mut self, deliveries: usize) -> Self {
        self.deliveries = deliveries;
        self
    }

    /// Remembers at most this many signatures; 50,000 if not set. Set what you expect in a day: a signature that is
    /// forgotten sooner can be used for another content again.
    #[must_use]
    pub fn signatures(mut self, signatures: usize) -> Self {
        self.signatures = signatures;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryClaims {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryClaims")
            .field("claims", &state.claims.len())
            .field("signatures", &state.contents.len())
            .finish_non_exhaustive()
    }
}

impl State {
    /// Forgets the oldest handled deliveries beyond the limits, and running ones whose lease has expired.
    fn forget(&mut self, now: Instant, deliveries: usize) {
        while let Some(lease) = self.leases.first_entry().filter(|lease| lease.key().0 <= now) {
            let key = lease.remove();
            self.claims.remove(&key);
        }
        while let Some((at, _)) = self.settled.front() {
            let is_young = now.duration_since(*at) < DAY;
            if is_young && self.settled.len() <= deliveries && self.bytes <= MAX_BYTES {
                return;
            }
            if let Some((_, key)) = self.settled.pop_front()
                && let Some(Entry::Settled(stored)) = self.claims.remove(&key)
            {
                self.bytes -= stored.cost(&key);
            }
        }
    }

    fn grant(&mut self, key: &str, until: Option<Instant>) -> Claim {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let key: Arc<str> = key.into();
        if let Some(until) = until {
            self.leases.insert((until, ticket), Arc::clone(&key));
        }
        self.claims.insert(key, Entry::Running { ticket, until });
        Claim::Granted(ticket)
    }

    /// Ends a running claim if the ticket is still valid.
    fn end(&mut self, key: &str, ticket: Ticket) -> Option<Arc<str>> {
        let (key, until) = match self.claims.get_key_value(key)? {
            (key, Entry::Running { ticket: holder, until }) if *holder == ticket => (Arc::clone(key), *until),
            _ => return None,
        };
        self.claims.remove(&key);
        if let Some(until) = until {
            self.leases.remove(&(until, ticket));
        }
        Some(key)
    }

    /// Forgets the oldest signatures beyond the limits.
    fn unbind(&mut self, now: Instant, signatures: usize) {
        while let Some((at, _)) = self.bound.front() {
            if now.duration_since(*at) < DAY && self.bound.len() <= signatures {
                return;
            }
            if let Some((_, signature)) = self.bound.pop_front() {
                self.contents.remove(&signature);
            }
        }
    }
}

impl Stored {
    fn of(answer: &Answer) -> Self {
        let copied = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.clone(), HeaderValue::from_bytes(value.as_bytes()).ok()?))
        };
        Self {
            status: answer.status,
            headers: answer.headers.iter().filter_map(copied).collect(),
            body: Bytes::copy_from_slice(&answer.body),
        }
    }

    fn answer(&self) -> Answer {
        Answer::new(self.status, self.headers.iter().cloned().collect(), self.body.clone())
    }

    fn cost(&self, key: &str) -> usize {
        let header =
            |(name, value): &(HeaderName, HeaderValue)| HEADER_OVERHEAD + name.as_str().len() + value.len();
        ENTRY_OVERHEAD + key.len() + self.body.len() + self.headers.iter().map(header).sum::<usize>()
    }
}

#[async_trait]
impl Claims for MemoryClaims {
    async fn claim(&self, key: &str, lease: Duration) -> Result<Claim, ClaimError> {
        let now = Instant::now();
        let mut state = self.state();
        state.forget(now, self.deliveries);
        match state.claims.get(key) {
            Some(Entry::Settled(stored)) => Ok(Claim::Settled(stored.answer())),
            Some(Entry::Running { .. }) => Ok(Claim::Running),
            None => Ok(state.grant(key, now.checked_add(lease))),
        }
    }

    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError> {
        let now = Instant::now();
        let stored = Stored::of(answer);
        let cost = stored.cost(key);
        let mut state = self.state();
        state.forget(now, self.deliveries);
        if let Some(key) = state.end(key, ticket).filter(|_| cost <= MAX_BYTES) {
            state.bytes += cost;
            state.settled.push_back((now, Arc::clone(&key)));
            state.claims.insert(key, Entry::Settled(stored));
            state.forget(now, self.deliveries);
        }
        Ok(())
    }

    async fn release(&self, key: &str, ticket: Ticket) -> Result<(), ClaimError> {
        let mut state = self.state();
        state.forget(Instant::now(), self.deliveries);
        state.end(key, ticket);
        Ok(())
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError> {
        let now = Instant::now();
        let mut state = self.state();
        state.unbind(now, self.signatures);
        if let Some(bound) = state.contents.get(signature) {
            return Ok(if **bound == *content { Binding::Same } else { Binding::Different });
        }
        let signature: Arc<str> = signature.into();
        state.bound.push_back((now, Arc::clone(&signature)));
        state.contents.insert(signature, content.into());
        state.unbind(now, self.signatures);
        Ok(Binding::New)
    }
}

#[cfg(test)]
mod tests;
