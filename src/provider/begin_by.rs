//! The deadline for handing a request to a connection.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The deadline for handing a request to a connection. Where it has passed, the request is refused and certainly not
/// sent.
///
/// Use it where a worker marks a message as "being sent" before it sends it: once that mark has expired, another worker
/// may have taken the message over. The deadline is checked right before the request is written, by the monotonic clock
/// and by the wall clock, because the first stops while the machine sleeps and the second may be set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeginBy {
    /// `None`: so far away that it never passes.
    monotonic: Option<Instant>,
    wall: Option<SystemTime>,
}

impl BeginBy {
    /// Counts from now. A time too long to add means that there is no limit.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self { monotonic: Instant::now().checked_add(time), wall: SystemTime::now().checked_add(time) }
    }

    /// Is it over, by either clock?
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.monotonic.is_some_and(|by| Instant::now() >= by)
            || self.wall.is_some_and(|by| SystemTime::now() >= by)
    }

    /// Returns the moment by the monotonic clock, to set a timer.
    pub(crate) const fn monotonic(&self) -> Option<Instant> {
        self.monotonic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_clock_is_enough() {
        let far = BeginBy::within(Duration::from_secs(3600));
        assert!(!far.has_passed());
        assert!(BeginBy::within(Duration::ZERO).has_passed());
        assert!(
            BeginBy { wall: Some(SystemTime::now()), ..far }.has_passed(),
            "the machine slept for an hour"
        );
        assert!(
            BeginBy { monotonic: Some(Instant::now()), ..far }.has_passed(),
            "the wall clock was set back"
        );
        assert!(!BeginBy::within(Duration::MAX).has_passed());
    }
}
