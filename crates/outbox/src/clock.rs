//! The time of this process. It never goes backwards, even if the machine's clock is set back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::timing::{Micros, micros};

/// The clock of the machine, or that of the database where several machines share one. After that clock was set back, this
/// one continues at the speed of the monotonic clock.
///
/// If this clock stood still, no sender could send. If it went back, the pauses and the rate limits of the last minutes
/// would apply a second time.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<Mutex<Last>>);

#[derive(Debug)]
struct Last {
    at: Micros,
    read: Instant,
    /// What the database called now, and when it was asked.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has no clock of its own"))]
    database: Option<(Micros, Instant)>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Last { at: wall(), read: Instant::now(), database: None })))
    }

    /// A clock that follows the database's.
    #[cfg(feature = "postgres")]
    pub(crate) fn following(at: Micros) -> Self {
        let read = Instant::now();
        Self(Arc::new(Mutex::new(Last { at, read, database: Some((at, read)) })))
    }

    /// Takes over what the database calls now.
    #[cfg(feature = "postgres")]
    pub(crate) fn follow(&self, at: Micros) {
        self.lock().database = Some((at, Instant::now()));
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn was_followed_within(&self, age: std::time::Duration) -> bool {
        self.lock().database.is_some_and(|(_, asked)| asked.elapsed() < age)
    }

    /// Returns the time, in microseconds since 1970.
    pub(crate) fn now(&self) -> Micros {
        let mut last = self.lock();
        let read = Instant::now();
        let passed = micros(read.saturating_duration_since(last.read));
        let at = last.source(read).max(last.at.saturating_add(passed));
        (last.at, last.read) = (at, read);
        at
    }

    /// Continues from a stored time if the wall clock is a little behind it.
    pub(crate) fn not_before(&self, stored: Micros) {
        let mut last = self.lock();
        last.at = last.at.max(stored);
    }

    /// Returns how far the clock of the machine is behind a time. A clock that follows the database's is never behind.
    pub(crate) fn machine_is_behind(&self, now: Micros) -> Micros {
        if self.follows_database() { 0 } else { now.saturating_sub(wall()) }
    }

    pub(crate) fn follows_database(&self) -> bool {
        self.lock().database.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Last {
    /// What the machine or the database calls now.
    fn source(&self, read: Instant) -> Micros {
        let since = |asked: Instant| micros(read.saturating_duration_since(asked));
        self.database.map_or_else(wall, |(at, asked)| at.saturating_add(since(asked)))
    }
}

/// The clock of the machine.
pub(crate) fn wall() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    micros(since).saturating_add(shift())
}

#[cfg(not(test))]
const fn shift() -> Micros {
    0
}

/// By how much a test has set the machine's clock. It is shared by all tests of the process.
#[cfg(test)]
pub(crate) static SHIFT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

#[cfg(test)]
fn shift() -> Micros {
    SHIFT.load(std::sync::atomic::Ordering::SeqCst)
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    const HOUR: Micros = 3_600_000_000;

    #[test]
    fn it_follows_the_database_forwards_and_never_goes_back() {
        let clock = Clock::following(5 * HOUR);
        assert!((5 * HOUR..6 * HOUR).contains(&clock.now()));
        clock.follow(9 * HOUR);
        let ahead = clock.now();
        assert!(ahead >= 9 * HOUR);
        clock.follow(8 * HOUR);
        let mut last = ahead;
        for _ in 0..100 {
            let now = clock.now();
            assert!(now >= last, "it went back");
            last = now;
        }
        assert!(last < 9 * HOUR + HOUR / 60);
        assert_eq!(clock.machine_is_behind(100 * HOUR), 0);
    }
}
