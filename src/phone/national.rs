//! Numbers as people of a country write them, read and formatted by numbering plans (feature `phone-national`).

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};
use tracing::dispatcher::{self, Dispatch};

use super::e164::{MAX_DIGITS, check_length};
use super::{Country, E164, LineKind, Masked, Misfit, ParsePhoneError};

/// Methods that use the numbering plans of all countries (feature `phone-national`).
impl E164 {
    /// Parses a number as people in `country` write it.
    ///
    /// `country` is a two-letter code of ISO 3166 and is never guessed. It is ignored if the number has a country code: after
    /// a plus sign, or after the international prefix of `country` (`00` in most, `011` in the United States). As in
    /// libphonenumber, spaces, brackets, dots, dashes and words around the number are removed, letters are read as on a
    /// telephone's keys (`1-800-FLOWERS`), and digits may be of any script.
    ///
    /// The result is in a numbering plan. That does not prove that the number is in use.
    ///
    /// ```
    /// use switchboard::phone::{E164, LineKind};
    ///
    /// assert_eq!(E164::parse_in("+1 (415) 555-1234", "GB")?.as_str(), "+14155551234");
    /// assert_eq!(E164::parse_in("030 12345678", "DE")?.as_str(), "+493012345678");
    ///
    /// let number = E164::parse_in("020 7123 4567", "GB")?;
    /// assert_eq!(number.as_str(), "+442071234567");
    /// assert_eq!(number.country().unwrap(), "GB");
    /// assert_eq!(number.line_kind(), LineKind::FixedLine);
    /// assert_eq!(number.national(), "020 7123 4567");
    /// assert_eq!(number.international(), "+44 20 7123 4567");
    /// assert_eq!(number.masked().to_string(), "…4567");
    /// # Ok::<(), switchboard::phone::ParsePhoneError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParsePhoneError`] says what to change: [`UnknownCountry`], [`NoNumber`], [`UnknownCallingCode`],
    /// [`NotInPlan`] with the reason, [`TooLong`], and [`TooMuchText`] for more than 250 characters. Two kinds of number that
    /// libphonenumber accepts are refused:
    /// - a number with an extension (`ext. 5`, `x123`, `;ext=7`), which E.164 cannot hold. [`HasExtension`] holds the number
    ///   without it.
    /// - a number of more than fifteen digits, which a few German, Japanese and Indonesian ranges allow inside the country. It
    ///   cannot be dialled from abroad.
    ///
    /// [`UnknownCountry`]: ParsePhoneError::UnknownCountry
    /// [`NoNumber`]: ParsePhoneError::NoNumber
    /// [`UnknownCallingCode`]: ParsePhoneError::UnknownCallingCode
    /// [`NotInPlan`]: ParsePhoneError::NotInPlan
    /// [`HasExtension`]: ParsePhoneError::HasExtension
    /// [`TooLong`]: ParsePhoneError::TooLong
    /// [`TooMuchText`]: ParsePhoneError::TooMuchText
    pub fn parse_in(input: &str, country: impl AsRef<str>) -> Result<Self, ParsePhoneError> {
        let (country, region) = Country::with_region(country.as_ref())?;
        if input.is_empty() {
            return Err(ParsePhoneError::Empty);
        }
        check_length(input)?;
        without_tracing(|| parse(input, country, region))
    }

    /// Returns the country whose numbering plan contains the number; `None` if no plan does, and for numbers that belong to no
    /// country (`+800`).
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        without_tracing(|| {
            PHONE_NUMBER_UTIL.get_region_for_number(&self.parsed()?).and_then(Country::of_region)
        })
    }

    /// Returns the kind of line of the number, according to its numbering plan.
    #[must_use]
    pub fn line_kind(&self) -> LineKind {
        without_tracing(|| {
            self.parsed()
                .map_or(LineKind::Unknown, |number| PHONE_NUMBER_UTIL.get_number_type(&number).into())
        })
    }

    /// Returns whether the number is in the numbering plan of its country. [`E164::parse`] checks the form only. A number in a
    /// plan may still be unused.
    #[must_use]
    pub fn is_in_plan(&self) -> bool {
        without_tracing(|| self.parsed().is_some_and(|number| PHONE_NUMBER_UTIL.is_valid_number(&number)))
    }

    /// Returns the number as it is written in its own country: `020 7123 4567`. A number with an unknown calling code is not
    /// changed.
    #[must_use]
    pub fn national(&self) -> String {
        self.formatted(PhoneNumberFormat::National)
    }

    /// Returns the number in international notation: `+44 20 7123 4567`. A number with an unknown calling code is not changed.
    #[must_use]
    pub fn international(&self) -> String {
        self.formatted(PhoneNumberFormat::International)
    }

    fn formatted(&self, format: PhoneNumberFormat) -> String {
        without_tracing(|| match self.parsed() {
            Some(number) => PHONE_NUMBER_UTIL.format(&number, format).into_owned(),
            None => self.as_str().to_owned(),
        })
    }

    fn parsed(&self) -> Option<PhoneNumber> {
        PHONE_NUMBER_UTIL.parse(self.as_str(), None).ok()
    }
}

/// Keeps the log lines of `rlibphonenumber` out of `tracing`: at TRACE it writes whole numbers to `log`, and `tracing-log`
/// passes them on.
pub(super) fn without_tracing<T>(work: impl FnOnce() -> T) -> T {
    dispatcher::with_default(&Dispatch::none(), work)
}

fn parse(input: &str, country: Country, region: Region) -> Result<E164, ParsePhoneError> {
    let number =
        PHONE_NUMBER_UTIL.parse(input, Some(region)).map_err(|why| unreadable(why, input, country))?;
    if !PHONE_NUMBER_UTIL.is_valid_number(&number) {
        return Err(ParsePhoneError::NotInPlan {
            number: Masked::of_number(input),
            country: plan_of(&number, country, region),
            why: misfit(&number),
        });
    }
    let digits = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned();
    let length = digits.len().saturating_sub(1);
    if length > MAX_DIGITS {
        return Err(ParsePhoneError::TooLong(Masked::of_number(&digits), length));
    }
    let found = E164::parse(&digits)?;
    if number.extension.is_some() {
        return Err(ParsePhoneError::HasExtension(found));
    }
    Ok(found)
}

fn unreadable(why: ParseError, input: &str, country: Country) -> ParsePhoneError {
    let number = Masked::of_number(input);
    let country = Some(country);
    match why {
        ParseError::InvalidCountryCode => ParsePhoneError::UnknownCallingCode(number),
        ParseError::NotANumber(_) => ParsePhoneError::NoNumber(number),
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => {
            ParsePhoneError::NotInPlan { number, country, why: Misfit::TooShort }
        }
        ParseError::TooLongNsn => ParsePhoneError::NotInPlan { number, country, why: Misfit::TooLong },
    }
}

/// Returns the country that an error names. If several countries share the calling code (`+1`, `+7`, `+44`) and `country` is
/// one of them, it is `country`.
fn plan_of(number: &PhoneNumber, country: Country, region: Region) -> Option<Country> {
    if PHONE_NUMBER_UTIL.get_country_code_for_region(region) == Some(number.country_code) {
        return Some(country);
    }
    PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code).and_then(Country::of_region)
}

fn misfit(number: &PhoneNumber) -> Misfit {
    match PHONE_NUMBER_UTIL.is_possible_number_with_reason(number) {
        Ok(NumberLengthType::IsPossible) | Err(ValidationError::InvalidCountryCode) => Misfit::NoSuchRange,
        Ok(NumberLengthType::IsPossibleLocalOnly) => Misfit::NoAreaCode,
        Err(ValidationError::TooShort) => Misfit::TooShort,
        Err(ValidationError::TooLong) => Misfit::TooLong,
        Err(ValidationError::InvalidLength) => Misfit::WrongLength,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParsePhoneError as E;

    #[test]
    fn the_error_says_why_a_number_is_not_in_a_plan() {
        let cases = [
            ("7123 4567", "GB", "GB", Misfit::NoAreaCode),
            ("20", "GB", "GB", Misfit::TooShort),
            ("020 7123 4567 8901", "GB", "GB", Misfit::TooLong),
            ("+442071234567890", "US", "GB", Misfit::TooLong),
            ("030 12", "DE", "DE", Misfit::NoSuchRange),
            ("+1 415 155 1234", "GB", "US", Misfit::NoSuchRange),
            ("415 155 1234", "CA", "CA", Misfit::NoSuchRange),
        ];
        for (input, country, plan, expected) in cases {
            let error = E164::parse_in(input, country).unwrap_err();
            let E::NotInPlan { country: named, why, .. } = &error else { panic!("{input}: {error:?}") };
            assert_eq!(*why, expected, "{input}: {error}");
            assert_eq!(named.unwrap(), plan, "{input}: {error}");
        }
    }

    #[test]
    fn a_possible_number_is_told_from_an_impossible_one() {
        let possible = |input| match E164::parse_in(input, "US").unwrap_err() {
            E::NotInPlan { why, .. } => why.is_possible_length(),
            other => panic!("{other:?}"),
        };
        assert!(possible("(415) 155-1234"));
        assert!(!possible("(415) 155-12345"));
    }

    #[test]
    fn junk_is_named_as_what_it_is() {
        type Expected = fn(&E) -> bool;
        let cases: [(&str, &str, Expected); 6] = [
            ("", "GB", |e| matches!(e, E::Empty)),
            ("call me", "GB", |e| matches!(e, E::NoNumber(_))),
            ("+999 1234567", "GB", |e| matches!(e, E::UnknownCallingCode(_))),
            ("020 7123 4567", "UK", |e| matches!(e, E::UnknownCountry(_))),
            ("GB", "020 7123 4567", |e| matches!(e, E::UnknownCountry(_))),
            ("0800 12345678901", "DE", |e| matches!(e, E::TooLong(_, 16))),
        ];
        for (input, country, expected) in cases {
            let error = E164::parse_in(input, country).unwrap_err();
            assert!(expected(&error), "{input:?}: {error:?}");
        }
    }

    #[test]
    fn a_long_text_is_refused_before_it_is_read() {
        for text in ["1".repeat(251), "(415) 555-2671 ".repeat(70_000), "é".repeat(251)] {
            assert_eq!(E164::parse_in(&text, "US"), Err(E::TooMuchText));
        }
        let padded = format!("{}(415) 555-2671", " ".repeat(236));
        assert_eq!(E164::parse_in(&padded, "US").unwrap().as_str(), "+14155552671");
    }

    #[test]
    fn an_extension_is_not_lost_in_silence() {
        for input in ["(415) 555-2671 ext. 5", "415-555-2671 x123", "tel:+1-415-555-2671;ext=7"] {
            let error = E164::parse_in(input, "US").unwrap_err();
            assert!(!format!("{error} {error:?}").contains("555"), "{error}");
            let E::HasExtension(number) = error else { panic!("{input}: {error:?}") };
            assert_eq!(number.as_str(), "+14155552671");
        }
    }

    #[test]
    fn errors_show_four_digits_at_most() {
        for input in ["(415) 155-0187", "+1 415 155 0187", "Anna: 415 155 0187", "４１５１５５０１８７"]
        {
            let error = E164::parse_in(input, "US").unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("155") && !shown.contains("Anna") && !shown.contains('４'), "{shown}");
        }
    }

    #[test]
    fn a_number_of_no_plan_has_a_shape_and_no_country() {
        for (number, national) in [("+999123456", "+999123456"), ("+14151551234", "(415) 155-1234")] {
            let number = E164::parse(number).unwrap();
            assert_eq!(number.country(), None);
            assert_eq!(number.line_kind(), LineKind::Unknown);
            assert!(!number.is_in_plan());
            assert_eq!(number.national(), national);
        }
    }

    #[test]
    fn a_number_of_no_country_is_in_a_plan() {
        let number = E164::parse_in("+800 1234 5678", "DE").unwrap();
        assert_eq!((number.country(), number.line_kind()), (None, LineKind::TollFree));
        assert!(number.is_in_plan());
        assert_eq!(E164::parse_in("00800 1234 5678", "DE").unwrap(), number);
    }
}
