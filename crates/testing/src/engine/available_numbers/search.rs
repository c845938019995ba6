//! The filters of a search for numbers.

use super::offers::Offer;
use crate::engine::error::Refusal;
use crate::engine::form::Pairs;

/// The filters of a search. Filters by distance are accepted and have no effect.
pub(in crate::engine) struct Search {
    pub(in crate::engine) area_code: Option<String>,
    contains: Option<Pattern>,
    /// The capabilities, each with whether the number must have it or must not have it.
    abilities: Vec<(&'static str, bool)>,
    no_address: bool,
    locality: Option<String>,
    region: Option<String>,
    size: Option<usize>,
}

impl Search {
    pub(in crate::engine) fn read(query: &Pairs) -> Result<Self, Refusal> {
        let area_code = query.owned("AreaCode");
        if area_code.as_deref().is_some_and(|code| !code.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Refusal::bad_request(20001, "The AreaCode is not a number"));
        }
        let contains = query.get("Contains").map(Pattern::read).transpose()?;
        let wishes =
            [("SmsEnabled", "sms"), ("MmsEnabled", "mms"), ("VoiceEnabled", "voice"), ("FaxEnabled", "fax")];
        let wished = |(param, what)| query.get(param).map(|_| (what, query.flag(param)));
        Ok(Self {
            area_code,
            contains,
            abilities: wishes.into_iter().filter_map(wished).collect(),
            no_address: query.flag("ExcludeAllAddressRequired") || query.flag("ExcludeLocalAddressRequired"),
            locality: query.owned("InLocality"),
            region: query.owned("InRegion"),
            size: query.get("PageSize").and_then(|size| size.parse().ok()),
        })
    }

    pub(in crate::engine) fn finds(&self, offer: &Offer) -> bool {
        let digits = offer.number.trim_start_matches('+');
        self.contains.as_ref().is_none_or(|pattern| pattern.is_in(digits))
            && self.abilities.iter().all(|(what, wanted)| offer.can(what) == *wanted)
            && (!self.no_address || offer.address == "none")
            && same(self.locality.as_deref(), offer.locality())
            && same(self.region.as_deref(), offer.region())
    }

    /// Returns whether the number has the wanted area code, if one is wanted.
    pub(in crate::engine) fn is_in_area(&self, offer: &Offer) -> bool {
        let prefix = self.area_code.as_ref().map(|code| format!("+1{code}"));
        prefix.is_none_or(|prefix| offer.number.starts_with(&prefix))
    }

    pub(in crate::engine) fn limit(&self, most: usize) -> usize {
        self.size.map_or(most, |size| size.clamp(1, most))
    }
}

fn same(wanted: Option<&str>, given: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(given))
}

/// A pattern of digits: `*` is one digit, `%` any number of digits; `+` matches the beginning, `$` the end.
pub(in crate::engine) struct Pattern {
    digits: Vec<u8>,
    at_start: bool,
    at_end: bool,
}

impl Pattern {
    fn read(text: &str) -> Result<Self, Refusal> {
        let length = text.chars().count();
        let digits: Option<Vec<u8>> =
            text.trim_start_matches('+').trim_end_matches('$').bytes().map(key).collect();
        let digits = digits.filter(|_| (2..=16).contains(&length));
        let digits = digits.ok_or_else(|| {
            Refusal::bad_request(21421, "Contains is not a pattern of 2 to 16 digits, letters, * and %")
        })?;
        Ok(Self { digits, at_start: text.starts_with('+'), at_end: text.ends_with('$') })
    }

    fn is_in(&self, digits: &str) -> bool {
        let digits = digits.as_bytes();
        let starts = if self.at_start { 0..=0 } else { 0..=digits.len() };
        starts
            .into_iter()
            .any(|start| matches(&self.digits, digits.get(start..).unwrap_or_default(), self.at_end))
    }
}

/// Returns the digit of a key; a letter stands for the digit on the same key of a telephone.
fn key(byte: u8) -> Option<u8> {
    match byte.to_ascii_uppercase() {
        digit @ (b'0'..=b'9' | b'*' | b'%') => Some(digit),
        b'A'..=b'C' => Some(b'2'),
        b'D'..=b'F' => Some(b'3'),
        b'G'..=b'I' => Some(b'4'),
        b'J'..=b'L' => Some(b'5'),
        b'M'..=b'O' => Some(b'6'),
        b'P'..=b'S' => Some(b'7'),
        b'T'..=b'V' => Some(b'8'),
        b'W'..=b'Z' => Some(b'9'),
        _ => None,
    }
}

fn matches(pattern: &[u8], digits: &[u8], to_the_end: bool) -> bool {
    match (pattern.split_first(), digits.split_first()) {
        (None, rest) => !to_the_end || rest.is_none(),
        (Some((b'%', tail)), _) => {
            (0..=digits.len()).any(|n| matches(tail, digits.get(n..).unwrap_or_default(), to_the_end))
        }
        (Some((b'*', tail)), Some((_, rest))) => matches(tail, rest, to_the_end),
        (Some((wanted, tail)), Some((given, rest))) => wanted == given && matches(tail, rest, to_the_end),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_at_twilio() {
        let cases = [
            ("510555", true),
            ("+1510", true),
            ("+510", false),
            ("0123$", true),
            ("012$", false),
            ("555*1", true),
            ("555**3$", false),
            ("555%3$", true),
            ("+1%0123", true),
            ("KKK", true),
            ("99", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Pattern::read(pattern).unwrap().is_in("15105550123"), expected, "{pattern}");
        }
        for bad in ["5", "5-5", "12345678901234567"] {
            assert!(Pattern::read(bad).is_err(), "{bad}");
        }
    }
}
