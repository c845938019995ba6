//! The deadlines of an exchange. A duration that is too long to add to the clock means no deadline.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The deadlines while a status line is awaited.
pub(super) struct WaitLimits {
    /// The deadline for the whole exchange.
    pub(super) total: Option<Instant>,
    /// The deadline for a connection to take the request, from the time-out to connect.
    pub(super) connect: Option<Instant>,
    /// The same deadline, set by the caller as `begin_by`.
    pub(super) begin: Option<Instant>,
    /// The time from then until the answer must begin.
    pub(super) read: Duration,
}

/// How often it is checked at most whether a connection has taken the request: a read time-out of nothing would check
/// without a pause.
const SHORTEST_CHECK: Duration = Duration::from_millis(1);

impl WaitLimits {
    /// Returns the name of the limit that has run out.
    pub(super) fn passed(&self, now: Instant, taken: Option<Instant>) -> Option<&'static str> {
        let over = |limit: Option<Instant>| limit.is_some_and(|limit| now >= limit);
        match taken {
            _ if over(self.total) => Some("total"),
            Some(taken) => over(taken.checked_add(self.read)).then_some("read"),
            None if over(self.begin) => Some("begin"),
            None => over(self.connect).then_some("connect"),
        }
    }

    /// Returns when to check the limits again. Nothing wakes the sender when a connection takes the request, so it
    /// checks after the read time-out at the latest.
    pub(super) fn next(&self, now: Instant, taken: Option<Instant>) -> Option<Instant> {
        let waiting = taken.is_none().then_some([self.connect, self.begin]);
        let read = match taken {
            Some(at) => at.checked_add(self.read),
            None => now.checked_add(self.read.max(SHORTEST_CHECK)),
        };
        waiting.into_iter().flatten().flatten().chain(read).chain(self.total).min()
    }
}

/// Waits for a future until a moment, or without a limit for `None`.
pub(super) async fn until<F: Future>(moment: Option<Instant>, future: F) -> Option<F::Output> {
    match moment {
        Some(moment) => timeout_at(moment, future).await.ok(),
        None => Some(future.await),
    }
}

/// Returns the earlier of two moments; `None` means never.
pub(super) fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    a.into_iter().chain(b).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_is_waited_for_by_the_time_to_read_alone() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let limits = WaitLimits {
            total: Some(at(60)),
            connect: Some(at(2)),
            begin: Some(at(1)),
            read: Duration::from_secs(20),
        };
        assert_eq!((limits.passed(at(0), None), limits.next(now, None)), (None, Some(at(1))));
        assert_eq!((limits.passed(at(1), None), limits.passed(at(1), Some(now))), (Some("begin"), None));
        assert_eq!(limits.next(at(1), Some(now)), Some(at(20)));
        assert_eq!(limits.passed(at(20), Some(now)), Some("read"));
        assert_eq!(limits.passed(at(60), None), Some("total"));
        let unlimited = WaitLimits { total: None, connect: None, begin: None, read: Duration::MAX };
        assert_eq!((unlimited.next(now, None), unlimited.passed(at(9), Some(now))), (None, None));
    }

    #[test]
    fn a_time_to_read_of_nothing_does_not_check_without_a_pause() {
        let now = Instant::now();
        let limits = WaitLimits { total: None, connect: None, begin: None, read: Duration::ZERO };
        assert_eq!(limits.next(now, None), now.checked_add(SHORTEST_CHECK));
        assert_eq!(limits.next(now, Some(now)), Some(now));
    }
}
