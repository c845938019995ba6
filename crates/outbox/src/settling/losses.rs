//! When this process lost the answers of attempts, by its monotonic clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The attempts whose answers this process lost, or that it saw as unknown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses(Arc<Mutex<HashMap<(i64, u32), Loss>>>);

/// When an attempt was marked and lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loss {
    /// A time before the mark; `None` if another process marked it.
    pub(crate) marked: Option<Instant>,
    /// A time at which the attempt was surely over, or will be after the deadline.
    pub(crate) lost: Instant,
}

impl Losses {
    /// Records that the answer of an attempt was lost just now.
    pub(crate) fn lost(&self, id: i64, attempt: u32, marked: Option<Instant>) {
        let loss = Loss { marked, lost: Instant::now() };
        self.with(|all| all.insert((id, attempt), loss));
    }

    /// Returns when an attempt was lost. If another process lost it, it counts as lost when this process first saw it.
    pub(crate) fn of(&self, id: i64, attempt: u32) -> Loss {
        let seen = Loss { marked: None, lost: Instant::now() };
        self.with(|all| *all.entry((id, attempt)).or_insert(seen))
    }

    pub(crate) fn forget(&self, id: i64, attempt: u32) {
        self.with(|all| all.remove(&(id, attempt)));
    }

    /// Forgets what callbacks have settled: nobody asked for it for a long time.
    pub(crate) fn forget_before(&self, age: Duration) {
        self.with(|all| all.retain(|_, loss| loss.lost.elapsed() < age));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<(i64, u32), Loss>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
