//! A day or a moment, as the filters of lists take it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day or a moment in UTC, as the filters of lists take it. A day is taken whole; of a moment the seconds count.
///
/// ```
/// use switchboard::twilio::{ListMessages, Moment};
///
/// let list = ListMessages::new()
///     .sent_on_or_after("2026-09-01".parse::<Moment>()?)
///     .sent_on_or_before("2026-09-01T18:00:00+02:00".parse::<Moment>()?);
/// # let _ = list;
/// # Ok::<(), switchboard::twilio::ParseMomentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(String);

/// Why a text is neither a day nor a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "neither a day nor a moment: write 2026-09-01, or a time with its offset, as in 2026-09-01T18:00:00+02:00"
)]
pub struct ParseMomentError;

impl From<Date> for Moment {
    fn from(day: Date) -> Self {
        Self(day.to_string())
    }
}

impl From<Timestamp> for Moment {
    fn from(moment: Timestamp) -> Self {
        Self(moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

/// A day (`2026-09-01`) or a moment of RFC 3339 (`2026-09-01T18:00:00+02:00`). A time without an offset is refused: it could
/// be of any zone.
impl FromStr for Moment {
    type Err = ParseMomentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(moment.into());
        }
        // A date of jiff may have a time behind it, which would be lost.
        let day = Some(text).filter(|text| text.len() == "2026-09-01".len());
        day.and_then(|day| day.parse::<Date>().ok()).map(Self::from).ok_or(ParseMomentError)
    }
}

impl TryFrom<String> for Moment {
    type Error = ParseMomentError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Moment {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_moment_are_read() {
        for (text, written) in [
            ("2026-09-01", "2026-09-01"),
            ("2026-09-01T18:00:00Z", "2026-09-01T18:00:00Z"),
            ("2026-09-01T18:00:00.9+02:00", "2026-09-01T16:00:00Z"),
            ("2026-09-01 18:00:00-05:00", "2026-09-01T23:00:00Z"),
        ] {
            assert_eq!(text.parse::<Moment>().unwrap().as_ref(), written, "{text}");
            let json = serde_json::to_string(text).unwrap();
            let stored = serde_json::from_str::<Moment>(&json).unwrap();
            assert_eq!(serde_json::to_string(&stored).unwrap(), serde_json::to_string(written).unwrap());
        }
    }

    #[test]
    fn what_could_be_several_moments_is_refused() {
        for text in [
            "",
            "today",
            "2026-09-31",
            "01.09.2026",
            "2026-9-1",
            "2026-09-01T18:00:00",
            "2026-09-01T18:00",
            "20260901",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(ParseMomentError), "{text}");
        }
    }
}
