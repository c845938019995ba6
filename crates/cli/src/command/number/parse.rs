//! `number parse`: what a text means as a number, by the numbering plans, without asking Twilio.

use std::collections::BTreeMap;

use futures_util::stream;
use serde::Serialize;
use switchboard::phone::{Country, E164, ParsePhoneError};

use crate::context::Context;
use crate::failure::Failure;
use crate::record::own_record;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number, as people write it: '020 7123 4567'
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// The country whose people write it so, two letters: GB
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
}

/// One meaning of a text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reading {
    number: String,
    country: Option<String>,
    kind: String,
    international: String,
    national: String,
    /// Why it can be read so.
    read_as: String,
}

own_record!(Reading, open: true {
    "NUMBER" = "number", "COUNTRY" = "country", "KIND" = "kind", "INTERNATIONAL" = "international", "READ AS" = "readAs",
}, more: ["national"]);

pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    context.out.check_fields::<Reading>()?;
    if let Some(country) = &args.country {
        return context.out.item(&read_in(&args.text, country)?);
    }
    if let Some(read) = international(&args.text) {
        return context.out.item(&read?);
    }
    let readings = readings(&args.text);
    match readings.as_slice() {
        [] => Err(Failure::usage("TEXT: this is not a number of any country")
            .todo("write it with plus and country code, as in +14155551234")),
        [only] => context.out.item(only),
        several => {
            let what = format!("TEXT: without a country these are {} numbers", several.len());
            let rows = stream::iter(readings.into_iter().map(Ok::<_, Failure>));
            context.out.list(rows, "").await?;
            Err(Failure::usage(what).todo(
                "say whose number it is, for instance --country GB, or write it with plus and country code",
            ))
        }
    }
}

fn wrong(error: &ParsePhoneError) -> Failure {
    let failure = Failure::usage(format!("TEXT: {error}"));
    match error {
        ParsePhoneError::HasExtension(number) => failure.todo(format!("without it the number is {number}")),
        _ => failure,
    }
}

fn read_in(text: &str, country: &str) -> Result<Reading, Failure> {
    match E164::parse_in(text, country) {
        Ok(number) => Ok(reading(&number, read_as(text, &number, &country.to_ascii_uppercase()))),
        Err(error @ ParsePhoneError::UnknownCountry(_)) => Err(Failure::usage(format!("--country: {error}"))),
        Err(error @ ParsePhoneError::HasExtension(_)) => Err(wrong(&error)),
        Err(error) => Err(match with_plus(text) {
            Some(other) => {
                wrong(&error).todo(format!("if a plus sign is missing in front of it, it is {other}"))
            }
            None => wrong(&error),
        }),
    }
}

/// A text that names its country by a plus sign; `None` for others.
fn international(text: &str) -> Option<Result<Reading, Failure>> {
    // Any country does: the number names its own.
    let in_plan = || E164::parse_in(text, "US");
    let number = match (E164::parse(text), text.contains('+')) {
        (Ok(number), _) if number.is_in_plan() => Ok(number),
        (Ok(_), _) => in_plan(),
        (Err(_), false) => return None,
        // An extension is told as such, and without it the number may be right.
        (Err(error), true) => Err(in_plan()
            .err()
            .filter(|error| matches!(error, ParsePhoneError::HasExtension(_)))
            .unwrap_or(error)),
    };
    Some(
        number
            .map(|number| reading(&number, "an international number".to_owned()))
            .map_err(|error| wrong(&error)),
    )
}

/// All numbers that a text can be, if it does not say its country.
fn readings(text: &str) -> Vec<Reading> {
    let mut found: BTreeMap<E164, Vec<Country>> = BTreeMap::new();
    for country in Country::all() {
        if let Ok(number) = E164::parse_in(text, country) {
            found.entry(number).or_default().push(country);
        }
    }
    let read = |(number, countries): (&E164, &Vec<Country>)| {
        // Several countries write a number of one plan alike, as the US and Canada do.
        let own = number.country().filter(|own| countries.contains(own));
        let country = own.or_else(|| countries.first().copied());
        reading(number, read_as(text, number, country.as_ref().map_or("", Country::as_str)))
    };
    found.iter().map(read).collect()
}

fn read_as(text: &str, number: &E164, country: &str) -> String {
    if with_plus(text).as_ref() == Some(number) {
        return "a number without its plus sign".to_owned();
    }
    format!("a number as people of {country} write it")
}

/// The number that it is if a plus sign is missing.
fn with_plus(text: &str) -> Option<E164> {
    if !text.chars().all(|c| c.is_ascii_digit() || " ().-".contains(c)) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    E164::parse(&format!("+{digits}")).ok().filter(E164::is_in_plan)
}

fn reading(number: &E164, read_as: String) -> Reading {
    Reading {
        number: number.as_str().to_owned(),
        country: number.country().map(|country| country.as_str().to_owned()),
        kind: kind(number),
        international: number.international(),
        national: number.national(),
        read_as,
    }
}

/// The kind of line in words: `fixed line or mobile`.
fn kind(number: &E164) -> String {
    let mut words = String::new();
    for letter in format!("{:?}", number.line_kind()).chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_country_is_read_as_there() {
        let read = read_in("020 7123 4567", "gb").unwrap();
        assert_eq!((read.number.as_str(), read.kind.as_str()), ("+442071234567", "fixed line"));
        assert!(read_in("020 7123 4567", "UK").unwrap_err().lines().0.starts_with("--country"));
        assert!(read_in("12", "GB").unwrap_err().lines().0.starts_with("TEXT"));
    }

    #[test]
    fn a_number_that_names_its_country_needs_no_other() {
        let read = |text| international(text).map(|read| read.map(|read| read.number));
        assert_eq!(read("+1 (415) 555-1234").unwrap().unwrap(), "+14155551234");
        assert!(read("415 555 1234").is_none());
        for (text, said) in [
            ("+1 415 555 1234 ext. 5", "extension"),
            ("+1 415", "digits"),
            ("+44 (0)20 7123 4567", "(0)"),
            ("+999 555 1234", "calling code"),
        ] {
            let (what, _) = read(text).unwrap().unwrap_err().lines();
            assert!(what.contains(said), "{text}: {what}");
        }
    }

    #[test]
    fn a_number_without_a_country_has_several_readings() {
        let all = readings("4155551234");
        let numbers: Vec<&str> = all.iter().map(|reading| reading.number.as_str()).collect();
        assert!(numbers.contains(&"+14155551234") && numbers.contains(&"+494155551234"), "{numbers:?}");
        let all = readings("44 20 7123 4567");
        let missing = all.iter().find(|reading| reading.number == "+442071234567").unwrap();
        assert_eq!(missing.read_as, "a number without its plus sign");
        assert!(readings("abc").is_empty());
    }

    #[test]
    fn a_missing_plus_sign_is_said() {
        let (_, todo) = read_in("442071234567", "US").unwrap_err().lines();
        assert!(todo.contains("+442071234567"), "{todo}");
    }
}
