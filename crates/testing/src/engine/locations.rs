//! The location of a number, from its area code. Only numbers of the United States and Canada have one.

use super::countries;

/// City, state and ZIP code by area code, for some large cities.
const AREAS: &[(&str, [&str; 3])] = &[
    ("212", ["NEW YORK", "NY", "10001"]),
    ("312", ["CHICAGO", "IL", "60601"]),
    ("415", ["SAN FRANCISCO", "CA", "94105"]),
    ("416", ["TORONTO", "ON", ""]),
    ("514", ["MONTREAL", "QC", ""]),
    ("604", ["VANCOUVER", "BC", ""]),
];

/// Returns the parameters about the location of one party: `FromCity`, `FromState`, `FromZip`, `FromCountry`.
pub(super) fn params(party: &str, address: &str) -> Vec<(String, String)> {
    let Some(digits) = address.strip_prefix('+') else { return Vec::new() };
    let area = digits.strip_prefix('1').and_then(|national| national.get(..3));
    let place = AREAS.iter().find(|(code, _)| Some(*code) == area).map(|(_, place)| *place);
    let [city, state, zip] = place.unwrap_or_default();
    let country = countries::of_digits(digits).map_or("", |country| country.iso);
    [("City", city), ("State", state), ("Zip", zip), ("Country", country)]
        .into_iter()
        .map(|(what, value)| (format!("{party}{what}"), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_empty() {
        let values = |address| params("From", address).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        assert_eq!(values("+14155551234"), ["SAN FRANCISCO", "CA", "94105", "US"]);
        assert_eq!(values("+442079460000"), ["", "", "", "GB"]);
        assert!(values("client:alice").is_empty());
    }
}
