//! Reads `Retry-After`: how long a provider asks the client to wait.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::fmt::rfc2822;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::{Timestamp, tz::TimeZone};

/// The longest wait that is returned: longer than any program waits, and short enough to be added to the current time.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Reads `Retry-After`: seconds, or a date in any of the three forms of HTTP. A number that is too large counts as a
/// hundred years, because it means "not now"; text that is neither a number nor a date is ignored.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = seconds(text).or_else(|| Some(until(date(text, now)?, now)))?;
    Some(wait.min(LONGEST))
}

fn seconds(text: &str) -> Option<Duration> {
    let number = text.parse::<f64>().ok().filter(|number| *number >= 0.0)?;
    Some(Duration::try_from_secs_f64(number).unwrap_or(LONGEST))
}

fn until(date: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// Reads a date in HTTP's current form or one of its two obsolete forms: a recipient must accept all three.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
fn date(text: &str, now: Timestamp) -> Option<Timestamp> {
    let lenient = rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    lenient.or_else(|| imf_fixdate(text)).or_else(|| rfc_850(text, now)).or_else(|| asctime(text))
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`.
fn imf_fixdate(text: &str) -> Option<Timestamp> {
    let (_weekday, date) = text.split_once(", ")?;
    in_utc(&strtime::parse("%d %b %Y %H:%M:%S GMT", date).ok()?)
}

/// Reads `Sunday, 06-Nov-94 08:49:37 GMT`, whose year is the one nearest to now that ends in these two digits.
fn rfc_850(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (_weekday, date) = text.split_once(", ")?;
    let mut parsed = strtime::parse("%d-%b-%y %H:%M:%S GMT", date).ok()?;
    let (year, this) = (parsed.year()?, now.to_zoned(TimeZone::UTC).year());
    let century = if year + 50 < this {
        100
    } else if year > this + 50 {
        -100
    } else {
        0
    };
    parsed.set_year(Some(year + century)).ok()?;
    in_utc(&parsed)
}

/// Reads `Sun Nov  6 08:49:37 1994`.
fn asctime(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split_ascii_whitespace().skip(1).collect();
    in_utc(&strtime::parse("%b %d %H:%M:%S %Y", words.join(" ")).ok()?)
}

fn in_utc(parsed: &BrokenDownTime) -> Option<Timestamp> {
    let zoned = parsed.to_datetime().ok()?.to_zoned(TimeZone::UTC);
    // The last day of the year 9999 is a valid date, but too late for a `Timestamp`.
    Some(zoned.map_or(Timestamp::MAX, |date| date.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, "2026-01-05T09:00:00Z".parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_the_three_forms_of_a_date_are_read() {
        assert_eq!(after("7"), Some(7));
        assert_eq!(after(" 0 "), Some(0));
        assert_eq!(after("1.5"), Some(1));
        assert_eq!(after("Mon, 05 Jan 2026 09:00:30 GMT"), Some(30));
        assert_eq!(after("Mon, 05 Jan 2026 08:00:00 GMT"), Some(0));
        assert_eq!(after("Monday, 05-Jan-26 09:00:30 GMT"), Some(30));
        assert_eq!(after("Mon Jan  5 09:00:30 2026"), Some(30));
        assert_eq!(after("Sun Dec 15 09:00:00 2024"), Some(0));
    }

    #[test]
    fn a_year_of_two_digits_is_the_nearest_to_now() {
        assert_eq!(after("Sunday, 06-Nov-94 08:49:37 GMT"), Some(0));
        assert!(after("Monday, 05-Jan-70 09:00:00 GMT").unwrap() > 40 * 365 * 86_400, "2070");
    }

    #[test]
    fn a_number_of_seconds_that_overflows_is_a_very_long_wait() {
        for long in [
            "99999999999999999999999",
            "inf",
            "1e400",
            "18446744073709551616",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert_eq!(after(long), Some(LONGEST.as_secs()), "{long}");
        }
        assert!(std::time::Instant::now().checked_add(LONGEST).is_some());
    }

    #[test]
    fn text_that_is_neither_a_number_nor_a_date_is_ignored() {
        for junk in ["soon", "-3", "NaN", "-inf", "", "Monday, 05-Jan-26", "Mon Jan 32 09:00:30 2026"] {
            assert_eq!(after(junk), None, "{junk}");
        }
    }
}
