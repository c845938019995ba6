//! Telephone numbers and channel addresses.
//!
//! [`E164`] is a number that is surely well formed. [`Address`] is whatever stands in a `To` or a `From`: a number, a
//! short code, an alphanumeric sender, `whatsapp:+14155551234`, `client:alice`. Both mask themselves in `Debug`, so
//! that requests and answers can be printed; `Display` and `Serialize` give the real thing.
//!
//! There are three things to know of a number, and this room knows the first two:
//! - its shape: [`E164::parse`] takes a number that is written out in full;
//! - its numbering plan (feature `phone-national`): `E164::parse_in("020 7123 4567", "GB")` takes a number as people of a
//!   country write it; `is_in_plan`, `country`, `line_kind`, `national` and `international` tell of it;
//! - who has it. `+15005550006` is well formed and in a plan, and nobody has that telephone. A code sent to a number and
//!   read back is the proof (`account.verify(..)`).
//!
//! # The numbering plans
//!
//! They are libphonenumber's, through the crate `rlibphonenumber`. Three crates were held against the Python port
//! `phonenumbers` 9.0.43 with 68,756 texts of 245 regions: examples of every kind of line in every notation, with digits
//! dropped, added and changed, wrong trunk prefixes, other scripts, junk. Measured on two shared cores:
//!
//! | | `rlibphonenumber` 2.2.15 | `phonenumber` 0.3.10 | `phonelib` 2.1.0 |
//! |---|---|---|---|
//! | metadata of libphonenumber | 9.0.42 | 9.0.33 | its own rules |
//! | accepts and refuses as `phonenumbers` 9.0.43 | 68,750 | 64,337 | 54,348 |
//! | as `phonenumbers` of its own metadata | 68,756 | 64,376 | |
//! | same E.164, country and kind of line, where both accept | 34,732 of 34,732 | 30,218 of 30,795 | 29,909 of 32,401 |
//! | one parse, check and E.164, numbers of all regions | 10.6 µs | 253 µs | 0.6 µs |
//! | memory of the measurement, all regions | 41 MiB | 44 MiB | 20 MiB |
//! | its program, stripped | 1.0 MB | 3.8 MB | 0.6 MB |
//! | packages more than without it; with those of the build | 26; 62 | 28; 30 | 1; 1 |
//!
//! `rlibphonenumber` is built with `regex-lite`. With `regex` it answers the same in 2.5 µs, but keeps 690 MiB once it has
//! seen numbers of all regions (94 MiB after three). The tables are read at the first use (4 ms) and patterns compiled
//! when a number first needs them; both are kept for the whole process and never change. `cargo update` brings newer plans.
//!
//! The port writes whole numbers to the `log` crate, at TRACE, under the target `rlibphonenumber`. This room keeps them out
//! of `tracing`. A program that logs by another way should not turn TRACE on for this target.

mod address;
#[cfg(feature = "phone-national")]
mod country;
mod error;
#[cfg(feature = "phone-national")]
mod line_kind;
#[cfg(feature = "phone-national")]
mod national;

pub use address::{Address, AddressKind};
#[cfg(feature = "phone-national")]
pub use country::Country;
#[cfg(feature = "phone-national")]
pub use error::Misfit;
pub use error::ParsePhoneError;
#[cfg(feature = "phone-national")]
pub use line_kind::LineKind;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Fewest digits an international number can have, country code included (Austria's shortest).
const MIN_DIGITS: usize = 6;
/// Most digits of an international number, ITU-T E.164 §6.2.1.
const MAX_DIGITS: usize = 15;

/// A number or an address as it may be shown: `…1234`, `whatsapp:…1234`, `client:…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    fn of(text: &str) -> Self {
        match split_channel(text) {
            Some((prefix, rest)) => Self(format!("{prefix}:{}", Self::of_number(rest).0)),
            None => Self::of_number(text),
        }
    }

    /// The same for a text that names no channel: what stands before a colon may be anything.
    fn of_number(text: &str) -> Self {
        let mut out = String::from("…");
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        let only_number = text.chars().all(|c| c.is_ascii_digit() || "+-(). \u{a0}".contains(c));
        // Four of at least eight: a short code is not shown whole.
        if only_number && digits.len() >= 8 {
            out.extend(digits.iter().skip(digits.len() - 4));
        }
        Self(out)
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Splits `whatsapp:+1…` into channel and rest. A channel is two or more ASCII letters.
fn split_channel(text: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    let is_channel = (2..=20).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphabetic());
    is_channel.then_some((prefix, rest))
}

/// A telephone number of E.164 shape: a plus sign and 6 to 15 digits, the first of them not zero.
///
/// ```
/// use switchboard::phone::E164;
///
/// let number = E164::parse("+14155551234")?;
/// assert_eq!(number.as_str(), "+14155551234");
/// assert_eq!(format!("{number:?}"), "E164(…1234)");
/// assert!(E164::parse("415 555 1234").is_err()); // whose country?
/// # Ok::<(), switchboard::phone::ParsePhoneError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(Box<str>);

impl E164 {
    /// Takes a number that is written out in full, `+14155551234`, and nothing that would have to be guessed.
    ///
    /// # Errors
    /// [`ParsePhoneError`] says what to change.
    pub fn parse(input: &str) -> Result<Self, ParsePhoneError> {
        check_e164(input).map(|()| Self(input.into()))
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

fn check_e164(input: &str) -> Result<(), ParsePhoneError> {
    use ParsePhoneError as E;
    if input.is_empty() {
        return Err(E::Empty);
    }
    let masked = || Masked::of(input);
    let digits = input.strip_prefix('+');
    // What is surely right is found without a look at single characters.
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
    use super::*;

    #[test]
    fn numbers_written_out_are_taken() {
        for number in ["+14155551234", "+15005550006", "+442071838750", "+431117", "+123456789012345"] {
            assert_eq!(E164::parse(number).unwrap().as_str(), number);
        }
    }

    #[test]
    fn what_would_be_a_guess_is_refused() {
        use ParsePhoneError as E;
        type Expected = fn(&E) -> bool;
        let cases: [(&str, Expected); 10] = [
            ("", |e| matches!(e, E::Empty)),
            (" +14155551234", |e| matches!(e, E::Surrounded(_))),
            ("+14155551234\n", |e| matches!(e, E::Surrounded(_))),
            ("14155551234", |e| matches!(e, E::NoPlus(_))),
            ("4155551234", |e| matches!(e, E::NoPlus(_))),
            ("+1 415 555 1234", |e| matches!(e, E::NotADigit(_, ' '))),
            ("+1415555１234", |e| matches!(e, E::NotADigit(_, '１'))),
            ("+04155551234", |e| matches!(e, E::LeadingZero(_))),
            ("+12345", |e| matches!(e, E::TooShort(_, 5))),
            ("+1234567890123456", |e| matches!(e, E::TooLong(_, 16))),
        ];
        for (input, expected) in cases {
            let error = E164::parse(input).unwrap_err();
            assert!(expected(&error), "{input:?}: {error:?}");
        }
    }

    #[test]
    fn errors_show_four_digits_at_most() {
        let error = E164::parse("2025550187").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("2025550187"));
        assert!(error.to_string().contains("…0187"));
    }

    #[test]
    fn serde_gives_the_number_and_checks_it() {
        let number = E164::parse("+14155551234").unwrap();
        let json = serde_json::to_string(&number).unwrap();
        assert_eq!(json, "\"+14155551234\"");
        assert_eq!(serde_json::from_str::<E164>(&json).unwrap(), number);
        assert!(serde_json::from_str::<E164>("\"415\"").is_err());
        assert_eq!(Address::from(&number).number(), Some(number.clone()));
        assert_eq!(Address::whatsapp(&number).number(), Some(number));
    }
}
