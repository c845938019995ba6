//! The time of this machine, which SQLite's rows share between its processes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The wall clock. Tests move it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    #[cfg(test)]
    ahead: std::sync::Arc<std::sync::atomic::AtomicI64>,
}

impl Clock {
    /// Returns the time in microseconds since 1970 (UTC).
    pub(crate) fn now(&self) -> i64 {
        let now = micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        #[cfg(test)]
        let now = now + self.ahead.load(std::sync::atomic::Ordering::SeqCst);
        now
    }

    #[cfg(test)]
    pub(crate) fn pass(&self, time: Duration) {
        self.ahead.fetch_add(micros(time), std::sync::atomic::Ordering::SeqCst);
    }
}

/// Microseconds; the largest number for a time that is longer.
pub(crate) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
