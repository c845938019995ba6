//! Why a text is not a number or an address.

#[cfg(feature = "phone-national")]
use std::fmt;

use super::Masked;
#[cfg(feature = "phone-national")]
use super::{Country, E164};

/// Why a text is not a number or an address. It says what to change, and never shows more than the last four digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePhoneError {
    /// The text is empty.
    #[error("the number is empty: write it as +14155551234, with the country code")]
    Empty,
    /// There are spaces or line breaks around it, for instance after pasting.
    #[error("there are spaces or line breaks around the number {0}: remove them")]
    Surrounded(Masked),
    /// There is no plus sign, so the country would have to be guessed.
    #[error(
        "the number {0} does not start with \"+\": write it with plus and country code, as in +14155551234"
    )]
    NoPlus(Masked),
    /// There is a character other than a digit: a letter, a second plus sign, the beginning of an extension.
    #[error("the number {0} has a {1:?} in it: write plus and digits only, as in +14155551234")]
    NotADigit(Masked, char),
    /// There is a zero in brackets after the country code, as in `+44 (0)20 7123 4567`. It is dialled inside the country only.
    #[error("the number {0} has \"(0)\" in it, which is not dialled from abroad: remove it")]
    TrunkZero(Masked),
    /// More than 250 characters: the text cannot be a number, and was not read.
    #[error("the text has more than 250 characters, so it is not a telephone number: give the number only")]
    TooMuchText,
    /// A country code never starts with zero.
    #[error("the number {0} starts with +0, but country codes start with 1 to 9: correct the country code")]
    LeadingZero(Masked),
    /// Fewer than six digits.
    #[error(
        "the number {0} has {1} digits, but an international number has at least 6: add the missing digits"
    )]
    TooShort(Masked, usize),
    /// More than fifteen digits.
    #[error(
        "the number {0} has {1} digits, but an international number has at most 15: remove the extra digits"
    )]
    TooLong(Masked, usize),
    /// There is nothing after the channel prefix.
    #[error("the address ends after {0:?}: add the address on that channel, as in whatsapp:+14155551234")]
    NoIdentity(String),
    /// An alphanumeric sender has 1 to 11 letters, digits, spaces and `+ - _ &`, at least one of them a letter.
    #[error(
        "the sender {0} is neither a number nor an alphanumeric sender: at most 11 letters, digits, spaces, and at least one letter"
    )]
    BadAlphanumeric(Masked),
    /// Anything else that cannot be an address.
    #[error("the address {0} has a {1:?} in it, which an address cannot contain: remove it")]
    BadCharacter(Masked, char),
    /// No country with telephone numbers has this code.
    #[cfg(feature = "phone-national")]
    #[error("{0:?} is not a country: write a two-letter code of ISO 3166, such as GB or US")]
    UnknownCountry(String),
    /// Nothing in the text can be read as a number.
    #[cfg(feature = "phone-national")]
    #[error(
        "there is no telephone number in {0}: write it as in +14155551234, or as people of the country do"
    )]
    NoNumber(Masked),
    /// The digits after the plus sign or the international prefix begin with no known calling code.
    #[cfg(feature = "phone-national")]
    #[error("the number {0} starts with a calling code that no country has: correct the country code")]
    UnknownCallingCode(Masked),
    /// It can be read, but is not in the country's numbering plan.
    #[cfg(feature = "phone-national")]
    #[error("the number {number} is not in the numbering plan{}: {why}", of_country(*country))]
    NotInPlan {
        /// The number as it may be shown.
        number: Masked,
        /// The country of the plan; `None` for numbers that belong to no country, such as `+800`.
        country: Option<Country>,
        /// The reason.
        why: Misfit,
    },
    /// The number has an extension, which E.164 cannot hold. The error holds the number without it.
    #[cfg(feature = "phone-national")]
    #[error("the number {} has an extension, which E.164 cannot represent: remove it", .0.masked())]
    HasExtension(E164),
}

/// Why a number is not in a numbering plan.
#[cfg(feature = "phone-national")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misfit {
    /// Shorter than every number of the plan.
    TooShort,
    /// Longer than every number of the plan.
    TooLong,
    /// Neither too short nor too long, but of a length that the plan does not have.
    WrongLength,
    /// The area code is missing: the number can only be dialled locally.
    NoAreaCode,
    /// The length is right, but the range is not assigned: a typing error, or a range that is newer than the plan.
    NoSuchRange,
}

#[cfg(feature = "phone-national")]
impl Misfit {
    /// Returns whether the length is right. libphonenumber calls such a number possible, but not valid.
    #[must_use]
    pub fn is_possible_length(self) -> bool {
        matches!(self, Self::NoSuchRange | Self::NoAreaCode)
    }
}

#[cfg(feature = "phone-national")]
impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "it is too short",
            Self::TooLong => "it is too long",
            Self::WrongLength => "no number there has this many digits",
            Self::NoAreaCode => "the area code is missing",
            Self::NoSuchRange => "its length is right, but its range is not assigned",
        })
    }
}

#[cfg(feature = "phone-national")]
fn of_country(country: Option<Country>) -> String {
    country.map_or_else(String::new, |country| format!(" of {country}"))
}
