//! A day or a moment, as filters take it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day or a moment in UTC, as filters take it. A day is taken whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(String);

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

impl AsRef<str> for Moment {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
