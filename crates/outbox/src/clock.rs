//! The time of this process. It never goes backwards, even if the machine's clock is set back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::timing::{Micros, micros};

/// The wall clock. After it was set back, this clock continues at the speed of the monotonic clock.
///
/// If this clock stood still, no sender could send. If it went back, the pauses and the rate limits of the last minutes
/// would apply a second time.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<Mutex<Last>>);

#[derive(Debug)]
struct Last {
    at: Micros,
    read: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Last { at: wall(), read: Instant::now() })))
    }

    /// Returns the time, in microseconds since 1970.
    pub(crate) fn now(&self) -> Micros {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = Instant::now();
        let passed = micros(read.saturating_duration_since(last.read));
        *last = Last { at: wall().max(last.at.saturating_add(passed)), read };
        last.at
    }

    /// Continues from a stored time if the wall clock is a little behind it.
    pub(crate) fn not_before(&self, stored: Micros) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.at = last.at.max(stored);
    }
}

/// The clock of the machine.
pub(crate) fn wall() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    micros(since)
}
