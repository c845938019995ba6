//! Dates and times as people read them.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::{rfc2822, temporal};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::{Error, Value};

use super::{Problem, text};

/// The most bytes of a date: the four of `%20Y` write twenty.
const MAX_DATE: usize = 200;

/// A value as a time.
enum TimeValue {
    /// An instant: RFC 3339, RFC 2822, seconds since 1970.
    Instant(Timestamp),
    /// A date and time without an offset.
    Local(DateTime),
    Day(Date),
}

/// Writes a time in the format of strftime, in the local time of `zone`.
pub(super) fn date(value: Value, format: String, zone: Option<String>) -> Result<String, Error> {
    let zone = zone.map(|name| zone_of(&name)).transpose()?;
    let value = read(text(&value)?.trim())?;
    let broken_down = match (value, zone) {
        (TimeValue::Instant(at), Some(zone)) => BrokenDownTime::from(&at.to_zoned(zone)),
        (TimeValue::Local(at), Some(zone)) => BrokenDownTime::from(&in_zone(at, zone)?),
        (TimeValue::Local(at), None) => BrokenDownTime::from(at),
        (TimeValue::Day(day), _) => BrokenDownTime::from(day),
        (TimeValue::Instant(_), None) => {
            return Err(Problem::of_value(
                "is an instant and needs a time zone: write it, as in date('%H:%M', 'Europe/Berlin')",
            ));
        }
    };
    let text = broken_down.to_string(&format).map_err(|_| {
        Problem::of_use("the value does not have what the format asks for, or the format has unknown letters; see strftime")
    })?;
    if text.len() > MAX_DATE {
        return Err(Problem::of_use("the date has more than 200 bytes: write a shorter format"));
    }
    Ok(text)
}

fn zone_of(name: &str) -> Result<TimeZone, Error> {
    TimeZone::get(name)
        .map_err(|_| Problem::of_use("there is no such time zone: write it as in 'Europe/Berlin' or 'UTC'"))
}

/// A local time that daylight saving skips or repeats is refused: its instant would be a guess.
fn in_zone(at: DateTime, zone: TimeZone) -> Result<Zoned, Error> {
    zone.to_ambiguous_zoned(at).unambiguous().map_err(|_| {
        Problem::of_value("is a time that the change of clocks skips or repeats: write it with its offset, as in 2026-10-25T02:30:00+01:00")
    })
}

fn read(text: &str) -> Result<TimeValue, Error> {
    const WRITTEN: temporal::DateTimeParser = temporal::DateTimeParser::new();
    if let Ok(seconds) = text.parse::<i64>() {
        let at = Timestamp::from_second(seconds);
        return at.map(TimeValue::Instant).map_err(|_| {
            Problem::of_value("is out of range: give seconds since 1970, not milliseconds or less")
        });
    }
    if let Ok(at) = WRITTEN.parse_timestamp(text) {
        return Ok(TimeValue::Instant(at));
    }
    if let Ok(at) = rfc2822::parse(text) {
        return Ok(TimeValue::Instant(at.timestamp()));
    }
    if text.len() <= "2026-05-01".len()
        && let Ok(day) = WRITTEN.parse_date(text)
    {
        return Ok(TimeValue::Day(day));
    }
    WRITTEN.parse_datetime(text).map(TimeValue::Local).map_err(|_| {
        Problem::of_value(
            "is no time: give RFC 3339, as in 2026-05-01T19:30:00+02:00, RFC 2822, or seconds since 1970",
        )
    })
}
