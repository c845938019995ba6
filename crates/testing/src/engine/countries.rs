//! The countries that the fake knows: the format of their numbers, and prices.
//!
//! Only the order of magnitude of the prices is right.

/// One country.
#[derive(Debug)]
pub(super) struct Country {
    pub(super) iso: &'static str,
    pub(super) name: &'static str,
    pub(super) calling_code: &'static str,
    /// The fewest and the most digits after the calling code.
    pub(super) digits: (usize, usize),
    /// Prices in 1/100000 of a dollar: a received and a sent segment, a minute of a received and of a made call, and a
    /// number for one month.
    pub(super) prices: Prices,
}

/// The prices in a country.
#[derive(Debug)]
pub(super) struct Prices {
    pub(super) sms_in: u64,
    pub(super) sms_out: u64,
    pub(super) call_in: u64,
    pub(super) call_out: u64,
    pub(super) number: u64,
}

const fn country(
    iso: &'static str,
    name: &'static str,
    calling_code: &'static str,
    digits: (usize, usize),
    prices: [u64; 5],
) -> Country {
    let [sms_in, sms_out, call_in, call_out, number] = prices;
    Country { iso, name, calling_code, digits, prices: Prices { sms_in, sms_out, call_in, call_out, number } }
}

/// Sorted by name.
pub(super) const COUNTRIES: &[Country] = &[
    country("AU", "Australia", "61", (9, 9), [750, 5150, 1000, 2520, 300_000]),
    country("CA", "Canada", "1", (10, 10), [790, 830, 850, 1400, 115_000]),
    country("FR", "France", "33", (9, 9), [750, 7980, 1000, 1870, 115_000]),
    country("DE", "Germany", "49", (7, 11), [750, 11_200, 1000, 2100, 115_000]),
    country("GB", "United Kingdom", "44", (9, 10), [750, 4630, 1000, 1580, 115_000]),
    country("US", "United States", "1", (10, 10), [790, 790, 850, 1400, 115_000]),
];

/// The area codes of large Canadian cities. Every other number with `+1` is one of the United States.
const CANADIAN: &[&str] =
    &["204", "306", "403", "416", "418", "438", "506", "514", "604", "613", "647", "778", "902"];

/// Finds a country by its ISO code.
pub(super) fn by_iso(iso: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.iso.eq_ignore_ascii_case(iso))
}

/// Finds the country of a number: its digits without a plus.
pub(super) fn of_digits(digits: &str) -> Option<&'static Country> {
    if let Some(national) = digits.strip_prefix('1') {
        let canadian = CANADIAN.iter().any(|area| national.starts_with(area));
        return by_iso(if canadian { "CA" } else { "US" });
    }
    COUNTRIES.iter().find(|country| digits.starts_with(country.calling_code))
}

/// Writes a number in its national format: `(415) 555-0100` under `+1`, and with a leading zero in every other country.
pub(super) fn national(country: &Country, digits: &str) -> String {
    let national = digits.strip_prefix(country.calling_code).unwrap_or(digits);
    match (country.calling_code, national.get(..3), national.get(3..6), national.get(6..10)) {
        ("1", Some(area), Some(exchange), Some(line)) => format!("({area}) {exchange}-{line}"),
        _ => format!("0{national}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_country_and_its_form() {
        let cases = [
            ("14155550100", Some(("US", "(415) 555-0100"))),
            ("14165550100", Some(("CA", "(416) 555-0100"))),
            ("447700900123", Some(("GB", "07700900123"))),
            ("999123456", None),
        ];
        for (digits, expected) in cases {
            let found = of_digits(digits).map(|country| (country.iso, national(country, digits)));
            assert_eq!(found, expected.map(|(iso, text)| (iso, text.to_owned())), "{digits}");
        }
    }
}
