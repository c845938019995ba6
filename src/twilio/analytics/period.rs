//! The days that are counted.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::provider::ProviderError;
use crate::twilio::error::invalid_request;

/// Twilio keeps messages and calls for about thirteen months.
const MOST_DAYS: i64 = 400;
const CONVERSATIONS: usize = 100_000;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The days that are counted. Days are those of UTC, as Twilio has them.
///
/// ```
/// use switchboard::twilio::analytics::AnalyticsPeriod;
///
/// let week = AnalyticsPeriod::days(7);
/// let september = AnalyticsPeriod::between("2026-09-01".parse()?, "2026-09-30".parse()?);
/// # let _ = (week, september);
/// # Ok::<(), switchboard::jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyticsPeriod {
    days: Days,
    now: Option<Timestamp>,
    conversations: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    Last(u32),
    Between(Date, Date),
}

impl AnalyticsPeriod {
    /// Today, as far as it has passed, and the days before it: so many days in all, 1 to 400.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self::of(Days::Last(days))
    }

    /// From one day to another, both included.
    #[must_use]
    pub const fn between(first: Date, last: Date) -> Self {
        Self::of(Days::Between(first, last))
    }

    const fn of(days: Days) -> Self {
        Self { days, now: None, conversations: CONVERSATIONS }
    }

    /// Sets the time at which [`days`](Self::days) ends, instead of the current one.
    #[must_use]
    pub const fn now(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// Sets how many pairs of numbers are followed at most to measure response times; 100,000 by default. Messages of further
    /// pairs are counted as usual, and in [`not_followed`](super::MessageAnalytics::not_followed).
    #[must_use]
    pub const fn conversations(mut self, most: usize) -> Self {
        self.conversations = most;
        self
    }

    pub(super) const fn conversation_limit(&self) -> usize {
        self.conversations
    }

    /// Finds out which days these are.
    pub(super) fn resolve(&self) -> Result<ResolvedDays, ProviderError> {
        let as_of = self.now.unwrap_or_else(Timestamp::now);
        let (first, last) = match self.days {
            Days::Between(first, last) => (first, last),
            Days::Last(days) => {
                let today = day_of(as_of);
                let before = DAY.checked_mul(i32::try_from(days).unwrap_or(i32::MAX).saturating_sub(1));
                let first = before.and_then(|before| today.checked_sub(before).ok());
                (first.unwrap_or(Date::MIN), today)
            }
        };
        let days = ResolvedDays { first, last, as_of };
        match days.count() {
            1..=MOST_DAYS => Ok(days),
            count if count < 1 => Err(invalid_request(
                "the period of the analytics has no day: its first day must not be after its last one, and days(..) takes 1 \
                 to 400, as in days(7)",
            )),
            count => Err(invalid_request(format!(
                "the period of the analytics has {count} days, and at most {MOST_DAYS} are possible: split it"
            ))),
        }
    }
}

/// The day of a time, in UTC.
pub(super) fn day_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

/// The first and the last day of a period.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResolvedDays {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) as_of: Timestamp,
}

impl ResolvedDays {
    /// The number of days; less than 1 where the first one is after the last one.
    fn count(&self) -> i64 {
        self.first.duration_until(self.last).as_hours() / 24 + 1
    }

    /// Iterates over the days.
    pub(super) fn each(&self) -> impl Iterator<Item = Date> + use<> {
        let first = self.first;
        (0..self.count()).filter_map(move |day| first.checked_add(SignedDuration::from_hours(24 * day)).ok())
    }

    /// Returns the day after the last one.
    pub(super) fn after_last(&self) -> Date {
        self.last.tomorrow().unwrap_or(Date::MAX)
    }

    /// Returns which day of the period a time belongs to, from 0; `None` where it is outside.
    pub(super) fn position(&self, time: Timestamp) -> Option<usize> {
        let day = day_of(time);
        let within = (self.first..=self.last).contains(&day);
        let position = usize::try_from(self.first.duration_until(day).as_hours() / 24).ok();
        position.filter(|_| within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(period: &AnalyticsPeriod) -> Result<String, String> {
        let days = period.resolve().map_err(|error| error.message().to_owned())?;
        assert_eq!(days.each().count(), usize::try_from(days.count()).unwrap());
        assert_eq!((days.each().next(), days.each().last()), (Some(days.first), Some(days.last)));
        Ok(format!("{} {}", days.first, days.last))
    }

    #[test]
    fn the_last_days_end_with_today_in_utc() {
        let late = "2026-03-01T01:30:00+02:00".parse().unwrap();
        let last = |days| resolved(&AnalyticsPeriod::days(days).now(late));
        assert_eq!(last(1).unwrap(), "2026-02-28 2026-02-28");
        assert_eq!(last(7).unwrap(), "2026-02-22 2026-02-28");
        assert_eq!(last(400).unwrap(), "2025-01-25 2026-02-28");
        for wrong in [0, 401, u32::MAX] {
            assert!(last(wrong).unwrap_err().contains("400"), "{wrong}");
        }
    }

    #[test]
    fn days_from_to_are_both_included() {
        let between = |first: &str, last: &str| {
            resolved(&AnalyticsPeriod::between(first.parse().unwrap(), last.parse().unwrap()))
        };
        assert_eq!(between("2026-09-01", "2026-09-01").unwrap(), "2026-09-01 2026-09-01");
        assert!(between("2026-09-02", "2026-09-01").unwrap_err().contains("as in days(7)"));
        assert!(between("2024-09-02", "2026-09-01").unwrap_err().contains("has 730 days"));
        assert!(between("-009999-01-01", "9999-12-31").is_err());
    }

    #[test]
    fn a_time_belongs_to_one_day_or_to_none() {
        let days = AnalyticsPeriod::between("2026-09-01".parse().unwrap(), "2026-09-03".parse().unwrap());
        let days = days.resolve().unwrap();
        for (time, expected) in [
            ("2026-08-31T23:59:59Z", None),
            ("2026-09-01T00:00:00Z", Some(0)),
            ("2026-09-02T23:59:59Z", Some(1)),
            ("2026-09-03T23:59:59Z", Some(2)),
            ("2026-09-04T00:00:00Z", None),
        ] {
            assert_eq!(days.position(time.parse().unwrap()), expected, "{time}");
        }
    }
}
