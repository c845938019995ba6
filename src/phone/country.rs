//! The country of a number.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde::{Deserialize, Serialize};

use super::ParsePhoneError;

/// A country that has telephone numbers, by its two letters of ISO 3166: `GB`, `DE`, `US`.
///
/// These are the 245 regions of libphonenumber. Three of them are only reserved or in use, not assigned, in ISO 3166:
/// `AC` (Ascension), `TA` (Tristan da Cunha) and `XK` (Kosovo).
///
/// ```
/// use switchboard::phone::Country;
///
/// let country = Country::parse("gb")?;
/// assert_eq!(country, "GB");
/// assert!(Country::parse("UK").is_err()); // ISO 3166 has no UK
/// # Ok::<(), switchboard::phone::ParsePhoneError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// Parses a two-letter code of ISO 3166, in upper or lower case.
    ///
    /// # Errors
    /// [`ParsePhoneError::UnknownCountry`] if no country with telephone numbers has this code.
    pub fn parse(code: &str) -> Result<Self, ParsePhoneError> {
        Self::with_region(code).map(|(country, _)| country)
    }

    /// Returns the two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn with_region(code: &str) -> Result<(Self, Region), ParsePhoneError> {
        // A number that was passed instead of a country must not be shown in the error.
        let is_word = code.len() <= 3 && code.bytes().all(|b| b.is_ascii_alphabetic());
        let unknown = || ParsePhoneError::UnknownCountry(if is_word { code } else { "…" }.to_owned());
        let Ok(letters) = <[u8; 2]>::try_from(code.as_bytes()) else { return Err(unknown()) };
        let country = Self(letters.map(|b| b.to_ascii_uppercase()));
        let region = country.as_str().parse().map_err(|_| unknown())?;
        PHONE_NUMBER_UTIL.get_country_code_for_region(region).ok_or_else(unknown)?;
        Ok((country, region))
    }

    /// `None` for the numbers that belong to no country, `+800` and the like.
    pub(super) fn of_region(region: Region) -> Option<Self> {
        let code = region.as_region_str();
        let letters = <[u8; 2]>::try_from(code.as_str().as_bytes()).ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }
}

impl FromStr for Country {
    type Err = ParsePhoneError;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::parse(code)
    }
}

impl TryFrom<String> for Country {
    type Error = ParsePhoneError;
    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl AsRef<str> for Country {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Country {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Country {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_may_be_in_upper_or_lower_case() {
        for code in ["GB", "gb", "De", "XK", "AC"] {
            assert_eq!(Country::parse(code).unwrap().as_str(), code.to_ascii_uppercase());
        }
        assert_eq!(serde_json::to_string(&Country::parse("DE").unwrap()).unwrap(), "\"DE\"");
        assert_eq!(serde_json::from_str::<Country>("\"DE\"").unwrap(), "DE");
    }

    #[test]
    fn unknown_codes_are_refused_and_numbers_are_not_shown() {
        for code in ["", "UK", "ZZ", "001", "USA", "EU", "G", "Ü", "é", "GB ", "\0\0"] {
            let error = Country::parse(code).unwrap_err();
            assert!(matches!(error, ParsePhoneError::UnknownCountry(_)), "{code:?}: {error:?}");
        }
        assert!(Country::parse("UK").unwrap_err().to_string().contains("\"UK\""));
        let error = Country::parse("+12025550187").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("0187"));
    }
}
