//! The numbers for sale, the same in every run. They are in ranges that countries reserve for fiction, so that none
//! belongs to a real person.

use serde_json::{Value, json};

use crate::engine::countries;
use crate::engine::numbers::is_e164;

/// The type of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum NumberType {
    Local,
    TollFree,
    Mobile,
}

impl NumberType {
    pub(in crate::engine) const ALL: &[Self] = &[Self::Local, Self::TollFree, Self::Mobile];

    /// Reads the type in a path. The fake has no numbers of Twilio's other types.
    pub(in crate::engine) fn of_path(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.path() == word)
    }

    pub(in crate::engine) const fn path(self) -> &'static str {
        match self {
            Self::Local => "Local",
            Self::TollFree => "TollFree",
            Self::Mobile => "Mobile",
        }
    }

    /// Returns the type as a JSON key.
    pub(in crate::engine) const fn key(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::TollFree => "toll_free",
            Self::Mobile => "mobile",
        }
    }

    /// Returns the type as the field `type` of an owned number has it.
    pub(in crate::engine) const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::TollFree => "toll-free",
            Self::Mobile => "mobile",
        }
    }
}

/// A range of a hundred numbers, which differ in their last two digits.
struct Range {
    iso: &'static str,
    kind: NumberType,
    /// The digits before the last two.
    prefix: &'static str,
    place: Place,
    /// Whether the buyer must give an address: `none`, `any`.
    address: &'static str,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    locality: &'static str,
    region: &'static str,
    postal_code: &'static str,
    rate_center: &'static str,
    lata: &'static str,
    latitude: &'static str,
    longitude: &'static str,
}

const NOWHERE: Place = Place {
    locality: "",
    region: "",
    postal_code: "",
    rate_center: "",
    lata: "",
    latitude: "",
    longitude: "",
};

const fn place(
    locality: &'static str,
    region: &'static str,
    postal_code: &'static str,
    rate_center: &'static str,
    lata: &'static str,
    at: (&'static str, &'static str),
) -> Place {
    Place { locality, region, postal_code, rate_center, lata, latitude: at.0, longitude: at.1 }
}

const fn range(
    iso: &'static str,
    kind: NumberType,
    prefix: &'static str,
    place: Place,
    address: &'static str,
) -> Range {
    Range { iso, kind, prefix, place, address }
}

const SAN_FRANCISCO: Place =
    place("San Francisco", "CA", "94105", "SNFC CNTRL", "722", ("37.780000", "-122.420000"));
const NEW_YORK: Place = place("New York", "NY", "10001", "NWYRCYZN01", "132", ("40.750000", "-73.990000"));
const AUSTIN: Place = place("Austin", "TX", "78701", "AUSTIN", "558", ("30.270000", "-97.740000"));
const SEATTLE: Place = place("Seattle", "WA", "98101", "SEATTLE", "674", ("47.610000", "-122.330000"));
const TORONTO: Place = place("Toronto", "ON", "", "TORONTO", "888", ("43.650000", "-79.380000"));
const VANCOUVER: Place = place("Vancouver", "BC", "", "VANCOUVER", "888", ("49.280000", "-123.120000"));
const LONDON: Place = place("London", "", "", "", "", ("51.510000", "-0.130000"));
const SYDNEY: Place = place("Sydney", "", "", "", "", ("-33.870000", "151.210000"));
const BERLIN: Place = place("Berlin", "", "", "", "", ("52.520000", "13.400000"));

const RANGES: &[Range] = &[
    range("US", NumberType::Local, "141555501", SAN_FRANCISCO, "none"),
    range("US", NumberType::Local, "121255501", NEW_YORK, "none"),
    range("US", NumberType::Local, "151255501", AUSTIN, "none"),
    range("US", NumberType::Local, "120655501", SEATTLE, "none"),
    range("US", NumberType::TollFree, "183355501", NOWHERE, "none"),
    range("US", NumberType::TollFree, "188855501", NOWHERE, "none"),
    range("CA", NumberType::Local, "141655501", TORONTO, "none"),
    range("CA", NumberType::Local, "160455501", VANCOUVER, "none"),
    range("CA", NumberType::TollFree, "184455501", NOWHERE, "none"),
    range("GB", NumberType::Local, "4420794600", LONDON, "none"),
    range("GB", NumberType::Mobile, "4477009001", NOWHERE, "none"),
    range("GB", NumberType::TollFree, "4480815701", NOWHERE, "none"),
    range("AU", NumberType::Local, "612555001", SYDNEY, "any"),
    range("AU", NumberType::Mobile, "614915701", NOWHERE, "none"),
    range("AU", NumberType::TollFree, "611800160", NOWHERE, "none"),
    range("DE", NumberType::Local, "493023125", BERLIN, "any"),
    range("DE", NumberType::Mobile, "4917139200", NOWHERE, "any"),
];

/// One number for sale.
#[derive(Clone)]
pub(in crate::engine) struct Offer {
    pub(in crate::engine) number: String,
    pub(in crate::engine) kind: NumberType,
    pub(in crate::engine) address: &'static str,
    pub(in crate::engine) iso: &'static str,
    place: Place,
}

/// Returns whether the country has numbers of this type.
pub(in crate::engine) fn has(iso: &str, kind: NumberType) -> bool {
    RANGES.iter().any(|range| range.iso == iso && range.kind == kind)
}

/// Iterates over the offers of a country. In the United States every other area code has offers without a city.
pub(in crate::engine) fn of(
    iso: &'static str,
    kind: NumberType,
    area_code: Option<&str>,
) -> impl Iterator<Item = Offer> {
    let area = area_code.map(str::to_owned);
    let known = move |range: &&Range| {
        let national = range.prefix.strip_prefix('1').unwrap_or_default();
        range.iso == iso
            && range.kind == kind
            && area.as_deref().is_none_or(|area| national.get(..3) == Some(area))
    };
    let mut prefixes: Vec<(String, Place, &'static str)> = RANGES
        .iter()
        .filter(known)
        .map(|range| (range.prefix.to_owned(), range.place, range.address))
        .collect();
    if prefixes.is_empty() {
        let small = area_code.filter(|area| kind == NumberType::Local && is_other_area_code(iso, area));
        prefixes.extend(small.map(|area| (format!("1{area}55501"), NOWHERE, "none")));
    }
    prefixes.into_iter().flat_map(move |(prefix, place, address)| {
        (0..100).map(move |n| Offer { number: format!("+{prefix}{n:02}"), kind, address, iso, place })
    })
}

/// Returns whether this is an area code of the United States that is in no range. `800` and `911` are no area codes.
fn is_other_area_code(iso: &str, area: &str) -> bool {
    let digits = area.as_bytes();
    let shaped = digits.len() == 3 && digits.iter().all(u8::is_ascii_digit) && digits.first() >= Some(&b'2');
    let service = ["500", "533", "700", "900"].contains(&area)
        || digits.get(1) == digits.get(2)
        || digits.get(1) == Some(&b'9');
    let country = countries::of_digits(&format!("1{area}"));
    shaped && !service && iso == "US" && country.is_some_and(|country| country.iso == iso)
}

/// Finds the offer of a number, sold or not.
pub(in crate::engine) fn find(number: &str) -> Option<Offer> {
    let digits = number.strip_prefix('+').filter(|_| is_e164(number))?;
    let area = digits.strip_prefix('1').and_then(|national| national.get(..3));
    let homes = countries::COUNTRIES.iter().filter(|country| digits.starts_with(country.calling_code));
    homes
        .flat_map(|country| NumberType::ALL.iter().map(|kind| (country.iso, *kind)))
        .filter(|(iso, kind)| has(iso, *kind))
        .find_map(|(iso, kind)| of(iso, kind, area).find(|offer| offer.number == number))
}

/// Describes a number that is not for sale here: a magic number, or one that a test adds.
pub(in crate::engine) fn foreign(number: &str) -> Offer {
    let country = countries::of_digits(number.trim_start_matches('+'));
    let iso = country.map_or("US", |country| country.iso);
    Offer { number: number.to_owned(), kind: NumberType::Local, address: "none", iso, place: NOWHERE }
}

impl Offer {
    /// Returns the capabilities of the number: voice always, texts almost always, pictures in North America.
    pub(in crate::engine) fn capabilities(&self) -> Value {
        let (sms, mms) = (self.can("sms"), self.can("mms"));
        json!({ "voice": true, "sms": sms, "mms": mms, "fax": false })
    }

    pub(in crate::engine) fn can(&self, what: &str) -> bool {
        match what {
            "voice" => true,
            "sms" => self.kind != NumberType::TollFree || self.number.starts_with("+1"),
            "mms" => self.number.starts_with("+1"),
            _ => false,
        }
    }

    pub(in crate::engine) fn locality(&self) -> &str {
        self.place.locality
    }

    pub(in crate::engine) fn region(&self) -> &str {
        self.place.region
    }

    /// Returns the number in the national format.
    pub(in crate::engine) fn friendly_name(&self) -> String {
        friendly_name(&self.number)
    }

    pub(in crate::engine) fn view(&self) -> Value {
        let place = &self.place;
        let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        json!({
            "friendly_name": self.friendly_name(),
            "phone_number": self.number,
            "lata": text(place.lata),
            "locality": text(place.locality),
            "rate_center": text(place.rate_center),
            "latitude": text(place.latitude),
            "longitude": text(place.longitude),
            "region": text(place.region),
            "postal_code": text(place.postal_code),
            "iso_country": self.iso,
            "address_requirements": self.address,
            "beta": false,
            "capabilities": self.capabilities(),
        })
    }
}

/// Writes a number in the national format. A number of an unknown country stays as it is.
pub(in crate::engine) fn friendly_name(number: &str) -> String {
    let digits = number.trim_start_matches('+');
    countries::of_digits(digits)
        .map_or_else(|| number.to_owned(), |country| countries::national(country, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_well_formed_found_again_and_of_their_country() {
        for range in RANGES {
            let offers: Vec<Offer> = of(range.iso, range.kind, None).collect();
            assert!(offers.len() >= 100, "{} {:?}", range.iso, range.kind);
            for offer in &offers {
                assert!(is_e164(&offer.number), "{}", offer.number);
                let found = find(&offer.number).map(|found| (found.iso, found.kind));
                assert_eq!(found, Some((range.iso, range.kind)), "{}", offer.number);
            }
        }
    }

    #[test]
    fn other_area_codes_have_numbers_and_service_codes_have_none() {
        let first = |area| of("US", NumberType::Local, Some(area)).next().map(|offer| offer.number);
        assert_eq!(first("303").as_deref(), Some("+13035550100"));
        assert_eq!(first("415").as_deref(), Some("+14155550100"));
        for none in ["533", "500", "800", "911", "112", "4155", "416"] {
            assert_eq!(first(none), None, "{none}");
        }
        assert!(find("+14155551234").is_none() && find("4155550101").is_none());
    }
}
