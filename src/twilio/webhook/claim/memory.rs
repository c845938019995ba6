//! Claims of one process.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Answer, Claim, ClaimError, Claims, Ticket};

/// How many handled deliveries are remembered, and for how long.
const CAPACITY: usize = 10_000;
/// How many bytes of answers are remembered.
const BYTES: usize = 16 * 1024 * 1024;
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// Remembers in memory: the last 10,000 deliveries of the last 24 hours with their answers, and of these at most 16 MiB.
///
/// With several processes each remembers its own: a delivery that is repeated to another one is handled again.
pub struct MemoryClaims {
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Default)]
struct State {
    claims: HashMap<String, Entry>,
    /// Settled claims, the oldest first.
    settled: VecDeque<(Instant, String)>,
    /// Bytes of the answers that are settled.
    bytes: usize,
    tickets: u64,
}

struct Entry {
    ticket: Ticket,
    state: Progress,
}

enum Progress {
    Running { until: Instant },
    Settled(Answer),
}

impl MemoryClaims {
    /// Starts with none.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Mutex::default(), capacity: CAPACITY }
    }

    /// Remembers at most so many handled deliveries. Those under way are not counted: they end by themselves.
    #[must_use]
    pub fn capacity(mut self, deliveries: usize) -> Self {
        self.capacity = deliveries;
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
        f.debug_struct("MemoryClaims").field("claims", &self.state().claims.len()).finish_non_exhaustive()
    }
}

impl State {
    /// Forgets what is too old or too much.
    fn forget(&mut self, now: Instant, capacity: usize) {
        while let Some((at, _)) = self.settled.front() {
            let is_young = now.duration_since(*at) < REMEMBERED;
            if is_young && self.settled.len() <= capacity && self.bytes <= BYTES {
                return;
            }
            // What is settled is never claimed anew before it is forgotten here.
            if let Some((_, key)) = self.settled.pop_front()
                && let Some(Entry { state: Progress::Settled(answer), .. }) = self.claims.remove(&key)
            {
                self.bytes -= answer.body.len();
            }
        }
    }

    fn grant(&mut self, key: &str, until: Instant) -> Claim {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.claims.insert(key.to_owned(), Entry { ticket, state: Progress::Running { until } });
        Claim::Granted(ticket)
    }

    /// The claim that a ticket still holds.
    fn held(&mut self, key: &str, ticket: Ticket) -> Option<&mut Entry> {
        let is_held =
            |entry: &&mut Entry| entry.ticket == ticket && matches!(entry.state, Progress::Running { .. });
        self.claims.get_mut(key).filter(is_held)
    }
}

#[async_trait]
impl Claims for MemoryClaims {
    async fn claim(&self, key: &str, lease: Duration) -> Result<Claim, ClaimError> {
        let now = Instant::now();
        let mut state = self.state();
        state.forget(now, self.capacity);
        match state.claims.get(key).map(|entry| &entry.state) {
            Some(Progress::Settled(answer)) => Ok(Claim::Settled(answer.clone())),
            Some(Progress::Running { until }) if now < *until => Ok(Claim::Running),
            _ => Ok(state.grant(key, now + lease)),
        }
    }

    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError> {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(entry) = state.held(key, ticket) {
            entry.state = Progress::Settled(answer.clone());
            state.bytes += answer.body.len();
            state.settled.push_back((now, key.to_owned()));
            state.forget(now, self.capacity);
        }
        Ok(())
    }

    async fn release(&self, key: &str, ticket: Ticket) -> Result<(), ClaimError> {
        let mut state = self.state();
        if state.held(key, ticket).is_some() {
            state.claims.remove(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
        let third = granted(&claims, "a").await;
        // The second one is back too late.
        let given = answer("late");
        claims.settle("a", second, &given).await.unwrap();
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
        tokio::time::advance(REMEMBERED).await;
        granted(&claims, "c").await;
        assert_eq!(claims.state().claims.len(), 2);
    }

    fn kept(claims: &MemoryClaims) -> (usize, usize) {
        let state = claims.state();
        (state.claims.len(), state.bytes)
    }

    #[tokio::test]
    async fn large_answers_do_not_pile_up() {
        let claims = MemoryClaims::new();
        for n in 0..40 {
            let ticket = granted(&claims, &n.to_string()).await;
            let large = Answer { body: vec![0; 1024 * 1024].into(), ..Answer::default() };
            claims.settle(&n.to_string(), ticket, &large).await.unwrap();
        }
        assert_eq!(kept(&claims), (16, BYTES));
        let ticket = granted(&claims, "huge").await;
        let huge = Answer { body: vec![0; BYTES + 1].into(), ..Answer::default() };
        claims.settle("huge", ticket, &huge).await.unwrap();
        assert_eq!(kept(&claims), (0, 0));
    }

    #[tokio::test]
    async fn of_many_at_once_one_is_granted() {
        let claims = std::sync::Arc::new(MemoryClaims::new());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let claims = std::sync::Arc::clone(&claims);
            tasks.spawn(async move { claims.claim("a", LEASE).await.unwrap() });
        }
        let all = tasks.join_all().await;
        assert_eq!(all.iter().filter(|claim| matches!(claim, Claim::Granted(_))).count(), 1);
    }
}
