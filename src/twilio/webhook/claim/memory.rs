//! Claims of one process.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::time::Instant;

use super::{Answer, Binding, Claim, ClaimError, Claims, Ticket};

/// How many handled deliveries are remembered.
const DELIVERIES: usize = 10_000;
/// How many signatures are remembered.
const SIGNATURES: usize = 50_000;
/// How many bytes the handled deliveries may take: answers with their headers, keys, and what it costs to keep them.
const BYTES: usize = 16 * 1024 * 1024;
/// How long both are remembered.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a delivery costs beside its key and its answer, and what a header costs beside its name and value. Measured with
/// a counting allocator, and rounded up.
const ENTRY: usize = 320;
const HEADER: usize = 96;

/// Remembers in memory, for 24 hours at most: the last 10,000 handled deliveries with their answers, in at most 16 MiB,
/// and the last 50,000 signatures, in at most 14 MiB.
///
/// With several processes each remembers its own, and none remembers after a restart: a delivery that is repeated to
/// another process is handled again, and a signature that another process saw can still be used for another content.
/// An answer that does not fit into the 16 MiB by itself is not kept.
pub struct MemoryClaims {
    state: Mutex<State>,
    deliveries: usize,
    signatures: usize,
}

#[derive(Default)]
struct State {
    claims: HashMap<Arc<str>, Entry>,
    /// Keys of running claims by the end of their lease. A claim whose lease never ends is not in here.
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

/// An answer with its bytes copied, so that it holds no larger buffer alive.
struct Stored {
    status: StatusCode,
    headers: Box<[(HeaderName, HeaderValue)]>,
    body: Bytes,
}

impl MemoryClaims {
    /// Starts with none.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Mutex::default(), deliveries: DELIVERIES, signatures: SIGNATURES }
    }

    /// Remembers at most so many handled deliveries; 10,000 if not set. Those under way are not counted: they end with
    /// their lease.
    #[must_use]
    pub fn capacity(mut self, deliveries: usize) -> Self {
        self.deliveries = deliveries;
        self
    }

    /// Remembers at most so many signatures; 50,000 if not set. Set what you expect in a day: a signature that is
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
    /// Forgets deliveries that are too old or too many, and running ones whose lease is over.
    fn forget(&mut self, now: Instant, deliveries: usize) {
        while let Some(lease) = self.leases.first_entry().filter(|lease| lease.key().0 <= now) {
            let key = lease.remove();
            self.claims.remove(&key);
        }
        while let Some((at, _)) = self.settled.front() {
            let is_young = now.duration_since(*at) < DAY;
            if is_young && self.settled.len() <= deliveries && self.bytes <= BYTES {
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

    /// Ends a running claim, if the ticket still holds it.
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

    /// Forgets signatures that are too old or too many.
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
        let header = |(name, value): &(HeaderName, HeaderValue)| HEADER + name.as_str().len() + value.len();
        ENTRY + key.len() + self.body.len() + self.headers.iter().map(header).sum::<usize>()
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
        if let Some(key) = state.end(key, ticket).filter(|_| cost <= BYTES) {
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
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(body: &'static str) -> Answer {
        Answer { body: body.into(), ..Answer::default() }
    }

    const LEASE: Duration = Duration::from_secs(60);

    async fn granted(claims: &MemoryClaims, key: &str) -> Ticket {
        match claims.claim(key, LEASE).await.unwrap() {
            Claim::Granted(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_claim_is_held_settled_released_or_runs_out() {
        let claims = MemoryClaims::new();
        let first = granted(&claims, "a").await;
        assert_eq!(claims.claim("a", LEASE).await.unwrap(), Claim::Running);
        claims.release("a", first).await.unwrap();

        let second = granted(&claims, "a").await;
        tokio::time::advance(LEASE).await;
        // The lease is over, so the ticket changes nothing any more.
        claims.settle("a", second, &answer("late")).await.unwrap();
        let third = granted(&claims, "a").await;
        claims.settle("a", second, &answer("late")).await.unwrap();
        claims.release("a", second).await.unwrap();
        assert_eq!(claims.claim("a", LEASE).await.unwrap(), Claim::Running);

        let given = answer("planted");
        claims.settle("a", third, &given).await.unwrap();
        claims.release("a", third).await.unwrap();
        assert_eq!(claims.claim("a", LEASE).await.unwrap(), Claim::Settled(given.clone()));
        assert!(!format!("{claims:?} {given:?}").contains("planted"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_old_or_too_much_is_forgotten() {
        let claims = MemoryClaims::new().capacity(2);
        for key in ["a", "b", "c"] {
            let ticket = granted(&claims, key).await;
            claims.settle(key, ticket, &Answer::default()).await.unwrap();
        }
        assert!(matches!(claims.claim("c", LEASE).await.unwrap(), Claim::Settled(_)));
        granted(&claims, "a").await;
        tokio::time::advance(DAY).await;
        granted(&claims, "c").await;
        // The lease of "a" is over, too.
        assert_eq!(kept(&claims), (1, 0));
    }

    fn kept(claims: &MemoryClaims) -> (usize, usize) {
        let state = claims.state();
        (state.claims.len(), state.bytes)
    }

    async fn settled(claims: &MemoryClaims, key: &str, answer: &Answer) {
        let ticket = granted(claims, key).await;
        claims.settle(key, ticket, answer).await.unwrap();
    }

    #[tokio::test]
    async fn large_answers_do_not_pile_up() {
        let claims = MemoryClaims::new();
        let large = Answer { body: vec![0; 1024 * 1024].into(), ..Answer::default() };
        for n in 0..40 {
            settled(&claims, &n.to_string(), &large).await;
        }
        let (count, bytes) = kept(&claims);
        assert!(count == 15 && bytes <= BYTES, "{count} {bytes}");
        // One that does not fit by itself drives no other one out.
        let huge = Answer { body: vec![0; BYTES].into(), ..Answer::default() };
        settled(&claims, "huge", &huge).await;
        assert_eq!(kept(&claims), (count, bytes));
    }

    #[tokio::test]
    async fn headers_count_like_bodies() {
        let claims = MemoryClaims::new();
        let mut headers = HeaderMap::new();
        for _ in 0..8 {
            headers.append("set-cookie", HeaderValue::from_bytes(&[b'x'; 1024]).unwrap());
        }
        let answer = Answer { headers, ..Answer::default() };
        for n in 0..10_000 {
            settled(&claims, &n.to_string(), &answer).await;
        }
        let (count, bytes) = kept(&claims);
        assert!(bytes <= BYTES && (1_700..2_000).contains(&count), "{count} {bytes}");
        assert_eq!(claims.claim("9999", LEASE).await.unwrap(), Claim::Settled(answer));
    }

    #[tokio::test(start_paused = true)]
    async fn running_claims_are_forgotten_with_their_lease() {
        let claims = MemoryClaims::new();
        for n in 0..50_000 {
            granted(&claims, &n.to_string()).await;
        }
        tokio::time::advance(LEASE).await;
        granted(&claims, "the next").await;
        assert_eq!(kept(&claims), (1, 0));
        assert_eq!(claims.state().leases.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_without_an_end_is_no_limit() {
        let claims = MemoryClaims::new();
        for lease in [Duration::MAX, Duration::from_secs(u64::MAX)] {
            let Claim::Granted(ticket) = claims.claim("a", lease).await.unwrap() else {
                panic!("not granted")
            };
            tokio::time::advance(DAY * 1000).await;
            assert_eq!(claims.claim("a", LEASE).await.unwrap(), Claim::Running);
            claims.release("a", ticket).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_signature_keeps_its_first_content_for_a_day() {
        let claims = MemoryClaims::new().signatures(2);
        assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::New);
        tokio::time::advance(DAY / 2).await;
        assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::Same);
        assert_eq!(claims.bind("s", "two").await.unwrap(), Binding::Different);
        assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::Same);
        assert_eq!(claims.claim("s", LEASE).await.unwrap(), Claim::Granted(Ticket(1)));
        tokio::time::advance(DAY / 2).await;
        assert_eq!(claims.bind("s", "two").await.unwrap(), Binding::New);
        // The third of two drives the first one out.
        for other in ["t", "u"] {
            claims.bind(other, "one").await.unwrap();
        }
        assert_eq!(claims.state().contents.len(), 2);
        assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::New);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_many_at_once_one_is_granted_and_one_is_new() {
        let claims = Arc::new(MemoryClaims::new());
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..50 {
            let claims = Arc::clone(&claims);
            tasks.spawn(async move {
                let bound = claims.bind("s", &n.to_string()).await.unwrap();
                (claims.claim("a", LEASE).await.unwrap(), bound)
            });
        }
        let all = tasks.join_all().await;
        assert_eq!(all.iter().filter(|(claim, _)| matches!(claim, Claim::Granted(_))).count(), 1);
        assert_eq!(all.iter().filter(|(_, bound)| *bound == Binding::New).count(), 1);
    }
}
