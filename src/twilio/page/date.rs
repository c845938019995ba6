//! A day or a time, as the filters of lists take it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use crate::twilio::wire::{Form, Parameter};

/// A day or a time in UTC, as the filters of lists take it. A day is taken whole.
///
/// ```
/// use switchboard::twilio::page::DateOrTime;
///
/// let day: DateOrTime = "2026-09-01".parse()?;
/// let time: DateOrTime = "2026-09-01T08:30:00+02:00".parse()?;
/// assert_eq!((day.to_string().as_str(), time.to_string().as_str()), ("2026-09-01", "2026-09-01T06:30:00Z"));
/// # Ok::<(), switchboard::twilio::page::ParseDateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct DateOrTime(String);

/// Why a text is neither a day nor a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("neither a day, as in 2026-09-01, nor a time with its offset, as in 2026-09-01T08:30:00Z")]
pub struct ParseDateError;

impl FromStr for DateOrTime {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A day has ten characters, and the parser of days would take the beginning of a time for one.
        let day = || text.parse::<Date>().ok().filter(|_| text.len() == 10).map(Self::from);
        let time = || text.parse::<Timestamp>().ok().map(Self::from);
        day().or_else(time).ok_or(ParseDateError)
    }
}

impl From<Date> for DateOrTime {
    fn from(day: Date) -> Self {
        Self(day.to_string())
    }
}

impl From<Timestamp> for DateOrTime {
    fn from(time: Timestamp) -> Self {
        Self(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

impl AsRef<str> for DateOrTime {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Parameter for DateOrTime {
    fn write(&self, name: &str, form: &mut Form) {
        form.put(name, self);
    }
}

impl fmt::Display for DateOrTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DateOrTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_and_nothing_else() {
        for (text, expected) in [
            ("2026-09-01", Some("2026-09-01")),
            ("2026-09-01T08:30:00Z", Some("2026-09-01T08:30:00Z")),
            ("2026-09-01T08:30:00.5+02:00", Some("2026-09-01T06:30:00Z")),
            ("2026-09-01T08:30:00", None),
            ("2026-13-01", None),
            ("yesterday", None),
            ("", None),
        ] {
            let read = text.parse::<DateOrTime>().ok();
            assert_eq!(read.as_ref().map(AsRef::as_ref), expected, "{text}");
            let json = serde_json::from_value::<DateOrTime>(text.into()).ok();
            assert_eq!(json, read, "{text}");
        }
    }
}
