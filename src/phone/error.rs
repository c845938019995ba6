//! Why a text is not a number or an address.

#[cfg(feature = "phone-national")]
use std::fmt;

use super::Masked;
#[cfg(feature = "phone-national")]
use super::{Country, E164};

/// Why a text is not a number or an address. Says what to change; never quotes more than the last four digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePhoneError {
    /// The text is empty.
    #[error("the number is empty: write it as +14155551234, with the country code")]
    Empty,
    /// Spaces or newlines around it, as pasting leaves them.
    #[error("there are spaces or line breaks around the number {0}: remove them")]
    Surrounded(Masked),
    /// No plus sign: the country would have to be guessed.
    #[error(
        "the number {0} does not start with \"+\": write it with plus and country code, as in +14155551234"
    )]
    NoPlus(Masked),
    /// Something stands where only digits may: a letter, a second plus sign, the beginning of an extension.
    #[error("the number {0} has a {1:?} in it: write plus and digits only, as in +14155551234")]
    NotADigit(Masked, char),
    /// A zero in brackets behind the country code, as in `+44 (0)20 7123 4567`: it is dialled inside the country only.
    #[error("the number {0} has \"(0)\" in it, which is not dialled from abroad: leave it out")]
    TrunkZero(Masked),
    /// More than 250 characters: the text cannot be a number, and was not read.
    #[error("the text has more than 250 characters, which no telephone number has")]
    TooMuchText,
    /// A country code never starts with zero.
    #[error("the number {0} starts with +0: country codes start with 1 to 9")]
    LeadingZero(Masked),
    /// Fewer than six digits.
    #[error("the number {0} has {1} digits: an international number has at least 6")]
    TooShort(Masked, usize),
    /// More than fifteen digits.
    #[error("the number {0} has {1} digits: an international number has at most 15")]
    TooLong(Masked, usize),
    /// A channel prefix with nothing behind it.
    #[error("the address ends after {0:?}: write what comes behind it, as in whatsapp:+14155551234")]
    NoIdentity(String),
    /// An alphanumeric sender has 1 to 11 letters, digits, spaces and `+ - _ &`, at least one of them a letter.
    #[error(
        "the sender {0} is neither a number nor an alphanumeric sender: at most 11 letters, digits, spaces, and at least one letter"
    )]
    BadAlphanumeric(Masked),
    /// Anything else that cannot be an address.
    #[error("the address {0} has a {1:?} in it, which no address can have")]
    BadCharacter(Masked, char),
    /// No country with telephone numbers has this code.
    #[cfg(feature = "phone-national")]
    #[error("{0:?} is no country: write its two letters of ISO 3166, such as GB or US")]
    UnknownCountry(String),
    /// Nothing in the text can be read as a number.
    #[cfg(feature = "phone-national")]
    #[error(
        "there is no telephone number in {0}: write it as in +14155551234, or as people of the country do"
    )]
    NoNumber(Masked),
    /// The digits after the plus sign or the international prefix begin with no known calling code.
    #[cfg(feature = "phone-national")]
    #[error("the number {0} starts with a calling code that no country has")]
    UnknownCallingCode(Masked),
    /// It can be read, but is not in the country's numbering plan.
    #[cfg(feature = "phone-national")]
    #[error("the number {number} is not in the numbering plan{}: {why}", of_country(*country))]
    NotInPlan {
        /// The number as it may be shown.
        number: Masked,
        /// Whose plan it is; `None` for the numbers that belong to no country, `+800` and the like.
        country: Option<Country>,
        /// What does not fit.
        why: Misfit,
    },
    /// The number has an extension, which E.164 cannot hold. The error holds the number without it.
    #[cfg(feature = "phone-national")]
    #[error("the number {} has an extension, which E.164 cannot hold: leave it out", .0.masked())]
    HasExtension(E164),
}

/// What keeps a number out of a numbering plan.
#[cfg(feature = "phone-national")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misfit {
    /// Shorter than every number of the plan.
    TooShort,
    /// Longer than every number of the plan.
    TooLong,
    /// Neither too short nor too long, and yet of a length that the plan does not have.
    WrongLength,
    /// The area code is missing: the number can only be dialled locally.
    NoAreaCode,
    /// The length is right, but the range is not assigned: a typing error, or a range that is newer than the tables.
    NoSuchRange,
}

#[cfg(feature = "phone-national")]
impl Misfit {
    /// Could the number exist, by its length? libphonenumber calls such a number possible, but not valid.
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
            Self::WrongLength => "no number there has so many digits",
            Self::NoAreaCode => "the area code is missing",
            Self::NoSuchRange => "its length is right, but nobody has such numbers",
        })
    }
}

#[cfg(feature = "phone-national")]
fn of_country(country: Option<Country>) -> String {
    country.map_or_else(String::new, |country| format!(" of {country}"))
}
