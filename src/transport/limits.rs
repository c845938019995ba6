//! The deadlines of an exchange. A duration that is too long to add to the clock means no deadline.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Until when a status line is waited for.
pub(super) struct WaitLimits {
    /// Until when the whole exchange must be over.
    pub(super) total: Option<Instant>,
    /// Until when a connection must have taken the request: a limit of this request.
    pub(super) connect: Option<Instant>,
    /// The same, set by the caller as a moment.
    pub(super) begin: Option<Instant>,
    /// How long after it was taken the answer must begin.
    pub(super) read: Duration,
}

impl WaitLimits {
    /// Returns the limit that has run out.
    pub(super) fn passed(&self, now: Instant, taken: Option<Instant>) -> Option<&'static str> {
        let over = |limit: Option<Instant>| limit.is_some_and(|limit| now >= limit);
        match taken {
            _ if over(self.total) => Some("total"),
            Some(taken) => over(taken.checked_add(self.read)).then_some("read"),
            None if over(self.begin) => Some("begin"),
            None => over(self.connect).then_some("connect"),
        }
    }

    /// Returns when to look again. Nothing wakes the sender when a connection takes the request, so it looks after the
    /// time to read at the latest.
    pub(super) fn next(&self, now: Instant, taken: Option<Instant>) -> Option<Instant> {
        let waiting = taken.is_none().then_some([self.connect, self.begin]);
        let read = taken.unwrap_or(now).checked_add(self.read);
        waiting.into_iter().flatten().flatten().chain(read).chain(self.total).min()
    }
}

/// Waits for a future until a moment; `None` as a moment is for ever.
pub(super) async fn until<F: Future>(moment: Option<Instant>, future: F) -> Option<F::Output> {
    match moment {
        Some(moment) => timeout_at(moment, future).await.ok(),
        None => Some(future.await),
    }
}

/// Returns the earlier of two moments, of which either may never come.
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
}
