//! Decimals, exactly as they came.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::{Field, Found};

/// An amount of money or another decimal, exactly as it came: `-0.00750`.
///
/// Twilio writes charges as negative numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Amount(String);

impl Amount {
    /// Takes a decimal number; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        (numeric(whole) && numeric(part)).then(|| Self(text.to_owned()))
    }

    /// Returns it as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a decimal number"))
    }
}

impl Field for Amount {
    fn read(value: Found<'_>) -> Option<Self> {
        match value {
            Found::Text(text) => Self::parse(&text),
            Found::Whole(number) => Some(Self(number.to_string())),
            Found::Other(Value::Number(number)) => Self::parse(&number.to_string()),
            Found::Other(_) => None,
        }
    }
}
