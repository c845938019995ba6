//! A telephone number with its country code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Masked, ParsePhoneError};

/// Fewest digits an international number can have, country code included (Austria's shortest).
const MIN_DIGITS: usize = 6;
/// Most digits of an international number, ITU-T E.164 §6.2.1.
pub(super) const MAX_DIGITS: usize = 15;

/// The maximum length of the input in characters; libphonenumber has the same limit.
pub(super) const MAX_INPUT: usize = 250;

/// A telephone number of E.164 shape: a plus sign and 6 to 15 digits, the first of them not zero.
///
/// ```
/// use switchboard::phone::E164;
///
/// let number = E164::parse("+1 415-555-1234")?;
/// assert_eq!(number.as_str(), "+14155551234");
/// assert_eq!(format!("{number:?}"), "E164(…1234)");
/// assert!(E164::parse("415 555 1234").is_err()); // whose country?
/// # Ok::<(), switchboard::phone::ParsePhoneError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(Box<str>);

impl E164 {
    /// Takes a number that names its country itself: `+14155551234`, `+1 415-555-1234`, `(+1) 415 555 1234`,
    /// `tel:+1-415-555-1234`.
    ///
    /// Separators are removed: spaces, dots, hyphens, round brackets that are not nested, and the invisible direction marks that
    /// a number copied from a contact list may contain. Anything else is refused, because it would need a guess: a number
    /// without a plus sign, letters, an extension, two plus signs, a line break inside the number, a slash (which may separate
    /// two numbers), and `(0)`, which is not dialled from abroad. `E164::parse_in` (feature `phone-national`) reads numbers as
    /// people of a country write them.
    ///
    /// # Errors
    /// [`ParsePhoneError`] says what to change.
    pub fn parse(input: &str) -> Result<Self, ParsePhoneError> {
        if check_e164(input).is_ok() {
            return Ok(Self(input.into()));
        }
        check_length(input)?;
        let number = without_separators(input)?;
        check_e164(&number).map(|()| Self(number.into()))
    }

    /// Returns the number with its plus sign.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form for screens and logs: `…1234`.
    #[must_use]
    pub fn masked(&self) -> Masked {
        Masked::of(&self.0)
    }
}

/// Refuses a text that is too long to be a number before anything else looks at it.
pub(super) fn check_length(input: &str) -> Result<(), ParsePhoneError> {
    match input.char_indices().nth(MAX_INPUT) {
        Some(_) => Err(ParsePhoneError::TooMuchText),
        None => Ok(()),
    }
}

/// Drops the separators around and between the digits of a number; anything else is an error.
fn without_separators(input: &str) -> Result<String, ParsePhoneError> {
    use ParsePhoneError as E;
    let text = without_scheme(input.trim_matches(|c: char| c.is_whitespace() || is_direction_mark(c)));
    let masked = || Masked::of_number(text);
    let unexpected = |c| Err(E::NotADigit(masked(), c));
    let mut number = String::with_capacity(MAX_DIGITS + 1);
    // The position at which the digits inside an open bracket begin.
    let mut bracket = None;
    for c in text.chars() {
        match c {
            '+' if number.is_empty() => number.push(c),
            '(' if bracket.is_none() => bracket = Some(number.len()),
            _ if is_space(c) || is_direction_mark(c) => {}
            _ if number.is_empty() => {
                return Err(if text.is_empty() { E::Empty } else { E::NoPlus(masked()) });
            }
            '0'..='9' => number.push(c),
            ')' => match bracket.take().and_then(|start| number.get(start..)) {
                Some("0") => return Err(E::TrunkZero(masked())),
                Some(digits) if !digits.is_empty() => {}
                _ => return unexpected(c),
            },
            '-' | '.' | '\u{2010}' | '\u{2011}' if number.len() > 1 => {}
            _ => return unexpected(c),
        }
    }
    match text.chars().last() {
        None => Err(E::Empty),
        Some(last) if bracket.is_some() || matches!(last, '-' | '.' | '\u{2010}' | '\u{2011}') => {
            unexpected(last)
        }
        Some(_) => Ok(number),
    }
}

/// Drops the `tel:` of RFC 3966.
fn without_scheme(text: &str) -> &str {
    match text.split_at_checked("tel:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
        _ => text,
    }
}

/// Is it a space that may separate digits? Tabs and line breaks separate numbers.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// Invisible marks of the direction of writing.
const fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks that a text is a number exactly as E.164 writes it, with nothing between its digits.
pub(crate) fn check_e164(input: &str) -> Result<(), ParsePhoneError> {
    use ParsePhoneError as E;
    if input.is_empty() {
        return Err(E::Empty);
    }
    let masked = || Masked::of(input);
    let digits = input.strip_prefix('+');
    // The fast path for valid numbers compares bytes and builds no error.
    if let Some([b'1'..=b'9', rest @ ..]) = digits.map(str::as_bytes)
        && (MIN_DIGITS - 1..MAX_DIGITS).contains(&rest.len())
        && rest.iter().all(u8::is_ascii_digit)
    {
        return Ok(());
    }
    if input.trim() != input {
        return Err(E::Surrounded(masked()));
    }
    let Some(digits) = digits else { return Err(E::NoPlus(masked())) };
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_digit()) {
        return Err(E::NotADigit(masked(), other));
    }
    if digits.starts_with('0') {
        return Err(E::LeadingZero(masked()));
    }
    match digits.len() {
        n if n < MIN_DIGITS => Err(E::TooShort(masked(), n)),
        n if n > MAX_DIGITS => Err(E::TooLong(masked(), n)),
        _ => Ok(()),
    }
}

impl FromStr for E164 {
    type Err = ParsePhoneError;
    fn from_str(input: &str) -> Result<Self, Self::Err> {
        Self::parse(input)
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0.into()
    }
}

impl AsRef<str> for E164 {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E164({})", self.masked())
    }
}

impl Serialize for E164 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for E164 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Address;
    use super::*;

    #[test]
    fn numbers_of_exact_form_are_accepted() {
        for number in ["+14155551234", "+15005550006", "+442071838750", "+431117", "+123456789012345"] {
            assert_eq!(E164::parse(number).unwrap().as_str(), number);
        }
    }

    #[test]
    fn numbers_with_a_country_code_are_accepted_with_separators() {
        let cases = [
            "+1 415-555-2671",
            "+1 (415) 555.2671",
            "(+1) 415 555 2671",
            "( +1 ) 415 555 2671",
            "+1-415-555-2671",
            "+1\u{a0}415\u{202f}555\u{2011}2671",
            "tel:+1-415-555-2671",
            "TEL:+14155552671",
            "\t+14155552671 \r\n",
            "\u{202a}+1 415 555 2671\u{202c}",
            "+ 1 415 555 2671",
            "+1 415 555 (2671)",
        ];
        for input in cases {
            assert_eq!(E164::parse(input).unwrap().as_str(), "+14155552671", "{input:?}");
        }
        assert_eq!(E164::parse("+39 (06) 698 12345").unwrap().as_str(), "+390669812345");
        assert_eq!(serde_json::from_str::<E164>("\"+1 415 555 2671\"").unwrap().as_str(), "+14155552671");
    }

    #[test]
    fn ambiguous_numbers_are_refused() {
        use ParsePhoneError as E;
        type Expected = fn(&E) -> bool;
        let cases: [(&str, Expected); 34] = [
            ("", |e| matches!(e, E::Empty)),
            (" \n", |e| matches!(e, E::Empty)),
            ("tel:", |e| matches!(e, E::Empty)),
            ("14155551234", |e| matches!(e, E::NoPlus(_))),
            ("4155551234", |e| matches!(e, E::NoPlus(_))),
            ("(415) 555-1234", |e| matches!(e, E::NoPlus(_))),
            ("001 415 555 1234", |e| matches!(e, E::NoPlus(_))),
            ("tel:415-555-1234", |e| matches!(e, E::NoPlus(_))),
            ("call +14155551234", |e| matches!(e, E::NoPlus(_))),
            ("-+14155551234", |e| matches!(e, E::NoPlus(_))),
            ("whatsapp:+14155551234", |e| matches!(e, E::NoPlus(_))),
            ("++14155551234", |e| matches!(e, E::NotADigit(_, '+'))),
            ("+1 415 555 1234 +1 415 555 1235", |e| matches!(e, E::NotADigit(_, '+'))),
            ("+1 415 555 1234, 415 555 1235", |e| matches!(e, E::NotADigit(_, ','))),
            ("+1 415 555 1234/1235", |e| matches!(e, E::NotADigit(_, '/'))),
            ("+1 415 555\n1234", |e| matches!(e, E::NotADigit(_, '\n'))),
            ("+1 415 555\t1234", |e| matches!(e, E::NotADigit(_, '\t'))),
            ("+1 800 FLOWERS", |e| matches!(e, E::NotADigit(_, 'F'))),
            ("+1 415 555 1234 ext. 5", |e| matches!(e, E::NotADigit(_, 'e'))),
            ("+1 415 555 1234x5", |e| matches!(e, E::NotADigit(_, 'x'))),
            ("tel:+1-415-555-1234;ext=5", |e| matches!(e, E::NotADigit(_, ';'))),
            ("+1 415 555 1234#5", |e| matches!(e, E::NotADigit(_, '#'))),
            ("+1415555１234", |e| matches!(e, E::NotADigit(_, '１'))),
            ("+1 415 555 1234-", |e| matches!(e, E::NotADigit(_, '-'))),
            ("+1 (415 555 1234", |e| matches!(e, E::NotADigit(..))),
            ("+1 415) 555 1234", |e| matches!(e, E::NotADigit(_, ')'))),
            ("+1 ((415)) 555 1234", |e| matches!(e, E::NotADigit(_, '('))),
            ("+1 () 415 555 1234", |e| matches!(e, E::NotADigit(_, ')'))),
            ("+44 (0)20 7123 4567", |e| matches!(e, E::TrunkZero(_))),
            ("+44 ( 0 ) 20 7123 4567", |e| matches!(e, E::TrunkZero(_))),
            ("+04155551234", |e| matches!(e, E::LeadingZero(_))),
            ("+1 23-45", |e| matches!(e, E::TooShort(_, 5))),
            ("+1234 5678 9012 3456", |e| matches!(e, E::TooLong(_, 16))),
            ("+", |e| matches!(e, E::TooShort(_, 0))),
        ];
        for (input, expected) in cases {
            let error = E164::parse(input).unwrap_err();
            assert!(expected(&error), "{input:?}: {error:?}");
        }
    }

    #[test]
    fn a_long_text_is_refused_before_it_is_read() {
        let digits = |count: usize| format!("+1{}", " ".repeat(count - 2));
        assert_eq!(E164::parse(&digits(251)), Err(ParsePhoneError::TooMuchText));
        assert_eq!(E164::parse(&"+".repeat(1_000_000)), Err(ParsePhoneError::TooMuchText));
        assert!(matches!(E164::parse(&digits(250)), Err(ParsePhoneError::TooShort(..))));
    }

    #[test]
    fn the_exact_form_has_nothing_between_its_digits() {
        use ParsePhoneError as E;
        assert!(check_e164("+14155551234").is_ok());
        assert!(matches!(check_e164(" +14155551234"), Err(E::Surrounded(_))));
        assert!(matches!(check_e164("+14155551234\n"), Err(E::Surrounded(_))));
        assert!(matches!(check_e164("+1 415 555 1234"), Err(E::NotADigit(_, ' '))));
        assert!(matches!(check_e164("(+1) 415 555 1234"), Err(E::NoPlus(_))));
    }

    #[test]
    fn errors_show_four_digits_at_most() {
        let error = E164::parse("2025550187").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("2025550187"));
        assert!(error.to_string().contains("…0187"));
    }

    #[test]
    fn serde_writes_the_whole_number_and_checks_what_it_reads() {
        let number = E164::parse("+14155551234").unwrap();
        let json = serde_json::to_string(&number).unwrap();
        assert_eq!(json, "\"+14155551234\"");
        assert_eq!(serde_json::from_str::<E164>(&json).unwrap(), number);
        assert!(serde_json::from_str::<E164>("\"415\"").is_err());
        assert_eq!(Address::from(&number).number(), Some(number.clone()));
        assert_eq!(Address::whatsapp(&number).number(), Some(number));
    }
}
