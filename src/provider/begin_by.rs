//! The moment after which a request may not begin any more.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Until when a request must have been handed to a connection; later it is refused, and surely was not sent.
///
/// For who marks a message as being sent before it is: once the mark is too old, somebody else may have taken the
/// message over. It is checked right before the request is written. Both clocks of the machine count: the monotonic one
/// stands still while a machine sleeps, the wall clock may be set back.
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
