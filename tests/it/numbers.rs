//! Compares the parsing and formatting of numbers with libphonenumber.
//!
//! `tests/data/phone.tsv` was made with `phonenumbers` for Python: 729 texts of 104 countries, valid and not.

#![cfg_attr(
    not(feature = "phone-national"),
    allow(dead_code, reason = "without the feature only the shape of these numbers is checked")
)]

use proptest::prelude::*;
use switchboard::phone::{Address, E164};

/// One line of the table.
struct Vector {
    country: &'static str,
    text: &'static str,
    expected: Expected,
}

enum Expected {
    Valid {
        e164: &'static str,
        country: Option<&'static str>,
        kind: &'static str,
        national: &'static str,
        international: &'static str,
    },
    Refused(&'static str),
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("../data/phone.tsv").lines().filter(|line| !line.starts_with('#'));
    let vectors: Vec<Vector> = lines
        .map(|line| match *line.split('\t').collect::<Vec<_>>() {
            [country, text, "-", why] => Vector { country, text, expected: Expected::Refused(why) },
            [country, text, e164, own, kind, national, international] => {
                let own = (own != "-").then_some(own);
                let expected = Expected::Valid { e164, country: own, kind, national, international };
                Vector { country, text, expected }
            }
            _ => panic!("not a line of the table: {line}"),
        })
        .collect();
    assert!(vectors.len() > 700, "only {} lines", vectors.len());
    vectors
}

#[test]
fn by_shape_every_valid_number_and_every_test_number_is_accepted() {
    let test_numbers = (0..=9).map(|last| format!("+1500555000{last}"));
    let valid = vectors().into_iter().filter_map(|vector| match vector.expected {
        Expected::Valid { e164, .. } => Some(e164.to_owned()),
        Expected::Refused(_) => None,
    });
    for number in valid.chain(test_numbers) {
        let parsed = E164::parse(&number).unwrap();
        assert_eq!(parsed.as_str(), number);
        assert_eq!(Address::from(&parsed).number(), Some(parsed));
    }
}

#[test]
fn by_shape_numbers_in_national_format_are_refused() {
    for vector in vectors().iter().filter(|vector| !vector.text.contains('+')) {
        assert!(E164::parse(vector.text).is_err(), "{}", vector.text);
    }
}

/// Numbers with digits that are dialled only within the country, here the mobile prefix 15. Only the numbering plan
/// shows that they do not belong to the international number, so without the plan they are kept.
const WITH_NATIONAL_PREFIX: &[&str] = &["+54 343 15 555 1212"];

#[test]
fn by_shape_numbers_with_a_country_code_are_read_as_libphonenumber_reads_them() {
    let (mut read, mut refused) = (0, 0);
    for vector in vectors() {
        let Expected::Valid { e164, international, .. } = vector.expected else { continue };
        let texts =
            [vector.text, international].into_iter().filter(|text| !WITH_NATIONAL_PREFIX.contains(text));
        for text in texts.filter(|text| text.contains('+')) {
            match E164::parse(text) {
                Ok(number) => {
                    assert_eq!(number.as_str(), e164, "{text}");
                    read += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 500 && refused < 50, "{read} read, {refused} refused");
}

proptest! {
    #[test]
    fn a_number_of_the_shape_is_printed_and_read_back(number in "\\+[1-9][0-9]{5,14}") {
        let parsed = E164::parse(&number).unwrap();
        prop_assert_eq!(parsed.as_str(), &number);
        prop_assert_eq!(parsed.to_string().parse::<E164>().unwrap(), parsed.clone());
        let json = serde_json::to_string(&parsed).unwrap();
        prop_assert_eq!(serde_json::from_str::<E164>(&json).unwrap(), parsed);
    }

    #[test]
    fn any_text_is_read_digit_by_digit_or_refused_without_showing_them(text in "[+]?[ 0-9+().x/-]{0,24}|\\PC{0,24}") {
        let exact = text.strip_prefix('+').is_some_and(|digits| {
            (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
        });
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        match E164::parse(&text) {
            Ok(number) => {
                let (before, _) = text.split_once('+').unwrap();
                prop_assert!(before.chars().all(|c| " (\t".contains(c)), "{}", text);
                prop_assert_eq!(text.matches('+').count(), 1);
                prop_assert!(!text.contains(|c: char| c.is_alphabetic() || "/#,;*".contains(c)), "{}", text);
                prop_assert_eq!(number.as_str(), format!("+{digits}"));
            }
            Err(error) => {
                prop_assert!(!exact, "{}", text);
                prop_assert!(digits.len() < 5 || !error.to_string().contains(&digits));
            }
        }
    }
}

#[cfg(feature = "phone-national")]
mod national {
    use super::*;
    use switchboard::phone::ParsePhoneError as Error;

    fn reason(error: &Error) -> String {
        match error {
            Error::NotInPlan { why, .. } => format!("{why:?}"),
            Error::NoNumber(_) => "NoNumber".into(),
            Error::UnknownCallingCode(_) => "UnknownCallingCode".into(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn every_text_is_read_as_libphonenumber_reads_it() {
        for Vector { country: asked, text, expected } in vectors() {
            let got = E164::parse_in(text, asked);
            match expected {
                Expected::Refused(why) => assert_eq!(reason(&got.unwrap_err()), why, "{text} in {asked}"),
                Expected::Valid { e164, country, kind, national, international } => {
                    let number = got.unwrap_or_else(|error| panic!("{text} in {asked}: {error}"));
                    assert_eq!(number.as_str(), e164, "{text} in {asked}");
                    assert_eq!(number.country().as_ref().map(AsRef::as_ref), country, "{text} in {asked}");
                    assert_eq!(format!("{:?}", number.line_kind()), kind, "{text} in {asked}");
                    assert_eq!(number.national(), national, "{text} in {asked}");
                    assert_eq!(number.international(), international, "{text} in {asked}");
                    assert!(number.is_in_plan(), "{text} in {asked}");
                }
            }
        }
    }

    #[test]
    fn test_numbers_are_in_the_plan() {
        for last in 0..=9 {
            let number = E164::parse_in(&format!("(500) 555-000{last}"), "US").unwrap();
            assert_eq!(number.as_str(), format!("+1500555000{last}"));
        }
    }

    fn is_read_back(number: &E164) {
        assert_eq!(E164::parse(number.as_str()).as_ref(), Ok(number));
        for anywhere in ["US", "DE", "RU"] {
            assert_eq!(E164::parse_in(&number.international(), anywhere).as_ref(), Ok(number));
        }
        if let Some(country) = number.country() {
            assert_eq!(E164::parse_in(&number.national(), country).as_ref(), Ok(number));
        }
    }

    #[test]
    fn every_display_form_is_read_back() {
        for vector in vectors() {
            if let Expected::Valid { e164, .. } = vector.expected {
                is_read_back(&E164::parse(e164).unwrap());
            }
        }
    }

    proptest! {
        /// Random numbers of every numbering plan: a valid number of the table with its last digits changed.
        #[test]
        fn display_forms_of_any_valid_number_are_read_back(
            which in any::<prop::sample::Index>(),
            digits in proptest::collection::vec(b'0'..=b'9', 1..6),
        ) {
            let vectors = vectors();
            let valid: Vec<&str> = vectors
                .iter()
                .filter_map(|vector| match vector.expected {
                    Expected::Valid { e164, .. } => Some(e164),
                    Expected::Refused(_) => None,
                })
                .collect();
            let number = which.get(&valid);
            let kept = &number[..number.len() - digits.len()];
            let changed = format!("{kept}{}", String::from_utf8(digits).unwrap());
            if let Ok(number) = E164::parse_in(&changed, "US") {
                prop_assert_eq!(number.as_str(), &changed);
                is_read_back(&number);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[+]?[ 0-9０-９()./;x#-]{0,40}|\\PC{0,300}", which in any::<prop::sample::Index>()) {
            let vectors = vectors();
            if let Ok(number) = E164::parse_in(&text, which.get(&vectors).country) {
                prop_assert!(number.is_in_plan());
                is_read_back(&number);
            }
            let _ = E164::parse_in("020 7123 4567", &text);
        }
    }
}
