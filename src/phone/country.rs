//! The country of a number.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use serde::{Deserialize, Serialize};

use super::ParsePhoneError;
use super::national::without_tracing;

/// Makes a whole number of an area code.
const SUBSCRIBER: &str = "1111111";

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

    /// Returns all countries, in alphabetical order of their codes.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> =
            PHONE_NUMBER_UTIL.get_supported_regions().filter_map(Self::of_region).collect();
        all.sort_unstable();
        all
    }

    /// Returns how the numbers of an area begin in international format. The area code may be written as inside the country,
    /// with the zero that is not dialled from abroad. `None` if it has other characters than digits, or too many.
    ///
    /// ```
    /// use switchboard::phone::Country;
    ///
    /// let country = Country::parse("GB")?;
    /// assert_eq!(country.area_prefix("020").as_deref(), Some("+4420"));
    /// assert_eq!(country.area_prefix("20").as_deref(), Some("+4420"));
    /// # Ok::<(), switchboard::phone::ParsePhoneError>(())
    /// ```
    #[must_use]
    pub fn area_prefix(&self, area_code: &str) -> Option<String> {
        if area_code.is_empty() || area_code.len() > 8 || !area_code.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (_, region) = Self::with_region(self.as_str()).ok()?;
        if !area_code.starts_with('0') {
            let calling_code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
            return Some(format!("+{calling_code}{area_code}"));
        }
        // Whether the zero is dialled from abroad, as in Italy, shows in a whole number only.
        let whole = format!("{area_code}{SUBSCRIBER}");
        let number = without_tracing(|| PHONE_NUMBER_UTIL.parse(&whole, Some(region))).ok()?;
        let number = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
        number.strip_suffix(SUBSCRIBER).map(str::to_owned)
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

    #[test]
    fn the_numbers_of_an_area_begin_without_the_zero_of_the_country() {
        for (country, area, prefix) in [
            ("GB", "020", "+4420"),
            ("GB", "20", "+4420"),
            ("DE", "030", "+4930"),
            ("IT", "06", "+3906"),
            ("RU", "812", "+7812"),
            ("HU", "061", "+361"),
            ("FR", "1", "+331"),
        ] {
            assert_eq!(
                Country::parse(country).unwrap().area_prefix(area).as_deref(),
                Some(prefix),
                "{country} {area}"
            );
        }
        for wrong in ["", "02a", "+44", "123456789"] {
            assert_eq!(Country::parse("GB").unwrap().area_prefix(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn all_countries_are_there_once() {
        let all = Country::all();
        assert_eq!(all.len(), 245);
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
