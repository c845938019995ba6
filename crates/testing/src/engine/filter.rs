//! The date filters of lists: `DateSent`, `DateSent<`, `DateSent>`.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::error::Refusal;
use super::form::Pairs;

/// The bounds of a date filter, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dates {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Dates {
    /// Reads the three filters of one date.
    pub(super) fn read(query: &Pairs, name: &str) -> Result<Self, Refusal> {
        let span = |key: &str| query.get(key).map(|text| span(text, name)).transpose();
        let on = span(name)?.map(|(first, _)| whole_day(first));
        let until = span(&format!("{name}<"))?;
        let since = span(&format!("{name}>"))?;
        Ok(Self {
            from: on.map(|(first, _)| first).max(since.map(|(first, _)| first)),
            to: [on, until].into_iter().flatten().map(|(_, last)| last).min(),
        })
    }

    /// Reads a filter whose bounds have names of their own.
    pub(super) fn between(query: &Pairs, from: &str, to: &str) -> Result<Self, Refusal> {
        let bound = |key: &str| query.get(key).map(|text| span(text, key)).transpose();
        Ok(Self { from: bound(from)?.map(|(first, _)| first), to: bound(to)?.map(|(_, last)| last) })
    }

    /// Returns whether a time is within the bounds. A missing time is within them only where there are no bounds.
    pub(super) fn contain(&self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time <= to),
            None => self.from.is_none() && self.to.is_none(),
        }
    }
}

/// Returns the first and the last moment of a day, or of a second.
fn span(text: &str, name: &str) -> Result<(Timestamp, Timestamp), Refusal> {
    let refusal = || {
        Refusal::bad_request(
            20001,
            format!("The {name} filter {text} is neither YYYY-MM-DD nor a date and time"),
        )
    };
    let (first, length) = if text.len() == 10 {
        let day: Date = text.parse().map_err(|_| refusal())?;
        (midnight(day).ok_or_else(refusal)?, SignedDuration::from_hours(24))
    } else {
        (instant(text).ok_or_else(refusal)?, SignedDuration::from_secs(1))
    };
    Ok((first, last(first, length)))
}

/// Returns the last moment of a span.
fn last(first: Timestamp, length: SignedDuration) -> Timestamp {
    first.checked_add(length - SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX)
}

/// Returns the whole day of a time. A filter without `<` or `>` means the day even where it has a time, because Twilio's
/// own clients write every date with a time.
fn whole_day(time: Timestamp) -> (Timestamp, Timestamp) {
    let day = TimeZone::UTC.to_datetime(time).date();
    let first = midnight(day).unwrap_or(time);
    (first, last(first, SignedDuration::from_hours(24)))
}

fn midnight(day: Date) -> Option<Timestamp> {
    day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Reads an ISO 8601 date and time; without an offset it is UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive_to_the_day_and_to_the_second() {
        let cases = [
            ("DateSent=2026-01-05", "2026-01-05T23:59:59Z", true),
            ("DateSent=2026-01-05", "2026-01-06T00:00:00Z", false),
            ("DateSent=2026-01-05T00:00:00Z", "2026-01-05T23:59:59Z", true),
            ("DateSent=2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", false),
            ("DateSent%3C=2026-01-05", "2026-01-05T12:00:00Z", true),
            ("DateSent%3C=2026-01-04", "2026-01-05T12:00:00Z", false),
            ("DateSent>=2026-01-05", "2026-01-05T00:00:00Z", true),
            ("DateSent>=2026-01-05T12:00:01Z", "2026-01-05T12:00:00Z", false),
            ("DateSent>=2026-01-05T12:00:00", "2026-01-05T12:00:00Z", true),
            ("DateSent>=2026-01-05T13:00:00%2B01:00", "2026-01-05T12:00:00Z", true),
            ("DateSent<=2026-01-07&DateSent>=2026-01-06", "2026-01-05T12:00:00Z", false),
            ("", "2026-01-05T12:00:00Z", true),
        ];
        for (query, time, expected) in cases {
            let dates = Dates::read(&Pairs::decode(query.as_bytes()), "DateSent").unwrap();
            assert_eq!(dates.contain(Some(time.parse().unwrap())), expected, "{query} {time}");
        }
        assert_eq!(Dates::read(&Pairs::decode(b"DateSent=yesterday"), "DateSent").unwrap_err().code(), 20001);
    }
}
