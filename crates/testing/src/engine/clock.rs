//! The clock of one account, and the events that are due later.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::schedule::Schedule;

/// 2026-01-05T09:00:00Z, a Monday.
#[cfg(test)]
const START_SECOND: i64 = 1_767_603_600;

/// A scheduled event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ScheduledEvent {
    /// The next status of a message is due.
    Message(String),
    /// The next status of a call is due.
    Call(String),
    /// A stopped recording is completed.
    Recording(String),
}

/// The time, and the events that are due later.
#[derive(Debug)]
pub(super) struct Clock {
    now: Timestamp,
    scheduled: Schedule<ScheduledEvent>,
}

#[cfg(test)]
impl Default for Clock {
    fn default() -> Self {
        Self::starting(Timestamp::from_second(START_SECOND).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl Clock {
    /// Starts at a given time.
    pub(super) fn starting(now: Timestamp) -> Self {
        Self { now, scheduled: Schedule::default() }
    }

    /// Returns the time of the fake.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the time after `wait`.
    pub(super) fn after(&self, wait: Duration) -> Timestamp {
        later(self.now, wait)
    }

    /// Schedules an event. Events that are due at the same time happen in the order in which they were scheduled.
    pub(super) fn schedule(&mut self, at: Timestamp, event: ScheduledEvent) {
        self.scheduled.add(at, event);
    }

    /// Returns the time of the next event.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        self.scheduled.first_time()
    }

    /// Moves the time to the next event that is due by `limit`, and returns the event; without one, moves it to `limit`.
    pub(super) fn next_until(&mut self, limit: Timestamp) -> Option<ScheduledEvent> {
        let due = self.scheduled.take_due(limit);
        self.now = self.now.max(due.as_ref().map_or(limit, |(at, _)| *at));
        due.map(|(_, event)| event)
    }
}

/// Returns the time after `wait`; the last possible time where there is no such time.
pub(super) fn later(time: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Writes a time as the 2010 API does: `Mon, 05 Jan 2026 09:00:00 +0000`.
pub(super) fn rfc2822(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Writes a time as the header `Date` does: `Mon, 05 Jan 2026 09:00:00 GMT`.
pub(super) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Writes a time as the newer products do: `2026-01-05T09:00:00Z`.
pub(super) fn iso8601(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns the day of a time, in UTC.
pub(super) fn day(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_on_a_monday_and_stands_still() {
        let clock = Clock::default();
        assert_eq!(rfc2822(clock.now()), "Mon, 05 Jan 2026 09:00:00 +0000");
        assert_eq!(iso8601(clock.now()), "2026-01-05T09:00:00Z");
        assert_eq!(day(clock.now()).to_string(), "2026-01-05");
        assert_eq!(clock.after(Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn events_come_in_their_order_and_at_their_time() {
        let mut clock = Clock::default();
        let at = |clock: &Clock, seconds| clock.after(Duration::from_secs(seconds));
        let (two, one, limit) = (at(&clock, 2), at(&clock, 1), at(&clock, 3));
        for (time, name) in [(two, "b"), (one, "a"), (two, "c"), (at(&clock, 4), "late")] {
            clock.schedule(time, ScheduledEvent::Message(name.into()));
        }
        for (name, time) in [("a", one), ("b", two), ("c", two)] {
            assert_eq!(clock.next_until(limit), Some(ScheduledEvent::Message(name.into())));
            assert_eq!(clock.now(), time);
        }
        assert_eq!(clock.next_until(limit), None);
        assert_eq!(clock.now(), limit);
    }
}
