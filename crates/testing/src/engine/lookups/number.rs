//! Reading numbers for lookups.

use crate::engine::countries::{self, Country};

/// The fewest and the most digits of any number.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A number in E.164, with what is wrong with it.
pub(in crate::engine) struct ParsedNumber {
    pub(in crate::engine) number: String,
    pub(in crate::engine) valid: bool,
    pub(in crate::engine) error: Option<&'static str>,
}

impl ParsedNumber {
    /// Reads a number. Without a plus it is a national number of `country`, or of the United States.
    pub(in crate::engine) fn read(given: &str, country: Option<&str>) -> Self {
        let plain: String = given.chars().filter(|c| !" ()-.".contains(*c)).collect();
        let number =
            match (plain.strip_prefix('+'), country.map_or(Some("US"), Some).and_then(countries::by_iso)) {
                (Some(_), _) | (None, None) => plain,
                (None, Some(country)) => international(&plain, country),
            };
        let error = error(&number, country);
        Self { number, valid: error.is_none(), error }
    }
}

fn international(national: &str, country: &Country) -> String {
    let digits = national.trim_start_matches('0');
    let whole = country.calling_code == "1" && digits.len() == 11 && digits.starts_with('1');
    if whole { format!("+{digits}") } else { format!("+{}{digits}", country.calling_code) }
}

fn error(number: &str, country: Option<&str>) -> Option<&'static str> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some("NOT_A_NUMBER");
    }
    if country.is_some_and(|iso| countries::by_iso(iso).is_none()) || digits.starts_with('0') {
        return Some("INVALID_COUNTRY_CODE");
    }
    let (fewest, most, before) = match countries::of_digits(digits) {
        Some(country) => (country.digits.0, country.digits.1, country.calling_code.len()),
        None => (*DIGITS.start(), *DIGITS.end(), 0),
    };
    match digits.len() - before {
        length if length < fewest => Some("TOO_SHORT"),
        length if length > most => Some("TOO_LONG"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_put_in_order_and_their_mistakes_are_named() {
        let cases = [
            ("+14155551234", None, "+14155551234", None),
            ("(415) 555-1234", Some("US"), "+14155551234", None),
            ("4155551234", None, "+14155551234", None),
            ("07700 900123", Some("GB"), "+447700900123", None),
            ("+1415555", None, "+1415555", Some("TOO_SHORT")),
            ("+141555512345", None, "+141555512345", Some("TOO_LONG")),
            ("+0123456789", None, "+0123456789", Some("INVALID_COUNTRY_CODE")),
            ("4155551234", Some("ZZ"), "4155551234", Some("INVALID_COUNTRY_CODE")),
            ("hello", None, "+1hello", Some("NOT_A_NUMBER")),
            ("+999123456", None, "+999123456", None),
        ];
        for (given, country, number, error) in cases {
            let parsed = ParsedNumber::read(given, country);
            assert_eq!((parsed.number.as_str(), parsed.error), (number, error), "{given}");
        }
    }
}
