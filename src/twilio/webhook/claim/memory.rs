//! Claims in the memory of one process.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::time::Instant;

use super::{Answer, Binding, Claim, ClaimError, Claims, Ticket, WebhookDelivery};

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
        self.run(key.into(), ticket, until);
        Claim::Granted(ticket)
    }

    fn run(&mut self, key: Arc<str>, ticket: Ticket, until: Option<Instant>) {
        if let Some(until) = until {
            self.leases.insert((until, ticket), Arc::clone(&key));
        }
        self.claims.insert(key, Entry::Running { ticket, until });
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
    async fn claim(&self, delivery: &WebhookDelivery<'_>, lease: Duration) -> Result<Claim, ClaimError> {
        let key = delivery.key;
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

    async fn renew(&self, key: &str, ticket: Ticket, lease: Duration) -> Result<bool, ClaimError> {
        let now = Instant::now();
        let mut state = self.state();
        state.forget(now, self.deliveries);
        let key = state.end(key, ticket);
        if let Some(key) = &key {
            state.run(Arc::clone(key), ticket, now.checked_add(lease));
        }
        Ok(key.is_some())
    }

    async fn release(&self, key: &str, ticket: Ticket, _: StatusCode) -> Result<(), ClaimError> {
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
