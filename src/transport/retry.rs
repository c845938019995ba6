//! The retry policy: how often a request is repeated, and how long the waits are.

use std::time::Duration;

use crate::provider::ProviderError;

/// How a request that may be repeated is repeated: bounded in number and in time, with full jitter.
///
/// *Whether* it may be repeated is not set here: that follows from its class and from what happened. The time is
/// bounded by the total time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a request is sent at most, the first time included. 3.
    pub max_attempts: u32,
    /// The longest first wait; each further wait may be twice as long as the one before. 200 ms.
    pub base: Duration,
    /// The longest wait where the provider does not say how long. 5 s.
    pub cap: Duration,
    /// The longest wait that a `Retry-After` may ask for. 5 min.
    pub retry_after_cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            retry_after_cap: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// Repeats nothing.
    #[must_use]
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets how often a request is sent at most; 0 counts as 1.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the longest first wait.
    #[must_use]
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// Sets the longest wait where the provider does not say how long.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Sets the longest wait that a `Retry-After` may ask for; where it asks for more, the error is returned at once.
    #[must_use]
    pub const fn retry_after_cap(mut self, cap: Duration) -> Self {
        self.retry_after_cap = cap;
        self
    }

    /// Returns the wait before the attempt that follows number `attempt`; `random` is from 0 to 1. `None` where the
    /// provider asks for a longer wait than the policy allows.
    pub(super) fn wait(&self, attempt: u32, retry_after: Option<Duration>, random: f64) -> Option<Duration> {
        let doubled =
            self.base.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let longest = doubled.min(self.cap);
        // A very long duration can be rounded up as a float, to more than a `Duration` can hold.
        let jitter =
            Duration::try_from_secs_f64(longest.as_secs_f64() * random.clamp(0.0, 1.0)).unwrap_or(longest);
        match retry_after {
            // Never earlier than the provider asked for, and with jitter, so that clients do not all come back at the
            // same moment.
            Some(asked) if asked > self.retry_after_cap => None,
            Some(asked) => Some(asked.saturating_add(jitter.min(asked / 10))),
            None => Some(jitter),
        }
    }
}

/// A repeat that is about to happen, for the hook that [`on_retry`](super::TransportBuilder::on_retry) sets.
#[derive(Debug)]
#[non_exhaustive]
pub struct RetryEvent<'a> {
    /// The number of the attempt that failed, from 1.
    pub attempt: u32,
    /// How long the wait before the next attempt is.
    pub wait: Duration,
    /// Why it failed.
    pub error: &'a ProviderError,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_are_spread_from_zero() {
        let policy = RetryPolicy::default().base(Duration::from_millis(100)).cap(Duration::from_millis(300));
        let longest: Vec<u128> = (1..5).map(|n| policy.wait(n, None, 1.0).unwrap().as_millis()).collect();
        assert_eq!(longest, [100, 200, 300, 300]);
        assert_eq!(policy.wait(3, None, 0.0), Some(Duration::ZERO));
        assert_eq!(policy.wait(u32::MAX, None, 1.0), Some(Duration::from_millis(300)));
        let unlimited = RetryPolicy::default().base(Duration::MAX).cap(Duration::MAX);
        assert_eq!(unlimited.wait(9, None, 1.0), Some(Duration::MAX));
    }

    #[test]
    fn retry_after_is_never_undercut_and_is_capped() {
        let policy = RetryPolicy::default().retry_after_cap(Duration::from_secs(10));
        let asked = Duration::from_secs(2);
        for random in [0.0, 0.5, 1.0] {
            assert!(policy.wait(1, Some(asked), random) >= Some(asked));
        }
        assert_eq!(policy.wait(1, Some(Duration::from_secs(11)), 0.0), None);
        assert_eq!(policy.wait(1, Some(Duration::ZERO), 1.0), Some(Duration::ZERO));
    }
}
