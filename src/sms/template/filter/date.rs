//! The filter that formats dates and times.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::{rfc2822, temporal};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::{Error, Value};

use super::{FilterError, text};

/// The maximum length of a formatted date in bytes: a width as in `%20Y` makes a short format write long text.
const MAX_DATE: usize = 200;

/// A parsed date or time.
enum TimeValue {
    /// A point in time: RFC 3339, RFC 2822, seconds since 1970.
    Instant(Timestamp),
    /// A date and time without an offset.
    Local(DateTime),
    Day(Date),
}

/// Formats a time as strftime does, in the local time of `zone`.
pub(super) fn date(value: Value, format: String, zone: Option<String>) -> Result<String, Error> {
    let zone = zone.map(|name| zone_of(&name)).transpose()?;
    let value = read(text(&value)?.trim())?;
    let broken_down = match (value, zone) {
        (TimeValue::Instant(at), Some(zone)) => BrokenDownTime::from(&at.to_zoned(zone)),
        (TimeValue::Local(at), Some(zone)) => BrokenDownTime::from(&in_zone(at, zone)?),
        (TimeValue::Local(at), None) => BrokenDownTime::from(at),
        (TimeValue::Day(day), _) => BrokenDownTime::from(day),
        (TimeValue::Instant(_), None) => {
            return Err(FilterError::bad_value(
                "has an offset, so the filter needs a time zone to show it in: write date('%H:%M', 'Europe/Berlin')",
            ));
        }
    };
    let text = broken_down.to_string(&format).map_err(|_| {
        FilterError::misuse("the date format uses a part that the value does not have, such as the hour of a date, or is not a strftime format: correct the format")
    })?;
    if text.len() > MAX_DATE {
        return Err(FilterError::misuse(
            "the formatted date has more than 200 bytes: write a shorter format",
        ));
    }
    Ok(text)
}

fn zone_of(name: &str) -> Result<TimeZone, Error> {
    TimeZone::get(name).map_err(|_| {
        FilterError::misuse("there is no such time zone: use an IANA name such as 'Europe/Berlin' or 'UTC'")
    })
}

/// Refuses a local time that daylight saving skips or repeats, because it does not name one point in time.
fn in_zone(at: DateTime, zone: TimeZone) -> Result<Zoned, Error> {
    zone.to_ambiguous_zoned(at).unambiguous().map_err(|_| {
        FilterError::bad_value("is a local time that daylight saving skips or repeats: give it with its offset, as in 2026-10-25T02:30:00+01:00")
    })
}

fn read(text: &str) -> Result<TimeValue, Error> {
    const WRITTEN: temporal::DateTimeParser = temporal::DateTimeParser::new();
    if let Ok(seconds) = text.parse::<i64>() {
        let at = Timestamp::from_second(seconds);
        return at.map(TimeValue::Instant).map_err(|_| {
            FilterError::bad_value("is out of range: give seconds since 1970, not milliseconds")
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
        FilterError::bad_value(
            "is not a date or a time: give RFC 3339, as in 2026-05-01T19:30:00+02:00, RFC 2822, or seconds since 1970",
        )
    })
}
