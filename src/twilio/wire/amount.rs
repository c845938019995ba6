//! Decimals, exactly as they came.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::{Field, Found};

/// An amount of money or another decimal, exactly as it came: `-0.00750`.
///
/// Twilio writes charges as negative numbers. Amounts are compared by their value, so `0.50` equals `0.5`, and
/// [`decimal`](Self::decimal) gives a number to calculate with.
///
/// ```
/// use rust_decimal::Decimal;
/// use switchboard::twilio::value::Amount;
///
/// let prices = ["-0.00750", "-0.0079"].map(|price| Amount::parse(price).unwrap());
/// let spent: Decimal = prices.iter().filter_map(Amount::decimal).sum();
/// assert_eq!(spent.to_string(), "-0.01540");
/// assert_eq!(prices.iter().min().unwrap().as_str(), "-0.0079");
/// ```
#[derive(Debug, Clone)]
pub struct Amount(String);

impl Amount {
    /// Reads a decimal number; `None` where the text is not one.
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

    /// Returns the number to calculate with, exactly; `None` where it has more than the 28 digits of a [`Decimal`].
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        Decimal::from_str_exact(&self.0).ok()
    }

    /// The normalised value: without the sign of a zero, leading zeros and trailing zeros.
    fn value(&self) -> Value<'_> {
        let digits = self.0.strip_prefix(['-', '+']).unwrap_or(&self.0);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let negative = self.0.starts_with('-') && !(whole.is_empty() && fraction.is_empty());
        Value { negative, whole, fraction }
    }
}

/// A decimal number in parts, of any length.
#[derive(PartialEq, Eq, Hash)]
struct Value<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl Eq for Amount {}

impl Hash for Amount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value().hash(state);
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, two) = (self.value(), other.value());
        // Without leading zeros, the longer number is the larger one; digits after the point are compared as text.
        let sizes =
            (one.whole.len(), one.whole, one.fraction).cmp(&(two.whole.len(), two.whole, two.fraction));
        match (one.negative, two.negative) {
            (false, false) => sizes,
            (true, true) => sizes.reverse(),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl From<Decimal> for Amount {
    fn from(number: Decimal) -> Self {
        Self(number.to_string())
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
            Found::Other(Json::Number(number)) => Self::parse(&number.to_string()),
            Found::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    #[test]
    fn amounts_are_compared_by_value_and_shown_as_they_came() {
        for (one, two) in [("0.50", "0.5"), ("-0", "0"), ("+007", "7.0"), ("-1.10", "-01.1")] {
            assert_eq!(amount(one), amount(two));
            assert_eq!(HashSet::from([amount(one), amount(two)]).len(), 1);
        }
        assert_eq!(amount("+007.00").as_str(), "+007.00");
        let mut sorted = ["2", "-0.5", "10", "0", "-10", "0.05", "-0.05", "2.5"].map(amount);
        sorted.sort();
        assert_eq!(sorted.map(|amount| amount.0).join(" "), "-10 -0.5 -0.05 0 0.05 2 2.5 10");
        let long = format!("{}.1", "9".repeat(60));
        assert!(amount(&long) > amount("9") && amount(&long).decimal().is_none());
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_numbers(one in "[+-]?[0-9]{1,9}(\\.[0-9]{1,9})?", two in "[+-]?[0-9]{1,3}(\\.[0-9]{1,3})?") {
            let (one, two) = (amount(&one), amount(&two));
            prop_assert_eq!(one.cmp(&two), one.decimal().unwrap().cmp(&two.decimal().unwrap()));
            prop_assert_eq!(Amount::from(one.decimal().unwrap()), one);
        }
    }
}
